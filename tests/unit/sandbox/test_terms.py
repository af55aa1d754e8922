"""The terms that the API leaves open: what it charges, how many messages it gives, and how long it takes."""

import json

import httpx
import pytest

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox, Terms
from mcp_server.sandbox.api import Answer, Api
from mcp_server.sandbox.ledger import Ledger
from mcp_server.sandbox.library import load_library
from mcp_server.sandbox.terms import Price

LIBRARY = load_library()
LONG = "https://www.linkedin.com/in/callum-reyes-harbour-lane"


def ask(terms: Terms, count: int) -> Answer:
    """A page of the long conversation on these terms."""
    params = {"profile_url": LONG, "count": count}
    body = json.dumps({"account_id": SANDBOX_ACCOUNT, "action": "get_conversation", "params": params}).encode()
    return Api(LIBRARY, Ledger(), terms).answer(key=SANDBOX_KEY, body=body)


@pytest.mark.parametrize(
    ("price", "count", "credits"),
    [("unit", 10, 1), ("unit", 11, 2), ("message", 11, 11), ("request", 1, 1), ("request", 50, 1)],
)
def test_a_page_is_charged_in_one_of_three_ways(price: Price, count: int, credits: int) -> None:
    envelope = json.loads(ask(Terms(price=price), count).body)
    assert envelope["metadata"]["credits_consumed"] == credits


@pytest.mark.parametrize("price", ["unit", "message", "request"])
def test_an_empty_page_costs_a_credit(price: Price) -> None:
    assert Terms(price=price).cost(0) == 1


def test_a_request_for_more_than_a_page_gets_a_page_or_is_refused() -> None:
    """The documentation does not say which."""
    assert len(json.loads(ask(Terms(max_count=100), 300).body)["data"]["messages"]) == 100
    refusal = json.loads(ask(Terms(max_count=100, refuse_larger=True), 101).body)
    assert refusal["error"] == {"code": "INVALID_PARAMS", "message": "count must be at most 100."}


def test_an_answer_takes_the_time_of_its_messages() -> None:
    """A refusal takes none."""
    terms = Terms(request_s=0.3, message_s=0.002)
    assert ask(terms, 50).delay_s == pytest.approx(0.4)
    assert ask(terms, 0).delay_s == 0


def test_a_slow_sandbox_answers_all_the_same() -> None:
    with Sandbox(terms=Terms(request_s=0.001)) as sandbox:
        params = {"profile_url": LONG, "count": 1}
        request = {"account_id": SANDBOX_ACCOUNT, "action": "get_conversation", "params": params}
        answer = httpx.post(f"{sandbox.base_url}/v2/messages", headers={"x-api-key": SANDBOX_KEY}, json=request)
    assert answer.json()["success"]
