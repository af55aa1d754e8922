"""Bytes for a fuzz target, led by what of the code they reach.

    python -m tests.fuzz.guided archive|cursor|inbox|links|parser|text|wire -max_total_time=600

Needs `atheris`, which is no dependency of this project. The other arguments are libFuzzer's.
"""

import importlib
import sys

atheris = importlib.import_module("atheris")

if __name__ == "__main__":
    with atheris.instrument_imports(include=["mcp_server"]):
        target = importlib.import_module(f"tests.fuzz.{sys.argv.pop(1)}")
    atheris.Setup(sys.argv, target.check)
    atheris.Fuzz()
