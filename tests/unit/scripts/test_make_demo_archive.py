"""The exports that the demonstration reads."""

from scripts.make_demo_archive import FOLDER, files


def test_the_files_are_what_the_script_makes() -> None:
    """Run `python -m scripts.make_demo_archive` after a change."""
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == files()
