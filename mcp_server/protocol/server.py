"""The MCP server: its tools, the prompts, the view and one resource template, wired to a reader.

It uses the SDK's low-level server, which leaves schemas and results to us; the high-level one silently drops unknown
arguments. This module does not depend on a transport.
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
from mcp_server.errors import ConversationError, InvalidArguments, InvalidCursor, RequestRejected
from mcp_server.protocol import completion, get_conversation, list_conversations, url_parameters, view
from mcp_server.protocol.arguments import Limits, parse_arguments
from mcp_server.protocol.checking import quoted
from mcp_server.protocol.completion import RecentTargets, RecordingReader
from mcp_server.protocol.deferred import DeferredReader, OpenReader, Reader, deferred
from mcp_server.protocol.prompts import DEFAULT_COUNT, Template
from mcp_server.setting_values import DEFAULT_TOKENIZER, StructuredOutput

SERVER_NAME = "conversation-mcp"
INSTRUCTIONS = """\
get_conversation reads LinkedIn conversations and spends API credits, so read little first: count 10 and max_tokens \
1000 are enough to catch up. To answer a question, pass it as focus and raise count. For older messages, pass \
next_cursor as cursor with the same target, and never read the same part twice."""

URI_SCHEME = "conversation://"

WARM_DELAY_S = 0.1
"""Delay between answering `tools/list` and opening the reader, so that the answer is sent first."""

# Lists change only with the settings, which need a restart.
_HOUR = CacheHint(ttl_ms=3_600_000, scope="public")
_CACHE_HINTS: dict[CacheableMethod, CacheHint] = {
    "tools/list": _HOUR,
    "prompts/list": _HOUR,
    # This one depends on the client as well.
    "resources/list": CacheHint(ttl_ms=3_600_000, scope="private"),
    "resources/templates/list": _HOUR,
    "server/discover": _HOUR,
}

_Context = ServerRequestContext[DeferredReader, Any]
_Result = TypeVar("_Result")


def build_server(
    open_reader: OpenReader,
    *,
    limits: Limits,
    structured_output: StructuredOutput,
    templates: Mapping[str, Template],
    tokenizer: str | None = DEFAULT_TOKENIZER,
    caller: Callable[[], str] = str,
    unusable: ConversationError | None = None,
) -> Server[DeferredReader]:
    """The server, for any transport. It opens the reader once per process, after its first answers, and closes it.

    `tokenizer` says whose tokens answers are counted in; None when that depends on the caller.
    `caller` returns the name of the current caller; completions offer a caller only what that caller has read.
    With `unusable` every call is answered with that error.
    """
    handlers = _Handlers(
        limits,
        structured_output=structured_output,
        templates=templates,
        tokenizer=tokenizer,
        caller=caller,
        unusable=unusable,
    )

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
        on_list_prompts=handlers.list_prompts if templates else None,
        on_get_prompt=handlers.get_prompt if templates else None,
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
        structured_output: StructuredOutput,
        templates: Mapping[str, Template],
        tokenizer: str | None,
        caller: Callable[[], str],
        unusable: ConversationError | None,
    ) -> None:
        self._unusable = unusable
        self._recent = RecentTargets(caller)
        self._limits = limits
        self._structured_output = structured_output
        self._templates = templates
        self._tools = [
            get_conversation.definition(limits, structured_output=structured_output, tokenizer=tokenizer),
            list_conversations.definition(limits.speakers, structured_output=structured_output, tokenizer=tokenizer),
        ]

    async def list_tools(self, ctx: _Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        if self._unusable is None:
            ctx.lifespan_context.open_soon()
        return ListToolsResult(tools=self._tools)

    async def call_tool(self, ctx: _Context, params: CallToolRequestParams) -> CallToolResult:
        if params.name not in (get_conversation.NAME, list_conversations.NAME):
            # A protocol error, as the specification requires for an unknown tool.
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {quoted(params.name)}")
        if self._unusable is not None:
            return get_conversation.failed(self._unusable)
        try:
            structured, reader = self._structured_output_for(ctx), self._reader(ctx)
        except InvalidArguments as error:
            return get_conversation.failed(error)
        arguments = params.arguments or {}
        if params.name == list_conversations.NAME:
            on_page = _progress(ctx.session, "conversations")
            return await list_conversations.call(reader, arguments, structured_output=structured, on_page=on_page)
        on_page = _progress(ctx.session)
        return await get_conversation.call(
            reader, arguments, limits=self._limits, structured_output=structured, on_page=on_page
        )

    async def list_prompts(self, _: _Context, __: PaginatedRequestParams | None) -> ListPromptsResult:
        return ListPromptsResult(prompts=[template.definition() for template in self._templates.values()])

    async def get_prompt(self, ctx: _Context, params: GetPromptRequestParams) -> GetPromptResult:
        template = self._templates.get(params.name)
        if template is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {quoted(params.name)}")

        async def get() -> GetPromptResult:
            reader = self._reader(ctx)
            values = template.values(params.arguments)
            query = template.query(values, self._limits)
            return template.result(values, await reader.read(query, on_page=_progress(ctx.session)), self._limits)

        return await _or_protocol_error(get())

    async def list_resources(self, ctx: _Context, _: PaginatedRequestParams | None) -> ListResourcesResult:
        # Some agents make a tool of each resource, so no conversation is listed; the resource template shows how to
        # address one. The view is listed only to clients that can show it; anyone can read it.
        shown = view.is_shown_by(ctx.session.client_capabilities)
        return ListResourcesResult(resources=[view.resource()] if shown else [])

    async def list_resource_templates(
        self, _: _Context, __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(
                    name="conversation",
                    title="LinkedIn conversation",
                    uri_template=f"{URI_SCHEME}{{conversation_id}}",
                    description=f"Transcript of the newest {self._resource_count} messages of a conversation, at "
                    "most 4000 tokens. Percent-encode the id. Reading spends API credits.",
                    mime_type="text/plain",
                    icons=[get_conversation.ICON],
                )
            ]
        )

    async def read_resource(self, ctx: _Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        if params.uri == view.URI:
            return ReadResourceResult(contents=[view.contents()])

        async def read() -> ReadResourceResult:
            reader = self._reader(ctx)
            raw = {"conversation_id": conversation_id_of(params.uri), "count": self._resource_count}
            query = parse_arguments(raw, self._limits)
            reading = await reader.read(query, on_page=_progress(ctx.session))
            contents = TextResourceContents(uri=params.uri, mime_type="text/plain", text=reading.text)
            return ReadResourceResult(contents=[contents])

        return await _or_protocol_error(read(), about={"uri": params.uri})

    async def complete(self, _: _Context, params: CompleteRequestParams) -> CompleteResult:
        typed, recent = params.argument.value, self._recent.all()
        if not isinstance(params.ref, PromptReference):
            return CompleteResult(completion=completion.complete_conversation_id(typed, recent))
        template = self._templates.get(params.ref.name)
        if template is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {quoted(params.ref.name)}")
        now, zone = datetime.now(UTC), self._limits.zone
        return CompleteResult(
            completion=completion.complete_prompt_argument(
                template, params.argument.name, typed, recent, zone=zone, now=now
            )
        )

    def _structured_output_for(self, ctx: _Context) -> StructuredOutput:
        """How the answer to this call is structured. Raises InvalidArguments for an unknown value in the URL."""
        client = ctx.session.client_params
        name = None if client is None else client.client_info.name
        return url_parameters.structured_output_for(self._structured_output, name, ctx.request)

    def _reader(self, ctx: _Context) -> Reader:
        """The reader for one call. Raises InvalidArguments for a scale in the URL that is none."""
        if self._unusable is not None:
            raise self._unusable
        return RecordingReader(url_parameters.scaled(ctx.lifespan_context, ctx.request), self._recent)

    @property
    def _resource_count(self) -> int:
        return min(DEFAULT_COUNT, self._limits.max_count)


def conversation_uri(conversation_id: str) -> str:
    """The resource URI of a conversation."""
    return URI_SCHEME + quote(conversation_id, safe="")


def conversation_id_of(uri: str) -> str:
    """The conversation id in a resource URI, percent-encoded or not. Raises InvalidArguments."""
    # Some clients' URL types append a slash, taking the id for a host name; others put one before it, as for a path.
    encoded = uri[len(URI_SCHEME) :].partition("?")[0].strip("/")
    try:
        conversation_id = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        conversation_id = ""
    if not conversation_id or not uri.lower().startswith(URI_SCHEME):
        raise InvalidArguments(f"The URI must be {URI_SCHEME}<percent-encoded id>; you sent {quoted(uri)}.")
    return conversation_id


def _progress(session: ServerSession, noun: str = "messages") -> OnPage:
    """A callback that sends progress notifications; the session drops them when the client sent no progress token."""
    reported = 0

    async def report(read: int, wanted: int) -> None:
        nonlocal reported
        if read > reported:  # the protocol requires progress to grow, and a page of repeats adds none
            reported = read
            if wanted:
                await session.report_progress(read, wanted, f"{read} of {wanted} {noun}")
            else:
                await session.report_progress(read, None, f"Reading the archive: {read} messages")

    return report


async def _or_protocol_error(work: Awaitable[_Result], *, about: dict[str, str] | None = None) -> _Result:
    """The result of `work`. Raises MCPError for every failure, since prompts and resources have no error results.

    `about` is sent as the error's data, such as a resource's URI.
    """
    try:
        return await work
    except Exception as error:  # a prompt or a resource has no error result: every failure is translated here
        blames_caller = isinstance(error, InvalidArguments | InvalidCursor | RequestRejected)
        raise MCPError(
            INVALID_PARAMS if blames_caller else INTERNAL_ERROR, get_conversation.explain(error), about
        ) from error
