"""The questions of benchmarks/reading: enough of them, answered by how they were made, in both orders."""

from collections import Counter
from functools import lru_cache

import pytest

from benchmarks.reading.formats import FORMATS
from benchmarks.reading.plan import OPEN, Work, plan
from benchmarks.reading.questions import Question, quote
from benchmarks.reading.windows import Window, first_name, printed, verbatim_windows
from mcp_server.transcript.grammar import End


@lru_cache(maxsize=1)
def works() -> list[Work]:
    return list(plan())


def asked(format_: str = "marks", group: str = "main") -> list[tuple[Window, Question]]:
    return [
        (work.window, question)
        for work in works()
        if work.group == group and work.format == format_
        for question in work.questions
    ]


def quoted(window: Window, stem: str) -> int:
    """The one message of the window that a stem quotes."""
    begun = stem.partition("“")[2].rpartition("”")[0]
    found = [at for at, message in enumerate(window.shown) if begun in message.text]
    assert len(found) == 1, stem
    return found[0]


@pytest.mark.parametrize("name", OPEN)
def test_three_hundred_questions_are_asked_of_each_form_that_decides(name: str) -> None:
    assert len(asked(name, "open")) >= 300
    assert {question.kind for _, question in asked(name, "open")} == {"who", "last", "turn", "day", "next"}


@pytest.mark.parametrize("group", ["main", "open"])
def test_they_are_about_eight_conversations_in_four_languages_and_a_group(group: str) -> None:
    windows = {window.name: window for window, _ in asked(group=group)}.values()
    assert len({window.conversation for window in windows}) >= 8
    assert len({window.language for window in windows}) >= 4
    assert any(window.is_group for window in windows)


@pytest.mark.parametrize("group", ["main", "open"])
def test_every_form_is_asked_the_same_questions(group: str) -> None:
    names = [question.name for _, question in asked(group=group)]
    assert len(set(names)) == len(names)
    others = {work.format for work in works() if work.group == group}
    assert len(others) >= 5
    for other in others:
        theirs = {question.name: question.askings for _, question in asked(other, group)}
        assert theirs == {
            question.name: question.askings for _, question in asked(group=group) if question.name in theirs
        }


def test_an_offering_question_offers_its_two_answers_in_both_orders() -> None:
    for work in works():
        for question in work.questions:
            if work.group in ("main", "repeated"):
                one, other = question.askings
                if question.kind == "first":
                    assert (one.right, one.wrong) == (other.wrong, other.right) == ("A", "B")
                else:
                    assert (one.right, one.wrong) == (other.right, other.wrong)
                    assert one.ending == f" {one.right} or {one.wrong}?"
                    assert other.ending == f" {one.wrong} or {one.right}?"


def test_an_open_question_does_not_name_its_answers() -> None:
    for work in works():
        for question in work.questions:
            if work.group in ("open", "condensed"):
                (one,) = question.askings
                assert one.ending == ""
                for answer in (one.right, one.wrong):
                    assert answer not in question.stem.partition("“")[0] + question.stem.rpartition("”")[2]


def test_no_answer_is_the_beginning_of_the_other() -> None:
    for work in works():
        for question in work.questions:
            right, wrong = question.askings[0].right, question.askings[0].wrong
            assert not right.startswith(wrong)
            assert not wrong.startswith(right)


def test_the_right_answer_to_who_wrote_it_is_the_sender_of_the_one_message_quoted() -> None:
    for window, question in [*asked(), *asked(group="open")]:
        if question.kind == "who":
            assert question.truth == first_name(window.shown[quoted(window, question.stem)].sender)


def test_the_right_answer_to_which_day_is_that_of_the_message_quoted() -> None:
    for window, question in [*asked(), *asked(group="open")]:
        if question.kind == "day":
            line = f"] {window.shown[quoted(window, question.stem)].text[:8]}"
            plain = FORMATS["plain"](window)
            assert question.truth.zfill(2) in [row[9:11] for row in plain.splitlines() if line[2:] in row]


def test_the_message_sent_earlier_is_first_in_the_plain_lines() -> None:
    for window, question in asked():
        if question.kind == "first":
            earlier, later = question.askings[0].ending.removeprefix(" A: “").removesuffix("”").split("” B: “")
            lines = " ".join(FORMATS["plain"](window).split())
            assert lines.index(earlier) < lines.index(later)


def test_what_came_next_is_the_beginning_of_the_line_below() -> None:
    for window, question in asked(group="open"):
        if question.kind == "next":
            at = quoted(window, question.stem)
            assert window.shown[at + 1].text.split()[0].startswith(question.truth.split()[0])
            wrong = question.askings[0].wrong
            assert not " ".join(window.shown[at + 1].text.split()).startswith(wrong)


def test_who_wrote_last_and_whose_turn_it_is_are_two_people() -> None:
    for work in works():
        answers = {question.kind: question.truth for question in work.questions}
        if "turn" in answers:
            assert answers["last"] == first_name(work.window.messages[-1].sender) != answers["turn"]


def test_between_two_people_each_wrote_half_of_the_messages_asked_about() -> None:
    for work in works():
        if work.group == "main" and not work.window.is_group:
            truths = Counter(question.truth for question in work.questions if question.kind == "who")
            assert len(truths) == 2
            assert len(set(truths.values())) == 1


def test_a_gap_is_as_long_as_the_messages_it_stands_for() -> None:
    checked = 0
    for work in works():
        for question in work.questions:
            if work.format == "default" and question.kind == "omitted":
                at = quoted(work.window, question.stem)
                side = 0 if "just before" in question.stem else 1
                places = [work.window.messages.index(message) for message in work.window.shown]
                edges = [-1, *places, len(work.window.messages)]
                assert int(question.truth) == edges[at + 1 + side] - edges[at + side] - 1
                checked += 1
    assert checked >= 100


def test_a_message_is_shown_in_full_unless_it_ends_in_the_sign_of_a_cut() -> None:
    truths: Counter[str] = Counter()
    for work in works():
        for question in work.questions:
            if work.group == "cut" and work.format == "default":
                begun = question.stem.partition("“")[2].rpartition("”")[0]
                (line,) = [line for line in FORMATS["default"](work.window).splitlines() if f" {begun}" in line]
                assert question.truth == ("No" if line.endswith("[..]") else "Yes")
                truths[question.truth] += 1
    assert min(truths.values()) >= 40


def test_the_default_form_is_what_the_product_prints_between_two_people() -> None:
    whole = [window for window in verbatim_windows() if isinstance(window.transcript.footer, End)]
    assert len(whole) >= 5
    for window in whole:
        if not window.is_group:
            assert FORMATS["default"](window) == printed(window, "names")


def test_a_quotation_is_the_beginning_of_a_text_on_one_line() -> None:
    assert quote("Two lines,\nthe second\nis longer than it needs to be") == "Two lines, the second is"
    assert (
        quote("承知しました。お客様に確認いたします。来週ご連絡します。ありがとうございます")
        == "承知しました。お客様に確認い"
    )


def test_windows_hold_only_what_has_been_written_by_then() -> None:
    for window in verbatim_windows():
        assert len(window.lines) == len(window.shown) == len(window.messages) <= 12
