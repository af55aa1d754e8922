"""Whole messages while they fit, and one that never fits in parts that can be put together again."""

import json
from collections.abc import Callable

import pytest
import regex

from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.models import Message, Participant, Reading
from mcp_server.errors import InvalidArguments
from mcp_server.transcript.budget import MAX_CHARS
from mcp_server.transcript.grammar import Line, Speaker
from mcp_server.transcript.parse import parse
from mcp_server.transcript.verbatim import fits_whole, is_full, longest_prefix, verbatim
from mcp_server.transcript.window import Continuation
from tests.support.answers import CharacterCounter, builder, said
from tests.support.conversations import JANE, JOHN, sizes

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇪🇺"
MARKED = "e\u0301\u0323\u0307"
CHINESE_NAME = Participant("in/li", "龘靐齉" * 26, "in/" + "%E9%BE%98" * 22)
ARABIC_NAME = Participant("in/ab", "ﷺ" * 79, "in/" + "%EF%B7%BA" * 22)


def lines_of(reading: Reading) -> list[Line]:
    """The messages of an answer."""
    return [entry for entry in parse(reading.text).entries if isinstance(entry, Line)]


def parts_of(message: Message, *, max_tokens: int) -> list[Line]:
    """What a walk over one message shows, answer by answer."""
    parts: list[Line] = []
    offset = 0
    while True:
        answers = builder([message], max_tokens=max_tokens, offset=offset)
        reading = verbatim(answers)
        assert max(sizes(reading)) <= max_tokens
        (part,) = lines_of(reading)
        parts.append(part)
        if reading.next_cursor is None:
            return parts
        assert part.part is not None
        assert reading.next_cursor == f"AQx0-{part.part.end}"
        offset = part.part.end


def test_as_many_of_the_newest_messages_as_fit_are_shown_whole() -> None:
    """One more would be too much, and the cursor resumes at exactly that one."""
    messages = [
        said(f"2026-04-{day:02}T09:00Z", (JANE, JOHN)[day % 2], f"the news of day {day}") for day in range(1, 31)
    ]
    answers = builder(messages, max_tokens=300)
    reading = verbatim(answers)
    shown = lines_of(reading)
    assert 3 < len(shown) < 30
    assert [line.text for line in shown] == [message.text for message in messages[-len(shown) :]]
    assert reading.next_cursor == f"AQx{len(shown)}-0"
    assert reading.structured["covered"] == len(shown)
    assert max(sizes(reading)) <= 300
    assert answers.answer(answers.layout.items(len(shown) + 1), covered=len(shown) + 1) is None


@pytest.mark.parametrize("max_tokens", [200, 4000])
def test_what_is_full_is_known_before_anything_is_written(max_tokens: int) -> None:
    """By the lines alone while they are few or too many, else together with what an answer says of itself."""
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    messages = [said(f"{day}T09:00Z", text=f"the news of {day}") for day in days]
    full = []
    for count in range(1, len(messages), 1 if max_tokens == 200 else 13):
        answers = builder(messages[:count], max_tokens=max_tokens)
        full.append(is_full(answers))
        assert (fits_whole(answers) is None) is full[-1]
    assert not full[0]
    assert full[-1]


def test_everything_is_shown_when_everything_fits() -> None:
    """And whether it does can be asked beforehand."""
    messages = [said(f"2026-04-{day:02}T09:00Z") for day in range(1, 31)]
    assert verbatim(builder(messages)) == fits_whole(builder(messages))
    assert fits_whole(builder(messages, max_tokens=200)) is None
    assert fits_whole(builder([])) == verbatim(builder([]))


@pytest.mark.parametrize("grapheme", [FAMILY, FLAG, MARKED, "क्षि", "각", "龘"])
@pytest.mark.parametrize("max_tokens", [200, 450])
def test_a_message_too_long_goes_in_parts_cut_between_graphemes(grapheme: str, max_tokens: int) -> None:
    """No family, flag, accent or syllable is torn, and the parts put together are the message."""
    text = grapheme * 700
    parts = parts_of(said("2026-04-20T09:00Z", text=text), max_tokens=max_tokens)
    assert len(parts) > 1
    assert "".join(part.text for part in parts) == text
    for part in parts:
        assert part.part is not None
        assert (part.part.end - part.part.start + 1, part.part.total) == (len(part.text), len(text))
        assert regex.findall(r"\X", part.text) == [grapheme] * (len(part.text) // len(grapheme))


def test_parts_end_with_words_where_words_end() -> None:
    """Lines and words stay whole, and no part is much shorter than the budget allows."""
    text = " ".join(f"word{number}" + "\n" * (number % 7 == 0) for number in range(1000, 4000))
    parts = parts_of(said("2026-04-20T09:00Z", text=text), max_tokens=500)
    assert "".join(part.text for part in parts) == text
    assert {part.text[-1] for part in parts[:-1]} <= {" ", "\n"}
    assert min(len(part.text) for part in parts[:-1]) > 0.9 * max(len(part.text) for part in parts)


def test_a_part_of_a_message_fills_the_budget_to_a_few_words() -> None:
    """To within a few words."""
    answers = builder([said("2026-04-20T09:00Z", text="so it goes on and on " * 5000)], max_tokens=4000)
    assert 3900 <= max(sizes(verbatim(answers))) <= 4000


def test_pictographs_joined_without_end_do_not_block_the_way() -> None:
    """They are one grapheme, and nobody could read past it if it were never cut."""
    text = clean("👩" + "\u200d👩" * 1500)
    assert regex.fullmatch(r"\X", text)
    parts = parts_of(said("2026-04-20T09:00Z", text=text), max_tokens=400)
    assert "".join(part.text for part in parts) == text


def test_the_last_part_says_that_it_is_one() -> None:
    """It fits, but does not begin at the beginning; what is older follows it as usual."""
    messages = [said("2026-04-20T09:00Z", text="older"), said("2026-04-20T09:01Z", text="0123456789")]
    reading = verbatim(builder(messages, offset=4))
    assert reading.text.split("\n")[3:] == ["09:00 > older", ">[characters 5-10 of 10] 456789", "No older messages."]


def test_no_part_of_a_message_exceeds_the_characters_that_clients_accept() -> None:
    """Where a token holds many characters, and where JSON needs two for one."""
    for text in ("a" + " " * 80_000, "a" + " \n\n\n\n\n\n\n" * 10_000):
        reading = verbatim(builder([said("2026-04-20T09:00Z", text=text)], max_tokens=200_000))
        (line,) = lines_of(reading)
        assert line.part is not None
        as_json = json.dumps(reading.structured, ensure_ascii=False, separators=(",", ":"))
        assert 0.95 * MAX_CHARS < max(len(reading.text), len(as_json)) <= MAX_CHARS


def test_a_message_that_can_never_fit_is_not_counted() -> None:
    """A megabyte further back costs nobody anything: what is newer is shown, and the cursor leads there."""
    tokens = CharacterCounter()
    messages = [said("2026-04-20T09:00Z", text="x" * 1_000_000), said("2026-04-20T09:01Z", text="newest")]
    reading = verbatim(builder(messages, max_tokens=20_000, tokens=tokens))
    assert [line.text for line in lines_of(reading)] == ["newest"]
    assert reading.next_cursor == "AQx1-0"
    assert max(len(text) for text in tokens.counted) < 1000


def test_long_names_are_cut_before_the_words_of_a_message() -> None:
    """With two names as long as names can be, a small budget shows less of them and a message all the same."""
    messages = [said("2026-04-20T09:00Z", CHINESE_NAME, "yes"), said("2026-04-20T09:01Z", ARABIC_NAME, "no")]
    large = parse(verbatim(builder(messages, max_tokens=1000)).text)
    small = parse(verbatim(builder(messages, max_tokens=200)).text)
    assert large.speakers == (
        Speaker(">", ARABIC_NAME.name, ARABIC_NAME.profile),
        Speaker("<", CHINESE_NAME.name, CHINESE_NAME.profile),
    )
    assert [len(speaker.name) for speaker in small.speakers] in ([24, 24], [6, 6], [24], [6])
    assert small.speakers[0].profile is None
    assert small.entries


def test_the_legend_gives_way_before_a_part_becomes_too_short() -> None:
    """Rather than a few words under a long name, more of them under a short one."""
    message = said("2026-04-20T09:00Z", CHINESE_NAME, "word " * 1000)
    lengths: dict[int, list[int]] = {}
    for max_tokens in range(160, 640, 20):
        reading = verbatim(builder([message], max_tokens=max_tokens))
        (line,) = lines_of(reading)
        lengths.setdefault(len(parse(reading.text).speakers[0].name), []).append(len(line.text))
    assert list(lengths) == [6, 24, 78]
    assert min(lengths[24] + lengths[78]) >= 120


def test_the_smallest_accepted_budget_shows_at_least_one_character() -> None:
    """The smallest budget that is not refused is still a step on."""
    message = said("2026-04-20T09:00Z", JANE, "龘" * 1000)
    readings: list[Reading] = []
    for max_tokens in range(60, 140):
        try:
            readings.append(verbatim(builder([message], max_tokens=max_tokens)))
        except InvalidArguments:
            assert not readings
    assert [line.text for line in lines_of(readings[0])] == ["龘"]


@pytest.mark.parametrize(
    ("messages", "options"),
    [
        ([said("2026-04-20T09:00Z", text="x")], {"resume_at": lambda *_: Continuation("Qx7" * 400)}),
        ([said("2026-04-20T09:00Z", text="x" * 100)], {"max_tokens": 20}),
        ([said("2026-04-20T09:00Z", text="")], {"max_tokens": 20}),
        ([said("2026-04-20T09:00Z", text=FAMILY)], {"max_tokens": 40}),
        ([], {"max_tokens": 10}),
        ([], {"banner": "SANDBOX " * 300}),
    ],
)
def test_a_budget_that_holds_nothing_is_refused_in_words(messages: list[Message], options: dict[str, object]) -> None:
    """Nothing is shown over the budget, and nothing is shown torn."""
    with pytest.raises(InvalidArguments) as caught:
        verbatim(builder(messages, **{"max_tokens": 200, **options}))  # type: ignore[arg-type]  # by name
    assert caught.value.explain() == (
        "invalid_arguments: max_tokens is too small for this conversation. Call again with a larger one."
        " Credits spent: 0."
    )


def at_most(limit: int) -> Callable[[int], Reading | None]:
    """An attempt that holds so many characters, and tells by `tokens` how many it was given."""
    return lambda length: Reading("", {}, length, 0, None) if length <= limit else None


@pytest.mark.parametrize("limit", [1, 2, 3, 50, 500, 5000, 9998, 9999])
@pytest.mark.parametrize("tokens", [1, 100, 20_000])
def test_the_longest_beginning_is_found_from_anywhere(limit: int, tokens: int) -> None:
    """To a fiftieth of it, from whatever guess the search begins with, and never the whole."""
    found = longest_prefix("x" * 10_000, at_most(limit), least=1, tokens=tokens)
    assert found is not None
    assert limit - 1 - limit // 50 <= found.tokens <= limit


def test_no_prefix_is_found_where_none_fits() -> None:
    """No beginning, or none of the least length; one grapheme has no beginning at all."""
    assert longest_prefix("x" * 100, at_most(0), least=1, tokens=100) is None
    assert longest_prefix("x" * 100, at_most(50), least=60, tokens=100) is None
    assert longest_prefix("", at_most(50), least=1, tokens=100) is None
    assert longest_prefix("x", at_most(50), least=1, tokens=100) is None
    assert longest_prefix(FAMILY, at_most(50), least=1, tokens=100) is None


def test_a_word_is_kept_whole_unless_that_fits_no_better() -> None:
    """The cut goes back to where a word ends, by forty characters at most, and only if that fits."""
    text = "x" * 60 + " " + "y" * 60
    near, far = (
        longest_prefix(text, at_most(90), least=1, tokens=100),
        longest_prefix(text, at_most(110), least=1, tokens=100),
    )
    assert near is not None
    assert far is not None
    assert near.tokens == 61
    assert far.tokens > 101
    odd = longest_prefix(text, lambda length: at_most(90)(length) if length != 61 else None, least=1, tokens=100)
    assert odd is not None
    assert odd.tokens > 61
