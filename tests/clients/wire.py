"""What a client and the server said to each other, read from what stood between them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Wire:
    """Two files: all bytes from the client, all bytes from the server."""

    folder: Path

    @property
    def asked(self) -> Path:
        return self.folder / "asked"

    @property
    def answered(self) -> Path:
        return self.folder / "answered"

    def calls(self) -> list[dict[str, Any]]:
        """The parameters of every call of a tool, in order."""
        return [said["params"] for said in _messages(self.asked) if said.get("method") == "tools/call"]

    def results(self) -> list[dict[str, Any]]:
        """The result of every call of a tool, in order."""
        answers = (said.get("result") for said in _messages(self.answered))
        return [answer for answer in answers if isinstance(answer, dict) and "content" in answer]

    def protocol(self) -> str:
        """The version of the protocol in which the client called the tool last."""
        said = _text(self.asked)
        headers = re.findall(r"(?i)^mcp-protocol-version: (\S+)", said, flags=re.M)
        calls = [line for line in said.splitlines() if '"tools/call"' in line]
        modern = re.findall(r'"io\.modelcontextprotocol/protocolVersion":\s*"([^"]+)"', "".join(calls))
        handshake = re.findall(r'"protocolVersion":\s*"([^"]+)"', said)
        spoken: list[str] = headers or modern or handshake
        return spoken[-1]


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def _messages(log: Path) -> list[dict[str, Any]]:
    """The JSON objects that begin a line, or the data of an event; anything else is HTTP around them."""
    text, found = _text(log), []
    for start in re.finditer(r"^(?:data: )?(?=\{)", text, flags=re.M):
        try:
            message, _ = json.JSONDecoder().raw_decode(text, start.end())
        except ValueError:
            continue  # still arriving
        found.append(message)
    return found
