"""What a new user tries first: a question, the command line, no settings, a client's file, a proxy, plain HTTP."""

import json
import re
import urllib.request
from pathlib import Path

import pytest

from tests.support import outside
from tests.support.http_server import environment_for, http_server
from tests.support.outside import api, by_offset, command, dull, page, served
from tests.support.patience import PATIENCE_S

CONVERSATION = "2-ZXhhbXBsZQ=="
JANE = "https://www.linkedin.com/in/jane-doe"
CALLUM = "https://www.linkedin.com/in/callum-reyes-harbour-lane"
PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
QUESTION = "Which competitor made a cheaper offer, and what did we answer?"


@pytest.mark.parametrize("max_tokens", [700, 1000, 1500])
def test_the_answer_to_the_question_of_the_demonstration_has_the_reply(max_tokens: int) -> None:
    with served({}, "--sandbox") as server:
        found = server.call(profile_url=CALLUM, count=1000, max_tokens=max_tokens, focus=QUESTION)
    assert "FrostEye have quoted Margaret £38 a logger." in found.text
    assert "the warranty goes from two years to five" in found.text


def test_a_small_answer_to_a_question_leads_to_what_it_left_out() -> None:
    with api(by_offset(dull(80))) as source, served(source.environment) as server:
        found = server.call(conversation_id=CONVERSATION, count=80, max_tokens=300, focus="thing 40")
        size, at = max((int(size), at) for size, at in re.findall(r"~ ?(\d+) messages.* \[(\d+)\]", found.text))
        cursor = f"{found.content['window_cursor']}:{at}"
        gap = server.call(conversation_id=CONVERSATION, count=size, detail="verbatim", cursor=cursor)
    assert gap.text.count("We talked about") == size
    assert f"thing {at} again" in gap.text


def test_an_answer_that_more_tokens_would_not_change_says_so() -> None:
    messages = dull(500)
    for one in messages:
        one["text"] += " again" * 20
    with api(by_offset(messages, most=100)) as source, served(source.environment) as server:
        found = server.call(conversation_id=CONVERSATION, count=500, max_tokens=20_000)
    assert "\n! Limited to 45,000 characters" in found.text


def test_a_focus_without_effect_is_named_and_one_message_is_enough_to_know_the_turn() -> None:
    with api(by_offset(dull(10))) as source, served(source.environment) as server:
        verbatim = server.call(profile_url=JANE, count=5, detail="verbatim", focus="thing 3")
        assert any("focus" in line.lower() for line in verbatim.text.splitlines() if line.startswith("! "))
    with api(by_offset(dull(10))) as source, served(source.environment) as server:
        assert "to answer" in server.call(profile_url=JANE, count=1).text


def test_nobody_has_read_or_not_read_a_conversation_without_messages() -> None:
    empty = page([], total_message_count=0, last_seen_message=False)
    with api(lambda _: empty) as source, served(source.environment) as server:
        text = server.call(profile_url=JANE).text.lower()
    assert "not seen" not in text
    assert "not read" not in text


@pytest.mark.parametrize("since", ["yesterday", "7d"])
def test_the_command_line_takes_relative_days(since: str) -> None:
    ended = command({}, "read", "--sandbox", PRIYA, "--since", since)
    assert ended.returncode == 0, ended.stderr


def test_a_misspelt_option_gets_a_suggestion() -> None:
    assert "--count" in command({}, "read", "--sandbox", PRIYA, "--cuont", "3").stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {
            "CONVERSATION_API_BASE_URL": "https://api.example.com",
            "CONVERSATION_API_KEY": "your key",
            "CONVERSATION_ACCOUNT_ID": "acct",
        },
    ],
)
def test_without_settings_the_tool_is_listed_and_calls_say_what_is_missing(environment: dict[str, str]) -> None:
    with served(environment) as server:
        assert "get_conversation" in server.listed()
        found = server.call(conversation_id=CONVERSATION)
    assert found.is_error
    assert found.text.startswith("configuration: ")
    assert "CONVERSATION_API_KEY" in found.text


def test_install_tries_the_settings_before_it_writes_them(tmp_path: Path) -> None:
    """`--no-check` leaves that out, and `check` reads what was written."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    written = tmp_path / ".cursor" / "mcp.json"
    with api(lambda _: outside.refused(401, "INVALID_API_KEY", "No such key.")) as source:
        assert command({**home, **source.environment}, "install", "cursor").returncode != 0
        assert not written.exists()
        assert command({**home, **source.environment}, "install", "cursor", "--no-check").returncode == 0
        assert "a-key" in written.read_text(encoding="utf-8")
        checked = command(home, "check", "cursor")
    assert checked.returncode != 0
    assert len(source.requests) == 2  # of install and check; --no-check sends none


def test_the_sandbox_gets_an_entry_of_its_own_and_comments_are_kept(tmp_path: Path) -> None:
    written = tmp_path / ".config" / "Code" / "User" / "mcp.json"
    written.parent.mkdir(parents=True)
    written.write_text('{\n  // My servers.\n  "servers": {"other": {"command": "x"},},\n}\n', encoding="utf-8")
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    ended = command(home, "install", "vscode", "--sandbox")
    assert ended.returncode == 0, ended.stderr
    text = written.read_text(encoding="utf-8")
    assert "// My servers." in text
    assert '"other": {"command": "x"}' in text
    assert '"linkedin-conversations-sandbox"' in text


def test_a_proxy_variable_that_is_not_used_is_named() -> None:
    environment = {
        "CONVERSATION_API_BASE_URL": "https://127.0.0.1:9",
        "CONVERSATION_API_KEY": "a-key",
        "CONVERSATION_ACCOUNT_ID": "acct",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    with served(environment) as server:
        text = server.call(conversation_id=CONVERSATION).text
    assert "HTTPS_PROXY" in text
    assert "CONVERSATION_PROXY" in text


def test_over_http_a_slash_or_one_accepted_type_is_enough() -> None:
    asked = outside.line({"id": 1, "method": "tools/list", "params": {}})
    with http_server(environment_for("http://127.0.0.1:9")) as running:
        for path, accept in (
            ("", "application/json"),
            ("", "text/event-stream"),
            ("", "*/*"),
            ("/", "application/json"),
        ):
            headers = {"Content-Type": "application/json", "Accept": accept}
            request = urllib.request.Request(running.url + path, asked, headers)
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                body = response.read().decode()
            found = re.search(r"\{.*\}", body)
            assert found is not None
            assert json.loads(found[0])["result"]["tools"]
