"""The typed error for each refusal of the API, its wording, and its possible cost."""

import pytest

from mcp_server.errors import (
    AccountInactive,
    BadCredentials,
    BadResponse,
    OutOfCredits,
    RateLimited,
    RequestRejected,
    UnknownAccount,
    UpstreamError,
    UpstreamFailed,
    UpstreamTimeout,
)
from mcp_server.upstream.refusals import Refusal, find_refusal, judge_refusal
from mcp_server.upstream.retry import Cost, Failure

KEY = "Canary-Key-7f3a"


def judged(status: int, document: object, *, retry_after_s: float | None = None) -> Failure:
    refusal = find_refusal(status, document)
    assert refusal is not None
    return judge_refusal(refusal, retry_after_s=retry_after_s, hidden=(KEY, "AQx9"))


def refused(code: str, message: str = "") -> dict[str, object]:
    return {"success": False, "error": {"code": code, "message": message}, "metadata": {"credits_consumed": 0}}


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
@pytest.mark.parametrize(
    ("code", "error", "cost"),
    [
        ("INVALID_API_KEY", BadCredentials, Cost.FINAL),
        ("ACCOUNT_INACTIVE", AccountInactive, Cost.FINAL),
        ("INVALID_ACCOUNT", UnknownAccount, Cost.FINAL),
        ("INVALID_ACTION", RequestRejected, Cost.FINAL),
        ("INVALID_PARAMS", RequestRejected, Cost.FINAL),
        ("INSUFFICIENT_CREDITS", OutOfCredits, Cost.FINAL),
        ("RATE_LIMITED", RateLimited, Cost.FREE),
        ("INTERNAL_ERROR", UpstreamFailed, Cost.FREE),
        (" internal_error", UpstreamFailed, Cost.FREE),
    ],
)
def test_the_code_decides_whatever_the_status(status: int, code: str, error: type[UpstreamError], cost: Cost) -> None:
    """A wrong key and an inactive account are both 403, but need different actions."""
    failure = judged(status, refused(code))
    assert (type(failure.error), failure.cost) == (error, cost)
    assert failure.code == code.strip().upper()


@pytest.mark.parametrize(
    ("status", "error", "cost"),
    [
        (302, BadResponse, Cost.FINAL),
        (400, RequestRejected, Cost.FINAL),
        (401, BadCredentials, Cost.FINAL),
        (402, OutOfCredits, Cost.FINAL),
        (403, BadResponse, Cost.FINAL),
        (404, BadResponse, Cost.FINAL),
        (405, BadResponse, Cost.FINAL),
        (408, UpstreamTimeout, Cost.FINAL),
        (422, RequestRejected, Cost.FINAL),
        (429, RateLimited, Cost.FREE),
        (500, UpstreamFailed, Cost.FREE),
        (502, UpstreamFailed, Cost.AMBIGUOUS),
        (503, UpstreamFailed, Cost.FREE),
        (504, UpstreamFailed, Cost.AMBIGUOUS),
    ],
)
def test_an_answer_in_another_form_is_judged_by_its_status(status: int, error: type[UpstreamError], cost: Cost) -> None:
    """A proxy or another server may have sent it, so nothing of it is repeated."""
    for document in (None, ["the words of a stranger"], {"detail": "the words of a stranger"}):
        failure = judged(status, document)
        assert (type(failure.error), failure.cost) == (error, cost)
        assert "stranger" not in failure.error.explain()
        if cost is Cost.AMBIGUOUS:
            assert "may have billed" in failure.error.what


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, RequestRejected),
        (201, RequestRejected),
        (400, RequestRejected),
        (401, RequestRejected),
        (402, OutOfCredits),
        (403, RequestRejected),
        (404, RequestRejected),
        (409, RequestRejected),
        (422, RequestRejected),
        (500, UpstreamFailed),
        (502, UpstreamFailed),
    ],
)
def test_an_undocumented_code_is_quoted_and_blames_no_setting(status: int, error: type[UpstreamError]) -> None:
    """The API's own words explain a refusal that its documentation does not list."""
    failure = judged(status, refused("PLAN_LIMIT", "Your plan does not include messages."))
    assert type(failure.error) is error
    assert '"PLAN_LIMIT: Your plan does not include messages."' in failure.error.what
    if error is RequestRejected and status != 404:
        assert failure.error.advice == "Follow the API's words, or ask its provider."
    assert "CONVERSATION_API_KEY" not in failure.error.explain()


@pytest.mark.parametrize(
    "document",
    [
        refused("CONVERSATION_NOT_FOUND", "No such conversation."),
        refused(""),
        {"success": False},
        {"timestamp": "2026-04-25", "status": 404, "error": "Not Found", "path": "/v3/messages"},
        {"detail": "Not Found"},
        None,
    ],
)
def test_a_404_without_a_known_code_names_the_base_url_first(document: object) -> None:
    """Any web server answers 404 for an unknown path, many of them in JSON."""
    error = judged(404, document).error
    assert isinstance(error, RequestRejected if "CONVERSATION_NOT_FOUND" in str(document) else BadResponse)
    first = error.advice.index("CONVERSATION_API_BASE_URL")
    assert "CONVERSATION_ACCOUNT_ID" not in error.advice[:first]


def test_a_firewalls_page_is_not_blamed_on_the_key() -> None:
    """It says nothing about the key: the network and the address are more likely."""
    error = judged(403, None).error
    assert isinstance(error, BadResponse)
    assert "firewall" in error.what
    assert error.advice.index("CONVERSATION_API_BASE_URL") < error.advice.index("CONVERSATION_API_KEY")


@pytest.mark.parametrize("status", [200, 402, 403])
@pytest.mark.parametrize(
    "code", ["INVALID_API_KEY", "ACCOUNT_INACTIVE", "INSUFFICIENT_CREDITS", "PLAN_LIMIT", "", None]
)
def test_only_the_apis_own_codes_concern_the_whole_account(status: int, code: str | None) -> None:
    """A status alone may concern one conversation, or come from something in between."""
    if code is None and status == 200:
        return
    error = judged(status, None if code is None else refused(code)).error
    assert error.concerns_account is (code in ("INVALID_API_KEY", "ACCOUNT_INACTIVE", "INSUFFICIENT_CREDITS"))


@pytest.mark.parametrize(
    "document",
    [
        {"success": False, "error": {"code": "INVALID_PARAMS", "message": "count"}},
        {"error": {"code": "INVALID_PARAMS", "message": "count"}},
        {"error": "INVALID_PARAMS", "message": "count"},
        {"success": False, "code": "INVALID_PARAMS", "message": "count"},
    ],
)
def test_an_error_is_read_in_any_of_its_likely_forms(document: object) -> None:
    """The form is documented publicly, but not guaranteed."""
    assert find_refusal(400, document) == Refusal(400, "INVALID_PARAMS", "count", words="INVALID_PARAMS: count")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"error": "Too many accounts"}, "Too many accounts"),
        ({"error": "plan_limit"}, "plan_limit"),
        ({"error": "Bad request", "message": "No count."}, "No count."),
        (refused("plan_limit", "Upgrade first."), "plan_limit: Upgrade first."),
        ({"success": False, "error": {"code": 4021, "message": "Upgrade"}}, "4021: Upgrade"),
        ({"success": False, "error": {"message": ["count", "cursor"]}}, "['count', 'cursor']"),
        ({"success": False, "error": ["Upgrade first."]}, "['Upgrade first.']"),
        ({"success": False, "errors": [{"field": "count"}]}, "[{'field': 'count'}]"),
    ],
)
def test_the_apis_words_are_quoted_as_it_wrote_them(document: object, words: str) -> None:
    """Whatever their form; double quotes inside a quotation become single ones."""
    assert f'in its words: "{words}"' in judged(400, document).error.what


@pytest.mark.parametrize(
    ("wait_s", "words"), [(1.2, "another 1 second."), (2, "another 2 seconds."), (None, "for now.")]
)
def test_how_long_a_limit_lasts_is_stated_if_known(wait_s: float | None, words: str) -> None:
    """One second is singular."""
    assert judged(429, None, retry_after_s=wait_s).error.what.endswith(words)


@pytest.mark.parametrize(
    "document",
    [
        {"success": False},
        {"success": False, "error": None, "data": {}},
        {"success": False, "error": {"code": True, "message": []}},
        {"success": False, "error": []},
    ],
)
def test_a_refusal_needs_neither_code_nor_message(document: object) -> None:
    """`success: false` is enough."""
    assert find_refusal(200, document) == Refusal(200, "", "")


@pytest.mark.parametrize("document", [{"success": True, "data": {}}, {"data": {}, "error": {}}, {}, [], None, "x"])
def test_a_success_is_no_refusal(document: object) -> None:
    """Even an odd one: `read_page` decides whether it is usable."""
    assert find_refusal(200, document) is None


@pytest.mark.parametrize("status", [300, 301, 308, 399])
def test_the_error_of_a_redirect_says_that_it_is_one(status: int) -> None:
    """Even with a page for a body."""
    error = judged(status, {"success": True, "data": {"messages": []}}).error
    assert "redirects elsewhere" in error.what
    assert "CONVERSATION_API_BASE_URL" in error.advice


@pytest.mark.parametrize("status", [200, 201, 299])
def test_any_success_may_hold_a_page(status: int) -> None:
    """The documentation does not say which status a success has."""
    assert find_refusal(status, {"success": True, "data": {"messages": []}}) is None


def test_words_of_just_200_characters_are_quoted_whole() -> None:
    """An ellipsis is added only where text was cut."""
    assert f'"{"x" * 200}"' in judged(400, refused("INVALID_PARAMS", "x" * 200)).error.what
    assert f'"{"x" * 199}…"' in judged(400, refused("INVALID_PARAMS", "x" * 201)).error.what


def test_the_apis_own_words_are_quoted_for_a_rejected_request() -> None:
    """They are put on one line, cut to 200 characters, and cannot end their own quotation."""
    long = 'conversation_id\u202e is "not"\nvalid' + " x" * 200
    what = judged(400, refused("INVALID_PARAMS", long)).error.what
    assert what.startswith('The API rejected the request, in its words: "conversation_id')
    assert what.endswith('…".')
    assert what.count('"') == 2
    assert "\n" not in what
    assert len(what) <= 200 + len('The API rejected the request, in its words: "".')


def test_an_advice_for_an_unknown_person_is_given() -> None:
    """The API has no code for an unknown person, so every rejected request may mean that."""
    error = judged(400, refused("INVALID_PARAMS", "profile not found")).error
    assert error.explain() == (
        'request_rejected: The API rejected the request, in its words: "profile not found". '
        "Check the conversation_id or profile_url: is it spelt right, and is there a conversation with that person? "
        "Credits spent: 0."
    )


@pytest.mark.parametrize("secret", [KEY, KEY.lower(), "AQx9"])
def test_words_that_hold_a_secret_are_left_out(secret: str) -> None:
    """Neither the key nor a cursor is repeated, in any case, in any context."""
    error = judged(400, refused("INVALID_PARAMS", f"key {secret} is for another account")).error
    assert error.what == "The API rejected the request."
    error = judged(403, refused("SOMETHING_ELSE", f"key {secret} is for another account")).error
    assert error.what == "The API refused the request (HTTP 403)."
    assert judged(403, refused(f"NOT_{secret}")).error.what == error.what


def test_an_error_that_asks_to_wait_says_how_long() -> None:
    """In its sentence and as an attribute."""
    error = judged(429, None, retry_after_s=90).error
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 90
    assert error.what == "The API accepts no more requests for now, for another 90 seconds."


def test_what_a_refusal_says_it_cost_is_kept() -> None:
    """The documentation says that errors are free; the reported price counts."""
    document = {**refused("INTERNAL_ERROR"), "metadata": {"credits_consumed": 3}}
    assert judged(500, document).credits == 3
