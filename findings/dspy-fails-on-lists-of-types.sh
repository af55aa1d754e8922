#!/usr/bin/env bash
# Package:  dspy 3.4.1 with mcp 2.3.0 (PyPI).
# Expected: a tool whose schema has "type": ["string", "null"], valid JSON Schema, can be used.
# Observed: dspy.Tool.from_mcp_tool raises TypeError, since it looks the list up as a key.
# Matters:  a server that marks an optional argument in this way loses all DSPy clients.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq dspy==3.4.1 mcp==2.3.0

cat >"$folder/probe.py" <<'PYTHON'
import dspy
from mcp_types import Tool

for kind in ("string", ["string", "null"]):
    schema = {"type": "object", "properties": {"cursor": {"type": kind}}}
    try:
        dspy.Tool.from_mcp_tool(None, Tool(name="page", description="A page.", input_schema=schema))
        print(kind, "accepted")
    except TypeError as error:
        print(kind, "TypeError:", str(error).rpartition(": ")[2])
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" 2>/dev/null)
echo "$output"
expected="string accepted
['string', 'null'] TypeError: 'list'"
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
