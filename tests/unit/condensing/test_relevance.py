"""What bears on a question: its words in any form and language, who wrote, what stands around, a second judge."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from mcp_server.condensing.relevance import Focus, relevance, without_names
from mcp_server.conversation.models import Message, Participant
from mcp_server.transcript.layout import local_time
from tests.support.answers import said
from tests.support.conversations import ANA, JANE, JOHN, message
from tests.support.corpora import corpus_of


def found(texts: Sequence[str | Message], question: str, similarity: Sequence[float] | None = None) -> Focus | None:
    """How messages of ten tokens each bear on a question. Texts are of Jane and John in turn."""
    messages = [
        text if isinstance(text, Message) else message(number, text, sender=(JANE, JOHN)[number % 2])
        for number, text in enumerate(texts)
    ]
    days = [None if one.sent_at_ms is None else local_time(one.sent_at_ms, ZoneInfo("UTC")).date() for one in messages]
    corpus = corpus_of(messages)
    return relevance(corpus, corpus.salience([10] * len(messages)), question, days=days, similarity=similarity)


def scores(texts: Sequence[str | Message], question: str, similarity: Sequence[float] | None = None) -> list[float]:
    """Those of the messages."""
    focus = found(texts, question, similarity)
    assert focus is not None
    assert max(focus.messages) == 1
    assert min(focus.messages) >= 0
    return list(focus.messages)


def best(texts: Sequence[str | Message], question: str, similarity: Sequence[float] | None = None) -> int:
    """The number of the message that bears most on the question."""
    return scores(texts, question, similarity).index(1)


SMALL_TALK = ["good morning", "how are things", "all fine here", "nice to hear", "see you", "bye"]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The contract was signed", "contracts"),
        ("Der Preis beträgt vierzig", "Preise?"),
        ("La réunion est reportée", "reunion"),
        ("Встреча перенесена", "когда встречи"),
        ("会議は三時です", "会議の時間"),
        ("合同已经签了", "合同"),
        ("ราคาสินค้า", "ราคา"),
        ("الاجتماع غدا", "الاجتماع"),
        ("Invoice 4711 is paid", "4711"),
    ],
)
@pytest.mark.parametrize("at", [0, 3, 6])
def test_what_has_words_of_the_question_bears_most_on_it(text: str, question: str, at: int) -> None:
    """In another form, with or without accents, in scripts without spaces, wherever it stands."""
    assert best([*SMALL_TALK[:at], text, *SMALL_TALK[at:]], question) == at


@pytest.mark.parametrize("question", ["zebra", "斑马", "???", ""])
def test_nothing_may_bear_on_a_question(question: str) -> None:
    """Then there is no focus, also where another judge sees nothing."""
    assert found(SMALL_TALK, question) is None
    assert found(SMALL_TALK, question, [0.0] * 6) is None
    assert found([], question) is None


@pytest.mark.parametrize("text", ["we are chasing the missing crate", "automatically", "the address is redressed"])
def test_pieces_that_meet_by_chance_are_no_match(text: str) -> None:
    """A word is there in some form, or it is not."""
    assert found([*SMALL_TALK, text], "zebra crossing autoscaling stress") is None


@pytest.mark.parametrize(
    ("text", "question"), [("she adopted him", "adoption"), ("Rechnungen", "rechnung"), ("a fee", "fee")]
)
def test_forms_of_a_word_are_a_match(text: str, question: str) -> None:
    """By its beginning and some more, or by most of it."""
    assert best([*SMALL_TALK, text], question) == len(SMALL_TALK)


def test_what_stands_around_a_match_bears_on_it_too() -> None:
    """The next message more than the one before, and the answer to a question most."""
    found_around = scores(["one", "two", "three", "the price is it", "five", "six", "seven"], "price")
    assert found_around[3] > found_around[4] > found_around[2] > 0
    assert found_around[5] > found_around[6] > 0
    asked = scores(["one", "two", "three", "the price is it?", "five", "six", "seven"], "price")
    assert asked[4] >= found_around[4]
    assert asked[2] < asked[4]


def test_what_was_written_in_the_same_sitting_as_matches_bears_on_it_too() -> None:
    """Far from them as well; less behind a long pause. Without times all is one sitting."""
    texts: list[str | Message] = ["the price is it", *[f"filler{number}" for number in range(18)], "the price again"]
    assert min(scores(texts, "price")) > 0
    later = [said("2026-08-01T09:00Z", text=f"later{number}") for number in range(9)]
    found_later = scores([*texts, *later], "price")
    assert found_later[10] > 2 * found_later[-1]
    undated = [said(None, text=text) for text in ("the price is it", *SMALL_TALK, *SMALL_TALK)]
    assert min(scores(undated, "price")) > 0


def test_the_reply_to_the_best_match_ranks_above_weak_matches() -> None:
    """It need not share a word with the question; a match by one of its words alone ranks lower."""
    texts = ["FrostEye made a cheaper offer", "extending your warranty is no problem", *SMALL_TALK, "an offer of help"]
    ranked = scores([*SMALL_TALK, *texts, *SMALL_TALK], "who made a cheaper offer")
    match, reply, weak = len(SMALL_TALK), len(SMALL_TALK) + 1, 2 * len(SMALL_TALK) + 2
    assert ranked[match] == 1
    assert ranked[reply] >= 0.8 > ranked[weak]
    assert scores([*SMALL_TALK, texts[0], message(9, texts[1], sender=None)], "cheaper offer")[-1] >= 0.8


def test_a_reply_that_takes_up_a_rare_word_is_kept_with_a_weak_match() -> None:
    """The question has other words than the match, so that others match better."""
    texts = [f"anything {word} in your offer" for word in ("here", "there", "then", "now")]
    texts += [*SMALL_TALK, "an offer of Frosteye at 4711 each", "for 4711 Frosteye has no warranty", *SMALL_TALK]
    match = texts.index("an offer of Frosteye at 4711 each")
    ranked = scores(texts, "anything cheaper in an offer of competitors?")
    assert ranked[match] > ranked[match + 1] > 0.9 * ranked[match]
    indirect = scores([*texts[: match + 1], "we would add the warranty", *SMALL_TALK], "anything cheaper in an offer?")
    assert indirect[match + 1] < indirect[match]


def test_a_message_of_the_same_sender_is_no_reply() -> None:
    """It bears on the question as a neighbour only."""
    same = [message(number, text) for number, text in enumerate([*SMALL_TALK, "a cheaper offer", "well then"])]
    assert scores(same, "cheaper offer")[-1] < 0.8


def test_a_long_word_counts_more_than_a_short_one_but_not_for_all_its_pieces() -> None:
    """It is one word, and has many pieces only because it is long."""
    texts = ["hi", "the visa", "hm", "well", "so", "okay", "yes", "unquestionably", "no", "fine", "right", "done"]
    found_both = scores(texts, "visa unquestionably")
    assert found_both.index(1) == 7
    assert 0.18 < found_both[1] < 0.5


def test_two_words_that_stand_together_as_asked_count_more() -> None:
    """Than the same words apart."""
    texts = ["hi", "delivery of the first date", "hm", "well", "so", "okay", "of the first delivery date", "yes", "no"]
    assert best(texts, "delivery date") == 6


def test_rare_words_of_a_question_count_above_common_ones() -> None:
    """No list of common words is needed."""
    texts = ["what is it", "what is up", "the visa", "what is that", "what is this", "what is what"]
    assert best(texts, "what is visa") == 2


def test_messages_of_somebody_named_count_more() -> None:
    """A first name will do; the name alone asks for all that person wrote."""
    texts = ["the price is ten", "well", "okay", "fine", "sure", "the price is ten"]
    assert best(texts, "price Jane") == 0
    assert best(texts, "price John") == 5
    by_name = scores(SMALL_TALK, "Jane")
    assert min(by_name[0::2]) > max(by_name[1::2])


@pytest.mark.parametrize(
    "question",
    [
        "what was the price on May 3, 2026?",
        "price, May 3rd 2026",
        "price 2026-05-03",
        "el precio del 3 de mayo de 2026, price",
        "2026年5月3日 price",
    ],
)
def test_messages_of_a_day_that_is_named_count_more(question: str) -> None:
    """By the numbers of day and year, in any language; those of other days and years, and undated ones, do not."""
    moments = ["2026-05-02T09:00Z", "2026-05-03T09:00Z", "2026-05-04T09:00Z", "2027-05-03T09:00Z", None]
    texts = [said(moment, text="the price is ten") for moment in moments]
    by_day = scores(texts, question)
    assert by_day.index(1) == 1
    assert sorted(by_day)[-2] < 0.8


def test_the_day_alone_asks_for_all_that_was_said_on_it() -> None:
    """Where no word is found: by name or by number; in an unknown language by day and year, if they stand together."""
    days = [said(f"2026-05-{number:02}T09:00Z", text=text) for number, text in enumerate(SMALL_TALK, start=1)]
    for question in ("4.5.2026", "4.5.", "4 May", "2026-05-04", "4 toukokuuta 2026", "am 4. Mai"):
        assert best(days, question) == 3
    assert found(days, "4 xa xb xc xd xe 2026") is None


def test_a_day_is_found_though_other_words_match_elsewhere() -> None:
    """Common words of a question are no reason to leave out the day it is about."""
    days = [said(f"2026-05-{number:02}T09:00Z", text=text) for number, text in enumerate(SMALL_TALK, start=1)]
    texts = [*days, *(said(f"2026-06-{number:02}T09:00Z", text="what did we write") for number in range(1, 20))]
    by_day = scores(texts, "what did we write on 4 May?")
    assert by_day[3] == max(by_day[:6])
    assert by_day[3] > 0.5


def test_messages_of_a_month_that_is_named_count_more() -> None:
    """Less so than those of a day."""
    texts = [said(f"2026-0{month}-01T09:00Z", text="the price is ten") for month in (4, 5, 6, 7, 8)]
    by_month = scores(texts, "price in June")
    assert by_month.index(1) == 2
    assert min(by_month) > 0.2


def test_naming_everybody_or_nobody_known_changes_nothing() -> None:
    """The ranks are then those of the other words."""
    texts = ["the price is ten", "well", "okay", "fine", "sure", "the price is ten"]
    assert scores(texts, "price Jane John") == pytest.approx(scores(texts, "price"))
    unknown = [message(number, text, sender=None) for number, text in enumerate(texts)]
    assert scores(unknown, "price Jane") == pytest.approx(scores(unknown, "price"))


def test_somebody_named_is_told_from_those_unknown() -> None:
    """A message without a sender is nobody's."""
    people = [ANA, None, JANE, ANA, None, JANE]
    mixed = [message(number, text, sender=people[number]) for number, text in enumerate(SMALL_TALK)]
    by_name = scores(mixed, "what did Ana say")
    assert {number for number in range(6) if by_name[number] > 0.5} >= {0, 3}
    assert min(by_name[0], by_name[3]) > max(by_name[1], by_name[4])


def test_a_name_of_two_words_counts_by_each() -> None:
    """In the question's own spelling, without accents."""
    jose = Participant("j", "José Núñez")
    texts: list[str | Message] = [*SMALL_TALK, message(6, "the plan", sender=jose)]
    assert best(texts, "nunez") == 6


def test_another_judge_is_heard_half_and_half() -> None:
    """It finds what no word shows, and strengthens what words show."""
    assert best(SMALL_TALK, "zebra", [0, 0, 0, 0, 1, 0]) == 4
    texts = ["price ten", *SMALL_TALK[1:5], "price ten"]
    assert best(texts, "price", [0.1, 0, 0, 0, 0, 0.9]) == 5
    assert best(texts, "price", [0.9, 0, 0, 0, 0, 0.1]) == 0


def test_what_both_judges_see_counts_above_what_one_sees() -> None:
    """Even where each alone sees more in something else."""
    texts = ["price price price", *SMALL_TALK, "we talked of the price and more", *SMALL_TALK, "ten", *SMALL_TALK]
    found_by_both = scores(texts, "price", [float(at == 14) if at != 7 else 0.8 for at in range(21)])
    assert found_by_both.index(1) == 7


def test_what_the_best_matches_speak_of_counts_as_well() -> None:
    """A message far away that shares their rare words bears on the question more than others."""
    texts = [f"filler{number} talk" for number in range(80)]
    texts[10] = "the rent rises, says Landlord Brown"
    texts[60] = "Landlord Brown called again"
    found_by_subject = scores(texts, "rent")
    assert found_by_subject[60] > 2 * found_by_subject[40]


def test_sentences_are_judged_too() -> None:
    """By the share of what was found that each has."""
    focus = found(["Hello there. The delivery is late. The delivery price rises.", "fine"], "delivery price")
    assert focus is not None
    first = focus.sentences[0]
    assert first[2] == pytest.approx(1)
    assert first[2] > first[1] > first[0] == 0
    assert list(focus.sentences[1]) == [0]


def test_a_question_can_be_freed_of_the_names_of_those_who_write() -> None:
    """With their possessives and punctuation; others' names stay."""
    messages = [message(0), message(1, sender=JOHN), message(2, sender=None)]
    assert without_names("what is Jane's price, JOHN?", messages) == "what is price,"
    assert without_names("Ana and the price", messages) == "Ana and the price"
