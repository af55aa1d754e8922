"""Tenants: each reads with its own key and account, in its own limits, or not at all."""

import json
from dataclasses import replace

import pytest

from mcp_server.errors import SettingsError
from mcp_server.http.tenants import check_tenants, parse_tenants, settings_of
from tests.support.clients import settings_for

SHARED = settings_for("https://api.example.com")
ALICE = {"api_key": "canary-alice", "account_id": "acct-alice"}


def tenants(**entries: object) -> str:
    return json.dumps(entries)


def test_a_tenant_reads_with_what_is_its_own() -> None:
    """Key, account and profile; everything else is as for all."""
    (alice,) = parse_tenants(tenants(alice={**ALICE, "self_profile_url": "in/alice/"})).values()
    own = settings_of(alice, SHARED)
    assert (own.api_key.get_secret_value(), own.account_id) == ("canary-alice", "acct-alice")
    assert own.self_profile_url == "https://www.linkedin.com/in/alice"
    assert own.tokenizer == "o200k_base"
    assert replace(own, api_key=SHARED.api_key, account_id=SHARED.account_id, self_profile_url=None) == SHARED


def test_a_profile_of_the_environment_is_no_tenants() -> None:
    """Who "me" is differs from one to the next."""
    (alice,) = parse_tenants(tenants(alice=ALICE)).values()
    assert (
        settings_of(alice, replace(SHARED, self_profile_url="https://www.linkedin.com/in/op")).self_profile_url is None
    )


def test_a_tenants_tokens_are_counted_in_its_own_vocabulary() -> None:
    """Or in that of all."""
    (alice, bob) = parse_tenants(tenants(alice={**ALICE, "tokenizer": "Claude"}, bob=ALICE)).values()
    assert settings_of(alice, SHARED).tokenizer == "claude"
    assert settings_of(bob, replace(SHARED, tokenizer="llama-3")).tokenizer == "llama-3"
    check_tenants({"alice": alice, "bob": bob}, replace(SHARED, tokenizer="llama-3"))


def test_a_tenants_unknown_vocabulary_stops_the_server() -> None:
    """At the start, not at that tenant's first call."""
    (alice,) = parse_tenants(tenants(alice={**ALICE, "tokenizer": "gpt-7"})).values()
    with pytest.raises(SettingsError, match="entry 1 has an invalid key, account, archive, profile or tokenizer"):
        check_tenants({"alice": alice}, SHARED)


def test_limits_of_a_tenant_only_ever_narrow_the_shared_ones() -> None:
    """Whichever is less."""
    (alice,) = parse_tenants(tenants(alice={**ALICE, "max_count": 5000, "max_credits_per_call": 7})).values()
    own = settings_of(alice, replace(SHARED, max_count=100, max_credits_per_call=9))
    assert (own.max_count, own.max_credits_per_call) == (100, 7)
    assert settings_of(alice, SHARED).max_credits_per_call == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must be a JSON object"),
        ("[" * 100_000, "must be a JSON object"),
        ("[]", "the top level"),
        ("{}", "holds no tenant"),
        (
            '{"a": {"api_key": "k", "account_id": "1"}, "a": {"api_key": "k", "account_id": "2"}}',
            "one entry per subject",
        ),
        (tenants(alice={"api_key": "canary-alice"}), "api_key and account_id, or archive"),
        (tenants(alice={**ALICE, "archive": "canary.zip"}), "api_key and account_id, or archive"),
        (tenants(alice={}), "api_key and account_id, or archive"),
        (tenants(alice={**ALICE, "acount_id": "x"}), "field: acount_id"),
        (tenants(alice={**ALICE, "max_count": 0}), "field: max_count"),
        (tenants(**{"a b": ALICE}), "invalid field"),
    ],
)
def test_an_invalid_file_is_refused_and_not_repeated(text: str, told: str) -> None:
    """No start with half of it, and no key in the sentence that says so."""
    with pytest.raises(ValueError, match=told) as caught:
        parse_tenants(text)
    assert "canary" not in str(caught.value)


def test_a_key_no_header_can_carry_is_found_at_the_start() -> None:
    """Not at that tenant's first call."""
    given = parse_tenants(tenants(bob=ALICE, alice={**ALICE, "api_key": "canary key\r\nx: y"}))
    with pytest.raises(SettingsError, match="entry 2") as caught:
        check_tenants(given, SHARED)
    assert "canary" not in str(caught.value)
    check_tenants({"bob": given["bob"]}, SHARED)
