"""Whether a failed attempt is retried, and after what delay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.errors import UpstreamFailed
from mcp_server.upstream.retry import (
    BACKOFF_BASE_S,
    LEAST_ATTEMPT_S,
    MAX_RETRIES,
    MAX_RETRY_AFTER_S,
    Cost,
    Failure,
    RetryBudget,
    cost_of_status,
    next_delay_s,
    parse_retry_after,
)

NOW_S = 1_777_147_200.0  # 2026-04-25 20:00:00 UTC


def delay(
    cost: Cost,
    *earlier: Cost,
    retry_after_s: float | None = None,
    remaining_s: float = 45.0,
    draw: float = 0.5,
) -> float | None:
    failure = Failure(UpstreamFailed("It failed."), cost, retry_after_s)
    return next_delay_s(failure, earlier=earlier, remaining_s=remaining_s, draw=draw)


def test_a_free_failure_is_retried_twice() -> None:
    """The backoff doubles."""
    assert delay(Cost.FREE) == 0.5 * BACKOFF_BASE_S
    assert delay(Cost.FREE, Cost.FREE) == 0.5 * BACKOFF_BASE_S * 2
    assert delay(Cost.FREE, Cost.FREE, Cost.FREE) is None


def test_a_failure_that_may_have_been_billed_is_retried_once() -> None:
    """There is at most one such retry per request, whatever other failures happen in between."""
    assert delay(Cost.AMBIGUOUS) is not None
    assert delay(Cost.AMBIGUOUS, Cost.AMBIGUOUS) is None
    assert delay(Cost.AMBIGUOUS, Cost.FREE) is not None
    assert delay(Cost.AMBIGUOUS, Cost.FREE, Cost.FREE) is None


def test_a_stale_connection_is_replaced_once_and_counts_for_nothing_else() -> None:
    """There is no delay, and the other retries remain."""
    assert delay(Cost.STALE) == 0
    assert delay(Cost.STALE, Cost.STALE) is None
    assert delay(Cost.FREE, Cost.STALE, Cost.FREE) is not None


@pytest.mark.parametrize("cost", [Cost.FINAL, Cost.LOST])
def test_a_permanent_failure_is_not_retried(cost: Cost) -> None:
    """Even where the answer has a Retry-After header."""
    assert delay(cost, retry_after_s=0.1) is None


def test_retry_after_is_respected_with_a_little_jitter() -> None:
    """No retry is early, and callers do not retry all at once."""
    assert delay(Cost.FREE, retry_after_s=10, draw=0) == 10
    assert delay(Cost.FREE, retry_after_s=10, draw=1) == 11


def test_there_is_no_retry_where_the_deadline_leaves_no_time_for_an_answer() -> None:
    """The delay and the shortest useful attempt must both fit."""
    assert delay(Cost.FREE, retry_after_s=10, draw=0, remaining_s=10 + LEAST_ATTEMPT_S) == 10
    assert delay(Cost.FREE, retry_after_s=10, draw=0, remaining_s=9.9 + LEAST_ATTEMPT_S) is None
    assert delay(Cost.AMBIGUOUS, draw=0, remaining_s=LEAST_ATTEMPT_S / 2) is None


@given(
    st.lists(st.sampled_from(Cost), min_size=1, max_size=12),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.floats(0.001, MAX_RETRY_AFTER_S),
    st.floats(0, 60),
)
def test_no_sequence_of_failures_asks_for_more_than_it_may(
    costs: list[Cost], draw: float, retry_after_s: float | None, remaining_s: float
) -> None:
    """Two retries, one of them in doubt, and one stale connection: five requests at the very most."""
    made: list[Cost] = []
    for cost in costs:
        delay_s = delay(cost, *made, retry_after_s=retry_after_s, remaining_s=remaining_s, draw=draw)
        if delay_s is None:
            break
        assert 0 <= delay_s <= remaining_s
        made.append(cost)
    assert made.count(Cost.STALE) <= 1
    assert made.count(Cost.AMBIGUOUS) <= 1
    assert len(made) <= MAX_RETRIES + 1


@pytest.mark.parametrize(
    ("status", "cost"),
    [
        (400, Cost.FINAL),
        (404, Cost.FINAL),
        (408, Cost.FINAL),
        (302, Cost.FINAL),
        (429, Cost.FREE),
        (500, Cost.FREE),
        (503, Cost.FREE),
        (502, Cost.AMBIGUOUS),
        (504, Cost.AMBIGUOUS),
        (520, Cost.AMBIGUOUS),
    ],
)
def test_a_status_says_what_an_attempt_may_have_cost(status: int, cost: Cost) -> None:
    """Gateways cannot know whether the API behind them has billed."""
    assert cost_of_status(status) is cost
    assert cost.maybe_billed is (cost is Cost.AMBIGUOUS)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1", 1.0),
        (" 2.5 ", 2.5),
        ("3600", 3600.0),
        ("999999999999", MAX_RETRY_AFTER_S),
        ("Sat, 25 Apr 2026 20:00:30 GMT", 30.0),
        ("Sat, 25 Apr 2026 20:00:30 -0000", 30.0),
        ("Sat, 25 Apr 2026 22:00:30 +0200", 30.0),
        ("Thu, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_S),
        ("Sat, 25 Apr 2026 19:59:30 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", None),
        ("0", None),
        ("-1", None),
        ("1e3", None),
        ("inf", None),
        ("١", None),
        ("tomorrow", None),
        ("1" * 65, None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(header: str | None, seconds: float | None) -> None:
    """A number of seconds or a date; anything else means plain backoff."""
    assert parse_retry_after(header, now_s=NOW_S) == seconds


@given(
    st.text(max_size=80) | st.from_regex(r"\w{3}, \d\d? \w{3} \d{1,5} \d\d:\d\d:\d\d (GMT|[+-]\d{4})", fullmatch=True)
)
def test_any_retry_after_header_gives_a_sensible_wait_or_none(header: str) -> None:
    """Whatever a server sends, a wait is sensible or none."""
    seconds = parse_retry_after(header, now_s=NOW_S)
    assert seconds is None or 0 < seconds <= MAX_RETRY_AFTER_S


def test_a_lone_caller_gets_its_retries() -> None:
    """The budget is for load, not for the first failure of the day."""
    budget = RetryBudget(allowance=3)
    budget.note_call(0)
    assert [budget.take_retry(0) for _ in range(4)] == [True, True, True, False]


def test_under_load_a_tenth_of_the_calls_may_be_retried() -> None:
    """Beyond the allowance, retries grow with the calls, never faster."""
    budget = RetryBudget(allowance=3)
    granted = 0
    for moment in range(1000):
        budget.note_call(moment / 1000)
        granted += budget.take_retry(moment / 1000)
    assert granted == 100


def test_retries_and_calls_before_the_window_no_longer_count() -> None:
    """What happened before the window counts no more, on either side."""
    budget = RetryBudget(allowance=1, window_s=10)
    for _ in range(100):
        budget.note_call(0)
    assert [budget.take_retry(1) for _ in range(11)] == [True] * 10 + [False]
    assert [budget.take_retry(11) for _ in range(2)] == [True, False]


def test_by_default_ten_retries_are_granted_in_any_ten_seconds() -> None:
    """Enough for a few callers at once, and few enough to leave a failing API alone."""
    budget = RetryBudget()
    budget.note_call(0)
    assert [budget.take_retry(0) for _ in range(11)] == [True] * 10 + [False]
    assert not budget.take_retry(9.9)
    assert budget.take_retry(10)


def test_the_waits_and_prices_of_retries_are_the_documented_ones() -> None:
    """Half a second to begin with, a day at most, a second left for an attempt; a failure costs nothing by itself."""
    assert (BACKOFF_BASE_S, MAX_RETRY_AFTER_S, LEAST_ATTEMPT_S) == (0.5, 86_400, 1)
    assert Failure(UpstreamFailed("It failed."), Cost.FREE).credits == 0
    assert [cost.value for cost in Cost] == ["free", "ambiguous", "stale", "lost", "final"]


def test_a_header_of_64_characters_is_the_longest_that_is_read() -> None:
    """A date takes 29; white space around it does not count."""
    assert parse_retry_after(" " * 200 + "7", now_s=NOW_S) == 7
    date = "Sat, 25 Apr 2026 20:00:02 GMT"
    assert parse_retry_after(f"{date} ({'x' * 32})", now_s=NOW_S) == parse_retry_after(date, now_s=NOW_S)
    assert parse_retry_after(f"{date} ({'x' * 33})", now_s=NOW_S) is None
