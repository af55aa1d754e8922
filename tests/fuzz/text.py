"""Fuzz target: the cleaner. Every law of it, at once, for any text."""

import regex

from mcp_server.conversation.cleaning import NAME_GRAPHEMES, Cleaned, clean_counted, clean_name
from tests.fuzz.source import Source
from tests.support.hostile_text import FRAGMENTS, faults


def check(data: bytes) -> None:
    """A text out of these bytes comes out clean, in a way that cleaning again does not change."""
    text = Source(b"\xff\xff" + data).text(FRAGMENTS, most=65_535)
    cleaned = clean_counted(text)
    assert faults(cleaned.text) == [], ascii(text)
    assert clean_counted(cleaned.text) == Cleaned(cleaned.text, 0), ascii(text)
    cleaned.text.encode()
    name = clean_name(text)
    assert faults(name) == [], ascii(text)
    assert clean_name(name) == name, ascii(text)
    assert len(regex.findall(r"\X", name)) <= NAME_GRAPHEMES, ascii(text)
