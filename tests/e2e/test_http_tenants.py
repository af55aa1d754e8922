"""Tenants over HTTP: each token reads its own account, in its own limits, and nothing of the others'."""

import json
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from tests.support.chaos import ChaosUpstream, message, page
from tests.support.http_server import Running, answered, call, digest_line, http_server, post

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
TOKENS = {"alice-1": "alice", "alice-2": "alice", "bob-1": "bob", "carol-1": "carol"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def running(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Alice and bob share a key, carol's account is out of credits; no key is in the environment."""
    folder = tmp_path_factory.mktemp("http")
    tenants = {
        "alice": {"api_key": SANDBOX_KEY, "account_id": SANDBOX_ACCOUNT, "max_count": 20},
        "bob": {"api_key": SANDBOX_KEY, "account_id": SANDBOX_ACCOUNT},
        "carol": {"api_key": SANDBOX_KEY, "account_id": "sandbox-no-credits"},
    }
    (folder / "tenants.json").write_text(json.dumps(tenants))
    (folder / "tokens").write_text("\n".join(digest_line(token, subject) for token, subject in TOKENS.items()))
    environment = {
        "CONVERSATION_API_BASE_URL": sandbox.base_url,
        "CONVERSATION_HTTP_TENANTS_FILE": str(folder / "tenants.json"),
        "CONVERSATION_HTTP_TOKENS_FILE": str(folder / "tokens"),
        "CONVERSATION_LOG_LEVEL": "INFO",
    }
    with http_server(environment) as server:
        yield server


def read(running: Running, token: str, **arguments: object) -> tuple[int, str]:
    """Status, and the text of the answer, of one call with this token."""
    document = call(**{"profile_url": PRIYA, **arguments})
    status, _, body = post(running.url, document, {"Authorization": f"Bearer {token}"})
    return status, answered(body)["result"]["content"][0]["text"] if status == 200 else body.decode()


def test_each_token_reads_its_own_account(running: Running, sandbox: Sandbox) -> None:
    """A page fetched for alice serves both of her tokens, and is fetched again for bob."""
    before = sandbox.ledger.requests
    assert read(running, "alice-1", count=5)[0] == 200
    assert "0 credits" in read(running, "alice-2", count=4)[1]
    assert "1 credit." in read(running, "bob-1", count=5)[1]
    assert sandbox.ledger.requests == before + 2
    assert read(running, "carol-1", count=7)[1].startswith("out_of_credits: ")


def test_a_cursor_of_one_tenant_is_no_cursor_of_another(running: Running) -> None:
    """Though key, account and conversation are the same."""
    transcript = read(running, "alice-1", count=5)[1]
    cursor = transcript.rsplit("next_cursor: ", 1)[1].strip()
    assert not read(running, "alice-2", count=5, cursor=cursor)[1].startswith("invalid_cursor")
    assert read(running, "bob-1", count=5, cursor=cursor)[1].startswith("invalid_cursor: ")


def test_limits_are_the_tenants_own(running: Running) -> None:
    """What bob may, alice may not."""
    assert read(running, "alice-1", count=30)[1].startswith("invalid_arguments: count must be from 1 to 20.")
    assert "30 of 60 messages" in read(running, "bob-1", count=30)[1]


@pytest.mark.parametrize("token", ["", "alice", "alice-3", "alice-1x", SANDBOX_KEY])
def test_strangers_read_nothing(running: Running, token: str) -> None:
    """Not even which tools there are."""
    assert read(running, token)[0] == 401


@pytest.mark.anyio
async def test_no_token_goes_upstream(tmp_path: Path) -> None:
    """The API sees its own key alone; neither line, headers nor body of what it was asked hold anything of a caller."""
    tenants = tmp_path / "tenants.json"
    tenants.write_text(json.dumps({"alice": {"api_key": "key-of-the-api", "account_id": "1"}}))
    async with ChaosUpstream(page([message("hello")])) as upstream:
        environment = {
            "CONVERSATION_API_BASE_URL": upstream.base_url,
            "CONVERSATION_HTTP_TENANTS_FILE": str(tenants),
            "CONVERSATION_HTTP_TOKENS": digest_line("canary-token", "alice"),
        }
        with http_server(environment) as server:
            status, text = await anyio.to_thread.run_sync(lambda: read(server, "canary-token", count=1))
        assert (status, "hello" in text) == (200, True)
        (received,) = upstream.requests
    assert received.headers["x-api-key"] == "key-of-the-api"
    assert "authorization" not in received.headers
    for secret in ("canary-token", digest_line("canary-token", "alice").split()[0].removeprefix("sha256:"), "alice"):
        assert secret not in f"{received.line} {dict(received.headers)} {received.body!r}"


def test_the_audit_names_who_read_and_not_whom(running: Running) -> None:
    """Last in this file, as it stops the server."""
    read(running, "bob-1", count=3)
    assert running.stop() == 0
    assert "subject=bob outcome=ok" in running.log
    for secret in (*TOKENS, "riya", SANDBOX_KEY):
        assert secret not in running.log
