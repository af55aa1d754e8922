"""What a message tells: rare words, names, exact figures, news after a pause, answers; questions tell little."""

import math

import pytest

from mcp_server.condensing.analysis import is_question_sentence
from mcp_server.condensing.salience import (
    AFTER_PAUSE,
    ANSWER,
    EXACT_VALUE,
    QUESTION,
    Salience,
)
from mcp_server.condensing.sentences import Span
from mcp_server.conversation.models import Message
from tests.support.answers import said
from tests.support.conversations import JANE, JOHN, message
from tests.support.corpora import corpus_of


def told(messages: list[Message]) -> Salience:
    """What messages of ten tokens each tell."""
    return corpus_of(messages).salience([10] * len(messages))


@pytest.mark.parametrize(
    "sentence", ["Are you in?", "来ますか", "你好吗。", "「何時？」", "متى تأتي؟", 'He said "why?"', "去呢"]
)
def test_a_question_is_known_by_its_end(sentence: str) -> None:
    """By the mark, or the particle of scripts that may leave the mark away."""
    assert is_question_sentence(sentence)


@pytest.mark.parametrize("sentence", ["I am in.", "", "Why", "好的。"])
def test_what_has_no_mark_of_a_question_is_none(sentence: str) -> None:
    """No question words are known."""
    assert not is_question_sentence(sentence)


def test_rare_words_count_and_common_ones_are_left_out() -> None:
    """A word of one message counts fully, one of some less, one of all not at all."""
    found = told([message(number, f"okay {'some ' * (number < 4)} unique{number}") for number in range(20)])
    assert 0 < found.weights["some"] < found.weights["unique2"] == 1
    assert "okay" not in found.weights
    rare = told([message(0, "okay zebra"), *(message(number, "okay") for number in range(1, 20))])
    assert rare.weights == {"zebra": 1.0}
    assert rare.messages[0].terms == (("zebra",),)
    assert rare.messages[1].all_terms == ()


def test_each_sentence_has_its_own_words() -> None:
    """And about its share of the message's tokens."""
    corpus = corpus_of([message(0, "Red apples. Green and very long pears?")])
    (first,) = corpus.salience([10]).messages
    assert corpus.texts[0].words == (("Red", "apples"), ("Green", "and", "very", "long", "pears"))
    assert first.is_question == (False, True)
    assert sum(first.sentence_tokens) == pytest.approx(10, abs=0.5)
    assert first.sentence_tokens[0] < first.sentence_tokens[1]


def test_a_message_without_text_has_one_empty_sentence() -> None:
    """So that it can be shown like all others."""
    corpus = corpus_of([message(0, "")])
    (first,) = corpus.salience([10]).messages
    assert (first.spans, corpus.texts[0].words, first.sentence_tokens) == ((Span(0, 0),), ((),), (1.0,))


def bonus(text: str, *, before: Message | None = None, moment: str | None = "2026-04-20T09:10Z") -> float:
    """What the last of some messages counts more, beside the same one said in passing."""
    earlier = before or said("2026-04-20T09:00Z", JOHN, "well")
    return told([earlier, said(moment, JANE, text)]).messages[1].bonus


@pytest.mark.parametrize("text", ["it costs 40", "it costs ٤٠", "it costs €", "me@here", "see https://e.org"])
def test_exact_figures_tell_more(text: str) -> None:
    """Digits of any script, currencies, addresses."""
    assert bonus(text) == EXACT_VALUE
    assert bonus("it is dear") == 0


def test_news_after_a_pause_tells_more() -> None:
    """As does the very first message; nothing is known of undated ones."""
    assert bonus("news", moment="2026-04-20T15:00Z") == AFTER_PAUSE
    assert bonus("news", moment=None) == 0
    assert bonus("news", before=said(None, JOHN, "well")) == 0
    assert told([said(None, JANE, "news")]).messages[0].bonus == AFTER_PAUSE


def test_an_answer_tells_more() -> None:
    """Of somebody else, to a message that ends with a question."""
    assert bonus("yes", before=said("2026-04-20T09:00Z", JOHN, "Well. Coming?")) == ANSWER
    assert bonus("yes", before=said("2026-04-20T09:00Z", JANE, "Well. Coming?")) == 0
    assert bonus("yes", before=said("2026-04-20T09:00Z", JOHN, "Coming? Well.")) == 0


def test_names_tell_more_than_words_written_small() -> None:
    """A name is what mostly has a capital inside sentences."""
    assert bonus("we met Zoe there") > bonus("we met people there")
    words = [message(number, "so Maybe it is") for number in range(3)] + [message(3, "so maybe and maybe it is")]
    assert told(words).messages[1].bonus == 0


def test_the_first_mention_of_a_subject_tells_more() -> None:
    """Of a word that comes back later; later mentions tell no more for it."""
    found = told([message(0, "hello"), message(1, "the lease"), message(2, "fine"), message(3, "a lease")])
    bonuses = [message.bonus for message in found.messages]
    assert bonuses[1] > bonuses[3] == bonuses[2] == 0


def test_worth_adds_it_all_up() -> None:
    """Rare words for their tokens, the bonus, and less for what only asks."""
    found = told([said("2026-04-20T09:00Z", JANE, "zebra"), said("2026-04-20T09:01Z", JANE, "giraffe?")])
    assert found.log_scores[0] == pytest.approx(AFTER_PAUSE + 6.0 / 10)
    assert found.log_scores[1] == pytest.approx(QUESTION + 6.0 / 10)
    assert math.isfinite(told([message(0, "")]).log_scores[0])
