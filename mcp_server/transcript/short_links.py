"""Shortens a text without losing a word: cuts the middle of long addresses, collapses runs of blank lines."""

import re
from dataclasses import replace

from mcp_server.condensing.sentences import CUT, MAX_SPLIT_CHARS
from mcp_server.conversation.models import Message

_LONG_URL = re.compile(r"(https?://[^\s/?#]+/)([^\s]{50,})")
_QUERY = re.compile(r"[?#]")
_NOT_IN_SEGMENT = re.compile(r"[^\w%.~-]")
_SEGMENT_CHARS = range(3, 41)
_BLANK_RUN = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def compact(text: str) -> str:
    """`text` with long addresses reduced to host and last path segment, and at most one blank line in a row."""
    if "\n\n" in text or "\n " in text or "\n\t" in text:
        text = _BLANK_RUN.sub("\n\n", text)
    return _LONG_URL.sub(_shorter, text) if "://" in text else text


def compact_message(message: Message) -> Message:
    """The message with a compact text, and without the part of a text that is beyond any answer."""
    text = message.text
    if len(text) > MAX_SPLIT_CHARS:
        text = f"{text[:MAX_SPLIT_CHARS].rstrip()} {CUT}"
    text = compact(text)
    return message if text == message.text else replace(message, text=text)


def _shorter(url: re.Match[str]) -> str:
    # The end is looked at from the right and is short, so that a long address takes no longer than a short one.
    path = _QUERY.split(url[2], maxsplit=1)[0].removesuffix("/")[-_SEGMENT_CHARS.stop :]
    segment = _NOT_IN_SEGMENT.split(path)[-1][-_SEGMENT_CHARS[-1] :]
    return f"{url[1]}{CUT}{f'/{segment}' if len(segment) in _SEGMENT_CHARS else ''}"
