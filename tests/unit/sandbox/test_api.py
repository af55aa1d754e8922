"""The sandbox's rules: who may ask, in which order it is checked, what a page holds and costs."""

import json
from typing import Any

import pytest

from mcp_server.sandbox.api import SANDBOX_ACCOUNT, SANDBOX_KEY, Answer, Api
from mcp_server.sandbox.ledger import Ledger
from mcp_server.sandbox.library import load_library

LIBRARY = load_library()
NAMED = {conversation.name: conversation for conversation in LIBRARY.conversations}
SALES = "https://www.linkedin.com/in/priya-raman-norbury"


def ask(
    api: Api,
    *,
    key: str | None = SANDBOX_KEY,
    account: object = SANDBOX_ACCOUNT,
    action: object = "get_conversation",
    **params: object,
) -> Answer:
    """One request; the parameters by name."""
    body = json.dumps({"account_id": account, "action": action, "params": params}).encode()
    return api.answer(key=key, body=body)


def data(answer: Answer) -> dict[str, Any]:
    """The `data` of a successful answer."""
    envelope: dict[str, Any] = json.loads(answer.body)
    assert answer.status == 200, envelope
    content: dict[str, Any] = envelope["data"]
    return content


@pytest.fixture
def api() -> Api:
    """A fresh sandbox."""
    return Api(LIBRARY, Ledger())


def code(answer: Answer) -> tuple[str, int]:
    """Code and status of an error, having checked that it cost nothing."""
    envelope = json.loads(answer.body)
    assert envelope["success"] is False
    assert envelope["metadata"]["credits_consumed"] == 0
    return envelope["error"]["code"], answer.status


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"key": None}, ("INVALID_API_KEY", 403)),
        ({"key": "sandbox-expired"}, ("INVALID_API_KEY", 403)),
        ({"key": "wrong", "account": "nobody", "action": "x"}, ("INVALID_API_KEY", 403)),
        ({"account": "nobody", "action": "x"}, ("INVALID_ACCOUNT", 404)),
        ({"account": None}, ("INVALID_ACCOUNT", 404)),
        ({"account": "sandbox-inactive"}, ("ACCOUNT_INACTIVE", 403)),
        ({"account": "sandbox-failing"}, ("INTERNAL_ERROR", 500)),
        ({"account": "sandbox-no-credits", "profile_url": SALES}, ("INSUFFICIENT_CREDITS", 402)),
        ({"account": "sandbox-no-credits"}, ("INVALID_PARAMS", 400)),
        ({"action": "send_message"}, ("INVALID_ACTION", 400)),
        ({"action": None}, ("INVALID_ACTION", 400)),
        ({}, ("INVALID_PARAMS", 400)),
        ({"profile_url": "https://www.linkedin.com/in/nobody-here"}, ("INVALID_PARAMS", 400)),
        ({"profile_url": "https://example.com/in/jane"}, ("INVALID_PARAMS", 400)),
        ({"conversation_id": "urn:li:msg_conversation:(x,y)"}, ("INVALID_PARAMS", 400)),
        ({"profile_url": SALES, "count": 0}, ("INVALID_PARAMS", 400)),
        ({"profile_url": SALES, "count": "10"}, ("INVALID_PARAMS", 400)),
        ({"profile_url": SALES, "count": True}, ("INVALID_PARAMS", 400)),
        ({"profile_url": SALES, "cursor": "AQx9"}, ("INVALID_PARAMS", 400)),
        ({"profile_url": SALES, "cursor": 12}, ("INVALID_PARAMS", 400)),
    ],
)
def test_each_mistake_gets_its_documented_code(api: Api, request_: dict[str, Any], expected: tuple[str, int]) -> None:
    """Key before account, account before action, action before parameters, credits last; errors are free."""
    assert code(ask(api, **request_)) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"account_id": "sandbox-account"', b"[" * 100_000])
def test_a_body_that_is_not_an_object_is_refused(api: Api, body: bytes) -> None:
    """With the documented error format."""
    assert code(api.answer(key=SANDBOX_KEY, body=body)) == ("INVALID_ACCOUNT", 404)


def test_params_that_are_not_an_object_are_refused(api: Api) -> None:
    """A list of parameters is a mistake, not a crash."""
    body = json.dumps({"account_id": SANDBOX_ACCOUNT, "action": "get_conversation", "params": [1]}).encode()
    assert code(api.answer(key=SANDBOX_KEY, body=body)) == ("INVALID_PARAMS", 400)


def test_rate_limited_answers_have_a_retry_after_header(api: Api) -> None:
    """It is one second."""
    answer = ask(api, account="sandbox-rate-limited")
    assert code(answer) == ("RATE_LIMITED", 429)
    assert answer.headers == (("Retry-After", "1"),)


def test_a_flaky_account_fails_every_second_time(api: Api) -> None:
    """A retry succeeds."""
    statuses = [ask(api, account="sandbox-flaky", profile_url=SALES).status for _ in range(4)]
    assert statuses == [500, 200, 500, 200]


def test_low_credits_run_out_during_a_walk(api: Api) -> None:
    """Three credits pay for three pages of ten."""
    statuses = [ask(api, account="sandbox-low-credits", profile_url=SALES).status for _ in range(5)]
    assert statuses == [200, 200, 200, 402, 402]


@pytest.mark.parametrize(
    "params",
    [
        {"profile_url": SALES},
        {"profile_url": "http://uk.linkedin.com/in/priya-raman-norbury/?utm_source=x"},
        {"profile_url": "https://www.linkedin.com/in/Priya-Raman-Norbury"},
        {"linkedin_url": SALES},
        {"conversation_id": NAMED["norbury-sales"].id},
        {"conversation_id": NAMED["norbury-sales"].id, "profile_url": None, "cursor": None, "count": None},
    ],
)
def test_a_conversation_is_found_by_id_and_by_profile(api: Api, params: dict[str, Any]) -> None:
    """Both names, and the alias, lead to the same newest ten messages."""
    page = data(ask(api, **params))
    assert len(page["messages"]) == 10
    assert page["messages"][0]["text"].startswith("Week of 8 Feb")
    assert page["total_message_count"] == 60


def walk(api: Api, name: str, count: int) -> list[list[dict[str, Any]]]:
    """All pages of a conversation, newest first."""
    pages, cursor = [], None
    while True:
        page = data(ask(api, conversation_id=NAMED[name].id, count=count, **({"cursor": cursor} if cursor else {})))
        pages.append(page["messages"])
        if "next_cursor" not in page:
            return pages
        cursor = page["next_cursor"]


@pytest.mark.parametrize("count", [1, 2, 7, 50, 500])
@pytest.mark.parametrize("name", ["norbury-sales", "expo-panel", "two-janes"])
def test_a_walk_reads_every_message_once(api: Api, name: str, count: int) -> None:
    """Also if messages share a millisecond, at every page size; a page has at most fifty."""
    pages = walk(api, name, count)
    assert [one["text"] for page in pages for one in page] == [one.text for one in NAMED[name].messages[::-1]]
    assert max(map(len, pages)) <= min(count, 50)


def test_messages_arrive_during_a_walk(api: Api) -> None:
    """One more after every second request, and none of the older ones is lost or repeated."""
    settled = NAMED["live-install"].settled
    pages = walk(api, "live-install", 2)
    texts = [one["text"] for page in pages for one in page]
    assert texts == [one.text for one in NAMED["live-install"].messages[:settled][::-1]]
    again = data(ask(api, conversation_id=NAMED["live-install"].id))
    assert again["total_message_count"] == settled + len(pages) // 2


def test_an_empty_conversation_is_an_empty_page(api: Api) -> None:
    """It costs a credit."""
    answer = ask(api, profile_url="https://www.linkedin.com/in/ingrid-solberg-fisk")
    page = data(answer)
    assert (page["messages"], page["total_message_count"], "next_cursor" in page) == ([], 0, False)
    assert json.loads(answer.body)["metadata"]["credits_consumed"] == 1


@pytest.mark.parametrize(("count", "credits"), [(1, 1), (10, 1), (11, 2), (50, 5), (90, 5)])
def test_ten_messages_or_part_of_ten_cost_a_credit(count: int, credits: int) -> None:
    """The ledger adds up the charges."""
    ledger = Ledger()
    answer = ask(Api(LIBRARY, ledger), profile_url=SALES, count=count)
    assert json.loads(answer.body)["metadata"]["credits_consumed"] == credits == ledger.credits
    assert ledger.requests == 1
    assert ledger.entries[0].request["params"] == {"profile_url": SALES, "count": count}
    assert ledger.answer_bytes == len(answer.body)


def test_seen_is_about_the_newest_message_of_the_page(api: Api) -> None:
    """The newest page has an answer nobody has read; an older page has been read."""
    first = data(ask(api, profile_url=SALES, count=10))
    second = data(ask(api, profile_url=SALES, count=10, cursor=first["next_cursor"]))
    assert (first["last_seen_message"], second["last_seen_message"]) == (False, True)


def test_half_an_emoji_is_escaped(api: Api) -> None:
    """The body is valid UTF-8 and keeps the lone surrogate."""
    pages = walk(api, "forged-lines", 50)
    assert any("\ud83d" in one["text"] for one in pages[0])


def test_a_cursor_older_than_everything_gives_an_empty_last_page(api: Api) -> None:
    """It is a valid time."""
    page = data(ask(api, profile_url=SALES, cursor="1"))
    assert page["messages"] == []
    assert "next_cursor" not in page
