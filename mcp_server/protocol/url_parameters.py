"""What a client asks for in the URL that it connects to, over HTTP, for itself alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from mcp_server.conversation.models import AnyQuery, OnPage, Reading
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.deferred import Reader
from mcp_server.setting_values import StructuredOutput, token_scale

SHOW_BOTH = frozenset({"google-adk", "@langchain/mcp-adapters"})
"""Names in `clientInfo` of clients that show their model the text and the structured content of every result."""


class Request(Protocol):
    """A request as Starlette has it."""

    @property
    def query_params(self) -> Mapping[str, str]: ...


def structured_output_for(
    configured: StructuredOutput, client: str | None, request: Request | None
) -> StructuredOutput:
    """The structured output of one call.

    `client` is the name that the client gives itself; `request` is None over stdio. Raises InvalidArguments for an
    unknown value of the URL parameter `structured_output`.
    """
    asked = _parameter(request, "structured_output")
    if asked and asked.lower() != "figures":
        raise InvalidArguments("The URL parameter structured_output must be figures, or left out.")
    return "figures" if configured == "on" and (asked or client in SHOW_BOTH) else configured


def scaled(reader: Reader, request: Request | None) -> Reader:
    """`reader`, with budgets in the tokens that the client's model sees if the URL parameter `token_scale` is given.

    Raises InvalidArguments for a value that the setting of that name would refuse.
    """
    asked = _parameter(request, "token_scale")
    if asked is None:
        return reader
    try:
        return _ScaledReader(reader, token_scale(asked))
    except ValueError as error:
        raise InvalidArguments(f"The URL parameter token_scale {error}") from None


def _parameter(request: Request | None, name: str) -> str | None:
    return None if request is None else request.query_params.get(name)


class _ScaledReader:
    def __init__(self, reader: Reader, scale: float) -> None:
        self._reader = reader
        self._scale = scale

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        return await self._reader.read(replace(query, token_scale=self._scale), on_page=on_page)
