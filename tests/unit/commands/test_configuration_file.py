"""A client's file: nothing in it is lost, no key is exposed, and what was done is said."""

import os
import stat
import sys
from pathlib import Path

import pytest

from mcp_server.commands.configuration_file import ConfigurationFile, Unusable, locate

ADDED = {"mcpServers": {"ours": {"command": "/bin/it"}}}
POSIX = sys.platform != "win32"


def test_folders_are_listed_where_there_are_any(tmp_path: Path) -> None:
    """On Windows, where a package of Claude Desktop is looked for; elsewhere the result is the same without."""
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    for platform in ("linux", "win32"):
        assert locate("claude-desktop", environ, platform=platform).name == "claude_desktop_config.json"


def put(file: Path, *, secret: bool = True) -> str:
    return "\n".join(ConfigurationFile(file).put(ADDED, secret=secret, client="Cursor"))


def refusal(file: ConfigurationFile) -> str:
    with pytest.raises(Unusable) as caught:
        file.put(ADDED, secret=True, client="Cursor")
    return str(caught.value)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "mcp.json"
    file.write_text('{"theme": "dark"}', encoding="utf-8")
    return file


def test_a_file_with_a_key_is_its_owners_alone_and_that_is_said(file: Path) -> None:
    """So are the copies, since the file may have held a key before."""
    file.chmod(0o644)
    said = put(file)
    assert not POSIX or (mode(file), mode(file.with_name("mcp.json.bak1"))) == (0o600, 0o600)
    assert not POSIX or "only you can read it now (mode 0644 before)" in said


def test_a_key_that_others_could_read_is_hidden_when_nothing_else_changes(file: Path) -> None:
    """As after an older version."""
    put(file)
    file.chmod(0o640)
    before = file.read_bytes()
    said = put(file)
    assert "has it already" in said
    assert not POSIX or ("mode 0640 before" in said and mode(file) == 0o600)
    assert file.read_bytes() == before


def test_without_a_key_the_mode_stays(file: Path) -> None:
    """Nothing is said about it."""
    file.chmod(0o640)
    assert "only you" not in put(file, secret=False)
    assert not POSIX or mode(file) == 0o640


def test_a_read_only_file_is_left_alone(file: Path) -> None:
    """Its owner did not want it changed."""
    file.chmod(0o444)
    before = file.read_bytes()
    assert refusal(ConfigurationFile(file)).startswith("is read-only and was left alone.")
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A folder, here."""
    assert refusal(ConfigurationFile(tmp_path)) == "is not a file."


@pytest.mark.parametrize("number", ["1e999", "1.50", "-0", "123456789012345678901234567890", "1" * 5000])
def test_numbers_keep_their_spelling(file: Path, number: str) -> None:
    """Also those that are no number to Python, or another one."""
    file.write_text(f'{{"n": {number}}}', encoding="utf-8")
    put(file)
    assert f'"n": {number}' in file.read_text(encoding="utf-8")


def test_comments_and_trailing_commas_stay(file: Path) -> None:
    """Hosts that read them let people write them."""
    file.write_text('{\n  // mine\n  "a": [1,], // why\n}\n', encoding="utf-8")
    put(file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith('{\n  // mine\n  "a": [1,], // why\n  "mcpServers": {\n')
    assert ConfigurationFile(file).value()["mcpServers"] == ADDED["mcpServers"]


def test_a_deeply_nested_file_is_refused_in_a_sentence(file: Path) -> None:
    """And left as it was."""
    text = '{"a": ' + "[" * 50_000 + "]" * 50_000 + "}"
    file.write_text(text, encoding="utf-8")
    assert refusal(ConfigurationFile(file)).startswith(
        "is not valid JSON (it is nested too deeply). It was not changed."
    )
    assert file.read_text(encoding="utf-8") == text


class Contended(ConfigurationFile):
    """A file that another program writes at certain moments."""

    def __init__(self, path: Path, *, before_replacing: int = 0, after_replacing: bool = False) -> None:
        super().__init__(path)
        self._theirs = path
        self._reads = 0
        self._before = before_replacing
        self._after = after_replacing

    def read(self) -> bytes:
        self._reads += 1
        if self._reads % 2 == 0 and self._reads <= 2 * self._before:
            self._theirs.write_text(f'{{"theirs": {self._reads}}}', encoding="utf-8")
        return super().read()

    def replace(self, name: str) -> None:
        super().replace(name)
        if self._after:
            self._theirs.write_text('{"theirs": 1}', encoding="utf-8")


def test_a_change_made_meanwhile_is_kept(file: Path) -> None:
    """The file is read again, and the entry added to what is there by then."""
    Contended(file, before_replacing=2).put(ADDED, secret=True, client="Cursor")
    assert ConfigurationFile(file).value() == {"theirs": "4", **ADDED}
    assert sorted(each.name for each in file.parent.iterdir()) == ["mcp.json", "mcp.json.bak1"]


def test_a_file_that_never_rests_is_left_alone(file: Path) -> None:
    """The other program goes first."""
    said = refusal(Contended(file, before_replacing=9))
    assert said == "is being changed by another program. Close Cursor and run this again."
    assert "ours" not in file.read_text(encoding="utf-8")


def test_an_entry_that_was_lost_is_not_called_written(file: Path) -> None:
    """The other program had the old file in memory."""
    said = refusal(Contended(file, after_replacing=True))
    assert said == "was changed by another program at the same time. Close Cursor and run this again."


def test_the_owner_stays(file: Path) -> None:
    """A file of another user that root changes is still that user's. Only root can give files away."""
    owner = 65534 if POSIX and os.geteuid() == 0 else file.stat().st_uid
    if POSIX:
        os.chown(file, owner, -1)
    put(file)
    assert file.stat().st_uid == owner
