"""With an authorization server: good tokens read, bad ones are refused, and none makes the server fail."""

import json
from collections.abc import Iterator

import pytest

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from tests.support.http_server import Running, answered, call, get, http_server, post
from tests.support.issuer import RESOURCE, Issuer, bad_tokens, claims, token

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@pytest.fixture(scope="module")
def environment(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """That of a server for alice, known to the issuer as that."""
    tenants = tmp_path_factory.mktemp("oauth") / "tenants.json"
    tenants.write_text(json.dumps({"alice": {"api_key": SANDBOX_KEY, "account_id": SANDBOX_ACCOUNT}}))
    with Sandbox() as sandbox:
        yield {
            "CONVERSATION_API_BASE_URL": sandbox.base_url,
            "CONVERSATION_HTTP_TENANTS_FILE": str(tenants),
            "CONVERSATION_HTTP_OAUTH_ISSUER": issuer.url,
            "CONVERSATION_HTTP_OAUTH_RESOURCE": RESOURCE,
            "CONVERSATION_HTTP_OAUTH_JWKS_URL": issuer.jwks_url,
            "CONVERSATION_HTTP_OAUTH_SCOPES": "read",
        }


@pytest.fixture(scope="module")
def running(environment: dict[str, str]) -> Iterator[Running]:
    with http_server(environment) as server:
        yield server


def attempt(running: Running, shown: str) -> tuple[int, str]:
    status, headers, body = post(running.url, call(profile_url=PRIYA, count=1), {"Authorization": f"Bearer {shown}"})
    return status, body.decode() if status == 200 else headers.get("www-authenticate", "")


def test_without_the_issuer_nobody_is_let_in_and_nobody_is_blamed(environment: dict[str, str], issuer: Issuer) -> None:
    """503 for what may be good, 401 for what cannot be."""
    issuer.up = False
    with http_server(environment) as server:
        assert attempt(server, token(claims(issuer.url)))[0] == 503
        assert attempt(server, "nothing")[0] == 401
        assert post(server.url, call(profile_url=PRIYA))[0] == 401
    issuer.up = True


def test_where_to_get_a_token_is_told(running: Running, issuer: Issuer) -> None:
    """The refusal names the metadata, the metadata the issuer, letter by letter."""
    _, challenge = attempt(running, "nothing")
    assert 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"' in challenge
    status, _, body = get(running.root + "/.well-known/oauth-protected-resource/mcp")
    metadata = json.loads(body)
    assert status == 200
    assert metadata["resource"] == RESOURCE
    assert metadata["authorization_servers"] == [issuer.url]
    assert metadata["scopes_supported"] == ["read"]
    assert metadata["bearer_methods_supported"] == ["header"]


def test_a_good_token_reads_and_no_bad_one_does(running: Running, issuer: Issuer) -> None:
    """Each of two dozen bad ones: 401 or 403, never 5xx; the keys were asked for a few times at most."""
    issuer.asked = 0
    status, body = attempt(running, token(claims(issuer.url)))
    assert status == 200
    assert "Priya Raman" in answered(body.encode())["result"]["content"][0]["text"]
    statuses = {wrong: attempt(running, bad)[0] for wrong, bad in bad_tokens(issuer.url).items()}
    forbidden = {"a missing scope", "a subject without an account"}
    assert len(statuses) >= 20
    assert statuses == {wrong: 403 if wrong in forbidden else 401 for wrong in statuses}
    assert attempt(running, token(claims(issuer.url)))[0] == 200
    assert issuer.asked <= 2
