#!/bin/sh
# mcporter's command line: a conversation found in the list, and two pages of it.
# Each call starts a server of its own.
#
#     read.sh [URL | COMMAND...]
set -eu
test $# -gt 0 || set -- conversation-mcp --sandbox
case $1 in
*://*) set -- --http-url "$1" --allow-http ;;
*) set -- --stdio "$*" ;;
esac

# As text: without this, mcporter prints the structured content.
call() { mcporter call "$@" --output text; }

seen=$(call "$@" list_conversations count=5 query=priya)
printf '=== list\n%s\n' "$seen"
target=$(printf '%s' "$seen" | sed -n 's/^\(in\/[^ ]*\) [0-9][0-9]:.*/\1/p' | head -n 1)
cursor=
for page in 1 2; do
    seen=$(call "$@" get_conversation --args "{\"profile_url\": \"$target\", \"count\": 5, \"cursor\": \"$cursor\"}")
    printf '=== page %s\n%s\n' "$page" "$seen"
    cursor=$(printf '%s' "$seen" | sed -n 's/.*next_cursor: \([A-Za-z0-9_-]*\).*/\1/p' | head -n 1)
done
