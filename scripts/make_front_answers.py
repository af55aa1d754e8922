"""Writes `mcp_server/front/answers.json`: what the SDK's server answers to the requests that open a connection.

    python -m scripts.make_front_answers

Run it after a change of the tool's definition, the instructions, the version or the SDK; a test says when.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, get_args
from zoneinfo import ZoneInfo

import anyio
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from mcp_server.front.results import ANSWERS, MAX_COUNT_MARK
from mcp_server.protocol import get_conversation, list_conversations
from mcp_server.protocol.arguments import Limits
from mcp_server.protocol.deferred import DeferredReader, Reader
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import load_templates
from mcp_server.protocol.server import build_server
from mcp_server.protocol.stdio import parse
from mcp_server.setting_values import Listed, Speakers

CLIENT = {"name": "client", "version": "1"}
HANDSHAKE = ("initialize", "ping", "tools/list")
MODERN = ("server/discover", "tools/list")


def initialize(version: str) -> dict[str, Any]:
    """Parameters of the handshake."""
    return {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}


def envelope(version: str = MODERN_PROTOCOL_VERSIONS[-1]) -> dict[str, Any]:
    """Parameters of a request of the 2026-07-28 era."""
    keys = {"protocolVersion": version, "clientInfo": CLIENT, "clientCapabilities": {}}
    return {"_meta": {f"io.modelcontextprotocol/{key}": value for key, value in keys.items()}}


def line(number: int | str, method: str, params: Mapping[str, Any] | None = None) -> bytes:
    """A request as a client sends it."""
    given = {} if params is None else {"params": params}
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, **given}).encode()


def server(listed: Listed) -> Server[DeferredReader]:
    """The server with these settings. It cannot read."""
    return build_server(
        _no_reader,
        limits=Limits(listed.max_count, ZoneInfo("UTC"), listed.speakers),
        structured_output=listed.structured_output,
        templates=load_templates(prompt_files()) if listed.prompts else {},
        tokenizer=listed.tokenizer,
    )


async def sdk_answers(listed: Listed, requests: Iterable[bytes]) -> list[bytes]:
    """The SDK's answers to requests of one connection, each sent after the answer to the one before."""
    serving = server(listed)
    messages, received = anyio.create_memory_object_stream[SessionMessage | Exception]()
    answers, outgoing = anyio.create_memory_object_stream[SessionMessage]()
    found = []
    async with messages, outgoing, anyio.create_task_group() as tasks:
        tasks.start_soon(serving.run, received, answers, serving.create_initialization_options())
        for request in requests:
            await messages.send(parse(request))
            answer = (await outgoing.receive()).message
            found.append(answer.model_dump_json(by_alias=True, exclude_unset=True).encode())
        tasks.cancel_scope.cancel()
    return found


async def answers() -> dict[str, Any]:
    """The contents of `answers.json`."""
    listed = Listed(max_count=MAX_COUNT_MARK, structured_output="on")
    opens = initialize(HANDSHAKE_PROTOCOL_VERSIONS[-1])
    asked = [line(1, name, opens if name == "initialize" else None) for name in HANDSHAKE]
    handshake = await sdk_answers(listed, asked)
    modern = await sdk_answers(listed, [line(1, name, envelope()) for name in MODERN])
    return {
        "versions": {"handshake": list(HANDSHAKE_PROTOCOL_VERSIONS), "modern": list(MODERN_PROTOCOL_VERSIONS)},
        "descriptions": {
            speakers: {
                get_conversation.NAME: get_conversation.description(speakers),
                list_conversations.NAME: list_conversations.description(speakers),
            }
            for speakers in get_args(Speakers)
        },
        "results": {
            "handshake": dict(zip(HANDSHAKE, (json.loads(answer)["result"] for answer in handshake), strict=True)),
            "modern": dict(zip(MODERN, (json.loads(answer)["result"] for answer in modern), strict=True)),
        },
    }


def _no_reader() -> AbstractAsyncContextManager[Reader]:
    raise NotImplementedError("this server is only asked for lists")


if __name__ == "__main__":
    text = json.dumps(anyio.run(answers), indent=1, ensure_ascii=False)
    ANSWERS.write_text(f"{text}\n", encoding="utf-8")
