"""Continuation cursors: where the next answer starts, signed, short, and bound to one conversation.

A cursor names the API's page, a message in it by a hash of its identity (an index would shift when new messages
arrive), that message's time in case it is deleted, and how far into it the last answer came. The signature covers
what the cursor belongs to (tool, tenant, account, target, order) without containing it.

A condensed answer has one more cursor, for its whole window: written `<cursor>:<n>`, it goes on at message n of the
window, so that a stretch left out can be read without walking there. It lists the window's pages; what stands behind
the colon is not signed, as every message of the window may be read anyway.
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

_VERSION, _WINDOW_VERSION = 5, 6
"""1 to 4 had longer anchors and signatures. No number is used again for another layout."""

_MAC_BYTES = 8
"""A guess is one call, and a hit moves within a conversation that the caller may read anyway; each byte is a token."""

_ANCHOR_BYTES = 5
_PAGE, _DECIMAL, _ANCHOR, _INCLUSIVE, _TIME, _OFFSET, _REMAINING, _AHEAD = (1 << bit for bit in range(8))
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")
_DECIMAL_CURSOR = re.compile(r"(?:0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on.

    `page_cursor`: the API's cursor of the page to read, None for its newest. `anchor`: which message of it, by
    `anchor_of`; None for the page's first. `inclusive`: the anchor is the first message to show, `offset` characters
    into it; otherwise it is the last one shown. `sent_at_ms`: the anchor's time. `skip`: how many messages stood before
    one to show on its page, a hint for how much to ask for. `remaining`: messages from here to the conversation's
    beginning. `ahead`: pass over so many messages first, on the way to a stretch left out.
    """

    page_cursor: str | None = None
    anchor: bytes | None = None
    inclusive: bool = False
    sent_at_ms: int | None = None
    offset: int = 0
    skip: int = 0
    remaining: int | None = None
    ahead: int = 0


START = Position()


def anchor_of(message_id: str) -> bytes:
    """A short hash of a message's identity: 40 bits tell the messages of one conversation apart."""
    return hashlib.sha256(message_id.encode()).digest()[:_ANCHOR_BYTES]


@dataclass(frozen=True, slots=True)
class WindowPage:
    """A page that a window is made of: its message `index` is the window's message `first`."""

    cursor: str | None
    first: int
    index: int


@dataclass(frozen=True, slots=True)
class WindowPages:
    """How to find each of the `length` messages of a window again, whose first one is `first`, by `anchor_of`.

    `pages` in reading order, not necessarily all. `remaining`: messages from the window's first to the conversation's
    beginning.
    """

    first: bytes
    length: int
    pages: tuple[WindowPage, ...]
    remaining: int | None = None

    def position_of(self, number: int) -> Position:
        """Where the window's message `number` is, from 0. Raises InvalidCursor beyond the last."""
        if number >= self.length:
            raise InvalidCursor
        remaining = None if self.remaining is None else max(0, self.remaining - number)
        page = [page for page in self.pages if page.first <= number][-1]
        ahead = number - page.first
        if page.first == 0:
            # The first page may be the newest, which shifts with every new message: so by identity.
            return Position(page.cursor, self.first, inclusive=True, skip=page.index, remaining=remaining, ahead=ahead)
        return Position(page.cursor, remaining=remaining, ahead=page.index + ahead)


class CursorCodec:
    """Writes cursors with one key, reads those of others too. `scope` is what they are bound to beside the target."""

    def __init__(self, secret: str, *others: str, scope: tuple[str, ...]) -> None:
        """Secrets are stretched into keys of their own; `scope` e.g. (tool, tenant, account).

        What was written with one of the `others`, yesterday's secret or tomorrow's, is read as well.
        """
        self._keys = [
            hmac.digest(each.encode(), b"conversation-mcp cursor key", "sha256") for each in (secret, *others)
        ]
        self._scope = scope

    def encode(self, position: Position, target: Target) -> str:
        return self._signed(_pack(position), target)

    def encode_window(self, window: WindowPages, target: Target) -> str:
        """One cursor for all of a window: with `:n` behind it, it goes on at the window's message n."""
        return self._signed(_pack_window(window), target)

    def decode(self, cursor: str, target: Target) -> Position:
        """The position `cursor` was made of, for this target. Raises InvalidCursor, always in the same words."""
        signed, colon, number = cursor.partition(":")
        payload = self._verified(signed, target)
        if payload[0] == _VERSION and not colon:
            return _unpack(payload[1:])
        if payload[0] == _WINDOW_VERSION and _NUMBER.fullmatch(number):
            return _unpack_window(payload[1:]).position_of(int(number))
        raise InvalidCursor

    def pseudonym(self, target: Target) -> str:
        """A name for this target in logs: always the same, and without the key nobody can tell whose."""
        return self._mac(b"pseudonym", target, self._keys[0])[:6].hex()

    def _signed(self, payload: bytes, target: Target) -> str:
        return urlsafe_b64encode(payload + self._mac(payload, target, self._keys[0])).rstrip(b"=").decode()

    def _verified(self, cursor: str, target: Target) -> bytes:
        if not cursor.isascii() or len(cursor) > MAX_CURSOR_CHARS:
            raise InvalidCursor
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise InvalidCursor from None
        payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        # Written again it must be the same letters: base64 lets some be changed without a trace.
        again = urlsafe_b64encode(raw).rstrip(b"=").decode()
        ours = [hmac.compare_digest(mac, self._mac(payload, target, key)) for key in self._keys]
        if not any(ours) or again != cursor:
            raise InvalidCursor
        return payload

    def _mac(self, payload: bytes, target: Target, key: bytes) -> bytes:
        bound = (*self._scope, "newest first", target.kind, target.value)
        message = b"".join(len(part).to_bytes(4) + part for part in (payload, *(name.encode() for name in bound)))
        return hmac.digest(key, message, "sha256")[:_MAC_BYTES]


def _pack(position: Position) -> bytes:
    """Version, one byte of flags, then the fields that are there, numbers as varints (LEB128)."""
    flags, fields = _pack_page(position.page_cursor)
    flags |= _INCLUSIVE if position.inclusive else 0
    if position.anchor is not None:
        flags |= _ANCHOR
        fields += position.anchor
    numbers = (
        (_TIME, position.sent_at_ms),
        (_OFFSET, position.offset or None),
        (_REMAINING, position.remaining),
        (_AHEAD, position.ahead or None),
    )
    for bit, number in numbers:
        if number is not None:
            flags |= bit
            fields += _varint(number)
    # Where the anchor was shown last, the page simply goes on behind it: nothing stands before what is asked for.
    skip = _varint(position.skip) if position.inclusive else b""
    return bytes((_VERSION, flags)) + skip + fields


def _unpack(fields: bytes) -> Position:
    """The inverse of `_pack`; what is signed with our key we wrote ourselves."""
    flags, rest = fields[0], fields[1:]
    skip = 0
    if flags & _INCLUSIVE:
        skip, rest = _read_varint(rest)
    page, rest = _read_page(flags, rest)
    anchor: bytes | None = None
    if flags & _ANCHOR:
        anchor, rest = rest[:_ANCHOR_BYTES], rest[_ANCHOR_BYTES:]
    numbers: dict[int, int] = {}
    for bit in (_TIME, _OFFSET, _REMAINING, _AHEAD):
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
        ahead=numbers.get(_AHEAD, 0),
    )


def _pack_window(window: WindowPages) -> bytes:
    """Version, first message, length, what remains after it and one more, then the pages: flags, cursor, numbers."""
    remaining = 0 if window.remaining is None else window.remaining + 1
    packed = bytes((_WINDOW_VERSION,)) + window.first + _varint(window.length) + _varint(remaining)
    for page in window.pages:
        flags, fields = _pack_page(page.cursor)
        packed += bytes((flags,)) + fields + _varint(page.first) + _varint(page.index)
    return packed


def _unpack_window(fields: bytes) -> WindowPages:
    first, rest = fields[:_ANCHOR_BYTES], fields[_ANCHOR_BYTES:]
    length, rest = _read_varint(rest)
    remaining, rest = _read_varint(rest)
    pages: list[WindowPage] = []
    while rest:
        cursor, rest = _read_page(rest[0], rest[1:])
        at, rest = _read_varint(rest)
        index, rest = _read_varint(rest)
        pages.append(WindowPage(cursor, at, index))
    return WindowPages(first, length, tuple(pages), remaining - 1 if remaining else None)


def _pack_page(cursor: str | None) -> tuple[int, bytes]:
    """Flags and bytes of a cursor of the API: a number where it is one, as in the API's own example."""
    if cursor is None:
        return 0, b""
    if _DECIMAL_CURSOR.fullmatch(cursor):
        return _PAGE | _DECIMAL, _varint(int(cursor))
    encoded = cursor.encode()
    return _PAGE, _varint(len(encoded)) + encoded


def _read_page(flags: int, fields: bytes) -> tuple[str | None, bytes]:
    if not flags & _PAGE:
        return None, fields
    number, rest = _read_varint(fields)
    return (str(number), rest) if flags & _DECIMAL else (rest[:number].decode(), rest[number:])


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
