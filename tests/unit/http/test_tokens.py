"""Static tokens: known by their digests, two of a subject at a time."""

import hashlib

import pytest

from mcp_server.http.tokens import StaticTokens, parse_digests
from tests.support.http_server import digest_line

pytestmark = pytest.mark.anyio


async def test_a_token_is_known_by_its_digest() -> None:
    """The old and the new one of a subject both; nothing near them, and not the digest itself."""
    text = "\n".join(
        ["# rotated in May", digest_line("old", "alice"), digest_line("new", "alice"), "", digest_line("b", "bob")]
    )
    tokens = StaticTokens(parse_digests(text))
    assert [await tokens.subject_of(token) for token in ("old", "new", "b")] == ["alice", "alice", "bob"]
    for stranger in ("", "ol", "oldd", "OLD", "c", hashlib.sha256(b"old").hexdigest(), "x" * 10_000, "\udcff"):
        assert await tokens.subject_of(stranger) is None


def test_a_list_in_one_line_is_read_too() -> None:
    """As an environment variable holds it."""
    found = parse_digests(f"{digest_line('a', 'alice')}, {digest_line('b', 'bob')}")
    assert [token.subject for token in found] == ["alice", "bob"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("secret-token alice", "entry 1 is not one"),
        (f"{digest_line('a', 'alice')}\nsha256:abc bob", "entry 2 is not one"),
        ("sha256:" + "0" * 64, "entry 1 is not one"),
        ("# nobody", "contains no token"),
        (f"{digest_line('a', 'alice')}\n{digest_line('a', 'bob')}", "one token twice"),
        ("\n".join(digest_line(token, "alice") for token in "abc"), "more than 2 tokens"),
    ],
)
def test_an_invalid_list_is_refused_and_not_repeated(text: str, told: str) -> None:
    """A token pasted where its digest belongs must not end up in a log."""
    with pytest.raises(ValueError, match=told) as caught:
        parse_digests(text)
    assert "secret-token" not in str(caught.value)
