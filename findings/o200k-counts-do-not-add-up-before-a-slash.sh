#!/usr/bin/env bash
# Package:  gpt-tokenizer 4.0.0 (npm), the vocabulary o200k_base of GPT-4o and later.
# Expected: a line break separates tokens, so the counts of a text's lines add up to the count of the text.
# Observed: they do not when a line begins with a slash after punctuation: the punctuation, the line break and the
#           slash are cut as one piece, and the whole has more tokens than its lines.
# Matters:  a budget kept by adding up the counts of lines is exceeded by one token per such line.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error gpt-tokenizer@4.0.0 >/dev/null

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { encode } from "gpt-tokenizer/encoding/o200k_base";

const count = (text) => encode(text).length;
for (const [first, second] of [["Really?\n", "home\n"], ["Really?\n", "/home\n"]]) {
  console.log(`${JSON.stringify(first + second)}: lines ${count(first)} + ${count(second)}, text ${count(first + second)}`);
}
JAVASCRIPT

output=$(node "$folder/probe.mjs")
echo "$output"
expected='"Really?\nhome\n": lines 2 + 2, text 4
"Really?\n/home\n": lines 2 + 2, text 5'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
