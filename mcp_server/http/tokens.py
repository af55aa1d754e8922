"""Static bearer tokens, known only by their digests."""

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LIVE = 2
"""Tokens of one subject at a time: the old one and its successor, while clients change over."""
_LINE = re.compile(r"sha256:([0-9a-f]{64})\s+([!-~]{1,200})")
_LARGEST_TOKEN_CHARS = 8_192


@dataclass(frozen=True, slots=True)
class TokenDigest:
    """Whose token it is, and the SHA-256 of it. A token is long and random, so a fast hash hides it well enough."""

    digest: bytes
    subject: str


def parse_digests(text: str) -> tuple[TokenDigest, ...]:
    """Digests out of lines (or a comma-separated list) of `sha256:<hex> subject`; `#` starts a comment line.

    Raises ValueError in words that follow the name of a setting, and repeat nothing.
    """
    entries = [
        entry.strip() for line in text.splitlines() if not line.lstrip().startswith("#") for entry in line.split(",")
    ]
    found = []
    for number, entry in enumerate((entry for entry in entries if entry), start=1):
        match = _LINE.fullmatch(entry)
        if match is None:
            raise ValueError(f"must hold lines of `sha256:<64 hex digits> subject`; entry {number} is none.")
        found.append(TokenDigest(bytes.fromhex(match[1]), match[2]))
    if not found:
        raise ValueError("holds no token.")
    if len({token.digest for token in found}) < len(found):
        raise ValueError("holds one token twice.")
    if max(Counter(token.subject for token in found).values()) > MAX_LIVE:
        raise ValueError(f"gives a subject more than {MAX_LIVE} tokens: an old and a new one are enough.")
    return tuple(found)


class StaticTokens:
    """Tells whose token one is, in a time that does not depend on how much of it is right."""

    def __init__(self, tokens: Iterable[TokenDigest]) -> None:
        # Looked up under a key that nobody outside knows: how long the look-up takes then says nothing about a token.
        self._key = secrets.token_bytes(32)
        self._tokens = {self._blind(token.digest): token for token in tokens}

    async def subject_of(self, token: str) -> str | None:
        if len(token) > _LARGEST_TOKEN_CHARS:
            return None
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._tokens.get(self._blind(digest))
        if known is None or not hmac.compare_digest(known.digest, digest):
            return None
        return known.subject

    def _blind(self, digest: bytes) -> bytes:
        return hmac.digest(self._key, digest, "sha256")
