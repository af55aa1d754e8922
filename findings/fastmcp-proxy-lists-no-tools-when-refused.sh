#!/usr/bin/env bash
# Package:  fastmcp 4.2.3 (PyPI), create_proxy in front of a server that answers every request with 401.
# Expected: listing the tools fails, as the server behind the proxy refuses its token.
# Observed: the list is empty, without an error; only the proxy's log has a warning.
# Matters:  with a wrong token an agent runs without its tools, and nobody is told.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq fastmcp==4.2.3

cat >"$folder/probe.py" <<'PYTHON'
import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from fastmcp import Client
from fastmcp.server import create_proxy


class Refusing(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


async def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/mcp"
    headers = {"Authorization": "Bearer wrong"}
    proxy = create_proxy({"mcpServers": {"probe": {"url": url, "headers": headers}}})
    async with Client(proxy) as client:
        print("tools:", await client.list_tools())


asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" 2>"$folder/log")
echo "$output"
[ "$output" = 'tools: []' ] || { echo "The behaviour has changed." >&2; exit 1; }
