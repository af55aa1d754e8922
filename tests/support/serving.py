"""A stub reader, and the MCP server around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

from mcp.server.lowlevel import Server

from mcp_server.conversation.models import AnyQuery, OnPage, Reading
from mcp_server.protocol.arguments import Limits
from mcp_server.protocol.deferred import DeferredReader
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import load_templates
from mcp_server.protocol.server import build_server
from mcp_server.setting_values import StructuredOutput

LIMITS = Limits(max_count=1000, zone=ZoneInfo("UTC"))
PROFILE = "https://www.linkedin.com/in/jane-doe-42"
TRANSCRIPT = "> in/jane-doe-42 Jane Doe\n# Apr 20\n09:00 > hello\n"
READING = Reading(
    text=TRANSCRIPT,
    structured={
        "transcript": TRANSCRIPT,
        "shown": 1,
        "shortened": 0,
        "omitted": 0,
        "covered": 1,
        "total": 1,
        "tokens": 25,
        "credits": 1,
    },
    tokens=25,
    credits=1,
    next_cursor=None,
)


class StubReader:
    """Answers every query with `answer`, or raises it, after reporting `pages` as progress. Records the queries."""

    def __init__(self, answer: Reading | BaseException = READING, *, pages: tuple[tuple[int, int], ...] = ()) -> None:
        self.asked: list[Any] = []
        self._answer = answer
        self._pages = pages

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        self.asked.append(query)
        for read, wanted in self._pages:
            if on_page is not None:
                await on_page(read, wanted)
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer


def serving(
    reader: StubReader, *, limits: Limits = LIMITS, structured_output: StructuredOutput = "on"
) -> Server[DeferredReader]:
    """The whole server with `reader` instead of the real one."""

    @asynccontextmanager
    async def open_reader() -> AsyncIterator[StubReader]:
        yield reader

    return build_server(
        open_reader, limits=limits, structured_output=structured_output, templates=load_templates(prompt_files())
    )
