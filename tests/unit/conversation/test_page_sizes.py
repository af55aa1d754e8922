"""The size of requests: larger while the API is fast, smaller when it is slow, within what it accepts."""

import pytest

from mcp_server.conversation.page_sizes import LONG_S, PageSizes


def read(sizes: PageSizes, *, total: int, fixed_s: float, per_message_s: float, most: int = 10_000) -> list[float]:
    """The times of the pages of a walk over `total` messages, from an API that gives `most` at once."""
    times: list[float] = []
    while total:
        requested = min(total, sizes.size)
        delivered = min(requested, most)
        total -= delivered
        times.append(fixed_s + per_message_s * delivered)
        sizes.learn(requested=requested, delivered=delivered, is_last=not total, elapsed_s=times[-1])
    return times


@pytest.mark.parametrize(("most", "pages"), [(10_000, 3), (100, 11), (50, 20)])
def test_a_fast_api_is_asked_for_ever_larger_pages(most: int, pages: int) -> None:
    """300 ms per request and 2 ms per message: 1,000 messages in few requests, whatever the API gives at most."""
    assert (
        len(read(PageSizes(first=50, largest=1000), total=1000, fixed_s=0.3, per_message_s=0.002, most=most)) == pages
    )


@pytest.mark.parametrize("per_message_s", [0.02, 0.07, 0.15])
def test_no_page_of_a_slow_api_takes_long_after_the_first(per_message_s: float) -> None:
    """What a message takes is known from the page before."""
    times = read(PageSizes(first=50, largest=1000), total=2000, fixed_s=0.3, per_message_s=per_message_s)
    assert max(times[1:]) <= LONG_S


def test_a_page_that_took_long_is_followed_by_smaller_ones() -> None:
    """And by larger ones when the API has become fast again."""
    sizes = PageSizes(first=50, largest=1000)
    sizes.learn(requested=50, delivered=50, is_last=False, elapsed_s=9.0)
    assert sizes.size == 25
    sizes.learn(requested=25, delivered=25, is_last=False, elapsed_s=5.0)
    assert sizes.size == 25
    sizes.learn(requested=25, delivered=25, is_last=False, elapsed_s=0.5)
    assert sizes.size == 100


def test_a_refused_size_is_halved_until_it_is_one_that_was_accepted() -> None:
    """Whatever else may be wrong with a request is not its size."""
    sizes = PageSizes(first=50, largest=1000)
    assert not sizes.refuse(50)
    sizes.learn(requested=50, delivered=50, is_last=False, elapsed_s=0.1)
    assert (sizes.refuse(200), sizes.size) == (True, 100)
    assert (sizes.refuse(100), sizes.size) == (True, 50)
    assert not sizes.refuse(50)
    sizes.learn(requested=50, delivered=50, is_last=False, elapsed_s=0.1)
    assert sizes.size == 50


def test_a_short_last_page_shows_no_maximum() -> None:
    """Nor does an empty page, or one that lacks a few messages."""
    sizes = PageSizes(first=50, largest=1000)
    sizes.learn(requested=50, delivered=3, is_last=True, elapsed_s=0.1)
    sizes.learn(requested=50, delivered=0, is_last=False, elapsed_s=0.1)
    sizes.learn(requested=50, delivered=48, is_last=False, elapsed_s=5.0)
    assert sizes.size == 50


def test_an_api_that_gives_less_than_the_first_size_is_asked_for_that() -> None:
    sizes = PageSizes(first=50, largest=1000)
    sizes.learn(requested=50, delivered=20, is_last=False, elapsed_s=0.1)
    assert (sizes.size, sizes.first) == (20, 20)


def test_a_request_fits_into_the_time_that_is_left() -> None:
    """Half of it, as expected from the page before; but never less than the first size."""
    sizes = PageSizes(first=50, largest=1000)
    assert sizes.limit(1.0) == 50
    sizes.learn(requested=50, delivered=50, is_last=False, elapsed_s=0.5)
    assert [sizes.limit(remaining_s) for remaining_s in (45.0, 3.0, 0.1)] == [200, 150, 50]


def test_the_largest_size_may_be_smaller_than_the_first() -> None:
    assert PageSizes(first=50, largest=20).size == 20


def test_an_answer_that_takes_no_time_at_all_is_followed_by_a_larger_one() -> None:
    """As from a clock that stands still."""
    sizes = PageSizes(first=50, largest=1000)
    sizes.learn(requested=50, delivered=50, is_last=False, elapsed_s=0.0)
    assert sizes.size == 200
