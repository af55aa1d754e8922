"""Hostile text for the cleaner, guided by what of the cleaner it reaches.

    python -m tests.fuzz.atheris_text -max_total_time=600

Needs `atheris`, which is no dependency of this project. The arguments are libFuzzer's.
"""

import importlib
import sys

atheris = importlib.import_module("atheris")

with atheris.instrument_imports(include=["mcp_server.conversation"]):
    importlib.import_module("mcp_server.conversation.characters")
    target = importlib.import_module("tests.fuzz.fuzz_text")


def one_input(data: bytes) -> None:
    """What libFuzzer calls."""
    target.check(target.text_of(data))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
