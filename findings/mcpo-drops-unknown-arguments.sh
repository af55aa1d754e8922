#!/usr/bin/env bash
# Package:  mcpo 0.0.20 with mcp 1.25.0 and fastapi 0.115.12 (PyPI).
# Expected: a misspelt argument is refused or sent to the server.
# Observed: it is dropped, and the server answers with its default, as HTTP 200.
# Matters:  a misspelt cursor reads page 1 again, and pays for it again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq mcpo==0.0.20 mcp==1.25.0 fastapi==0.115.12

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")

@server.tool()
def page(count: int = 10, cursor: str = "") -> str:
    return f"page of {count} after {cursor or 'nothing'}"

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
import httpx
from fastapi import FastAPI
from mcpo.main import lifespan

async def main():
    app = FastAPI(lifespan=lifespan)
    app.state.server_type = "stdio"
    app.state.command, app.state.args, app.state.env = sys.executable, [sys.argv[1]], {}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://probe") as client:
            for arguments in ({"cursor": "b"}, {"crusor": "b"}):
                answer = await client.post("/page", json=arguments)
                print(arguments, answer.status_code, answer.text)

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected="{'cursor': 'b'} 200 \"page of 10 after b\"
{'crusor': 'b'} 200 \"page of 10 after nothing\""
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
