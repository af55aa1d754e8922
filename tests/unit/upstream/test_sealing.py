"""A sealed page opens for its own tenant only, under its own name, unchanged."""

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.models import Page, Target
from mcp_server.upstream.sealing import STAMP_BYTES, Seal
from tests.support.conversations import TARGET, chat

PAGE = Page(tuple(chat(3)), "17", total=9, unread=1, seen=True, seen_at_ms=5, credits=2)
SEAL = Seal("secret", tenant="alice", account_id="1")


def test_a_page_opens_as_it_was_closed() -> None:
    """Every field is preserved, and sealing a page twice gives different bytes."""
    name = SEAL.name(TARGET, "17")
    sealed = SEAL.close(name, PAGE, fetched_at_ms=5)
    assert SEAL.open(name, sealed) == PAGE
    assert sealed != SEAL.close(name, PAGE, fetched_at_ms=5)
    assert b"message number" not in sealed


def test_a_sealed_page_is_found_and_opened_by_its_own_tenant_alone() -> None:
    """Another secret, tenant, account, conversation or page has other names and other keys."""
    name = SEAL.name(TARGET, None)
    sealed = SEAL.close(name, PAGE, fetched_at_ms=5)
    others = [
        Seal("other", tenant="alice", account_id="1"),
        Seal("secret", tenant="bob", account_id="1"),
        Seal("secret", tenant="alice", account_id="2"),
        Seal("secret", tenant="alice1", account_id=""),
    ]
    names = {seal.name(TARGET, None) for seal in (SEAL, *others)} | {SEAL.name(TARGET, "")}
    names |= {SEAL.name(Target("conversation_id", "x"), None)}
    assert len(names) == 7
    assert all(seal.open(name, sealed) is None for seal in others)
    assert SEAL.open(SEAL.name(TARGET, "17"), sealed) is None


@given(st.data())
def test_a_sealed_page_with_changed_bytes_is_not_opened(data: st.DataObject) -> None:
    """One flipped bit, a truncation, an addition or random bytes give no page and no error."""
    name = SEAL.name(TARGET, None)
    sealed = bytearray(SEAL.close(name, PAGE, fetched_at_ms=5))
    place = data.draw(st.integers(0, len(sealed) - 1))
    cut = bytes(sealed[:place])
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    for poisoned in (bytes(sealed), cut, cut + b"\0" * 40, data.draw(st.binary(max_size=60))):
        assert SEAL.open(name, poisoned) is None


def test_the_time_of_a_page_cannot_be_changed() -> None:
    """An old page does not open with the stamp of a new one, so it cannot be passed off as new."""
    name = SEAL.name(TARGET, None)
    old, new = (SEAL.close(name, PAGE, fetched_at_ms=at_ms) for at_ms in (1_000, 2_000))
    assert SEAL.open(name, new[: 1 + STAMP_BYTES] + old[1 + STAMP_BYTES :]) is None
    assert SEAL.open(name, SEAL.close(name, PAGE, fetched_at_ms=-1)) == PAGE
