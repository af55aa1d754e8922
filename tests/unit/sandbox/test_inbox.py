"""The sandbox's list of conversations: all its people, newest first, at the public price."""

import json
from typing import Any

import pytest

from mcp_server.sandbox.api import Api
from mcp_server.sandbox.ledger import Ledger
from mcp_server.sandbox.library import load_library
from tests.unit.sandbox.test_api import ask, code, data

LIBRARY = load_library()


@pytest.fixture
def api() -> Api:
    """A fresh sandbox."""
    return Api(LIBRARY, Ledger())


def walk(api: Api, count: int) -> list[dict[str, Any]]:
    """Every page of the list."""
    pages = [data(ask(api, action="list_inbox", count=count))]
    while "next_cursor" in pages[-1]:
        pages.append(data(ask(api, action="list_inbox", count=count, cursor=pages[-1]["next_cursor"])))
    return pages


@pytest.mark.parametrize("count", [1, 4, 50])
def test_every_conversation_is_listed_once_newest_first(api: Api, count: int) -> None:
    """However many fit a page; a page's total is its own, as in the API's example."""
    pages = walk(api, count)
    rows = [row for page in pages for row in page["conversations"]]
    assert {row["conversation_id"] for row in rows} == set(LIBRARY.by_id)
    assert len(rows) == len(LIBRARY.conversations)
    times = [row["last_message"]["time"] for row in rows if row["last_message"]]
    assert times == sorted(times, reverse=True)
    assert all(page["total_results"] == len(page["conversations"]) <= count for page in pages)


def test_a_conversation_of_two_names_the_other_person_and_a_group_nobody(api: Api) -> None:
    """`is_me` and the turn are those of the last message; an empty conversation has none."""
    rows = {row["conversation_id"]: row for row in walk(api, 50)[0]["conversations"]}
    for conversation in LIBRARY.conversations:
        row = rows[conversation.id]
        if conversation.profile_url is None:
            assert (row["participant"], row["type"]) == (None, "group")
        else:
            assert row["participant"]["name"] != "Nora Lindqvist"
        if row["last_message"] and row["last_message"]["sender"]:
            assert row["last_message"]["sender"]["is_me"] == (row["last_message"]["sender"]["name"] == "Nora Lindqvist")
    assert any(row["last_message"] is None for row in rows.values())
    assert any(row["participant"] is None for row in rows.values())
    assert any(row["participant"] and row["participant"]["headline"] for row in rows.values())


def test_a_list_costs_one_credit_per_ten_conversations(api: Api) -> None:
    """Or part of ten, as the public page says."""
    costs = [
        json.loads(ask(api, action="list_inbox", count=count).body)["metadata"]["credits_consumed"]
        for count in (1, 10, 11)
    ]
    assert costs == [1, 1, 2]


def test_listing_makes_no_messages_arrive(api: Api) -> None:
    """Arrivals are counted by the requests for a conversation."""
    assert walk(api, 50) == walk(api, 50)


@pytest.mark.parametrize("cursor", ["", "x", 7, "REVTQ0VORElORyY=", "1777147641366"])
def test_another_cursor_is_refused(api: Api, cursor: object) -> None:
    """Those of messages too."""
    assert code(ask(api, action="list_inbox", cursor=cursor)) == ("INVALID_PARAMS", 400)
