#!/usr/bin/env bash
# Packages: anthropic-tokenizer 0.1.0 (PyPI), @anthropic-ai/tokenizer 0.0.4 (npm; its README says: Claude 2 and older).
# Expected: a tokenizer whose default model is Claude Sonnet 4 counts with a vocabulary of that generation.
# Observed: its local count, which it uses without an API key and after any failure of the API, is Claude 2's.
# Matters:  a budget for a current Claude model is counted in another model's tokens, and nothing says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq anthropic-tokenizer==0.1.0
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error @anthropic-ai/tokenizer@0.0.4 >/dev/null

cat >"$folder/texts.json" <<'JSON'
["Shall we talk on Thursday about the offer?", "Donnerstag passt mir gut, bis dahin!", "木曜日にお会いできますか", "गुरुवार को मिलते हैं", "ನಾವು ಗುರುವಾರ ಭೇಟಿಯಾಗೋಣ"]
JSON

cat >"$folder/probe.py" <<'PYTHON'
import json, sys
from anthropic_tokenizer import ApiTokenizer, _api

tokenizer = ApiTokenizer(api_key="")
print("default model:", _api._DEFAULT_MODEL)
print("counts:", *(tokenizer.count_tokens(text) for text in json.load(open(sys.argv[1], encoding="utf-8"))))
PYTHON

cat >"$folder/probe.cjs" <<'JAVASCRIPT'
const { countTokens } = require("@anthropic-ai/tokenizer");
console.log("Claude 2:", ...require("./texts.json").map((text) => countTokens(text)));
JAVASCRIPT

output=$(env -u ANTHROPIC_API_KEY "$folder/venv/bin/python" "$folder/probe.py" "$folder/texts.json"; node "$folder/probe.cjs")
echo "$output"
expected='default model: claude-sonnet-4-20250514
counts: 10 13 12 22 47
Claude 2: 10 13 12 22 47'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
