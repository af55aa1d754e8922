"""Continuation cursors: where the next answer starts, signed, short, and valid for one conversation only.

A cursor holds the API's cursor of a page, an anchor message on that page as a hash of its identity (an index would
shift when new messages arrive), the anchor's time in case it is deleted, and the number of its characters already
shown. The signature also covers the tool, tenant, account, target and order, which the cursor does not contain.

Where first names say who wrote a line, a cursor also holds which of them were given to whom, as fingerprints.

A condensed answer has a second cursor for all of its messages: `<cursor>:<n>` starts at message n, so that omitted
messages can be read without paging there. It lists the pages of these messages. The number is not signed, because the
caller may read every message of the answer.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from mcp_server.conversation.models import Target
from mcp_server.conversation.positions import ANCHOR_BYTES, Position, WindowPage, WindowPages
from mcp_server.errors import InvalidCursor

MAX_CURSOR_CHARS = 2_000
"""Cursors have about 40 characters, more when the API's own cursor is long. Longer ones are refused unread."""

_VERSION, _WINDOW_VERSION = 5, 6
_LABELLED = 2
"""Added to the version of a cursor with labels: versions 7 and 8."""

"""Versions 1 to 4 had longer anchors and signatures. A version number is never reused for another layout."""

_MAC_BYTES = 8
"""Short, because each byte costs about a token. Each guess takes a call, and a forged cursor could only point to
another place in a conversation that the caller may read anyway."""

_PAGE, _DECIMAL, _ANCHOR, _INCLUSIVE, _TIME, _OFFSET, _REMAINING, _SKIP_COUNT = (1 << bit for bit in range(8))
_Labels = frozenset[tuple[int, int]]
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")
_DECIMAL_CURSOR = re.compile(r"(?:0|[1-9][0-9]{0,18})")


class CursorTooLong(ValueError):
    """The cursor would be refused for its length, because it contains a long cursor of the API."""


class CursorCodec:
    """Writes and reads cursors. A cursor is valid for one target within one `scope`."""

    def __init__(self, secret: str, *others: str, scope: tuple[str, ...]) -> None:
        """`secret` signs; cursors signed with one of the `others` (an old or a coming secret) are accepted too.

        `scope` is, for example, (tool, tenant, account). A key for signing is derived from each secret.
        """
        self._keys = [
            hmac.digest(each.encode(), b"conversation-mcp cursor key", "sha256") for each in (secret, *others)
        ]
        self._scope = scope

    def encode(self, position: Position, target: Target) -> str:
        """The cursor for a position. Raises CursorTooLong."""
        return self._signed(_labelled(_pack(position), position.labels), target)

    def encode_window(self, window: WindowPages, target: Target) -> str:
        """One cursor for all messages of an answer; with `:n` appended it points to message n. Raises CursorTooLong."""
        return self._signed(_labelled(_pack_window(window), window.labels), target)

    def decode(self, cursor: str, target: Target) -> Position:
        """The position that `cursor` was made from. Raises InvalidCursor, with the same message whatever is wrong."""
        signed, colon, number = cursor.partition(":")
        payload, labels = _read_labels(self._verified(signed, target))
        if payload[0] == _VERSION and not colon:
            return _unpack(payload[1:], labels)
        if payload[0] == _WINDOW_VERSION and _NUMBER.fullmatch(number):
            return _unpack_window(payload[1:], labels).position_of(int(number))
        raise InvalidCursor

    def nearest_number(self, cursor: str, target: Target) -> int:
        """The number of the first message on the listed page nearest to that of a window cursor with its number.

        Raises InvalidCursor.
        """
        signed, _, number = cursor.partition(":")
        payload, _ = _read_labels(self._verified(signed, target))
        return _unpack_window(payload[1:]).page_before(int(number)).first_number

    def pseudonym(self, target: Target) -> str:
        """Twelve hex digits that stand for this target in logs: a keyed hash, from which it cannot be derived."""
        return self._mac(b"pseudonym", target, self._keys[0])[:6].hex()

    def fingerprint(self, text: str, target: Target) -> int:
        """A number from 0 to 255 for a text about this target, which only holders of the secret can calculate."""
        return self._mac(b"label " + text.encode(), target, self._keys[0])[0]

    def _signed(self, payload: bytes, target: Target) -> str:
        cursor = urlsafe_b64encode(payload + self._mac(payload, target, self._keys[0])).rstrip(b"=").decode()
        if len(cursor) > MAX_CURSOR_CHARS:
            raise CursorTooLong
        return cursor

    def _verified(self, cursor: str, target: Target) -> bytes:
        payload, mac = _parts(cursor)
        matches = [hmac.compare_digest(mac, self._mac(payload, target, key)) for key in self._keys]
        if not any(matches):
            raise InvalidCursor
        return payload

    def _mac(self, payload: bytes, target: Target, key: bytes) -> bytes:
        context = (*self._scope, "newest first", target.kind, target.key)
        message = b"".join(len(part).to_bytes(4) + part for part in (payload, *(name.encode() for name in context)))
        return hmac.digest(key, message, "sha256")[:_MAC_BYTES]


def is_cursor_shaped(text: str) -> bool:
    """Whether `text` has the layout of a cursor. It may be forged, or belong to another conversation."""
    try:
        whole, _ = _parts(text.partition(":")[0])
        payload, labels = _read_labels(whole)
        if payload[0] == _VERSION:
            return _labelled(_pack(_unpack(payload[1:])), labels) == whole
        return payload[0] == _WINDOW_VERSION and _labelled(_pack_window(_unpack_window(payload[1:])), labels) == whole
    except (InvalidCursor, ValueError, IndexError):
        return False


def _parts(cursor: str) -> tuple[bytes, bytes]:
    """Payload and signature of a cursor. Raises InvalidCursor for what is not the canonical base64 of anything."""
    if not cursor.isascii() or len(cursor) > MAX_CURSOR_CHARS:
        raise InvalidCursor
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor from None
    # Base64 ignores some letters and bits, so only the canonical spelling is accepted.
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != cursor:
        raise InvalidCursor
    return raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]


def _pack(position: Position) -> bytes:
    """Version, one byte of flags, then the fields that have a value; numbers are varints (LEB128).

    The total has no flag, but is the last one: it is there if anything is left.
    """
    flags, fields = _pack_page(position.page_cursor)
    flags |= _INCLUSIVE if position.inclusive else 0
    if position.anchor is not None:
        flags |= _ANCHOR
        fields += position.anchor
    numbers = (
        (_TIME, position.sent_at_ms),
        (_OFFSET, position.offset or None),
        (_REMAINING, position.remaining),
        (_SKIP_COUNT, position.skip_count or None),
    )
    for bit, number in numbers:
        if number is not None:
            flags |= bit
            fields += _varint(number)
    if position.total is not None:
        fields += _varint(position.total)
    # A page that follows the last message shown holds nothing before the messages to show, so there the index is 0.
    page_index = _varint(position.page_index) if position.inclusive else b""
    return bytes((_VERSION, flags)) + page_index + fields


def _unpack(fields: bytes, labels: _Labels = frozenset()) -> Position:
    """The inverse of `_pack`. The signature was checked before, so `fields` is well-formed."""
    flags, rest = fields[0], fields[1:]
    page_index = 0
    if flags & _INCLUSIVE:
        page_index, rest = _read_varint(rest)
    page, rest = _read_page(flags, rest)
    anchor: bytes | None = None
    if flags & _ANCHOR:
        anchor, rest = rest[:ANCHOR_BYTES], rest[ANCHOR_BYTES:]
    numbers: dict[int, int] = {}
    for bit in (_TIME, _OFFSET, _REMAINING, _SKIP_COUNT):
        if flags & bit:
            numbers[bit], rest = _read_varint(rest)
    total, rest = _read_varint(rest) if rest else (None, rest)
    return Position(
        page,
        anchor,
        inclusive=bool(flags & _INCLUSIVE),
        sent_at_ms=numbers.get(_TIME),
        offset=numbers.get(_OFFSET, 0),
        page_index=page_index,
        remaining=numbers.get(_REMAINING),
        skip_count=numbers.get(_SKIP_COUNT, 0),
        total=total,
        labels=labels,
    )


def _pack_window(window: WindowPages) -> bytes:
    """Version, first anchor, length, `remaining` + 1 or 0 if unknown, then each page: flags, cursor, two numbers."""
    remaining = 0 if window.remaining is None else window.remaining + 1
    packed = bytes((_WINDOW_VERSION,)) + window.first_anchor + _varint(window.length) + _varint(remaining)
    for page in window.pages:
        flags, fields = _pack_page(page.cursor)
        packed += bytes((flags,)) + fields + _varint(page.first_number) + _varint(page.page_index)
    return packed


def _unpack_window(fields: bytes, labels: _Labels = frozenset()) -> WindowPages:
    first_anchor, rest = fields[:ANCHOR_BYTES], fields[ANCHOR_BYTES:]
    length, rest = _read_varint(rest)
    remaining, rest = _read_varint(rest)
    pages: list[WindowPage] = []
    while rest:
        cursor, rest = _read_page(rest[0], rest[1:])
        first_number, rest = _read_varint(rest)
        page_index, rest = _read_varint(rest)
        pages.append(WindowPage(cursor, first_number, page_index))
    return WindowPages(first_anchor, length, tuple(pages), remaining - 1 if remaining else None, labels)


def _labelled(packed: bytes, labels: _Labels) -> bytes:
    """A packed position or window with its labels: version + 2, their number, two bytes for each, then the rest."""
    if not labels:
        return packed
    pairs = b"".join(bytes(pair) for pair in sorted(labels))
    return bytes((packed[0] + _LABELLED, len(labels))) + pairs + packed[1:]


def _read_labels(payload: bytes) -> tuple[bytes, _Labels]:
    """The inverse of `_labelled`. Raises IndexError for a payload that ends too early."""
    version = payload[0] - _LABELLED
    if version not in (_VERSION, _WINDOW_VERSION):
        return payload, frozenset()
    end = 2 + 2 * payload[1]
    pairs = frozenset((payload[at], payload[at + 1]) for at in range(2, end, 2))
    return bytes((version,)) + payload[end:], pairs


def _pack_page(cursor: str | None) -> tuple[int, bytes]:
    """Flags and bytes of one of the API's cursors. A decimal one, as in the API's example, is packed as a number."""
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
    """The first number in `packed`, and the rest. Raises ValueError where there is none."""
    number = 0
    for index, byte in enumerate(packed):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number, packed[index + 1 :]
    raise ValueError("no complete number")
