"""Static bearer tokens, known only by their digests."""

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LIVE = 2
"""Most tokens of one subject: the old one and its successor, while clients change over."""
_LINE = re.compile(r"sha256:([0-9a-f]{64})\s+([!-~]{1,200})")
_LARGEST_TOKEN_CHARS = 8_192


@dataclass(frozen=True, slots=True)
class TokenDigest:
    """A token's SHA-256 and its subject. Tokens are long and random, so a fast hash protects them well enough."""

    digest: bytes
    subject: str


def parse_digests(text: str) -> tuple[TokenDigest, ...]:
    """Digests from lines (or a comma-separated list) of `sha256:<hex> subject`; `#` starts a comment line.

    Raises ValueError, whose text continues a setting's name and repeats no value.
    """
    entries = [
        entry.strip() for line in text.splitlines() if not line.lstrip().startswith("#") for entry in line.split(",")
    ]
    found = []
    for number, entry in enumerate((entry for entry in entries if entry), start=1):
        match = _LINE.fullmatch(entry)
        if match is None:
            raise ValueError(f"must hold lines of `sha256:<64 hex digits> subject`; entry {number} is not one.")
        found.append(TokenDigest(bytes.fromhex(match[1]), match[2]))
    if not found:
        raise ValueError("contains no token.")
    if len({token.digest for token in found}) < len(found):
        raise ValueError("contains one token twice.")
    if max(Counter(token.subject for token in found).values()) > MAX_LIVE:
        raise ValueError(f"gives a subject more than {MAX_LIVE} tokens: an old and a new one are enough.")
    return tuple(found)


class StaticTokens:
    """Verifies tokens, in a time that does not depend on how much of one is right. Implements `Verifier`."""

    def __init__(self, tokens: Iterable[TokenDigest]) -> None:
        # Looked up under a secret key, so that the time of the look-up reveals nothing about a token.
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
