#!/bin/sh
# The MCP Inspector's command line: a conversation found in the list, and two pages of it.
# Each call starts a server of its own.
#
#     read.sh [URL | COMMAND...]      ERA=legacy for servers from before 2026
set -eu
test $# -gt 0 || set -- conversation-mcp --sandbox
case $1 in *://*) set -- "$@" --transport http ;; esac
era=${ERA:-modern}

mcp-inspector --cli "$@" --protocol-era "$era" --method tools/list --strict >/dev/null
seen=$(mcp-inspector --cli "$@" --protocol-era "$era" --format json --method tools/call \
    --tool-name list_conversations --tool-args-json '{"count": 5, "query": "priya"}')
printf '=== list\n%s\n' "$seen"
target=$(printf '%s' "$seen" | grep -o 'in/[^ ]* [0-9][0-9]:[0-9][0-9]' | head -n 1 | cut -d ' ' -f 1)
cursor=
for page in 1 2; do
    seen=$(mcp-inspector --cli "$@" --protocol-era "$era" --format json --method tools/call \
        --tool-name get_conversation --tool-args-json "{\"profile_url\": \"$target\", \"count\": 5, \"cursor\": \"$cursor\"}")
    printf '=== page %s\n%s\n' "$page" "$seen"
    cursor=$(printf '%s' "$seen" | sed -n 's/.*next_cursor: \([A-Za-z0-9_-]*\).*/\1/p' | head -n 1)
done
