#!/usr/bin/env bash
# Packages: splintr-rs 0.22.0, dashscope 2.0.2 (PyPI), both with the vocabulary of Qwen.
# Expected: Qwen's tokenizer composes text first (Unicode NFC), so "é" counts the same in one code point as in two.
# Observed: dashscope composes, splintr-rs does not: decomposed text has more tokens than Qwen counts.
# Matters:  text from macOS file names and some input methods is decomposed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq splintr-rs==0.22.0 dashscope==2.0.2

cat >"$folder/probe.py" <<'PYTHON'
import unicodedata
from dashscope import get_tokenizer
from splintr import Tokenizer

splintr, qwen = Tokenizer.from_pretrained("qwen3"), get_tokenizer("qwen-turbo")
for form in ("NFC", "NFD"):
    text = unicodedata.normalize(form, "Thérèse préfère l'été à Orléans")
    print(f"{form}: splintr-rs {len(splintr.encode(text))}, dashscope {len(qwen.encode(text))}")
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py")
echo "$output"
expected='NFC: splintr-rs 15, dashscope 15
NFD: splintr-rs 21, dashscope 15'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
