"""The sandbox answers what the API's documentation says, over HTTP."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from benchmarks.sandbox_dialogues import dialogues
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One for all: the conversations asked for here do not change."""
    with Sandbox() as running:
        yield running


def post(sandbox: Sandbox, params: dict[str, object]) -> dict[str, Any]:
    """The parsed answer to the request as the documentation's `curl` sends it."""
    body = {"account_id": SANDBOX_ACCOUNT, "action": "get_conversation", "params": params}
    headers = {"Content-Type": "application/json", "x-api-key": SANDBOX_KEY}
    with urlopen(Request(f"{sandbox.base_url}/v2/messages", json.dumps(body).encode(), headers)) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        parsed: dict[str, Any] = json.load(answer)
    return parsed


def test_the_envelope_is_the_documented_one(sandbox: Sandbox) -> None:
    """Names, types and nothing else, as on the reference page."""
    answer = post(sandbox, {"profile_url": "https://www.linkedin.com/in/priya-raman-norbury/", "count": 2})
    assert set(answer) == {"success", "data", "metadata"}
    assert answer["success"] is True
    assert {name: type(value) for name, value in answer["data"].items()} == {
        "total_message_count": int,
        "unread_count": int,
        "last_seen_message": bool,
        "last_seen_at": int,
        "messages": list,
        "next_cursor": str,
    }
    assert answer["metadata"] == {
        "action": "get_conversation",
        "account_id": SANDBOX_ACCOUNT,
        "credits_consumed": 1,
        "timestamp": "2026-11-20T18:00:00Z",
    }
    message = answer["data"]["messages"][0]
    assert {name: type(value) for name, value in message.items()} == {
        "text": str,
        "timestamp": int,
        "sender": str,
        "sender_info": dict,
        "message_type": str,
        "entity_urn": str,
    }
    assert message["sender_info"] == {
        "first_name": "Priya",
        "last_name": "Raman",
        "profile_url": "https://www.linkedin.com/in/priya-raman-norbury/",
    }
    assert message["entity_urn"].startswith("urn:li:msg_message:(urn:li:fsd_profile:ACoAA")


def test_pages_go_from_the_newest_to_older_ones(sandbox: Sandbox) -> None:
    """The cursor looks like a time in milliseconds and leads to the very next message."""
    target = {"profile_url": "https://www.linkedin.com/in/priya-raman-norbury"}
    both = post(sandbox, {**target, "count": 20})["data"]["messages"]
    first = post(sandbox, {**target})["data"]
    second = post(sandbox, {**target, "cursor": first["next_cursor"]})["data"]
    assert first["messages"] + second["messages"] == both
    assert [one["timestamp"] for one in both] == sorted((one["timestamp"] for one in both), reverse=True)
    assert int(first["next_cursor"]) == second["messages"][0]["timestamp"]


def test_the_last_page_has_no_cursor(sandbox: Sandbox) -> None:
    """Omitted, neither null nor empty."""
    page = post(sandbox, {"profile_url": "https://www.linkedin.com/in/jane-doe-estates-7b1", "count": 14})["data"]
    assert len(page["messages"]) == page["total_message_count"] == 14
    assert "next_cursor" not in page


def test_questions_about_the_conversations_name_their_evidence() -> None:
    """Every phrase is in exactly one message; the form is that of the evaluation's dialogues."""
    asked, newest = dialogues(), dialogues(1000)
    assert sum(len(dialogue["questions"]) for dialogue in asked) >= 60
    assert max(len(dialogue["messages"]) for dialogue in newest) == 1000
    for dialogue in asked + newest:
        for question in dialogue["questions"]:
            assert question["evidence"]
            assert all(0 <= index < len(dialogue["messages"]) for index in question["evidence"])
