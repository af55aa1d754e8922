"""Authenticated encryption of pages for the shared store: only the same tenant's replicas can read or write them."""

import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError

from mcp_server.conversation.models import Page, Target

_VERSION = b"\x02"
STAMP_BYTES = 8
"""After the version: when the page was fetched, in milliseconds of the store's clock. Authenticated, not encrypted."""
_NONCE_BYTES = 12
_PAGES = TypeAdapter(Page)


class Seal:
    """Derives names and encrypts pages for one tenant's account. Every tenant has its own names and keys."""

    def __init__(self, secret: str, *, tenant: str, account_id: str) -> None:
        owner = _joined((tenant, account_id))
        root = hmac.digest(secret.encode(), b"conversation-mcp page key", "sha256")
        self._names = hmac.digest(root, b"names" + owner, "sha256")
        self._cipher = AESGCM(hmac.digest(root, b"pages" + owner, "sha256"))

    def name(self, target: Target, cursor: str | None, after: str | None = None) -> str:
        """The store's name for a page: a keyed hash, which reveals neither the account nor the conversation.

        A page has a name of its own for each message that it follows, because the API may use a cursor for another
        place once messages have arrived.
        """
        place = _joined((target.kind, target.key, *(each for each in (cursor, after) if each is not None)))
        return hmac.digest(self._names, place, "sha256").hex()[:40]

    def close(self, name: str, page: Page, *, fetched_at_ms: int) -> bytes:
        """The page, encrypted and bound to `name` and to the time it was fetched, by the store's clock."""
        nonce = os.urandom(_NONCE_BYTES)
        stamp = _VERSION + max(0, fetched_at_ms).to_bytes(STAMP_BYTES)
        return stamp + nonce + self._cipher.encrypt(nonce, _PAGES.dump_json(page), stamp + name.encode())

    def open(self, name: str, sealed: bytes) -> Page | None:
        """The page, or None if `sealed` was not made by `close` with this key and this name."""
        stamp, rest = sealed[: 1 + STAMP_BYTES], sealed[1 + STAMP_BYTES :]
        nonce, body = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        if sealed[:1] != _VERSION or len(nonce) < _NONCE_BYTES:
            return None
        try:
            return _PAGES.validate_json(self._cipher.decrypt(nonce, body, stamp + name.encode()))
        except (InvalidTag, ValidationError):
            # ValidationError: written by a version of this package with other fields in its pages.
            return None


def _joined(parts: Sequence[str]) -> bytes:
    return b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
