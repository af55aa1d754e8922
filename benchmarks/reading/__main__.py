"""How well a small language model reads forms of the transcript: see docs/evidence/reading.md.

    python -m benchmarks.reading [--write] [--workers N] [--kept | --so-far]

Asks what is not among the answers kept, with two processes, and prints the tables; `make reading` prepares the
environment they run in. If it is interrupted, it continues. With `--write`, the tables and the chart of
docs/evidence/reading.md are written again, and the answers are kept in answered.jsonl beside this file, each with a
digest of what was asked. With `--kept`, those are taken as they are and no model is needed.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.chart import IMAGES
from benchmarks.performance import written
from benchmarks.reading import tables
from benchmarks.reading.figures import Outcome, outcomes
from benchmarks.reading.plan import Work, plan

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TOOLS = ROOT / ".tools" / "reading"
KEPT = HERE / "answered.jsonl"
PAGE = ROOT / "docs" / "evidence" / "reading.md"
WORKERS = 2


def ask(works: Sequence[Work], answered: Path, workers: int) -> None:
    """Runs the model over all that are unanswered, in the file or among the answers kept, or were asked otherwise.

    Returns when every process has ended. Raises CalledProcessError if one fails.
    """
    asked = TOOLS / "asked.jsonl"
    _write(asked, (one.prepared() for one in works))
    _write(answered, current([*_lines(KEPT), *_lines(answered)], works))
    command = [
        str(TOOLS / "env" / "bin" / "python"), str(HERE / "model.py"),
        str(TOOLS / "model.gguf"), str(asked), str(answered),
    ]  # fmt: skip
    running = [subprocess.Popen([*command, str(part), str(workers)]) for part in range(workers)]
    for process in running:
        if code := process.wait():
            raise subprocess.CalledProcessError(code, command)


def current(lines: Iterable[dict[str, Any]], works: Iterable[Work]) -> list[dict[str, Any]]:
    """The answers to what is asked today, one for each name. States on standard error how many there are."""
    digests = {one.name: one.prepared()["digest"] for one in works}
    known = {line["name"]: line for line in lines if digests.get(line["name"]) == line["digest"]}
    print(f"{len(known)} of {len(digests)} texts have been asked about.", file=sys.stderr)
    return list(known.values())


def keep(works: Sequence[Work], answers: Iterable[dict[str, Any]]) -> None:
    """Keeps the answers in the order of these works."""
    lines = {line["name"]: line for line in answers}
    _write(KEPT, (lines[one.name] for one in works if one.name in lines))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    text = "".join(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def sections(found: Sequence[Outcome]) -> dict[str, str]:
    """The parts of the page that are measured, by name."""
    return {
        "verdict": tables.verdict(found),
        "who": tables.who_table(found, "open"),
        "who-offered": tables.who_table(found, "main"),
        "kinds": tables.kinds_table(found),
        "open": tables.open_table(found),
        "quoted": tables.quoted_table(found),
        "conversations": tables.conversations_table(found),
        "conventions": tables.conventions_table(found),
    }


def main(arguments: Sequence[str]) -> None:
    """Ask, print, and write if asked to."""
    parser = argparse.ArgumentParser(description="How well a small language model reads forms of the transcript.")
    parser.add_argument("--write", action="store_true", help="write docs/evidence/reading.md and its chart")
    parser.add_argument("--kept", action="store_true", help="take the answers in answered.jsonl, without a model")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes, each on one core")
    parser.add_argument("--so-far", action="store_true", help="take what has been answered, without asking more")
    options = parser.parse_args(arguments)
    works = list(plan())
    answered = KEPT if options.kept else TOOLS / "answered.jsonl"
    if not options.kept and not options.so_far:
        ask(works, answered, options.workers)
    answers = current(_lines(answered), works)
    found = outcomes(works, answers)
    parts = sections(found)
    print("\n\n".join(f"{name}\n{text}" for name, text in parts.items()))
    if options.write:
        if not options.kept:
            keep(works, answers)
        page = PAGE.read_text(encoding="utf-8")
        for name, text in parts.items():
            page = written(page, name, text)
        PAGE.write_text(page, encoding="utf-8")
        (IMAGES / "reading.svg").write_text(tables.chart(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
