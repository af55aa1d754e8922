"""What a message of the API holds besides its text, in words: its subject, attachments, voice notes, unknown fields.

The API's documentation lists neither attachments nor reactions, but LinkedIn has both. Whatever an answer contains is
at least named, so that nobody takes a message with an attachment for an empty one.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import cast

from mcp_server.conversation.cleaning import clean_name

_DOCUMENTED = {"text", "timestamp", "sender", "sender_info", "message_type", "entity_urn", "subject"}
_METADATA = re.compile(
    r"(?:^|_)(?:id|urn|uuid|at|time|timestamp|date|type|status|state|version|cursor|direction|locale)$|^(?:is|has)_",
    re.IGNORECASE,
)
"""Names of fields that describe a message and are no part of what was said."""
_NAME_KEYS = ("name", "file_name", "filename", "fileName", "title")
_MAX_FIELDS = 5
_MAX_NAMES = 5
_MIN_COMMON = 3
_LONGEST_S = 600
"""A longer duration without a unit is in milliseconds: voice notes last a minute at most."""


def common_fields(rows: Sequence[Mapping[str, object]]) -> frozenset[str]:
    """The undocumented fields that all messages of a page contain: metadata, unless a page has very few messages."""
    if len(rows) < _MIN_COMMON:
        return frozenset()
    names = set(_extra(rows[0]))
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
        if name in _DOCUMENTED or not value or _METADATA.search(name):
            continue
        if not isinstance(value, int | float) or _is_duration(name):
            yield name


def _described(name: str, value: object) -> str:
    """`attachments: contract.pdf`: a field's name with the names of files and the lengths of voice notes in it."""
    label = clean_name(name)
    items = value if isinstance(value, list) else [value]
    details = [] if not _is_duration(name) else list(_seconds(name, value))
    for item in items[: 2 * _MAX_NAMES]:
        if isinstance(item, dict):
            details += _details(cast(Mapping[str, object], item))
    shown = details[:_MAX_NAMES] + (["..."] if len(details) > _MAX_NAMES else [])
    return f"{label}: {', '.join(shown)}" if label and shown else label


def _details(item: Mapping[str, object]) -> Iterator[str]:
    named = (item[key] for key in _NAME_KEYS if isinstance(item.get(key), str))
    name = clean_name(str(next(named, "")))
    if name:
        yield name
    for key, value in item.items():
        if _is_duration(key):
            yield from _seconds(key, value)


def _is_duration(name: str) -> bool:
    return "duration" in name.lower()


def _seconds(name: str, value: object) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**9:
        in_ms = name.lower().endswith("ms") or value > _LONGEST_S
        yield f"{value / 1000 if in_ms else value:.0f} s"
