"""Lenient parsing of the API's answers: usable fields are read, unusable ones are left out, nothing is guessed."""

import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.models import TEXT_KIND, Message, Page, Participant
from mcp_server.conversation.participants import is_placeholder
from mcp_server.conversation.profile import profile_label
from mcp_server.errors import BadResponse
from mcp_server.upstream.extra_fields import common_fields, with_extra_fields

# An API may ignore `count` and send a whole conversation; a broken one may send any number.
MAX_MESSAGES = 20_000
# The API's own are some 120 characters long.
MAX_ID_CHARS = 1_000
# Larger counts and credits are certainly wrong.
MAX_COUNT = 10**9
_LARGEST_NUMBER = 10**20

# Units of a timestamp, as fractions of a second, and the years it may fall in. The ranges of any two units are a
# factor of 240 apart, so no number is in two of them.
_TIMESTAMP_UNITS = (1, 1_000, 1_000_000, 1_000_000_000)
_FIRST_MS = 946_684_800_000  # 2000
_LAST_MS = 4_102_444_800_000  # 2100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NO_SLUGS = frozenset(("unknown", "headless", "null", "undefined", "none"))
"""Last parts of addresses of people whose profile is not shown: LinkedIn's own, and those that programs make."""

_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")


def read_document(body: bytes | bytearray) -> object:
    """The JSON value in an answer's body. NaN and the infinities become null; the last of repeated keys counts.

    Raises BadResponse if the body is not JSON, is nested too deeply, or contains a number of thousands of digits.
    """
    try:
        # A byte-order mark is dropped and invalid UTF-8 becomes U+FFFD: one bad byte must not cost a page.
        return cast(object, json.loads(body.decode("utf-8-sig", "replace"), parse_constant=lambda _: None))
    except (ValueError, RecursionError):
        # Without its cause, which quotes the body.
        raise BadResponse(
            "The API's answer is not the JSON that was expected. It may have billed the request."
        ) from None


def replaced_characters(body: bytes | bytearray) -> int:
    """How many U+FFFD `read_document` substitutes for bytes that are not UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace").count("\ufffd") - body.count("\ufffd".encode())
    return 0


def read_credits(document: object) -> int | None:
    """The price that this answer reports, in credits rounded up; None where it reports none."""
    consumed = _number(as_object(as_object(document).get("metadata")).get("credits_consumed"))
    return math.ceil(consumed) if consumed is not None and 0 <= consumed <= MAX_COUNT else None


def read_page(document: object) -> Page:
    """The page in a successful answer.

    Unknown fields and missing ones are accepted. A message that is not an object is skipped and counted. Raises
    BadResponse where there is no list of messages.
    """
    data = as_object(as_object(document).get("data"))
    rows = data.get("messages")
    if not isinstance(rows, list) or len(rows) > MAX_MESSAGES:
        raise BadResponse("The API's answer contains no readable list of messages.")
    readable = [cast(Mapping[str, object], row) for row in rows if isinstance(row, dict)]
    senders, common = _Senders(), common_fields(readable)
    messages = _identified([_read_message(row, senders, common) for row in readable])
    seen, cursor, credits = data.get("last_seen_message"), data.get("next_cursor"), read_credits(document)
    return Page(
        messages=messages,
        next_cursor=read_cursor(cursor),
        cursor_unusable=is_unusable_cursor(cursor),
        total=read_count(data.get("total_message_count")),
        unread=read_count(data.get("unread_count")),
        seen=seen if isinstance(seen, bool) else None,
        seen_at_ms=read_moment(data.get("last_seen_at")),
        credits=credits or 0,
        price_unknown=credits is None,
        skipped=len(rows) - len(messages),
    )


def read_moment(value: object) -> int | None:
    """Milliseconds since 1970 of a timestamp in s, ms, µs or ns (recognised by its size) or in ISO 8601.

    None for a moment outside 2000 to 2100: no date is better than a wrong one.
    """
    number = _number(value)
    if number is not None:
        for unit in _TIMESTAMP_UNITS:
            # Integer division is exact: a double cannot hold all digits of a time in nanoseconds.
            ms = number * 1000 // unit if isinstance(number, int) else round(number * 1000 / unit)
            if _FIRST_MS <= ms < _LAST_MS:
                return ms
        return None
    try:
        moment = datetime.fromisoformat(value.upper()) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    utc = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    ms = (utc - _EPOCH) // timedelta(milliseconds=1)
    return ms if _FIRST_MS <= ms < _LAST_MS else None


def _read_message(row: Mapping[str, object], senders: "_Senders", common: Collection[str]) -> Message:
    return Message(
        id=read_id(row.get("entity_urn")),
        text=with_extra_fields(row, clean(as_text(row.get("text"))), common),
        sent_at_ms=read_moment(row.get("timestamp")),
        sender=senders.of(row),
        kind=clean_name(as_text(row.get("message_type"))) or TEXT_KIND,
    )


def read_id(value: object) -> str:
    """An identity as the API gives it, or a hash of one longer than `MAX_ID_CHARS`; empty where there is none."""
    identity = _repaired(as_text(value).strip())
    if len(identity) <= MAX_ID_CHARS:
        return identity
    return f"hashed:{hashlib.sha256(identity.encode()).hexdigest()}"


def _identified(messages: list[Message]) -> tuple[Message, ...]:
    """The messages, each with an identity: the API's own, or one derived from its content.

    A derived identity is the same on every page. Messages of one page that are equal in every field are numbered from
    the newest. Equal messages on two pages count as one, because pages may overlap and nothing may be shown twice.
    Where different messages of a page share an identity of the API (as in its documentation, which shortens them), a
    hash of the content is appended to it.
    """
    contents = [_content_hash(message) for message in messages]
    sharing: defaultdict[str, set[str]] = defaultdict(set)
    for message, content in zip(messages, contents, strict=True):
        sharing[message.id].add(content)
    numbers: Counter[str] = Counter()
    identified = []
    for message, content in zip(messages, contents, strict=True):
        identity = message.id
        if not identity:
            numbers[content] += 1
            identity = f"derived:{content}" + (f".{numbers[content]}" if numbers[content] > 1 else "")
        elif len(sharing[identity]) > 1:
            identity = f"{identity}#{content}"
        identified.append(replace(message, id=identity))
    return tuple(identified)


def _content_hash(message: Message) -> str:
    sender = message.sender.key if message.sender else None
    content = json.dumps([message.sent_at_ms, sender, message.text, message.kind])
    return hashlib.sha256(content.encode()).hexdigest()[:32]


class _Senders:
    """The senders of a page's messages, each parsed once: few people write many messages."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Participant | None] = {}

    def of(self, row: Mapping[str, object]) -> Participant | None:
        """The sender of a message, or None where no field names one."""
        info = as_object(row.get("sender_info"))
        fields = tuple(
            map(as_text, (row.get("sender"), info.get("first_name"), info.get("last_name"), info.get("profile_url")))
        )
        if fields not in self._known:
            self._known[fields] = read_sender(*fields)
        return self._known[fields]


def read_sender(sender: str, first_name: str, last_name: str, profile_url: str) -> Participant | None:
    """A person by name and profile, or None where neither says who it is."""
    profile = profile_label(_repaired(profile_url))
    slug = profile.rpartition("/")[2] if profile else ""
    if slug.casefold() in _NO_SLUGS:
        profile, slug = None, ""
    names = [clean_name(sender), clean_name(f"{first_name} {last_name}")]
    name = next((name for name in names if name and not is_placeholder(name)), slug)
    if not name:
        return None
    return Participant(key=profile.casefold() if profile else f"name:{name}", name=name, profile=profile)


def is_unusable_cursor(value: object) -> bool:
    """Whether there is a cursor that is not a text or a number and cannot be sent back."""
    return value is True or (isinstance(value, dict | list) and bool(value))


def read_cursor(value: object) -> str | None:
    """The API's cursor of the next page, None at the end."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # Not cleaned: it is sent back to the API unchanged.
    return _repaired(str(value)) or None


def _repaired(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which JSON allows and UTF-8 cannot encode."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def as_object(value: object) -> Mapping[str, object]:
    """A JSON object; empty for anything else."""
    return cast(Mapping[str, object], value) if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """A string, or a number as one; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def read_count(value: object) -> int | None:
    """A number of things, None for anything else."""
    number = _number(value)
    return int(number) if number is not None and 0 <= number <= MAX_COUNT else None


def _number(value: object) -> int | float | None:
    """A number of at most 20 digits, given as a number or as a string; None for anything else."""
    number: int | float
    if isinstance(value, str) and _NUMBER.fullmatch(digits := value.strip()):
        number = float(digits) if "." in digits else int(digits)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    else:
        return None
    # False for NaN, and exact for an int of thousands of digits, which would overflow a double.
    return number if -_LARGEST_NUMBER <= number <= _LARGEST_NUMBER else None
