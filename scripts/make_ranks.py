"""Remake mcp_server/tokenizer/o200k_base.tiktoken.xz from a pinned package on PyPI.

    python scripts/make_ranks.py              downloads the wheel (42 MB) with pip and takes the ranks out of it
    python scripts/make_ranks.py WHEEL        takes them out of a wheel that is already here

The wheel is pinned by hash, and the ranks are refused unless they are byte for byte the file OpenAI publishes, so it
does not matter who packed them. The data is OpenAI's (MIT, see o200k_base.LICENSE beside it), none of the wheel's own.
"""

import gzip
import hashlib
import lzma
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from mcp_server.tokenizer.o200k import RANKS_FILE, RANKS_SHA256

PACKAGE = "bpe-openai==0.1.4"
WHEEL_PLATFORM = "manylinux2014_x86_64"
WHEEL_SHA256 = "91dde48b7c27a155ec94563ef488d95267bd17e2e8db360aba299ca9819335ba"
MEMBER = "bpe_openai/data/o200k_base.tiktoken.gz"
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
    """The published ranks out of `wheel`. Ends the program when they are any other bytes."""
    with zipfile.ZipFile(wheel) as archive:
        ranks = gzip.decompress(archive.read(MEMBER))
    found = hashlib.sha256(ranks).hexdigest()
    if found != RANKS_SHA256:
        sys.exit(f"refused: {MEMBER} in {wheel.name} has sha256 {found}, not {RANKS_SHA256}")
    return ranks


def main(arguments: list[str]) -> None:
    """Write the data file; equal input gives equal bytes with the same liblzma."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(arguments[0]) if arguments else download(Path(folder))
        ranks = ranks_of(wheel)
    TARGET.write_bytes(lzma.compress(ranks, preset=9 | lzma.PRESET_EXTREME))
    print(f"{TARGET.name}: {len(ranks):,} bytes packed into {TARGET.stat().st_size:,}")


if __name__ == "__main__":
    main(sys.argv[1:])
