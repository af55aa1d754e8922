#!/usr/bin/env bash
# Package:  httpx 0.28.1 with click 8.5.1 and rich 14.2.0 (PyPI).
# Expected: `import httpx` loads a library, whatever else is installed.
# Observed: where click and rich happen to be installed, it loads its command line with them, and so pygments.
# Matters:  a program that is started often takes longer to start in an environment shared with others.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
install() { "$folder/venv/bin/pip" --disable-pip-version-check install -qq "$@"; }
probe='import sys, httpx; print([name for name in ("click", "rich", "pygments") if name in sys.modules])'

install httpx==0.28.1
alone=$("$folder/venv/bin/python" -c "$probe")
install click==8.5.1 rich==14.2.0
shared=$("$folder/venv/bin/python" -c "$probe")
output="alone: $alone
shared: $shared"
echo "$output"
expected="alone: []
shared: ['click', 'rich', 'pygments']"
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
