"""Sentences in several scripts, and messages shortened to some of them."""

from itertools import pairwise

import pytest

from mcp_server.condensing.sentences import CUT, MAX_SENTENCE_CHARS, MAX_SENTENCES, sentences, shorten


def split(text: str) -> list[str]:
    """The sentences of a text, as they stand."""
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["One thing.", "Another thing!", "A third?"],
        ["Sehr gut…", "Bis Montag."],
        ["¿Puedes venir?", "¡Claro!", "A las 10.30 entonces."],
        ['He said "no."', "Then he left."],
        ["Really?!", "(Yes.)", "Good..."],
        ["हाँ।", "मैं आऊँगा।"],
        ["هل تأتي غدا؟", "نعم، سآتي."],
        ["no stop at the end", "nor here"],
    ],
)
@pytest.mark.parametrize("between", [" ", "\n"])
def test_sentences_end_at_their_marks(expected: list[str], between: str) -> None:
    """The marks of several scripts, with quotes and brackets behind them; where there is none, a new line ends one."""
    between = "\n" if expected[0].endswith("end") else between
    assert split(between.join(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Ask Dr. Meier about it.",
        "My friend J. Smith called.",
        "We need approx. ten of them.",
        "It is z.B. Montag möglich.",
        "Am 3. Mai um 10.30 Uhr.",
        "Version 2.5 is on example.com/a.b now",
        "Only one",
        "ไม่มีจุดในภาษาไทย",
    ],
)
def test_a_full_stop_inside_a_sentence_ends_nothing(text: str) -> None:
    """Titles, initials, numbers, addresses, and continuations in lower case."""
    assert split(text) == [text]


def test_full_stops_of_east_asian_scripts_need_no_space() -> None:
    """The next sentence stands directly behind."""
    assert split("明日行きます。何時ですか？三時です") == ["明日行きます。", "何時ですか？", "三時です"]
    assert split("「好。」我们走吧！") == ["「好。」", "我们走吧！"]


def test_a_new_line_ends_a_sentence_whatever_stands_before() -> None:
    """An initial at the end of a line is the end all the same; blank lines are no sentences."""
    assert split("Plan A.\nthen more\n\n\n  last ") == ["Plan A.", "then more", "last"]
    assert split("\n\n First.\n") == ["First."]


@pytest.mark.parametrize("text", ["", "   ", "\n \n"])
def test_a_blank_text_has_no_sentences(text: str) -> None:
    """Nor has an empty one."""
    assert sentences(text) == ()


def test_a_sentence_too_long_is_taken_apart_at_commas() -> None:
    """At the last comma that keeps a piece short, in any script's commas; the pieces put together are the text."""
    clause = "a clause of some words that goes on for a while, "
    found = split(clause * 20)
    assert all(len(piece) <= MAX_SENTENCE_CHARS for piece in found)
    assert all(piece.endswith(",") for piece in found)
    assert " ".join(found) == (clause * 20).strip()
    assert "".join(split("没有句号的长文本，" * 60)) == "没有句号的长文本，" * 60


def test_a_sentence_without_commas_is_taken_apart_at_spaces() -> None:
    """No word is torn, and one longer than a piece stands whole."""
    words = [f"word{number}" for number in range(200)]
    found = split(" ".join(words))
    assert all(len(piece) <= MAX_SENTENCE_CHARS for piece in found)
    assert " ".join(found).split() == words
    link = "https://example.com/" + "x" * 400
    assert split(f"{link} and then more words") == [link, "and then more words"]
    assert split(link) == [link]


def test_a_message_of_very_many_sentences_is_taken_in_larger_bites() -> None:
    """Still all of it, in order."""
    text = " ".join(f"Sentence number {number} here." for number in range(501))
    found = split(text)
    assert MAX_SENTENCES / 2 < len(found) <= MAX_SENTENCES
    assert " ".join(found) == text


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({0, 1, 2, 3}, "One.  Two.\nThree. Four."),
        ({0}, f"One. {CUT}"),
        ({3}, f"{CUT} Four."),
        ({0, 3}, f"One. {CUT} Four."),
        ({1, 2}, f"{CUT} Two.\nThree. {CUT}"),
        ({0, 2}, f"One. {CUT} Three. {CUT}"),
        ((), CUT),
    ],
)
def test_a_shortened_text_keeps_sentences_as_they_stood(kept: set[int], expected: str) -> None:
    """One cut for each stretch left out; what stood together stays as it was."""
    text = "One.  Two.\nThree. Four."
    assert shorten(text, sentences(text), kept) == expected


@pytest.mark.parametrize("unit", ["word ", "word, ", "? ", "Ab. ", " \n", "漢字", "a"])
def test_a_message_of_a_million_characters_is_cut_into_few_pieces(unit: str) -> None:
    """With or without punctuation; nothing is lost, and each place is looked at a bounded number of times."""
    text = f"x{unit * (1_000_000 // len(unit))}x"
    spans = sentences(text)
    assert len(spans) <= MAX_SENTENCES
    assert (spans[0].start, spans[-1].end) == (0, len(text))
    assert all(not text[before.end : after.start].strip() for before, after in pairwise(spans))
