"""Completion over HTTP: each token is offered what its own tenant has read or listed, and nothing of the others'."""

import json
from collections.abc import Mapping
from pathlib import Path

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from tests.support.http_server import Running, answered, ask, call, digest_line, http_server, post

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
OFFERED = ask(
    "completion/complete", ref={"type": "ref/prompt", "name": "catch_up"}, argument={"name": "target", "value": ""}
)


def answer(running: Running, token: str, document: object) -> dict[str, object]:
    """What a request with this token comes to."""
    status, _, body = post(running.url, document, {"Authorization": f"Bearer {token}"})
    assert status == 200
    result: dict[str, object] = answered(body)["result"]
    return result


def test_nobody_is_offered_whom_another_tenant_has_read(tmp_path: Path) -> None:
    """Alice is, under both of her tokens; bob, of the same process and account, is not."""
    account = {"api_key": SANDBOX_KEY, "account_id": SANDBOX_ACCOUNT}
    (tmp_path / "tenants.json").write_text(json.dumps({"alice": account, "bob": account}))
    tokens = {"alice-1": "alice", "alice-2": "alice", "bob-1": "bob"}
    (tmp_path / "tokens").write_text("\n".join(digest_line(token, subject) for token, subject in tokens.items()))
    environment = {
        "CONVERSATION_HTTP_TENANTS_FILE": str(tmp_path / "tenants.json"),
        "CONVERSATION_HTTP_TOKENS_FILE": str(tmp_path / "tokens"),
    }
    with Sandbox() as sandbox, http_server({**environment, "CONVERSATION_API_BASE_URL": sandbox.base_url}) as running:
        answer(running, "alice-1", call(profile_url=PRIYA, count=1))
        offers = {token: answer(running, token, OFFERED)["completion"] for token in tokens}
        answer(running, "alice-2", ask("tools/call", name="list_conversations", arguments={"count": 5}))
        listed = {token: answer(running, token, OFFERED)["completion"] for token in tokens}
    assert values(offers) == {"alice-1": [PRIYA], "alice-2": [PRIYA], "bob-1": []}
    found = values(listed)
    assert found["alice-1"] == found["alice-2"]
    assert (len(found["alice-1"]), found["bob-1"]) == (5, [])
    assert PRIYA in found["alice-1"]


def values(offers: Mapping[str, object]) -> dict[str, list[str]]:
    """The values offered to each token."""
    return {token: offer["values"] for token, offer in offers.items() if isinstance(offer, dict)}
