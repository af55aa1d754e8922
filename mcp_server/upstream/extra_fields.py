"""What a message of the API holds besides its text, in words: its subject, attachments, voice notes, unknown fields.

The API's documentation lists neither attachments nor reactions, but LinkedIn has both. Whatever an answer contains is
at least named, so that nobody takes a message with an attachment for an empty one.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import cast
from urllib.parse import unquote

from mcp_server.conversation.cleaning import clean_name

_DOCUMENTED = {"timestamp", "sender", "sender_info", "message_type", "entity_urn", "subject"}
_METADATA = re.compile(
    r"(?:^|_)(?:id|urn|uuid|at|time|timestamp|date|type|status|state|version|cursor|direction|locale)$|^(?:is|has)_",
    re.IGNORECASE,
)
"""Names of fields that describe a message and are no part of what was said."""
_CONTENT = re.compile(r"attach|file|document|image|photo|picture|audio|voice|video|media", re.IGNORECASE)
"""Names of fields that are part of what was said, however many messages have them."""
_NAME_KEYS = frozenset(("name", "filename", "originalname", "originalfilename", "title"))
_FILE = re.compile(r"[^/\\?#=]{1,200}\.[A-Za-z0-9]{2,5}")
_CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,2}):([0-9]{2})")
_MAX_FIELDS = 5
_MAX_NAMES = 5
_MAX_DEPTH = 3
_MIN_COMMON = 3
_LONGEST_S = 600
"""A longer duration without a unit is in milliseconds: voice notes last a minute at most."""


def common_fields(rows: Sequence[Mapping[str, object]]) -> frozenset[str]:
    """The undocumented fields that all messages of a page contain: metadata, unless a page has very few messages, or
    their names are those of attachments."""
    if len(rows) < _MIN_COMMON:
        return frozenset()
    names = {name for name in _extra(rows[0]) if not _CONTENT.search(name)}
    for row in rows[1:]:
        names.intersection_update(_extra(row))
    return frozenset(names)


def with_extra_fields(row: Mapping[str, object], text: str, common: Collection[str]) -> str:
    """A message's clean `text` with its subject before it, and after it a line that names its other fields.

    The names of files and the length of a voice note are part of that line. Fields in `common` are only named where
    there is no text.
    """
    raw = row.get("subject")
    subject = clean_name(raw) if isinstance(raw, str) else ""
    described = (_described(name, row[name]) for name in _extra(row) if not text or name not in common)
    fields = list(islice(filter(None, described), _MAX_FIELDS))
    also = f"the API also sent: {'; '.join(fields)}" if fields else ""
    if not text:
        also = f"(no text; {also})" if also else "(no text)" if subject else ""
    elif also:
        also = f"({also})"
    return "\n".join(part for part in (f"Subject: {subject}" if subject else "", text, also) if part)


def _extra(row: Mapping[str, object]) -> Iterator[str]:
    """The names of the non-empty undocumented fields that may belong to what was said."""
    for name, value in row.items():
        if name in _DOCUMENTED or not value or _METADATA.search(name) or (name == "text" and isinstance(value, str)):
            continue
        if not isinstance(value, int | float) or _is_duration(name):
            yield name


def _described(name: str, value: object) -> str:
    """`attachments: contract.pdf`: a field's name with the names of files and the lengths of voice notes in it."""
    label = clean_name(name)
    details = list(islice(filter(None, _details(name, value, is_file=bool(_CONTENT.search(name)))), _MAX_NAMES + 1))
    shown = details[:_MAX_NAMES] + (["..."] if len(details) > _MAX_NAMES else [])
    return f"{label}: {', '.join(shown)}" if label and shown else label


def _details(name: str, value: object, *, is_file: bool, depth: int = 0) -> Iterator[str]:
    """The names of files and the durations in a field, at most three levels deep. `is_file`: its texts name files."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        fields = cast(Mapping[str, object], value)
        named = [each for key, each in fields.items() if _is_name(key) and isinstance(each, str)]
        yield from (clean_name(each) for each in named[:1])
        for key, each in fields.items():
            if not _is_name(key):
                yield from _details(key, each, is_file=is_file and not named, depth=depth + 1)
    elif isinstance(value, list):
        for each in value[: 2 * _MAX_NAMES]:
            yield from _details(name, each, is_file=is_file, depth=depth + 1)
    elif _is_duration(name):
        yield from _seconds(name, value)
    elif is_file and isinstance(value, str):
        last = unquote(value.partition("?")[0].rpartition("/")[2])
        yield clean_name(last) if _FILE.fullmatch(last) else ""


def _is_name(key: str) -> bool:
    return key.replace("_", "").lower() in _NAME_KEYS


def _is_duration(name: str) -> bool:
    return "duration" in name.lower() or name.lower().endswith("seconds")


def _seconds(name: str, value: object) -> Iterator[str]:
    number: float | None = None
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
        yield f"{int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])} s"
        return
    with suppress(ValueError, OverflowError):
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    if number is not None and 0 < number < 10**9:
        in_ms = name.lower().endswith("ms") or number > _LONGEST_S
        yield f"{max(1, round(number / 1000 if in_ms else number))} s"
