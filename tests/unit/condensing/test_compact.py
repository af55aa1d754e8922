"""Long links and runs of blank lines are shortened, and links can be put back."""

import pytest

from mcp_server.condensing.compact import Compact, compact, restore
from mcp_server.condensing.sentences import CUT, Span, sentences
from mcp_server.transcript.budget import MAX_CHARS
from tests.support.conversations import message

LONG = "https://shop.example.com/catalogue/2026/spring/loggers/cold-chain/TX-400?utm_source=mail&utm_campaign=abcdef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"See {LONG} please", "See https://shop.example.com/[..]/TX-400 please"),
        ("https://example.com/short/one", "https://example.com/short/one"),
        (f"https://example.com/{'?x=1&' * 20}", "https://example.com/[..]"),
        (f"https://example.com/{'a-b_c/' * 9}quote.pdf/#page=2", "https://example.com/[..]/quote.pdf"),
        (f"https://example.com/{'x' * 90}", f"https://example.com/[..]/{'x' * 40}"),
        (f"https://example.com/{'y/' * 40}ab", "https://example.com/[..]"),
        (f"会议链接{LONG}，密码是1234", "会议链接https://shop.example.com/[..]/TX-400，密码是1234"),
        (f"{LONG} or {LONG}2", "https://shop.example.com/[..]/TX-400 or https://shop.example.com/[..]/TX-400"),
        ("a\n\n\n \n\nb", "a\n\nb"),
        ("a\n\nb\nc", "a\n\nb\nc"),
    ],
)
def test_only_what_is_long_is_shortened(text: str, expected: str) -> None:
    """Host and end of a link stay, a single blank line too; the links that were cut are kept to be put back."""
    found = compact(message(0, text))
    assert found.message.text == expected
    assert found.text_with_links == (text if "://" in text else expected)
    assert compact(found.message) == Compact(found.message)


@pytest.mark.parametrize("which", [(), (0,), (1,), (0, 1)])
def test_links_are_put_back_one_by_one_and_sentences_move_with_them(which: tuple[int, ...]) -> None:
    """A sentence holds the same words as before, and its links."""
    text = f"Two links. The first: {LONG}1 is old. Take {LONG}2 instead! Thanks."
    found = compact(message(0, text))
    spans = sentences(found.message.text)
    restored, moved = restore(found.message.text, spans, [found.links[at] for at in which])
    assert [restored[start:end].replace(f"{LONG}1", "A").replace(f"{LONG}2", "B") for start, end in moved] == [
        "Two links.",
        f"The first: {'A' if 0 in which else 'https://shop.example.com/[..]/TX-400'} is old.",
        f"Take {'B' if 1 in which else 'https://shop.example.com/[..]/TX-400'} instead!",
        "Thanks.",
    ]


def test_a_link_that_a_sentence_ends_in_belongs_to_that_sentence() -> None:
    """As a whole: none of it is in the next one."""
    found = compact(message(0, f"See {LONG} please"))
    (link,) = found.links
    middle = link.start + 3
    restored, moved = restore(found.message.text, [Span(0, middle), Span(middle, len(found.message.text))], [link])
    assert [restored[start:end] for start, end in moved] == [f"See {LONG}", " please"]


def test_work_grows_with_what_an_answer_can_hold_and_not_with_what_was_sent() -> None:
    """Of a message too long for any answer, only the beginning is compared with others, whatever its length."""
    long, giant = (compact(message(0, "one word and another. " * number)).message for number in (5_000, 200_000))
    assert len(giant.text) == len(long.text) < 1.2 * MAX_CHARS
    assert giant.text.endswith(f" {CUT}")
    assert compact(message(0, "short")).message == message(0, "short")
