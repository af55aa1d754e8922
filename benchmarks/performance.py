"""All figures of speed, size and tokens in one run, one table a matter; docs/evidence/performance.md out of it.

    python -m benchmarks.performance             prints the tables (some six minutes)
    python -m benchmarks.performance --write     and writes them, with the charts, into docs/
    python -m benchmarks.performance --short     a few runs of each, which only shows that it works
    python -m benchmarks.performance --only start memory [--write]

Ends with an error only where something does not work, never because of a time.
"""

import argparse
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import calls, memory, start, tokens
from benchmarks.rows import Row, bars, table

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "evidence" / "performance.md"
_PACKAGES = ("mcp", "httpx", "pydantic", "tiktoken", "regex")
_MATTERS: dict[str, Callable[[bool], list[Row]]] = {
    "start": lambda short: start.rows(short=short),
    "calls": lambda short: calls.rows(short=short),
    "memory": lambda short: memory.rows(short=short),
    "tokens": lambda _: tokens.rows(tokens.loaded([])),
}


def machine() -> str:
    """On what the figures were taken."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (model := re.search(r"model name\s*: (.*)", info.read_text(encoding="utf-8"))):
        cpu = model[1]
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, {packages}."


def load() -> str:
    """How busy the machine is, as a line for below a table; empty where that is unknown."""
    return f"\n\nLoad average at the start: {os.getloadavg()[0]:.1f}." if hasattr(os, "getloadavg") else ""


def written(page: str, name: str, text: str) -> str:
    """The page with `text` between the marks of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{PAGE.name} has no place for {name}")
    return f"{head}{begin}\n{text}\n{end}{tail}"


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description="Speed, size and tokens, against named peers.")
    parser.add_argument("--short", action="store_true", help="a few runs of each")
    parser.add_argument(
        "--write", action="store_true", help="write docs/evidence/performance.md and the charts in docs/images"
    )
    parser.add_argument("--only", nargs="+", choices=_MATTERS, default=list(_MATTERS), help="some of the tables")
    parser.add_argument("--dialogues", nargs="*", default=[], help="files of dialogues to count tokens of too")
    options = parser.parse_args(arguments)
    on = machine()
    print(on)
    matters: dict[str, list[Row]] = {}
    loads: dict[str, str] = {}
    for name in options.only:
        loads[name] = load() if name != "tokens" else ""
        matters[name] = _MATTERS[name](options.short)
        print(f"\n{name}\n{table(matters[name])}{loads[name]}", flush=True)
    if options.dialogues:
        matters["dialogues"] = tokens.rows(tokens.loaded(options.dialogues))
        print(f"\ntokens of the dialogues given\n{table(matters['dialogues'])}")
    if options.write:
        page = written(PAGE.read_text(encoding="utf-8"), "machine", on)
        for name, found in matters.items():
            page = written(page, name, table(found) + loads.get(name, ""))
        PAGE.write_text(page, encoding="utf-8")
        for name in matters.keys() & {"start", "calls", "memory"}:
            shown = [row for row in matters[name] if row.ratio is not None and row.ratio < 10]
            chart = bars(
                shown, f"{name.capitalize()}: this server's ratio to the peer's, less is better; the line is the goal"
            )
            (DOCS / "images" / f"performance-{name}.svg").write_text(chart, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
