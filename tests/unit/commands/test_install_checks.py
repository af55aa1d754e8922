"""`install` tries the settings before it writes them, and `check HOST` tries those that were written."""

import io
import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcp_server.cli import main
from mcp_server.commands.console import Console
from mcp_server.commands.install import install
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def run(home: Path, *argv: str, **environ: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command, at home in `home`."""
    out, err = io.StringIO(), io.StringIO()
    given = {"HOME": str(home), "USERPROFILE": str(home), "APPDATA": str(home), "XDG_CONFIG_HOME": str(home), **environ}
    return main(argv, environ=given, out=out, err=err), out.getvalue(), err.getvalue()


def settings(sandbox: Sandbox, **changed: str) -> dict[str, str]:
    return {
        "CONVERSATION_API_BASE_URL": sandbox.base_url,
        "CONVERSATION_API_KEY": SANDBOX_KEY,
        "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
        **changed,
    }


def test_settings_that_work_are_tested_and_written(tmp_path: Path, sandbox: Sandbox) -> None:
    """Without spending a credit."""
    code, out, _ = run(tmp_path, "install", "cursor", **settings(sandbox))
    assert code == 0
    assert "API        ok" in out
    assert (tmp_path / ".cursor" / "mcp.json").exists()
    assert sandbox.ledger.credits == 0


def test_settings_that_the_api_refuses_are_not_written(tmp_path: Path, sandbox: Sandbox) -> None:
    """Unless asked not to test them."""
    environ = settings(sandbox, CONVERSATION_API_KEY="sandbox-expired")
    code, _, err = run(tmp_path, "install", "cursor", **environ)
    assert code == 1
    assert err.startswith("bad_credentials: ")
    assert "Nothing was written. Correct the settings, or add --no-check" in err
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path, "install", "cursor", "--no-check", **environ)[0] == 0
    assert (tmp_path / ".cursor" / "mcp.json").exists()


def test_a_client_that_asks_for_the_key_has_it_tested_if_the_environment_has_it(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """Otherwise the output says that it was not tested."""
    environ = settings(sandbox)
    assert "API        ok" in run(tmp_path, "install", "vscode", **environ)[1]
    del environ["CONVERSATION_API_KEY"]
    code, out, _ = run(tmp_path, "install", "vscode", **environ)
    assert code == 0
    assert "Not tested: VS Code asks for the key itself." in out


def test_optional_settings_are_asked_for(tmp_path: Path) -> None:
    """Those that make answers better. An empty answer leaves the default."""
    asked: list[str] = []
    answers = {
        "CONVERSATION_API_BASE_URL": "https://api.example.com",
        "CONVERSATION_API_KEY": "key",
        "CONVERSATION_SELF_PROFILE_URL": "in/nora-lindqvist\n",
    }

    def ask(name: str) -> str:
        asked.append(name)
        return answers.get(name, "")

    out = io.StringIO()
    options = Namespace(host="cursor", sandbox=False, print_only=False, no_check=True)
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "CONVERSATION_ACCOUNT_ID": "acct"}
    assert install(options, environ, Console(out, out), ask=ask) == 0
    assert asked == [
        *("CONVERSATION_API_BASE_URL", "CONVERSATION_API_KEY", "CONVERSATION_SELF_PROFILE_URL"),
        *("CONVERSATION_TIMEZONE", "CONVERSATION_MAX_CREDITS_PER_CALL"),
    ]
    written: dict[str, Any] = json.loads((tmp_path / ".cursor" / "mcp.json").read_text(encoding="utf-8"))
    env = written["mcpServers"]["linkedin-conversations"]["env"]
    assert env == {
        "CONVERSATION_ACCOUNT_ID": "acct",
        "CONVERSATION_API_BASE_URL": "https://api.example.com",
        "CONVERSATION_API_KEY": "key",
        "CONVERSATION_SELF_PROFILE_URL": "in/nora-lindqvist",
    }


def test_check_of_a_client_tests_what_its_file_has(tmp_path: Path, sandbox: Sandbox) -> None:
    """The environment is not what the client starts the server with."""
    run(tmp_path, "install", "claude-code", "--no-check", **settings(sandbox, CONVERSATION_ACCOUNT_ID="nobody"))
    code, out, err = run(tmp_path, "check", "claude-code", **settings(sandbox))
    assert code == 1
    assert out.startswith(f"client     ok: {tmp_path / '.claude.json'} starts ")
    assert err.startswith("unknown_account: ")
    run(tmp_path, "install", "claude-code", **settings(sandbox))
    code, out, err = run(tmp_path, "check", "claude-code")
    assert (code, err) == (0, "")
    assert "API        ok" in out


def test_check_of_a_client_with_the_sandbox(tmp_path: Path) -> None:
    """It has an entry of its own."""
    run(tmp_path, "install", "cursor", "--sandbox")
    code, out, _ = run(tmp_path, "check", "cursor", "--sandbox")
    assert code == 0
    assert "you        https://www.linkedin.com/in/nora-lindqvist-tidewater" in out
    assert "has no server linkedin-conversations. " in run(tmp_path, "check", "cursor")[2]


def test_check_of_a_client_that_asks_for_the_key_takes_it_from_the_environment(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """Its file has none."""
    run(tmp_path, "install", "vscode", **settings(sandbox))
    code, _, err = run(tmp_path, "check", "vscode")
    assert code == 2
    assert err.startswith("VS Code asks for the key itself. To test it, set CONVERSATION_API_KEY")
    assert run(tmp_path, "check", "vscode", CONVERSATION_API_KEY=SANDBOX_KEY)[0] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no server linkedin-conversations. Add it with conversation-mcp install cursor."),
        ("[]", "has no server"),
        ('{"mcpServers": []}', "has no server"),
        ('{"mcpServers": {"linkedin-conversations": {"command": null}}}', "has no server"),
        ('{"mcpServers": {"linkedin-conversations": {"command": "/no/such/program"}}}', "which does not exist"),
        ("{", "is not valid JSON"),
    ],
)
def test_check_of_a_client_names_what_is_wrong_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    """With exit code one."""
    file = tmp_path / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    code, _, err = run(tmp_path, "check", "cursor")
    assert code == 1
    assert err.startswith(f"configuration_file: {file} ")
    assert said in err


def test_check_of_an_entry_without_settings_names_them(tmp_path: Path) -> None:
    """As the server would."""
    run(tmp_path, "install", "cursor", "--sandbox")
    file = tmp_path / ".cursor" / "mcp.json"
    text = file.read_text(encoding="utf-8").replace("-sandbox", "").replace('"--sandbox"', "")
    file.write_text(text, encoding="utf-8")
    code, _, err = run(tmp_path, "check", "cursor", CONVERSATION_API_KEY="not the client's")
    assert code == 2
    assert "CONVERSATION_API_KEY and CONVERSATION_ACCOUNT_ID are not set." in err
