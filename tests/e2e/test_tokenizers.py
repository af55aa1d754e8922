"""Whose tokens are counted, from the setting to the answer, with real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from mcp_server.tokenizer import Vocabularies
from tests.support.http_server import answered, call, digest_line, http_server, post
from tests.support.patience import PATIENCE_S

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
VOCABULARIES = Vocabularies()


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["o200k_base", "llama-3", "gemini"])
async def test_a_budget_is_in_the_tokens_of_the_setting(name: str) -> None:
    """The description says whose they are, the answer too, and neither channel is over."""
    environ = {**os.environ, "CONVERSATION_TOKENIZER": name}
    command = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server", "--sandbox"], env=environ)
    async with Client(command, read_timeout_seconds=60) as client:
        tool, _ = (await client.list_tools()).tools
        answer = await client.call_tool("get_conversation", {"profile_url": PRIYA, "count": 60, "max_tokens": 700})
    assert f"in {name} tokens" in tool.input_schema["properties"]["max_tokens"]["description"]
    assert tool.output_schema is not None
    assert tool.output_schema["properties"]["tokens"]["description"] == f"{name} tokens of the text"
    structured = answer.structured_content
    assert structured is not None
    assert structured.get("tokenizer", "o200k_base") == name
    count = VOCABULARIES.of(name).counter.count
    text = answer.content[0].text  # type: ignore[union-attr]  # a text
    assert 600 <= max(count(text), count(json.dumps(structured, ensure_ascii=False, separators=(",", ":")))) <= 700


def test_read_says_whose_tokens_it_spent() -> None:
    """In its last line, on standard error."""
    environ = {**os.environ, "CONVERSATION_TOKENIZER": "qwen-3"}
    command = [sys.executable, "-m", "mcp_server", "read", PRIYA, "--sandbox", "--count", "5"]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stderr
    assert " qwen-3 tokens, " in said


def test_an_unknown_vocabulary_is_named_with_the_known_ones() -> None:
    """`check` reports it as any other setting."""
    environ = {**os.environ, "CONVERSATION_TOKENIZER": "claude-2"}
    command = [sys.executable, "-m", "mcp_server", "check", "--sandbox"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert "CONVERSATION_TOKENIZER must be one of o200k_base, claude, claude-4.6, gemini," in done.stderr


def test_each_tenant_has_its_own_vocabulary(tmp_path: Path) -> None:
    """The same conversation, the same budget."""
    with Sandbox() as sandbox:
        account = {"api_key": SANDBOX_KEY, "account_id": SANDBOX_ACCOUNT}
        tenants = {"alice": {**account, "tokenizer": "deepseek"}, "bob": account}
        (tmp_path / "tenants.json").write_text(json.dumps(tenants))
        (tmp_path / "tokens").write_text("\n".join(digest_line(subject, subject) for subject in tenants))
        environment = {
            "CONVERSATION_API_BASE_URL": sandbox.base_url,
            "CONVERSATION_HTTP_TENANTS_FILE": str(tmp_path / "tenants.json"),
            "CONVERSATION_HTTP_TOKENS_FILE": str(tmp_path / "tokens"),
        }
        with http_server(environment) as server:
            said = {}
            for subject in tenants:
                ask = call(profile_url=PRIYA, count=60, max_tokens=700)
                _, _, body = post(server.url, ask, {"Authorization": f"Bearer {subject}"})
                said[subject] = answered(body)["result"]["structuredContent"].get("tokenizer")
    assert said == {"alice": "deepseek", "bob": None}
