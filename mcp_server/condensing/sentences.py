"""Splits messages into sentences, and shortens messages to some of their sentences.

Splitting uses punctuation and line breaks and no language: a full stop before a lower-case letter, or after a title, a
single letter or a number, does not end a sentence. East Asian full stops need no space after them.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

CUT = "[..]"
"""Marks a place where part of a message was left out."""

MAX_SENTENCE_CHARS = 280
"""A longer sentence is split at commas or spaces: pasted text may have no full stop at all."""

MAX_SENTENCES = 60
"""With more sentences, neighbours are merged, so that the work per message is bounded."""

MAX_SPLIT_CHARS = 50_000
"""Beyond this many characters, more than any answer holds, a message is split by length alone."""

_CLOSERS = "\"'”’»)]」』）"
_END = re.compile(rf"[.!?…؟।。！？｡\n]+[{re.escape(_CLOSERS)}]*\s*")
_NEEDS_SPACE = ".!?…؟।"
_NO_END = re.compile(r"(?:[^\W\d_]|\d{1,3}|[^\W\d_]\.[^\W\d_])\.")
_SOFT_END = re.compile(r"(?:[,;،、，；：]|:(?!//))\s*|\s+")


class Span(NamedTuple):
    """The position of a sentence in its message: `text[start:end]`, without surrounding white space."""

    start: int
    end: int


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of `text`, in order, separated by white space only; empty for blank text."""
    spans: list[Span] = []
    start = 0
    for found in _END.finditer(text, 0, MAX_SPLIT_CHARS):
        if found.end() == len(text):
            break
        mark = found.group()
        bare = mark.rstrip()
        if len(bare) == len(mark) and mark.rstrip(_CLOSERS)[-1] in _NEEDS_SPACE:
            continue
        end = found.start() + len(bare)
        if not bare.strip(".…") and _sentence_continues(text, start, end, found.end()):
            continue
        _add(spans, text, start, end)
        start = found.end()
    rest = text[start:].lstrip()
    start = len(text) - len(rest)
    _add(spans, text, start, start + len(rest.rstrip()))
    while len(spans) > MAX_SENTENCES:
        spans = [Span(spans[at].start, spans[min(at + 1, len(spans) - 1)].end) for at in range(0, len(spans), 2)]
    return tuple(spans)


def shorten(text: str, spans: tuple[Span, ...], kept: Collection[int]) -> str:
    """`text` with only the sentences `kept` (indexes), and one CUT for each run of omitted sentences."""
    return " ".join(_parts(text, spans, kept))


def _parts(text: str, spans: tuple[Span, ...], kept: Collection[int]) -> Iterator[str]:
    start = None
    cut = False
    for number, span in enumerate(spans):
        if number in kept:
            start, cut = span.start if start is None else start, False
            continue
        if start is not None:
            yield text[start : spans[number - 1].end]
            start = None
        if not cut:
            yield CUT
            cut = True
    if start is not None:
        yield text[start : spans[-1].end]


def _sentence_continues(text: str, start: int, end: int, following: int) -> bool:
    """Whether the full stop before `end` belongs to a title, an initial or a number, or a lower-case letter follows."""
    if "\n" in text[end:following]:
        return False
    if text[following].islower():
        return True
    last = text[max(start, end - 8) : end].rpartition(" ")[2].lstrip("(\n")
    return (len(last) <= 3 and last[0].isupper()) or _NO_END.fullmatch(last) is not None


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    """Appends the sentence `text[start:end]`, in pieces if it is too long."""
    while end - start > MAX_SENTENCE_CHARS:
        # Search only nearby: a message may be one sentence of a million characters.
        near = list(_SOFT_END.finditer(text, start + MAX_SENTENCE_CHARS // 4, start + MAX_SENTENCE_CHARS))
        commas = [found for found in near if not found.group().isspace()]
        first = next(iter(commas[-1:] or near[-1:]), None) or _SOFT_END.search(text, start + MAX_SENTENCE_CHARS, end)
        cut = None if first is None else _SOFT_END.match(text, first.start(), end)
        if cut is None or cut.end() >= end:
            break
        spans.append(Span(start, cut.start() + len(cut.group().rstrip())))
        start = cut.end()
    if start < end:
        spans.append(Span(start, end))
