"""Shortens a text without losing a word: cuts the middle of long addresses, collapses runs of blank lines."""

import re

from mcp_server.condensing.sentences import CUT

_LONG_URL = re.compile(r"(https?://[^\s/?#]+/)([^\s]{50,})")
_LAST_SEGMENT = re.compile(r"([\w%.~-]{3,40})/?(?:[?#].*)?$")
_BLANK_RUN = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def compact(text: str) -> str:
    """`text` with long addresses reduced to host and last path segment, and at most one blank line in a row."""
    if "\n\n" in text or "\n " in text or "\n\t" in text:
        text = _BLANK_RUN.sub("\n\n", text)
    return _LONG_URL.sub(_shorter, text) if "://" in text else text


def _shorter(url: re.Match[str]) -> str:
    end = _LAST_SEGMENT.search(url[2])
    return f"{url[1]}{CUT}{f'/{end[1]}' if end else ''}"
