"""Serving strangers without asking who they are never starts."""

import inspect
import json
import re
from pathlib import Path

import pytest

from mcp_server.errors import SettingsError
from mcp_server.http import settings as module
from mcp_server.http.oauth import OAuthSettings
from mcp_server.http.settings import LOOPBACK_HOSTS, LOOPBACK_ORIGINS, HttpSettings
from mcp_server.settings import SERVING
from tests.support.http_server import digest_line

TOKENS = digest_line("token", "alice")


def settings(host: str = "127.0.0.1", **values: str) -> HttpSettings:
    mapping = {f"CONVERSATION_HTTP_{name}": value for name, value in values.items()}
    return HttpSettings.from_mapping(mapping, host=host, port=8000, workers=1)


def refusal(host: str = "127.0.0.1", **values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(host, **values)
    return caught.value.what


def test_every_setting_that_is_read_is_known() -> None:
    """One that is not would be told to be a mistake, though it works."""
    assert set(re.findall(r'\("(CONVERSATION_[A-Z_]+)"', inspect.getsource(module))) <= set(SERVING)
    assert set(re.findall(r"CONVERSATION_[A-Z_]+[A-Z]", inspect.getsource(module))) >= set(SERVING)


def test_nothing_set_serves_this_machine_alone() -> None:
    """By its names, without tokens."""
    plain = settings()
    assert (plain.allowed_hosts, plain.allowed_origins) == (LOOPBACK_HOSTS, LOOPBACK_ORIGINS)
    assert not plain.authenticates
    assert plain.tenants is None


def test_a_server_answers_to_the_address_it_prints() -> None:
    """Loopback has more of them than three; and names that were given are known beside its own."""
    assert settings("127.0.0.2").allowed_hosts == (*LOOPBACK_HOSTS, "127.0.0.2")
    assert settings("::1").allowed_hosts == LOOPBACK_HOSTS
    assert settings("127.0.0.2", ALLOWED_HOSTS="a.example").allowed_hosts == ("a.example", *LOOPBACK_HOSTS, "127.0.0.2")


def test_what_is_not_installed_is_told_with_how_to_install_it() -> None:
    """No setting would change that."""
    counting = settings(CALLS_PER_MINUTE="60", TELEMETRY="prometheus")
    with pytest.raises(SettingsError) as caught:
        counting.check_extras(lambda _: False)
    assert caught.value.explain() == (
        "configuration: These settings need an optional package that is not installed. "
        "Run: pip install 'conversation-mcp[http,otel]'. Credits spent: 0."
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "mcp.example.com"])
def test_another_address_needs_tokens_and_hosts(host: str) -> None:
    """Both are named when both are missing; with both it starts, and no page of the web is let in unasked."""
    told = refusal(host)
    assert "CONVERSATION_HTTP_TOKENS_FILE" in told
    assert "CONVERSATION_HTTP_ALLOWED_HOSTS" in told
    assert "CONVERSATION_HTTP_ALLOWED_HOSTS" in refusal(host, TOKENS=TOKENS)
    assert "CONVERSATION_HTTP_TOKENS_FILE" in refusal(host, ALLOWED_HOSTS="mcp.example.com")
    open_to_all = settings(host, TOKENS=TOKENS, ALLOWED_HOSTS="MCP.example.com, other.example.com:8443")
    assert open_to_all.allowed_hosts == ("mcp.example.com", "other.example.com:8443")
    assert open_to_all.allowed_origins == ()


@pytest.mark.parametrize("hosts", ["*", "*.example.com", "https://mcp.example.com", "a b", "mcp.example.com:*"])
def test_wildcards_and_addresses_are_no_hosts(hosts: str) -> None:
    """A pattern that lets anything in is a mistake."""
    assert refusal("0.0.0.0", TOKENS=TOKENS, ALLOWED_HOSTS=hosts).startswith("CONVERSATION_HTTP_ALLOWED_HOSTS must be")


def test_files_are_read_and_their_faults_named(tmp_path: Path) -> None:
    """Tokens from a file and from the variable add up; one that cannot be read stops the start."""
    tokens, tenants = tmp_path / "tokens", tmp_path / "tenants.json"
    tokens.write_text(digest_line("other", "bob"))
    tenants.write_text(json.dumps({name: {"api_key": "k", "account_id": name} for name in ("alice", "bob")}))
    both = settings(TOKENS=TOKENS, TOKENS_FILE=str(tokens), TENANTS_FILE=str(tenants))
    assert [token.subject for token in both.tokens] == ["alice", "bob"]
    assert both.tenants is not None
    assert both.tenants["bob"].account_id == "bob"
    assert "cannot be read" in refusal(TOKENS_FILE=str(tmp_path / "missing"))
    assert "cannot be read" in refusal(TOKENS_FILE=str(tmp_path))
    tokens.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in refusal(TOKENS_FILE=str(tokens))


def test_tenants_without_tokens_and_tokens_without_a_tenant_are_refused(tmp_path: Path) -> None:
    """Every subject with a token needs an account, or the start fails."""
    tenants = tmp_path / "tenants.json"
    tenants.write_text(json.dumps({"bob": {"api_key": "k", "account_id": "bob"}}))
    assert "requires tokens" in refusal(TENANTS_FILE=str(tenants))
    assert "has no entry for 1 of the subjects" in refusal(TENANTS_FILE=str(tenants), TOKENS=TOKENS)


OAUTH = {
    "OAUTH_ISSUER": "https://auth.example.com",
    "OAUTH_RESOURCE": "https://mcp.example.com/mcp",
    "OAUTH_JWKS_URL": "https://auth.example.com/jwks.json",
}


def test_an_issuer_is_taken_whole_and_with_tenants(tmp_path: Path) -> None:
    """All three addresses, https, listed algorithms with a public key; otherwise all its users could read."""
    tenants = tmp_path / "tenants.json"
    tenants.write_text(json.dumps({"alice": {"api_key": "k", "account_id": "a"}}))
    complete = {**OAUTH, "TENANTS_FILE": str(tenants)}
    assert settings("0.0.0.0", ALLOWED_HOSTS="mcp.example.com", **complete).oauth == OAuthSettings(
        "https://auth.example.com", "https://mcp.example.com/mcp", "https://auth.example.com/jwks.json"
    )
    assert "requires CONVERSATION_HTTP_TENANTS_FILE" in refusal(**OAUTH)
    assert "must be set together" in refusal(**{**complete, "OAUTH_RESOURCE": ""})
    for name in OAUTH:
        assert f"CONVERSATION_HTTP_{name} must be an address" in refusal(**{**complete, name: "http://a.example.com"})
    for algorithms in ("HS256", "none", "RS256,HS256", ","):
        assert "OAUTH_ALGORITHMS must be a comma-separated list of" in refusal(
            **{**complete, "OAUTH_ALGORITHMS": algorithms}
        )
    chosen = settings(**{**complete, "OAUTH_ALGORITHMS": "EdDSA, PS256", "OAUTH_SCOPES": "read, more"}).oauth
    assert chosen is not None
    assert (chosen.algorithms, chosen.scopes) == (("EdDSA", "PS256"), ("read", "more"))


def test_what_replicas_share_is_checked_and_never_repeated() -> None:
    """An address of a store, secrets long enough, whole numbers."""
    shared = settings(REDIS_URL="", CALLS_PER_MINUTE="60")
    assert (shared.calls_per_minute, shared.redis_url, shared.counts) == (60, None, True)
    mapping = {
        "CONVERSATION_REDIS_URL": "rediss://:canary@redis:6379/0",
        "CONVERSATION_KEY_RING": f"{'n' * 32},{'o' * 32}",
    }
    full = HttpSettings.from_mapping(mapping, host="127.0.0.1", port=0, workers=1)
    assert [key.get_secret_value()[0] for key in full.key_ring] == ["n", "o"]
    assert "canary" not in repr(full)
    for name, wrong in {
        "REDIS_URL": "http://canary",
        "KEY_RING": "canary-too-short",
        "API_REQUESTS_PER_MINUTE": "0",
        "HTTP_CALLS_PER_MINUTE": "many",
        "HTTP_CALLS_AT_ONCE": "0",
    }.items():
        with pytest.raises(SettingsError) as caught:
            HttpSettings.from_mapping({f"CONVERSATION_{name}": wrong}, host="127.0.0.1", port=0, workers=1)
        assert caught.value.what.startswith(f"CONVERSATION_{name} must be")
        assert "canary" not in caught.value.what
