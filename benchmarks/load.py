"""Load for `over_http.py`, from a process of its own: callers that wait for each answer before they ask again.

    python benchmarks/load.py http://127.0.0.1:8000/mcp --callers 16 --seconds 5 --era modern

Prints one JSON object: calls a second, latencies in ms, and what went wrong. Speaks HTTP over a plain socket: a real
client's own work would be most of what is measured.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from urllib.parse import urlsplit

TOOL = "get_conversation"
PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"


class BadAnswer(Exception):
    """What came back is no good answer; its words say how."""


def request(url: str, era: str, arguments: dict[str, object], *, tool: str = TOOL, token: str | None = None) -> bytes:
    """A call as it goes over the wire."""
    params: dict[str, object] = {"name": tool, "arguments": arguments}
    lines = ["POST /mcp HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Content-Type: application/json"]
    lines.append("Accept: application/json, text/event-stream")
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if era == "modern":
        params["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "load", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        lines += ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", f"Mcp-Name: {tool}"]
    else:
        lines.append("MCP-Protocol-Version: 2025-06-18")
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Connection:
    """A kept-alive connection, opened when it is needed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, wire: bytes) -> bytes:
        """The body of the answer. Raises BadAnswer, OSError, asyncio.IncompleteReadError."""
        if self._open is None:
            self._open = await asyncio.open_connection(*self._address, limit=1 << 22)
        reader, writer = self._open
        try:
            writer.write(wire)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            body = await body_of(reader, head)
        except BaseException:
            self.drop()
            raise
        if b" 200" not in head[:13]:
            raise BadAnswer(head[:13].decode("latin-1").strip())
        if b'"isError":true' in body:
            raise BadAnswer("error result")
        return body

    def drop(self) -> None:
        """Disconnect, possibly in the middle of an answer."""
        if self._open is not None:
            self._open[1].transport.abort()
            self._open = None


async def body_of(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """The body of an answer, after its `head` in lower case."""
    if b"transfer-encoding: chunked" not in head:
        length = next((line for line in head.split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        return await reader.readexactly(int(length.split(b":")[1]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


async def load(options: argparse.Namespace) -> dict[str, object]:
    """Figures of one run."""
    arguments = json.loads(options.arguments)
    latencies_s: list[float] = []
    wrong: Counter[str] = Counter()
    end_s = time.perf_counter() + options.seconds
    number = 0

    async def caller() -> None:
        nonlocal number
        connection = Connection(options.url)
        while time.perf_counter() < end_s:
            number += 1
            asked = dict(arguments)
            if options.unseen:
                # It contains the time, so that no earlier run has fetched this page.
                asked["conversation_id"] = f"2-{time.time_ns()}"
            if options.vary:
                asked[options.vary] = 4000 + number % 10_000
            wire = request(options.url, options.era, asked, tool=options.tool, token=options.token)
            began_s = time.perf_counter()
            try:
                if random.random() < options.hang_up:
                    await asyncio.wait_for(connection.ask(wire), random.random() * 0.005)
                else:
                    await connection.ask(wire)
                    latencies_s.append(time.perf_counter() - began_s)
            except TimeoutError:
                wrong["hung up"] += 1
            except (BadAnswer, OSError, asyncio.IncompleteReadError) as error:
                wrong[str(error) or type(error).__name__] += 1
        connection.drop()

    await asyncio.gather(*(caller() for _ in range(options.callers)))
    latencies_s.sort()
    return {
        "calls": number,
        "calls_per_s": round(len(latencies_s) / options.seconds),
        **{f"p{share}": round(1000 * latencies_s[len(latencies_s) * share // 100], 2) for share in (50, 95, 99)},
        "wrong": dict(wrong),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--era", choices=("modern", "legacy"), default="modern")
    parser.add_argument("--tool", default=TOOL)
    parser.add_argument("--token")
    parser.add_argument("--arguments", default=json.dumps({"profile_url": PRIYA, "count": 10}))
    parser.add_argument("--unseen", action="store_true", help="another conversation with every call")
    parser.add_argument("--vary", help="an argument that is another number with every call")
    parser.add_argument("--hang-up", type=float, default=0, help="share of calls that the client leaves")
    print(json.dumps(asyncio.run(load(parser.parse_args()))))


if __name__ == "__main__":
    main()
