"""The tree's own checks find what they are there for."""

from pathlib import Path

import pytest

from scripts.check_tree import bound_to_a_place, broken_links, long_files, parse_pins, stilted_words

PIN = "anyio==4.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"


def test_pins_are_read_with_their_markers() -> None:
    """Names and versions, whatever the marker and however many hashes."""
    windows = "tzdata==2026.6 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n"
    assert parse_pins("# a comment\n" + PIN + windows) == {"anyio": {"4.16.0"}, "tzdata": {"2026.6"}}


@pytest.mark.parametrize(
    "line", ["anyio==4.16.0\n", "anyio>=4\n", "--index-url https://example.com/simple\n", "-e .\n"]
)
def test_anything_but_a_hashed_pin_is_refused(line: str) -> None:
    """No version without a hash, no address, no path."""
    with pytest.raises(ValueError, match="not a pin with hashes"):
        parse_pins(PIN + line)


def test_a_file_over_the_limit_is_named(tmp_path: Path) -> None:
    """300 lines pass, 301 do not."""
    short, long = tmp_path / "short.py", tmp_path / "long.py"
    short.write_text("pass\n" * 300, encoding="utf-8")
    long.write_text("pass\n" * 301, encoding="utf-8")
    assert list(long_files([short, long], root=tmp_path)) == ["long.py: 301 lines, more than 300"]


def test_lock_files_with_addresses_and_paths_of_this_machine_are_named(tmp_path: Path) -> None:
    """What works in one place only does not belong into the tree."""
    lock, note = tmp_path / "uv.lock", tmp_path / "note.md"
    lock.write_text("", encoding="utf-8")
    note.write_text(f"see {tmp_path}/note.md", encoding="utf-8")
    found = list(bound_to_a_place([lock, note], root=tmp_path))
    assert [line.split(":")[0] for line in found] == ["uv.lock", "note.md"]


def test_stilted_words_are_named_with_their_lines(tmp_path: Path) -> None:
    """Also across a line break. People may still be told apart."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\nIt goes\non with Whoever asks.\nThey are told apart. It can be amended.\n", encoding="utf-8"
    )
    module = tmp_path / "module.py"
    module.write_text('"""Makes it anew."""\n', encoding="utf-8")
    assert list(stilted_words([page, module], root=tmp_path)) == [
        'page.md:3: "goes on with"; use a plainer word',
        'page.md:4: "Whoever"; use a plainer word',
        'module.py:1: "anew"; use a plainer word',
    ]


def test_links_to_files_that_do_not_exist_are_named(tmp_path: Path) -> None:
    """Relative to the page, with or without an anchor; addresses of the web are not checked."""
    page = tmp_path / "page.md"
    page.write_text(
        "[a](page.md#top) [b](gone.md) ![c](images/gone.png) [d](https://example.com/x.md) [e](#top)", encoding="utf-8"
    )
    assert list(broken_links([page], root=tmp_path)) == [
        "page.md: links to gone.md, which does not exist",
        "page.md: links to images/gone.png, which does not exist",
    ]
