"""An archive by command line, over stdio and over HTTP: no key, no account, no network."""

import json
import os
import subprocess
import sys
from pathlib import Path

from mcp_server.commands.hosts import SERVER_NAME
from scripts.make_demo_archive import FOLDER, ZIP_NAME
from tests.support.exports import FRIEND, OWNER, Row, csv_of, mine, url, written
from tests.support.http_server import answered, call, digest_line, http_server, post

COMMAND = [sys.executable, "-m", "mcp_server"]
BARE = {"PATH": os.environ.get("PATH", "")}
ARCHIVE = FOLDER / ZIP_NAME


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=BARE | variables, capture_output=True, text=True, check=False)


def test_check_says_what_is_in_it_and_whose_it_is() -> None:
    """And what of it cannot be read as it stands."""
    done = run("check", "--archive", str(ARCHIVE))
    assert done.returncode == 0
    assert "archive    ok: 6 conversations, 12 messages until 2026-11-20" in done.stdout
    assert "1 x draft" in done.stdout
    assert "1 x message without a date that can be read" in done.stdout
    assert "you        Nora Lindqvist (by Invitations.csv)" in done.stdout


def test_conversations_are_listed_newest_first() -> None:
    """Each entry begins with the target by which it can be read."""
    done = run("conversations", CONVERSATION_ARCHIVE=str(ARCHIVE))
    assert (done.returncode, done.stderr.strip().endswith(" tokens, 0 credits.")) == (0, True)
    first, summary, *lines = done.stdout.splitlines()
    assert first == "ARCHIVE of 2026-11-20: nothing newer"
    assert summary.startswith("6 looked at ")
    entries = [line for line in lines if line.startswith(("2-", "in/"))]
    assert "[sponsored] Ropes" in entries[0]
    assert "[draft] Iris Falk-Moreau" in entries[1]
    target = entries[1].split()[0]
    assert "Does Thursday at ten suit you?" in run("read", "--archive", str(ARCHIVE), target).stdout


def test_archive_and_api_together_are_an_error_that_names_both() -> None:
    """Nobody can say which was meant."""
    done = run("read", "--archive", str(ARCHIVE), "in/iris-falk-moreau-madeup", CONVERSATION_API_KEY="secret")
    assert done.returncode == 2
    assert "CONVERSATION_ARCHIVE and CONVERSATION_API_KEY are set" in done.stderr
    assert "secret" not in done.stderr
    assert run("check", "--sandbox", "--archive", str(ARCHIVE)).returncode == 2
    assert run("check", "--sandbox", CONVERSATION_ARCHIVE=str(ARCHIVE)).returncode == 0


def test_install_writes_the_full_path_and_asks_for_nothing(tmp_path: Path) -> None:
    """A client starts the server in another folder."""
    environment = BARE | {"HOME": str(tmp_path), "PYTHONPATH": str(FOLDER.parents[2])}
    command = [*COMMAND, "install", "cursor", "--archive", ARCHIVE.name]
    done = subprocess.run(command, env=environment, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    entry = json.loads((tmp_path / ".cursor" / "mcp.json").read_text())["mcpServers"][SERVER_NAME]
    assert entry["env"] == {"CONVERSATION_ARCHIVE": str(ARCHIVE)}


def test_each_tenant_reads_its_own_archive_over_http(tmp_path: Path) -> None:
    """And nothing of another's, by no cursor either; no API is set at all."""
    for name in ("alice", "bob"):
        rows = [Row(f"{name} {number}", at=f"2026-02-03T07:00:{59 - number:02}") for number in range(9)]
        written(tmp_path / f"{name}.csv", csv_of([*rows, mine("x", at="2020-01-01T00:00:00")]))
    own = {"self_profile_url": url(OWNER)}
    tenants = {name: {"archive": str(tmp_path / f"{name}.csv"), **own} for name in ("alice", "bob")}
    (tmp_path / "tenants.json").write_text(json.dumps(tenants))
    (tmp_path / "tokens").write_text("\n".join(digest_line(f"{name}-1", name) for name in tenants))
    environment = {
        "CONVERSATION_HTTP_TENANTS_FILE": str(tmp_path / "tenants.json"),
        "CONVERSATION_HTTP_TOKENS_FILE": str(tmp_path / "tokens"),
    }
    with http_server(environment) as server:

        def read(name: str, **arguments: object) -> str:
            document = call(profile_url=url(FRIEND), count=3, **arguments)
            _, _, body = post(server.url, document, {"Authorization": f"Bearer {name}-1"})
            return str(answered(body)["result"]["content"][0]["text"])

        first = read("alice")
        assert " alice 0\n" in first
        assert "bob" not in first
        cursor = first.rsplit("next_cursor: ", 1)[1].strip()
        assert " alice 3\n" in read("alice", cursor=cursor)
        assert read("bob", cursor=cursor).startswith("invalid_cursor: ")
        assert " bob 0\n" in read("bob")
