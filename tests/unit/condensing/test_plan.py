"""Which messages a plan keeps: the newest, questions with answers, what bears on the focus; more in larger budgets."""

from collections.abc import Callable

from mcp_server.condensing.plan import Plan, condense
from mcp_server.condensing.selection import NEWEST_WITH_FOCUS
from mcp_server.conversation.models import Message
from tests.support.conversations import JANE, JOHN, message
from tests.support.corpora import corpus_of


class WordCosts:
    """A token a word, two for a line, one for a mark of what is left out. Implements `Costs`."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = messages

    def join(self, before: int | None, after: int | None) -> int:
        start = 0 if before is None else before + 1
        end = len(self._messages) if after is None else after
        return (end > start) + 2 * (after is not None)

    def whole(self, number: int) -> int:
        return max(1, len(self._messages[number].text.split()))

    def all_whole(self, pulse: Callable[[], None]) -> list[int]:
        return [self.whole(number) for number in range(len(self._messages))]

    def cut(self, number: int, text: str) -> int:
        return len(text.split())

    def added(self, short: str, long: str) -> int:
        return (len(long) - len(short)) // 10


def plan(texts: list[str], *, max_tokens: int = 1000, focus: str | None = None) -> Plan:
    """The plan for texts of Jane and John in turn."""
    messages = [message(number, text, sender=(JANE, JOHN)[number % 2]) for number, text in enumerate(texts)]
    return condense(corpus_of(messages), WordCosts(messages), max_tokens=max_tokens, focus=focus)


DULL = [f"this is about thing{number} of ours" for number in range(60)]


def test_the_newest_message_comes_first() -> None:
    """Nothing is kept where it alone is too long."""
    assert plan(DULL).select(9).whole == {59}
    assert plan(DULL).select(5).whole == frozenset()
    assert plan(DULL, max_tokens=5).select(5).cost == 0


def test_no_older_message_takes_the_place_of_a_newest_one_that_did_not_fit() -> None:
    """An emoji fits wherever something longer does not; alone it is no news."""
    found = plan([*DULL, "👏", " ".join(f"word{number}" for number in range(40)), "See you."])
    kept = [found.select(tokens).whole for tokens in range(1000)]
    assert any(61 in whole and len(whole) < 60 for whole in kept)
    assert all(61 in whole for whole in kept if 60 in whole)


def test_all_is_kept_where_all_fits() -> None:
    """Whole, at no more than it costs together."""
    found = plan(["Yes. No. Perhaps.", "", *DULL]).select(1000)
    assert found.whole == frozenset(range(62))
    assert not found.shortened
    assert found.cost <= 3 + 1 + 6 * 60 + 2 * 62


def test_with_a_focus_few_are_kept_for_being_the_newest() -> None:
    """What bears on it comes before the rest, wherever it stands."""
    texts = [*DULL[:20], "the landlord raised our rent", *DULL[21:]]
    found = plan(texts, focus="rent")
    assert found.focused
    assert found.select(45).whole >= {20, 59}
    assert found.select(300).whole >= {20, *range(60 - NEWEST_WITH_FOCUS, 60)}
    assert not plan(texts, focus="zebra").focused
    assert not plan(texts).focused


def test_of_a_long_message_the_sentences_that_bear_on_the_focus_are_kept() -> None:
    """What is left of it is marked."""
    long = " ".join([f"Filler sentence {number} says little at all." for number in range(30)])
    texts = [*DULL[:20], f"{long} The landlord raised our rent. {long}", *DULL[21:]]
    shortened = plan(texts, focus="landlord rent").select(70).shortened
    assert "The landlord raised our rent." in shortened[20]
    assert len(shortened[20]) < len(texts[20]) / 2


def test_what_was_said_before_tells_little_again() -> None:
    """Of the same message many times, few are kept before what is new."""
    texts = ["buy crypto coins today", *["buy crypto coins today"] * 8, "Ana moved to Lisbon", *DULL]
    assert 9 in plan(texts).select(120).whole


def test_a_message_so_full_that_its_worth_has_no_bounds_can_be_chosen() -> None:
    """Names in every token would be beyond what a float holds."""
    texts = ["we " + " ".join(f"Name{chr(97 + number % 26) * (number // 26 + 2)}" for number in range(80)), *DULL]
    assert 0 in plan(texts).select(400).whole
