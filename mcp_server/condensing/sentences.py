"""Messages in sentences, and messages shortened to some of them.

Splitting knows punctuation and line breaks, no language: a full stop before a small letter, or after a title, a single
letter or a number ends nothing; the full stops of East Asian scripts need no space behind them.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

CUT = "[..]"
"""Stands where a part of a message was left out."""

MOST_CHARS = 280
"""A longer sentence is taken apart at commas, or at spaces: pasted text may have no full stop at all."""

MOST_SENTENCES = 60
"""A longer message is taken in larger bites, so that no message takes more than its share of time."""

MOST_READ = 50_000
"""Behind so many characters, more than any answer holds, a message is cut by length alone."""

_END = re.compile(r"[.!?…؟।。！？｡\n]+[\"'”’»)\]」』）]*\s*")
_NEEDS_SPACE = ".!?…؟।"
_NO_END = re.compile(r"(?:[^\W\d_]|\d{1,3}|[^\W\d_]\.[^\W\d_])\.")
_SOFT_END = re.compile(r"[,;:،、，；：]\s*|\s+")


class Span(NamedTuple):
    """Where a sentence stands in its message: `text[start:end]`, no white space around it."""

    start: int
    end: int


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of `text`, in order; none of a blank one. Only white space stands between them."""
    spans: list[Span] = []
    start = 0
    for found in _END.finditer(text, 0, MOST_READ):
        if found.end() == len(text):
            break
        mark = found.group()
        bare = mark.rstrip()
        if len(bare) == len(mark) and mark[-1] in _NEEDS_SPACE:
            continue
        end = found.start() + len(bare)
        if not bare.strip(".…") and _goes_on(text, start, end, found.end()):
            continue
        _add(spans, text, start, end)
        start = found.end()
    rest = text[start:].lstrip()
    start = len(text) - len(rest)
    _add(spans, text, start, start + len(rest.rstrip()))
    while len(spans) > MOST_SENTENCES:
        spans = [Span(spans[at].start, spans[min(at + 1, len(spans) - 1)].end) for at in range(0, len(spans), 2)]
    return tuple(spans)


def shorten(text: str, spans: tuple[Span, ...], kept: Collection[int]) -> str:
    """`text` with only the sentences `kept`, numbered from 0, as they stood; a cut for each stretch left out."""
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


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether the full stop before `end` is that of a title, an initial or a number, or a small letter follows."""
    if "\n" in text[end:following]:
        return False
    if text[following].islower():
        return True
    last = text[max(start, end - 8) : end].rpartition(" ")[2].lstrip("(\n")
    return (len(last) <= 3 and last[0].isupper()) or _NO_END.fullmatch(last) is not None


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    """The sentence `text[start:end]`, in pieces where it is too long."""
    while end - start > MOST_CHARS:
        # No further than it has to: a message may be one sentence of a million characters.
        near = list(_SOFT_END.finditer(text, start + MOST_CHARS // 4, start + MOST_CHARS))
        commas = [found for found in near if not found.group().isspace()]
        first = next(iter(commas[-1:] or near[-1:]), None) or _SOFT_END.search(text, start + MOST_CHARS, end)
        cut = None if first is None else _SOFT_END.match(text, first.start(), end)
        if cut is None or cut.end() >= end:
            break
        spans.append(Span(start, cut.start() + len(cut.group().rstrip())))
        start = cut.end()
    if start < end:
        spans.append(Span(start, end))
