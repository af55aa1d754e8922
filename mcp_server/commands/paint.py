"""Colours a transcript, or a list of conversations, for a terminal.

Only SGR sequences are added: without them the text is exactly what a model gets. Messages cannot add any colours,
because terminal escapes are removed when a page is read.
"""

import re
from collections.abc import Mapping
from typing import TextIO

from mcp_server.transcript.grammar import SIGNS, is_letters
from mcp_server.transcript.parse import LABEL

_RESET, _BOLD, _DIM, _YELLOW = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[33m"
_THEM, _ME = "\x1b[32m", "\x1b[36m"
# For the letters of a group: those of the sixteen colours that are readable on dark and on light.
_LETTERS = ("\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[31m", "\x1b[33m", "\x1b[95m", "\x1b[94m", "\x1b[91m")

_LEGEND = re.compile(
    rf"(>|<|[A-Z]{{1,3}}|{LABEL}(?=:))(:?\u200e?) ((?:\(me\) )?(?:(?:in|company|school|showcase)/\S+|-)) (.*)"
)
_MESSAGE = re.compile(rf"((?:\d\d:\d\d|\?\?:\?\?) )?({LABEL}|[><?-])(\u200e?)(:?~?(?:\[[^\]]*\])?)( .*|\(no text\).*)?")
_ENTRY = re.compile(r"(\S+) (\d\d:\d\d|\?\?:\?\?) ([><?]|them|me)(\u200e?)((?:\[[^\]]*\])?) (.*)")
_FIGURES = re.compile(r"\d+(?: of \d+)? messages?\b.*")


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stream` is a terminal that supports colours, and NO_COLOR is not set."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM", "") != "dumb"


def colour_of(mark: str, *, me: bool = False) -> str:
    """The SGR sequence of a sender's colour."""
    if me or mark in ("<", "me"):
        return _ME
    if mark in (">", "them"):
        return _THEM
    if not mark or mark in "?-~":
        return _DIM
    number = ord(mark[-1]) - ord("A") if is_letters(mark) else sum(map(ord, mark))
    return _LETTERS[number % len(_LETTERS)]


def coloured(text: str, sequence: str) -> str:
    """`text` between `sequence` and a reset; an empty text unchanged."""
    return f"{sequence}{text}{_RESET}" if text else ""


def painted(transcript: str) -> str:
    """The coloured transcript. The first characters of a line decide its kind."""
    painter = _Painter()
    return "\n".join(painter.line(line) for line in transcript.split("\n"))


def painted_list(conversations: str) -> str:
    """The coloured list of conversations."""
    return "\n".join(map(_list_line, conversations.split("\n")))


def _list_line(line: str) -> str:
    if line.startswith("# "):
        return coloured(line, _BOLD)
    if line.startswith("! "):
        return coloured(line, _YELLOW)
    if line.startswith("  "):
        return coloured(line, _DIM)
    if line.startswith(" "):
        return line.replace("[..]", coloured("[..]", _YELLOW))
    entry = _ENTRY.fullmatch(line)
    if entry is None:
        return coloured(line, _DIM)
    target, time, mark, direction, tags, name = (part or "" for part in entry.groups())
    colour = colour_of(mark)
    turn = coloured(mark, colour + _BOLD) + direction
    about = f"{coloured(target, _DIM)} {coloured(time, _DIM)} {turn}{coloured(tags, _YELLOW)}"
    return f"{about} {coloured(name, colour + _BOLD)}"


class _Painter:
    """Tracks the last sender, for lines marked "-", and whether the summary, which ends the legend, has passed."""

    def __init__(self) -> None:
        self._in_legend = True
        self._me = "<"
        self._last = ">"
        self._names: set[str] = set()

    def line(self, line: str) -> str:
        if _FIGURES.match(line):
            self._in_legend = False
            return coloured(line, _DIM)
        if self._in_legend:
            return self._legend(line)
        if line.startswith("# "):
            return coloured(line, _BOLD)
        if line.startswith(("~", "! ")):
            return coloured(line, _YELLOW)
        if line.startswith(("More: ", "No ", "window_cursor: ")):
            return coloured(line, _DIM)
        message = _MESSAGE.fullmatch(line)
        if message is None or (message[2] not in (*SIGNS, "-", *self._names) and not message[4].startswith(":")):
            return line
        return self._message(message)

    def _legend(self, line: str) -> str:
        speaker = _LEGEND.fullmatch(line)
        if speaker is None:
            return coloured(line, _YELLOW)
        mark, direction, about, name = speaker.groups()
        self._names.add(mark)
        if about.startswith("(me)"):
            self._me = mark
        colour = colour_of(mark, me=mark == self._me)
        return f"{coloured(mark, colour)}{direction} {coloured(about, _DIM)} {coloured(name, colour + _BOLD)}"

    def _message(self, message: re.Match[str]) -> str:
        time, mark, direction, tag, text = (part or "" for part in message.groups())
        self._last = self._last if mark == "-" else mark
        colour = colour_of(self._last, me=self._last == self._me)
        cut = text.replace("[..]", coloured("[..]", _YELLOW))
        return coloured(time, _DIM) + coloured(mark, colour + _BOLD) + direction + coloured(tag, _YELLOW) + cut
