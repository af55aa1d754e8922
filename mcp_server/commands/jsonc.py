"""Adds to JSON with comments and trailing commas. Everything else in the text stays as it was, byte for byte.

Positions come from the standard library's scanner, which reads a copy of the text with comments and trailing commas
blanked out. docs/evidence/decisions.md says why no library does this.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

_STRING = r'"(?:[^"\\]|\\.)*"'
_COMMENT = re.compile(rf"{_STRING}|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_COMMA = re.compile(rf"{_STRING}|,(?=[ \t\r\n]*[}}\]])", re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"[ \t]*")
_UNIT = "  "


class NotJson(ValueError):
    """The text is not JSON with comments, or has another shape; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class _Element:
    """A member of an object or an item of a list, from `start` (of its key, if it has one) to `end`."""

    key: str | None
    start: int
    value_start: int
    end: int
    value: Any


def read(text: str) -> Any:
    """The value of a document; numbers are texts, as they are spelt. Raises NotJson."""
    return _Document(text).value


def merged(text: str, added: Mapping[str, Mapping[str, object] | Sequence[Mapping[str, object]]]) -> str:
    """`text`, an object, with everything in `added`: members of objects, and items of lists, identified by their "id".

    Members and items that are there already are replaced, unless they are equal. A text without any value becomes an
    object. Raises NotJson, also where `added` has an object and the text does not, and so for lists.
    """
    if not _COMMENT.sub(_without_comment, text).strip():
        text = f"{text.rstrip()}\n{{}}\n".lstrip()
    for key, value in added.items():
        for part in value.items() if isinstance(value, Mapping) else value:
            text = _with(text, key, part)
    return text


def _with(text: str, key: str, part: tuple[str, object] | Mapping[str, object]) -> str:
    document = _Document(text)
    is_member = isinstance(part, tuple)
    name, value = part if isinstance(part, tuple) else (None, part)
    if not isinstance(document.value, dict):
        raise NotJson("it is not an object")
    members = document.elements(document.start)
    found = next((member for member in reversed(members) if member.key == key), None)
    if found is None:
        return document.inserted(document.start, members, key, {name: value} if is_member else [value])
    if found.value is None:
        return document.replaced(found, {name: value} if is_member else [value])
    if not isinstance(found.value, dict if is_member else list):
        raise NotJson(f'its "{key}" is not {"an object" if is_member else "a list"}')
    elements = document.elements(found.value_start)
    wanted = name if isinstance(part, tuple) else part["id"]
    same = next((each for each in reversed(elements) if wanted == (each.key if is_member else _id(each.value))), None)
    if same is None:
        return document.inserted(found.value_start, elements, name, value)
    return text if same.value == value else document.replaced(same, value)


def _id(item: Any) -> object:
    return item.get("id") if isinstance(item, dict) else None


class _Document:
    def __init__(self, text: str) -> None:
        """Raises NotJson."""
        self._text = text
        self._uncommented = _COMMENT.sub(_without_comment, text)
        self._plain = _COMMA.sub(_without_trailing_comma, self._uncommented)
        self._newline = "\r\n" if "\r\n" in text else "\n"
        # Numbers stay texts: they are not needed, and some cannot be read as numbers.
        self._decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)
        try:
            self.value = self._decoder.decode(self._plain)
        except RecursionError:
            raise NotJson("it is nested too deeply") from None
        except json.JSONDecodeError as error:
            raise NotJson(f"{error.msg} in line {text.count(chr(10), 0, error.pos) + 1}") from None
        self.start = self._skip(0)

    def elements(self, start: int) -> list[_Element]:
        """The elements of the object or list that begins at `start`."""
        found = []
        at = self._skip(start + 1)
        while self._plain[at] not in "}]":
            first = at
            key: str | None = None
            if self._plain[start] == "{":
                key, at = self._decoder.raw_decode(self._plain, at)
                at = self._skip(self._skip(at) + 1)
            value, end = self._decoder.raw_decode(self._plain, at)
            found.append(_Element(key, first, at, end, value))
            at = self._skip(end)
            if self._plain[at] == ",":
                at = self._skip(at + 1)
        return found

    def replaced(self, element: _Element, value: object) -> str:
        """The text with another value of this element."""
        return (
            self._text[: element.value_start]
            + self._written(None, value, self._indent(element.start))
            + self._text[element.end :]
        )

    def inserted(self, start: int, elements: list[_Element], key: str | None, value: object) -> str:
        """The text with one more element at the end of the object or list that begins at `start`."""
        text = self._text
        if not elements:
            end = self._skip(start + 1)
            outer, unit = self._indent(start), self._unit()
            head = text[:end].rstrip(" \t\r\n")
            written = self._written(key, value, outer + unit)
            return f"{head}{self._newline}{outer}{unit}{written}{self._newline}{outer}{text[end:]}"
        last = elements[-1]
        comma = self._trailing_comma(last.end)
        after = last.end if comma is None else comma + 1
        own_line = "\n" in self._uncommented[start : last.start]
        indent = self._indent(last.start) if own_line else None
        at = self._end_of_line(after) if own_line else after
        space = " " if indent is None else self._newline + indent
        added = space + self._written(key, value, indent) + ("" if comma is None else ",")
        return text[: last.end] + ("," if comma is None else "") + text[last.end : at] + added + text[at:]

    def _written(self, key: str | None, value: object, indent: str | None) -> str:
        """An element as text: on one line without `indent`, which is that of the line it begins on."""
        layout = None if indent is None else self._unit()
        written = json.dumps(value, indent=layout, ensure_ascii=False).replace("\n", self._newline + (indent or ""))
        return written if key is None else f"{json.dumps(key, ensure_ascii=False)}: {written}"

    def _unit(self) -> str:
        """One level of indentation, as the document has it."""
        members = self.elements(self.start)
        deep = self._indent(members[0].start) if members else ""
        return deep.removeprefix(self._indent(self.start)) or _UNIT

    def _indent(self, at: int) -> str:
        found = _INDENT.match(self._text, self._text.rfind("\n", 0, at) + 1)
        return found[0] if found else ""

    def _trailing_comma(self, at: int) -> int | None:
        comma = self._uncommented.find(",", at, self._skip(at))
        return None if comma < 0 else comma

    def _end_of_line(self, at: int) -> int:
        """Where the line ends, if nothing but spaces and whole comments follow on it; otherwise `at`."""
        end = self._uncommented.find("\n", at)
        if end < 0 or self._uncommented[at:end].strip():
            return at
        return end - 1 if self._text[end - 1] == "\r" else end

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._plain, at)
        return found.end() if found else at


def _without_comment(found: re.Match[str]) -> str:
    """Spaces for a comment. Its line breaks go as well, so that every line break left ends a line of values."""
    return found[0] if found[0].startswith('"') else " " * len(found[0])


def _without_trailing_comma(found: re.Match[str]) -> str:
    if found[0] != ",":
        return found[0]
    at = found.start() - 1
    while at >= 0 and found.string[at] in " \t\r\n":
        at -= 1
    return "," if at < 0 or found.string[at] in "[{,:" else " "


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a number in JSON")
