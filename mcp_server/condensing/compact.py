"""Makes a text shorter without losing a word: cuts the middle of long links, collapses runs of blank lines.

A cut link can be put back, because a reader may need it whole.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from mcp_server.condensing.sentences import CUT, MAX_SPLIT_CHARS, Span
from mcp_server.conversation.models import Message

# A link ends at white space, and at text of scripts that are written without spaces.
_IN_LINK = (
    r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)
_LONG_LINK = re.compile(rf"(https?://[^\s/?#]+/)({_IN_LINK}{{50,}})")
_QUERY = re.compile(r"[?#]")
_NOT_IN_SEGMENT = re.compile(r"[^\w%.~-]")
_SEGMENT_CHARS = range(3, 41)
_BLANK_RUN = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


class Link(NamedTuple):
    """A link that is cut: the cut one is at `text[start:end]` of its text."""

    start: int
    end: int
    whole: str


class Compact(NamedTuple):
    """A message with at most one blank line in a row and with long links cut; `links` are those, in order."""

    message: Message
    links: tuple[Link, ...] = ()

    @property
    def text_with_links(self) -> str:
        """The text with all links whole."""
        return restore(self.message.text, (), self.links)[0] if self.links else self.message.text


def compact(message: Message) -> Compact:
    """The message with a compact text, and without the part of a text that is beyond any answer."""
    text = message.text
    if len(text) > MAX_SPLIT_CHARS:
        text = f"{text[:MAX_SPLIT_CHARS].rstrip()} {CUT}"
    if "\n\n" in text or "\n " in text or "\n\t" in text:
        text = _BLANK_RUN.sub("\n\n", text)
    text, links = _cut_links(text) if "://" in text else (text, ())
    return Compact(message if text == message.text else replace(message, text=text), links)


def restore(text: str, spans: Sequence[Span], links: Sequence[Link]) -> tuple[str, tuple[Span, ...]]:
    """`text` with these links whole (in order), and `spans` as they are there. A link belongs to one span."""
    if not links:
        return text, tuple(spans)
    parts: list[str] = []
    at = 0
    for link in links:
        parts += (text[at : link.start], link.whole)
        at = link.end
    ends = [link.end for link in links]
    added = [0, *accumulate(len(link.whole) - (link.end - link.start) for link in links)]

    def moved(position: int) -> int:
        before = bisect_right(ends, position)
        if before < len(links) and links[before].start < position:
            return ends[before] + added[before + 1]
        return position + added[before]

    return "".join((*parts, text[at:])), tuple(Span(moved(start), moved(end)) for start, end in spans)


def _cut_links(text: str) -> tuple[str, tuple[Link, ...]]:
    """`text` with long links reduced to host and last path segment, and these links."""
    parts: list[str] = []
    links: list[Link] = []
    at = length = 0
    for found in _LONG_LINK.finditer(text):
        cut = _shorter(found)
        parts += (text[at : found.start()], cut)
        length += found.start() - at + len(cut)
        at = found.end()
        links.append(Link(length - len(cut), length, found[0]))
    return "".join((*parts, text[at:])), tuple(links)


def _shorter(link: re.Match[str]) -> str:
    # The end is looked at from the right and is short, so that a long link takes no longer than a short one.
    path = _QUERY.split(link[2], maxsplit=1)[0].removesuffix("/")[-_SEGMENT_CHARS.stop :]
    segment = _NOT_IN_SEGMENT.split(path)[-1][-_SEGMENT_CHARS[-1] :]
    return f"{link[1]}{CUT}{f'/{segment}' if len(segment) in _SEGMENT_CHARS else ''}"
