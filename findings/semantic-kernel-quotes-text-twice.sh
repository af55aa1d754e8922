#!/usr/bin/env bash
# Package:  semantic-kernel 1.45.0 with mcp 1.30.0 (PyPI).
# Expected: a result that is one text block reaches the model as that text.
# Observed: the function's result becomes the repr of a list of TextContent, and each repr quotes the text twice.
# Matters:  no server can prevent it: the second copy is made from the first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq 'semantic-kernel[mcp]==1.45.0' mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")

@server.tool(structured_output=False)
def page() -> str:
    return "See you on Thursday."

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
from semantic_kernel import Kernel
from semantic_kernel.connectors.mcp import MCPStdioPlugin
from semantic_kernel.contents import ChatHistory, FunctionCallContent

async def main():
    async with MCPStdioPlugin(name="probe", command=sys.executable, args=[sys.argv[1]]) as plugin:
        kernel, history = Kernel(), ChatHistory()
        kernel.add_plugin(plugin)
        call = FunctionCallContent(id="1", name="probe-page", arguments="{}")
        await kernel.invoke_function_call(call, history)
        seen = str(history.messages[-1].items[0].result)
        print("starts with:", seen[:12])
        print("the text, times:", seen.count("See you on Thursday."))

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='starts with: [TextContent
the text, times: 2'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
