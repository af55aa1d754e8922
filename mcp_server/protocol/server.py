"""The MCP server: one tool, the prompts, the view and one resource template, wired to a reader.

Built on the SDK's low-level server, whose handlers are public and leave schemas and results to us: the high-level one
drops unknown arguments and turns `"3"` into 3. Nothing here knows which transport serves it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    PromptReference,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplate,
    TextResourceContents,
)

from mcp_server import __version__
from mcp_server.conversation.models import OnPage
from mcp_server.errors import InvalidArguments, InvalidCursor, RequestRejected
from mcp_server.protocol import completion, get_conversation, view
from mcp_server.protocol.arguments import Limits, parse_arguments, shown
from mcp_server.protocol.completion import NotingReader, RecentTargets
from mcp_server.protocol.deferred import DeferredReader, OpenReader, Reader, deferred
from mcp_server.protocol.prompts import DEFAULT_COUNT, Template

SERVER_NAME = "conversation-mcp"
INSTRUCTIONS = """\
get_conversation reads LinkedIn conversations and spends API credits, so read little first: count 10 with max_tokens \
1000 is enough to catch up. With a question, set focus to it and count higher: what bears on it is kept. For older \
messages, repeat the target with next_cursor as cursor; never read the same part twice."""

URI_SCHEME = "conversation://"

WARM_DELAY_S = 0.1
"""Between the answer to `tools/list` and opening the reader: enough for that answer to be on its way."""

# What is listed changes with the settings alone, which need a restart.
_HOUR = CacheHint(ttl_ms=3_600_000, scope="public")
_CACHE_HINTS: dict[CacheableMethod, CacheHint] = {
    "tools/list": _HOUR,
    "prompts/list": _HOUR,
    "resources/list": _HOUR,
    "resources/templates/list": _HOUR,
    "server/discover": _HOUR,
}

_Context = ServerRequestContext[DeferredReader, Any]
_Result = TypeVar("_Result")


def build_server(
    open_reader: OpenReader,
    *,
    limits: Limits,
    structured_output: bool,
    templates: Mapping[str, Template],
    caller: Callable[[], str] = str,
) -> Server[DeferredReader]:
    """The server, for any transport. It opens the reader once a process, after its first answers, and closes it.

    `caller` says who is calling, where there are several: what one has read is never offered to another.
    """
    handlers = _Handlers(limits, structured_output=structured_output, templates=templates, caller=caller)

    @asynccontextmanager
    async def lifespan(_: Server[DeferredReader]) -> AsyncIterator[DeferredReader]:
        async with deferred(open_reader, delay_s=WARM_DELAY_S) as reader:
            yield reader

    server = Server(
        SERVER_NAME,
        version=__version__,
        title="LinkedIn conversations",
        instructions=INSTRUCTIONS,
        cache_hints=_CACHE_HINTS,
        lifespan=lifespan,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_resource_templates,
        on_read_resource=handlers.read_resource,
        on_completion=handlers.complete,
    )
    server.extensions[view.EXTENSION] = {}
    return server


class _Handlers:
    def __init__(
        self,
        limits: Limits,
        *,
        structured_output: bool,
        templates: Mapping[str, Template],
        caller: Callable[[], str],
    ) -> None:
        self._recent = RecentTargets(caller)
        self._limits = limits
        self._structured_output = structured_output
        self._templates = templates
        self._tool = get_conversation.definition(limits, structured_output=structured_output)

    async def list_tools(self, ctx: _Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        ctx.lifespan_context.soon()
        return ListToolsResult(tools=[self._tool])

    async def call_tool(self, ctx: _Context, params: CallToolRequestParams) -> CallToolResult:
        if params.name != get_conversation.NAME:
            # As the specification has it: no model calls a tool that it was not shown, a program does.
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {shown(params.name)}")
        return await get_conversation.call(
            self._reader(ctx),
            params.arguments or {},
            limits=self._limits,
            structured_output=self._structured_output,
            on_page=_progress(ctx.session),
        )

    async def list_prompts(self, _: _Context, __: PaginatedRequestParams | None) -> ListPromptsResult:
        return ListPromptsResult(prompts=[template.definition() for template in self._templates.values()])

    async def get_prompt(self, ctx: _Context, params: GetPromptRequestParams) -> GetPromptResult:
        template = self._templates.get(params.name)
        if template is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {shown(params.name)}")

        async def get() -> GetPromptResult:
            values = template.values(params.arguments)
            query = template.query(values, self._limits)
            return template.result(values, await self._reader(ctx).read(query, on_page=_progress(ctx.session)))

        return await _told(get())

    async def list_resources(self, _: _Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        # Which conversations there are, the API does not tell; the template says how to name one.
        return ListResourcesResult(resources=[view.resource()])

    async def list_resource_templates(
        self, _: _Context, __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(
                    name="conversation",
                    title="LinkedIn conversation",
                    uri_template=f"{URI_SCHEME}{{conversation_id}}",
                    description=f"Transcript of the newest {self._resource_count} messages of a conversation, in at "
                    "most 4000 tokens. The id is percent-encoded. Reading spends API credits.",
                    mime_type="text/plain",
                    icons=[get_conversation.ICON],
                )
            ]
        )

    async def read_resource(self, ctx: _Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        if params.uri == view.URI:
            return ReadResourceResult(contents=[view.contents()])

        async def read() -> ReadResourceResult:
            raw = {"conversation_id": conversation_id_of(params.uri), "count": self._resource_count}
            query = parse_arguments(raw, self._limits)
            reading = await self._reader(ctx).read(query, on_page=_progress(ctx.session))
            contents = TextResourceContents(uri=params.uri, mime_type="text/plain", text=reading.text)
            return ReadResourceResult(contents=[contents])

        return await _told(read(), about={"uri": params.uri})

    async def complete(self, _: _Context, params: CompleteRequestParams) -> CompleteResult:
        typed, recent = params.argument.value, self._recent.all()
        if not isinstance(params.ref, PromptReference):
            return CompleteResult(completion=completion.of_conversation_id(typed, recent))
        template = self._templates.get(params.ref.name)
        if template is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {shown(params.ref.name)}")
        now, zone = datetime.now(UTC), self._limits.zone
        return CompleteResult(
            completion=completion.of_prompt(template, params.argument.name, typed, recent, zone=zone, now=now)
        )

    def _reader(self, ctx: _Context) -> Reader:
        return NotingReader(ctx.lifespan_context, self._recent)

    @property
    def _resource_count(self) -> int:
        return min(DEFAULT_COUNT, self._limits.max_count)


def conversation_uri(conversation_id: str) -> str:
    """The resource's address of a conversation."""
    return URI_SCHEME + quote(conversation_id, safe="")


def conversation_id_of(uri: str) -> str:
    """The id in a resource's address; what needs no encoding may come unencoded. Raises InvalidArguments."""
    # Some clients' URL types put a slash behind what they take for a host.
    encoded = uri[len(URI_SCHEME) :].removesuffix("/")
    try:
        conversation_id = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        conversation_id = ""
    if not conversation_id or not uri.lower().startswith(URI_SCHEME):
        raise InvalidArguments(f"The address must be {URI_SCHEME}<percent-encoded id>; you sent {shown(uri)}.")
    return conversation_id


def _progress(session: ServerSession) -> OnPage:
    """Tells the client how far a reading is, where it asked by a progress token; elsewhere nothing happens."""
    told = 0

    async def report(read: int, wanted: int) -> None:
        nonlocal told
        if read > told:  # the protocol wants progress to grow; a page of repeats brings none
            told = read
            await session.report_progress(read, wanted, f"{read} of {wanted} messages")

    return report


async def _told(work: Awaitable[_Result], *, about: dict[str, str] | None = None) -> _Result:
    """What `work` gives; its failure as a protocol error, which is all that prompts and resources have.

    `about` goes with the error, for programs: a resource's address, as the protocol wants it.
    """
    try:
        return await work
    except Exception as error:  # a prompt or a resource has no error result: every failure is translated here
        blames_caller = isinstance(error, InvalidArguments | InvalidCursor | RequestRejected)
        raise MCPError(
            INVALID_PARAMS if blames_caller else INTERNAL_ERROR, get_conversation.explain(error), about
        ) from error
