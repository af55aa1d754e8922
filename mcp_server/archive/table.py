"""The messages' file as records: its columns found by name, its bytes decoded, its records found again by their place.

The bytes are kept, and little else: a record is read once to index it, and again when it is shown.
"""

import csv
import re
from array import array
from collections.abc import Callable, Iterator
from functools import cached_property
from io import BytesIO
from itertools import accumulate
from operator import methodcaller
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

from mcp_server.errors import ArchiveError

COLUMNS = (
    "conversation id",
    "conversation title",
    "from",
    "sender profile url",
    "to",
    "recipient profile urls",
    "date",
    "subject",
    "content",
    "folder",
    "direction",
    "attachments",
    "is message draft",
)
"""The columns that are read, of all that headers have had; `is conversation draft` says nothing of a message."""

_NEEDED = frozenset({"from", "date", "content"})
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WRONG = "Give the messages.csv of LinkedIn's export as it was downloaded, not saved again by another program."
_SPACES = re.compile(r"\s+")
# A carriage return alone ends a record too, where it is in no quotes.
_PIECE = re.compile(rb"[^\r]*\r(?!\n)|[^\r]*\r\n|[^\r]+")


class Table:
    """The records of a messages' file, and where its columns are.

    `columns` gives the place of each column that the file has, by its name in lower case; `width` is how many there
    are in all. Raises ArchiveError where the file is not one of messages, and UnicodeDecodeError (here or while it is
    read) where it is not UTF-8 throughout and `lenient` is False.
    """

    def __init__(self, data: bytes, *, lenient: bool = False) -> None:
        if data.startswith(_UTF16):
            raise ArchiveError("The messages are not in UTF-8.", advice=_WRONG)
        self._data = data
        self._start = len(_BOM) if data.startswith(_BOM) else 0
        # One field may be as long as the file: a text of any length, or one whose closing quote was lost.
        csv.field_size_limit(max(csv.field_size_limit(), len(data) + 1))
        # The standard library's lines of bytes end at LF alone; to the csv module a CR ends one too.
        returns = data.count(b"\r")
        self._plain = not lenient and (returns == 0 or returns == data.count(b"\r\n"))
        self.replaced = 0
        """Characters met by `records` that were no UTF-8 and were read as Windows-1252."""
        header, self._header_lines = self._header()
        self.width = len(header)
        self.columns = {name: place for place, name in reversed([*enumerate(header)]) if name in COLUMNS}
        if not self.columns.keys() >= _NEEDED:
            raise ArchiveError("The file's first line does not name the columns of LinkedIn's messages.", advice=_WRONG)

    def reader(self) -> "CsvReader":
        """Gives every record after the header, an empty list for a blank line. Its `line_num` says how many lines
        after the header have been read: what a record begins in, and `record` takes.
        """
        lines = self._lines(self._start, self._count)
        for _ in range(self._header_lines):
            next(lines)
        self.replaced = 0
        return csv.reader(lines)

    def record(self, line: int) -> tuple[list[str], int]:
        """The record that begins in a line, as wide as the header, and how many of its characters were no UTF-8."""
        replaced = 0

        def count(number: int) -> None:
            nonlocal replaced
            replaced += number

        offset = self._offsets[self._header_lines + line]
        record = next(csv.reader(self._lines(offset, count)), [])
        return record + [""] * (self.width - len(record)), replaced

    @cached_property
    def _offsets(self) -> "array[int]":
        """Where each line begins."""
        return array("Q", accumulate(map(len, self._raw_lines(self._start)), initial=self._start))

    def _header(self) -> tuple[list[str], int]:
        """The names in the first record that is not blank, and how many lines there are up to its end."""
        reader = csv.reader(self._lines(self._start, self._count))
        for record in reader:
            if any(cell.strip() for cell in record):
                return [_SPACES.sub(" ", cell.strip(" \t\r\n\"'\ufeff")).lower() for cell in record], reader.line_num
        return [], 0

    def _lines(self, offset: int, count: Callable[[int], None]) -> Iterator[str]:
        lines = self._raw_lines(offset)
        return map(methodcaller("decode"), lines) if self._plain else _lenient(lines, count)

    def _raw_lines(self, offset: int) -> Iterator[bytes]:
        stream = BytesIO(self._data)
        stream.seek(offset)
        return stream if self._plain else (piece for line in stream for piece in _PIECE.findall(line))

    def _count(self, replaced: int) -> None:
        self.replaced += replaced


def _lenient(lines: Iterator[bytes], count: Callable[[int], None]) -> Iterator[str]:
    for line in lines:
        text, replaced = decoded(line)
        if replaced:
            count(replaced)
        yield text


def decoded(line: bytes) -> tuple[str, int]:
    """Bytes as text: UTF-8, and what is none as Windows-1252, which programs write who save an export again.

    Also returns how many characters that were.
    """
    parts: list[str] = []
    at = replaced = 0
    while True:
        try:
            return "".join((*parts, line[at:].decode())), replaced
        except UnicodeDecodeError as error:
            wrong = line[at + error.start : at + error.end]
            parts += [line[at : at + error.start].decode(), wrong.decode("cp1252", "replace")]
            replaced += len(wrong)
            at += error.end
