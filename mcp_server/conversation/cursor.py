"""Continuation cursors: where the next answer starts, signed, short, and bound to one conversation.

A cursor names the API's page, a message in it by a hash of its identity (an index would shift when new messages
arrive), that message's time in case it is deleted, and how far into it the last answer came. The signature covers
what the cursor belongs to (tool, tenant, account, target, order) without containing it.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from mcp_server.conversation.models import Target
from mcp_server.errors import InvalidCursor

MAX_CURSOR_CHARS = 2_000
"""Ours are some 40; one that carries a long cursor of the API is longer. More than this is not even looked at."""

_VERSION = 1
_MAC_BYTES = 10
_ANCHOR_BYTES = 6
_PAGE, _DECIMAL, _ANCHOR, _INCLUSIVE, _TIME, _OFFSET, _REMAINING, _LIMIT = (1 << bit for bit in range(8))
_DECIMAL_CURSOR = re.compile(r"(?:0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on.

    `page_cursor`: the API's cursor of the page to read, None for its newest. `anchor`: which message of it, by
    `anchor_of`; None for the page's first. `inclusive`: the anchor is the first message to show, `offset` characters
    into it; otherwise it is the last one shown. `sent_at_ms`: the anchor's time. `skip`: how many messages stood before
    it on its page, a hint for how much to ask for. `remaining`: messages from here to the conversation's beginning.
    `limit`: read no further than so many messages.
    """

    page_cursor: str | None = None
    anchor: bytes | None = None
    inclusive: bool = False
    sent_at_ms: int | None = None
    offset: int = 0
    skip: int = 0
    remaining: int | None = None
    limit: int | None = None


START = Position()


def anchor_of(message_id: str) -> bytes:
    """A short hash of a message's identity: 48 bits tell the messages of one conversation apart."""
    return hashlib.sha256(message_id.encode()).digest()[:_ANCHOR_BYTES]


class CursorCodec:
    """Writes and reads cursors with one key. `scope` is what they are bound to beside the target."""

    def __init__(self, secret: str, *, scope: tuple[str, ...]) -> None:
        """`secret` is stretched into a key of its own; `scope` e.g. (tool, tenant, account)."""
        self._key = hmac.digest(secret.encode(), b"conversation-mcp cursor key", "sha256")
        self._scope = scope

    def encode(self, position: Position, target: Target) -> str:
        payload = _pack(position)
        return urlsafe_b64encode(payload + self._mac(payload, target)).rstrip(b"=").decode()

    def decode(self, cursor: str, target: Target) -> Position:
        """The position `cursor` was made of, for this target. Raises InvalidCursor, always in the same words."""
        if not cursor.isascii() or len(cursor) > MAX_CURSOR_CHARS:
            raise InvalidCursor
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise InvalidCursor from None
        payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        # Written again it must be the same letters: base64 lets some be changed without a trace.
        again = urlsafe_b64encode(raw).rstrip(b"=").decode()
        if not hmac.compare_digest(mac, self._mac(payload, target)) or again != cursor:
            raise InvalidCursor
        return _unpack(payload)

    def _mac(self, payload: bytes, target: Target) -> bytes:
        bound = (*self._scope, "newest first", target.kind, target.value)
        message = b"".join(len(part).to_bytes(4) + part for part in (payload, *(name.encode() for name in bound)))
        return hmac.digest(self._key, message, "sha256")[:_MAC_BYTES]


def _pack(position: Position) -> bytes:
    """Version, one byte of flags, then the fields that are there, numbers as varints (LEB128)."""
    page = position.page_cursor
    fields = b""
    flags = _INCLUSIVE if position.inclusive else 0
    if page is not None:
        flags |= _PAGE
        if _DECIMAL_CURSOR.fullmatch(page):
            flags |= _DECIMAL
            fields += _varint(int(page))
        else:
            encoded = page.encode()
            fields += _varint(len(encoded)) + encoded
    if position.anchor is not None:
        flags |= _ANCHOR
        fields += position.anchor
    numbers = (
        (_TIME, position.sent_at_ms),
        (_OFFSET, position.offset or None),
        (_REMAINING, position.remaining),
        (_LIMIT, position.limit),
    )
    for bit, number in numbers:
        if number is not None:
            flags |= bit
            fields += _varint(number)
    return bytes((_VERSION, flags)) + _varint(position.skip) + fields


def _unpack(payload: bytes) -> Position:
    """The inverse of `_pack`; what is signed with our key we wrote ourselves, in this version or another."""
    if payload[0] != _VERSION:
        raise InvalidCursor
    flags, rest = payload[1], payload[2:]
    skip, rest = _read_varint(rest)
    page: str | None = None
    if flags & _PAGE:
        number, rest = _read_varint(rest)
        page, rest = (str(number), rest) if flags & _DECIMAL else (rest[:number].decode(), rest[number:])
    anchor: bytes | None = None
    if flags & _ANCHOR:
        anchor, rest = rest[:_ANCHOR_BYTES], rest[_ANCHOR_BYTES:]
    numbers: dict[int, int] = {}
    for bit in (_TIME, _OFFSET, _REMAINING, _LIMIT):
        if flags & bit:
            numbers[bit], rest = _read_varint(rest)
    return Position(
        page,
        anchor,
        inclusive=bool(flags & _INCLUSIVE),
        sent_at_ms=numbers.get(_TIME),
        offset=numbers.get(_OFFSET, 0),
        skip=skip,
        remaining=numbers.get(_REMAINING),
        limit=numbers.get(_LIMIT),
    )


def _varint(number: int) -> bytes:
    packed = bytearray()
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)
    return bytes(packed)


def _read_varint(packed: bytes) -> tuple[int, bytes]:
    number = 0
    for index, byte in enumerate(packed):  # pragma: no branch - what we packed ends
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            break
    return number, packed[index + 1 :]
