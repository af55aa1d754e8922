"""What `over_http.py` compares with: the SDK's server as it comes, with a tool that returns one short text."""

import sys

import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent, Tool

from mcp_server.http.process import listen

_Context = ServerRequestContext[object, object]
TRIVIAL = Tool(name="get_conversation", input_schema={"type": "object"})


async def list_tools(_: _Context, __: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(tools=[TRIVIAL])


async def call_tool(_: _Context, __: CallToolRequestParams) -> CallToolResult:
    return CallToolResult(content=[TextContent(text="hello")])


def app() -> object:
    server = Server("bare", version="1", on_list_tools=list_tools, on_call_tool=call_tool)
    return server.streamable_http_app(stateless_http=True)


def main() -> None:
    workers = int(sys.argv[1])
    # Our listening socket: with uvicorn's own, two workers on plain asyncio would wait 40 ms a call.
    listening = listen("127.0.0.1", 0)
    print(f"Serving MCP on http://127.0.0.1:{listening.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
    config = uvicorn.Config(app, factory=True, workers=workers, log_config=None, access_log=False)
    if workers > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[listening]).run()
    else:
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
