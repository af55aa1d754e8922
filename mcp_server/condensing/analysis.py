"""What condensing needs of a text whatever is asked about it: its sentences and their words. Made once per text."""

import re
from collections.abc import Sequence
from itertools import chain
from sys import intern
from typing import NamedTuple

import regex

from mcp_server.condensing.sentences import Span, sentences
from mcp_server.condensing.terms import Stems, words

_QUESTION_ENDS = ("?", "？", "؟", "⸮", "՞", "か", "吗", "嗎", "呢")
_ONE_QUESTION, _NO_QUESTION = (True,), (False,)
_AFTER_END = "。.!！)）\"'”’」』 "
_EXACT_VALUE = regex.compile(r"[\p{Nd}\p{Sc}@]|https?:")
_EXACT_VALUE_ASCII = re.compile(r"[0-9$@]|https?:")


class TextAnalysis(NamedTuple):
    """A text, taken apart.

    `spans` are its sentences, at least one. Per sentence: `words` as written, `terms` (the stems of the words, each
    once) and `is_question`. `all_terms` are the terms of the whole text, each once. `has_exact_value`: the text has a
    number, a currency sign, an @ or a web address.
    """

    spans: tuple[Span, ...]
    words: tuple[Sequence[str], ...]
    terms: tuple[tuple[str, ...], ...]
    all_terms: tuple[str, ...]
    is_question: tuple[bool, ...]
    has_exact_value: bool


def analyse(text: str, stems: Stems) -> TextAnalysis:
    """The analysis of `text`. Texts that share `stems` share the memory of their terms; all texts share that of
    their words."""
    spans = sentences(text) or (Span(0, len(text)),)
    has_exact_value = (_EXACT_VALUE_ASCII if text.isascii() else _EXACT_VALUE).search(text) is not None
    stem_of = stems.__getitem__
    if len(spans) == 1:  # as most are: none of it has to be cut out
        written = tuple(map(intern, words(text)))
        terms = tuple(dict.fromkeys(map(stem_of, written)))
        is_question = _ONE_QUESTION if is_question_sentence(text) else _NO_QUESTION
        return TextAnalysis(spans, (written,), (terms,), terms, is_question, has_exact_value)
    parts = [text[start:end] for start, end in spans]
    several = tuple([tuple(map(intern, words(part))) for part in parts])
    terms_of = tuple([tuple(dict.fromkeys(map(stem_of, written))) for written in several])
    all_terms = tuple(dict.fromkeys(chain.from_iterable(terms_of)))
    return TextAnalysis(spans, several, terms_of, all_terms, tuple(map(is_question_sentence, parts)), has_exact_value)


def is_question_sentence(sentence: str) -> bool:
    """Whether a sentence ends with a question mark or particle, in scripts that have one."""
    return sentence.rstrip(_AFTER_END).endswith(_QUESTION_ENDS)
