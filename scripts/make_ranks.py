"""Remake mcp_server/tokenizer/o200k_base.ranks.zlib from a pinned package on PyPI.

    python scripts/make_ranks.py              downloads the wheel (42 MB) with pip and extracts the ranks
    python scripts/make_ranks.py WHEEL        extracts them from a local wheel

The wheel is pinned by hash, and the ranks must be byte for byte the file that OpenAI publishes, so its packager need
not be trusted. The data is OpenAI's (MIT, see o200k_base.LICENSE next to it); nothing else of the wheel is used.
"""

import gzip
import hashlib
import subprocess
import sys
import tempfile
import zipfile
import zlib
from binascii import a2b_base64
from pathlib import Path

from mcp_server.tokenizer.o200k import PACKED_SHA256, RANKS_FILE, SEPARATOR

PACKAGE = "bpe-openai==0.1.4"
WHEEL_PLATFORM = "manylinux2014_x86_64"
WHEEL_SHA256 = "91dde48b7c27a155ec94563ef488d95267bd17e2e8db360aba299ca9819335ba"
MEMBER = "bpe_openai/data/o200k_base.tiktoken.gz"
# The hash under which OpenAI publishes the file, and which tiktoken itself expects.
RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
TARGET = Path(__file__).resolve().parent.parent / "mcp_server" / "tokenizer" / RANKS_FILE


def download(folder: Path) -> Path:
    """The pinned wheel, fetched into `folder` by pip, which checks its hash."""
    pinned = folder / "requirements.txt"
    pinned.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    where = ["--platform", WHEEL_PLATFORM, "--dest", str(folder), "--require-hashes", "-r", str(pinned)]
    subprocess.run([*pip, *where], check=True)
    return next(folder.glob("*.whl"))


def ranks_of(wheel: Path) -> bytes:
    """The published ranks from `wheel`. Exits when the bytes differ from the published ones."""
    with zipfile.ZipFile(wheel) as archive:
        ranks = gzip.decompress(archive.read(MEMBER))
    found = hashlib.sha256(ranks).hexdigest()
    if found != RANKS_SHA256:
        sys.exit(f"refused: {MEMBER} in {wheel.name} has sha256 {found}, not {RANKS_SHA256}")
    return ranks


def joined(ranks: bytes) -> bytes:
    """The tokens of the published file in the order of their ranks, in the format of the data file."""
    tokens = [a2b_base64(token) for token in ranks.split()[::2]]
    return SEPARATOR.join(b"" if token == SEPARATOR else token for token in tokens)


def main(arguments: list[str]) -> None:
    """Write the data file. The same input and zlib version give the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(arguments[0]) if arguments else download(Path(folder))
        ranks = ranks_of(wheel)
    tokens = joined(ranks)
    TARGET.write_bytes(zlib.compress(tokens, level=9))
    print(f"{TARGET.name}: {len(ranks):,} bytes packed into {TARGET.stat().st_size:,}")
    if (sha256 := hashlib.sha256(tokens).hexdigest()) != PACKED_SHA256:
        print(f"PACKED_SHA256 in o200k.py must be {sha256}")


if __name__ == "__main__":
    main(sys.argv[1:])
