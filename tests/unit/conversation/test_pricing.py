"""The price of messages, learned from charges, and what a limit of credits allows at that price."""

import pytest

from mcp_server.conversation.pricing import Pricing


def pricing(*charges: tuple[int, int]) -> Pricing:
    """After pages of so many messages, each with its credits."""
    learned = Pricing()
    for messages, credits in charges:
        learned.learn(messages=messages, credits=credits)
    return learned


@pytest.mark.parametrize(("credits", "affordable"), [(1, 10), (5, 10), (120, 120)])
def test_one_unit_or_a_message_per_credit_is_affordable_while_the_price_is_unknown(
    credits: int, affordable: int
) -> None:
    """The API states a price only in a response, and may charge for each message."""
    assert pricing().affordable(credits, first=True) == affordable


def test_the_end_of_a_conversation_shows_no_price_of_one_unit() -> None:
    """Three messages for a credit are all there were; but three credits for them are another price."""
    learned = pricing()
    learned.learn(messages=3, credits=1, is_last=True)
    assert (learned.affordable(5, first=True), learned.is_known) == (10, False)
    learned.learn(messages=3, credits=3, is_last=True)
    assert (learned.affordable(5, first=True), learned.is_known) == (5, True)


def test_a_part_of_a_unit_shows_what_is_safe() -> None:
    """One message for a credit may be the price of every message."""
    assert pricing((1, 1)).affordable(1, first=True) == 1
    assert pricing((3, 1)).affordable(2, first=False) == 6


@pytest.mark.parametrize("credits", [1, 3])
def test_a_credit_pays_for_a_unit_once_a_full_one_was_charged_so(credits: int) -> None:
    assert pricing((10, 1)).affordable(credits, first=False) == 10 * credits
    assert pricing((10, 1), (3, 1)).affordable(credits, first=True) == 10 * credits


@pytest.mark.parametrize(("charge", "affordable"), [((10, 10), 3), ((10, 5), 6), ((50, 1), 150), ((5, 1), 15)])
def test_other_prices_are_those_of_the_last_charge(charge: tuple[int, int], affordable: int) -> None:
    """A message a credit, two messages, one credit per request, and a page that may have been cut at five messages."""
    assert pricing(charge).affordable(3, first=False) == affordable


def test_pages_that_are_free_or_empty_show_no_price() -> None:
    assert pricing((10, 1), (40, 0), (0, 7)).affordable(2, first=False) == 20


def test_without_credits_nothing_is_affordable() -> None:
    """Nor with fewer than none, as after a page that cost more than expected."""
    assert [pricing((10, 1)).affordable(credits, first=True) for credits in (0, -4)] == [0, 0]


def test_the_first_request_of_a_call_is_for_one_message_at_least() -> None:
    """At a price of 10 credits per message the limit allows none; but then no call could read anything."""
    dear = pricing((1, 10))
    assert (dear.affordable(3, first=True), dear.affordable(3, first=False)) == (1, 0)


@pytest.mark.parametrize(("messages", "filled"), [(1, 10), (10, 10), (11, 20), (49, 50), (60, 50)])
def test_a_request_is_filled_up_to_whole_units(messages: int, filled: int) -> None:
    """They are paid for anyway; never beyond the largest page."""
    assert pricing().filled(messages, page_size=50) == filled


@pytest.mark.parametrize(("page_size", "filled"), [(33, 30), (9, 9), (10, 10)])
def test_the_largest_page_is_one_of_whole_units(page_size: int, filled: int) -> None:
    """Where it is not smaller than one unit."""
    assert pricing().filled(60, page_size=page_size) == filled


def test_nothing_is_filled_up_once_the_api_charges_for_every_message() -> None:
    """One request shows it; a full unit at the usual price takes it back."""
    assert pricing((10, 10)).filled(3, page_size=50) == 3
    assert pricing((10, 10), (10, 1)).filled(3, page_size=50) == 10
    assert pricing((10, 10), (1, 1)).filled(3, page_size=50) == 3


def test_a_large_page_is_requested_once_each_request_costs_the_same() -> None:
    """But not all that an API may give."""
    assert pricing((50, 1)).filled(3, page_size=50) == 50
    assert pricing((50, 1)).filled(3, page_size=1000) == 50
    assert pricing((50, 1)).filled(700, page_size=1000) == 700


@pytest.mark.parametrize(("charge", "price"), [((10, 1), 5), ((10, 10), 41), ((50, 1), 1), ((10, 5), 21)])
def test_the_price_of_messages_is_known_from_the_last_charge(charge: tuple[int, int], price: int) -> None:
    assert pricing(charge).credits_for(41) == price
    assert pricing().credits_for(41) == 5
