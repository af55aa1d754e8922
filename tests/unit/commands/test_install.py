"""`install`, with real files in a home of the test's."""

import io
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from mcp_server.cli import main

KEY = "canary-key-7f3a"
GIVEN = {
    "CONVERSATION_API_BASE_URL": "https://api.example.com",
    "CONVERSATION_API_KEY": KEY,
    "CONVERSATION_ACCOUNT_ID": "acct",
    "CONVERSATION_TIMEZONE": "Europe/Zurich",
    "UNRELATED": "x",
}


def run(home: Path, *argv: str, **environ: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `install`, at home in `home`. No API answers at `api.example.com`."""
    out, err = io.StringIO(), io.StringIO()
    untested = ["--no-check"] if environ.get("CONVERSATION_API_BASE_URL") == GIVEN["CONVERSATION_API_BASE_URL"] else []
    given = {"HOME": str(home), "USERPROFILE": str(home), **environ}
    code = main(("install", *argv, *untested), environ=given, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def cursor(tmp_path: Path) -> Path:
    """Cursor's file, whose place is the same on every system; not made yet."""
    return tmp_path / ".cursor" / "mcp.json"


def load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8-sig"))
    return loaded


def test_a_new_file_holds_the_server_and_is_its_owners_alone(tmp_path: Path, cursor: Path) -> None:
    """Settings of the environment go in, other variables do not; the folder is made."""
    code, out, err = run(tmp_path, "cursor", **GIVEN)
    entry = load(cursor)["mcpServers"]["linkedin-conversations"]
    assert (code, err) == (0, "")
    assert entry["env"] == {name: value for name, value in GIVEN.items() if name != "UNRELATED"}
    assert Path(entry["command"]).is_file()
    assert str(cursor) in out
    assert KEY not in out
    assert sys.platform == "win32" or stat.S_IMODE(cursor.stat().st_mode) == 0o600


@pytest.mark.parametrize("options", [(), ("--print",)])
def test_what_only_serving_over_http_needs_stays_out(tmp_path: Path, cursor: Path, options: tuple[str, ...]) -> None:
    """Secrets of a server for many are not for a desktop's file, nor for a screen."""
    secrets = {"CONVERSATION_KEY_RING": "ring-secret" * 4, "CONVERSATION_REDIS_URL": "redis://:ring-secret@host/0"}
    code, out, err = run(tmp_path, "cursor", *options, **GIVEN, **secrets)
    written = cursor.read_text(encoding="utf-8") if cursor.exists() else ""
    assert code == 0
    assert "ring-secret" not in out + err + written


def test_the_rest_of_the_file_stays_and_a_copy_of_it_is_kept(tmp_path: Path, cursor: Path) -> None:
    """Merging changes one entry; what was there before can be had back, however often."""
    cursor.parent.mkdir()
    before = '\ufeff{"mcpServers": {"other": {"command": "größer"}}, "theme": "dark"}'
    cursor.write_text(before, encoding="utf-8")
    assert run(tmp_path, "cursor", **GIVEN)[0] == 0
    assert run(tmp_path, "cursor", "--sandbox")[0] == 0
    after = load(cursor)
    assert after["theme"] == "dark"
    assert list(after["mcpServers"]) == ["other", "linkedin-conversations", "linkedin-conversations-sandbox"]
    assert after["mcpServers"]["linkedin-conversations-sandbox"]["args"][-1] == "--sandbox"
    assert "größer" in cursor.read_text(encoding="utf-8")
    assert cursor.with_name("mcp.json.bak1").read_text(encoding="utf-8") == before
    assert KEY in cursor.with_name("mcp.json.bak2").read_text(encoding="utf-8")
    assert cursor.read_text(encoding="utf-8").startswith("\ufeff")
    assert len(list(cursor.parent.iterdir())) == 3


def test_a_second_time_changes_nothing(tmp_path: Path, cursor: Path) -> None:
    """Neither the file nor the copies."""
    run(tmp_path, "cursor", "--sandbox")
    code, out, _ = run(tmp_path, "cursor", "--sandbox")
    assert (code, list(cursor.parent.iterdir())) == (0, [cursor])
    assert "has it already" in out


def test_a_linked_file_stays_a_link(tmp_path: Path, cursor: Path) -> None:
    """People keep such files in a repository of their own and link to them."""
    kept = tmp_path / "dotfiles.json"
    kept.write_text("{}", encoding="utf-8")
    cursor.parent.mkdir()
    os.symlink(kept, cursor)
    assert run(tmp_path, "cursor", "--sandbox")[0] == 0
    assert cursor.is_symlink()
    assert "linkedin-conversations" in kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{ // mine", "[1]", '{"mcpServers": []}', "{", "\xff"])
def test_a_file_that_is_not_understood_is_left_alone(tmp_path: Path, cursor: Path, text: str) -> None:
    """Lists, halves, no text at all: writing would lose something, so the error says what to do."""
    cursor.parent.mkdir()
    cursor.write_bytes(text.encode("latin-1"))
    code, out, err = run(tmp_path, "cursor", "--sandbox")
    assert (code, out) == (1, "")
    assert err.startswith("configuration_file: ")
    assert "--print" in err
    assert cursor.read_bytes() == text.encode("latin-1")
    assert list(cursor.parent.iterdir()) == [cursor]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """There is a file where the folder should be."""
    (tmp_path / ".cursor").write_text("", encoding="utf-8")
    code, _, err = run(tmp_path, "cursor", "--sandbox")
    assert code == 1
    assert "could not be changed" in err


def test_print_shows_what_would_be_written_and_never_the_key(tmp_path: Path, cursor: Path) -> None:
    """JSON on stdout alone, so that it can be piped; nothing is asked, nothing touched."""
    code, out, err = run(tmp_path, "cursor", "--print", **GIVEN)
    env = json.loads(out)["mcpServers"]["linkedin-conversations"]["env"]
    assert code == 0
    assert env["CONVERSATION_API_KEY"] == "<its key>"
    assert env["CONVERSATION_TIMEZONE"] == "Europe/Zurich"
    assert KEY not in out + err
    assert str(cursor) in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["claude-desktop", "claude-code", "vscode"])
def test_every_host_can_be_written(tmp_path: Path, host: str) -> None:
    """Whatever this system's place for it is."""
    code, out, _ = run(tmp_path, host, "--sandbox", XDG_CONFIG_HOME=str(tmp_path), APPDATA=str(tmp_path))
    (written,) = (path for path in tmp_path.rglob("*.json") if path.is_file())
    assert code == 0
    assert str(written) in out
    assert "linkedin-conversations" in written.read_text(encoding="utf-8")


def test_the_key_of_vs_code_is_in_no_file(tmp_path: Path) -> None:
    """Even where the environment has it: VS Code keeps secrets better than a file does."""
    code, out, _ = run(tmp_path, "vscode", XDG_CONFIG_HOME=str(tmp_path), APPDATA=str(tmp_path), **GIVEN)
    assert code == 0
    assert "asks for the key" in out
    assert all(KEY not in path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "CONVERSATION_API_BASE_URL, CONVERSATION_API_KEY and CONVERSATION_ACCOUNT_ID are not set."),
        (GIVEN | {"CONVERSATION_API_BASE_URL": "http://api.example.com"}, "must begin with https://"),
    ],
)
def test_settings_that_cannot_work_are_not_written(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    """Without a person to ask, or with a value that the server would refuse."""
    code, _, err = run(tmp_path, "cursor", **environ)
    assert code == 2
    assert said in err
    assert "run it in a terminal" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["claude-desktop", "claude-code"])
@pytest.mark.parametrize("options", [(), ("--sandbox",), ("--print",), ("--print", "--sandbox")])
def test_claude_counts_its_own_tokens(tmp_path: Path, host: str, options: tuple[str, ...]) -> None:
    """Its hosts run no other models."""
    code, out, _ = run(tmp_path, host, *options, **GIVEN)
    written = [load(file) for file in tmp_path.rglob("*.json")]
    (entries,) = [json.loads(out)["mcpServers"]] if "--print" in options else [file["mcpServers"] for file in written]
    assert code == 0
    (entry,) = entries.values()
    assert entry["env"]["CONVERSATION_TOKENIZER"] == "claude"


def test_the_environment_says_otherwise(tmp_path: Path) -> None:
    """A vocabulary that is set is kept."""
    run(tmp_path, "claude-code", **GIVEN, CONVERSATION_TOKENIZER="claude-4.6")
    env = load(tmp_path / ".claude.json")["mcpServers"]["linkedin-conversations"]["env"]
    assert env["CONVERSATION_TOKENIZER"] == "claude-4.6"


def test_hosts_of_several_models_keep_the_default_and_name_the_setting(tmp_path: Path, cursor: Path) -> None:
    """Which model answers is chosen there, message by message."""
    _, out, _ = run(tmp_path, "cursor", **GIVEN)
    assert "CONVERSATION_TOKENIZER" in out
    assert "CONVERSATION_TOKENIZER" not in cursor.read_text(encoding="utf-8")


def test_an_unknown_vocabulary_is_refused_before_anything_is_written(tmp_path: Path, cursor: Path) -> None:
    """In the sandbox too, where no other setting is read."""
    code, _, err = run(tmp_path, "cursor", "--sandbox", CONVERSATION_TOKENIZER="claude-2")
    assert code != 0
    assert "CONVERSATION_TOKENIZER must be one of o200k_base, claude," in err
    assert not cursor.exists()
