"""What a model sees of a result, whatever its agent wraps around it."""

import json
import re
from typing import Any


def plain(seen: str) -> str:
    """`seen` without the escapes of JSON and Python strings, however often they were applied."""
    text = re.sub(r"(?:\\+u[0-9a-fA-F]{4})+", _characters, seen)
    text = re.sub(r"\\+n", "\n", text)
    return re.sub(r"\\+([\"'])", r"\1", text)


def _characters(match: re.Match[str]) -> str:
    """The characters of a run of escapes; two of them may be one character."""
    escapes = re.sub(r"\\+", r"\\", match[0])
    return str(json.loads(f'"{escapes}"'))


def messages(text: str) -> list[str]:
    """The lines below the days of transcripts, without their times, which depend on the line above."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.startswith("# "):
            inside = True
        elif re.match(r"More: |No older|\w+_cursor: |[\"']", line):  # the end of a transcript, alone or in JSON
            inside = False
        elif inside:
            lines.append(re.sub(r"^\d\d:\d\d ", "", line))
    return lines


def conversations(text: str) -> list[str]:
    """The lines of a list that name a conversation."""
    return re.findall(r"^(?:in/|urn:)\S* \d\d:\d\d .*$", text, flags=re.M)


def channels(seen: str, result: dict[str, Any]) -> str:
    """What of a result was seen: "text", "structured", "both", "text, figures" or "text twice".

    Raises AssertionError unless its longest line was seen once or twice.
    """
    text, structured = result["content"][0]["text"], result.get("structuredContent", {})
    longest = max(plain(text).splitlines(), key=len)
    times = plain(seen).count(longest)
    figures = re.search(r"[\"']tokens[\"']:\s?\d", plain(seen)) is not None
    assert times in (1, 2), f"seen {times} times: {seen}"
    if times == 2:
        return "both" if figures else "text twice"
    if figures:
        return "structured" if structured.keys() & {"transcript", "list"} else "text, figures"
    return "text"
