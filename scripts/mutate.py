"""Mutation tests: makes one change at a time in a module and checks that its tests fail.

    python scripts/mutate.py text|cursor|retry [--jobs N]

Works on copies of the tree, two at a time. Prints the score and every change that no test detected. The usual mutation
testers rewrite the package's layout or import it under another name, which breaks tests that start processes.
"""

import argparse
import ast
import copy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).parents[1]
PATIENCE_S = 180
UNIT, LAWS = "tests/unit/conversation", "tests/property"
TARGETS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (
        ("mcp_server/conversation/cleaning.py", "mcp_server/conversation/characters.py"),
        (f"{UNIT}/test_text.py", f"{UNIT}/test_characters.py", f"{LAWS}/test_text_laws.py"),
    ),
    "cursor": (
        ("mcp_server/conversation/cursor.py",),
        (f"{UNIT}/test_cursor.py", f"{UNIT}/test_cursor_format.py", f"{LAWS}/test_cursor_laws.py"),
    ),
    "retry": (("mcp_server/upstream/retry.py",), ("tests/unit/upstream/test_retry.py",)),
}
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.UAdd: ast.USub, ast.USub: ast.UAdd, ast.Continue: ast.Break, ast.Break: ast.Continue,
}  # fmt: skip


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """(description of the change, changed source) for every mutant."""
    tree = ast.parse(source)
    words = _docstrings(tree) | _annotations(tree)
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in words:
            continue
        for field, value in ast.iter_fields(node):
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            for place, old in places:
                if id(old) in words:
                    continue
                new: object = (
                    _changed(old) if field != "value" or not isinstance(old, bool | int | str | float) else None
                )
                if isinstance(node, ast.Constant) and field == "value":
                    new = _other_value(old)
                if new is not None:
                    changed = copy.deepcopy(tree)
                    target = next(each for n, each in enumerate(ast.walk(changed)) if n == number)
                    if place is None:
                        setattr(target, field, new)
                    else:
                        getattr(target, field)[place] = new
                    line = getattr(node, "lineno", getattr(old, "lineno", 0))
                    yield f"line {line}: {_shown(old)} -> {_shown(new)} in `{_spelt(node)}`", ast.unparse(changed)


def _changed(old: object) -> ast.AST | None:
    """The opposite operator, or the operand of a `not`; None where there is no mutation."""
    if isinstance(old, ast.UnaryOp) and isinstance(old.op, ast.Not):
        return old.operand
    swap = _SWAPS.get(type(old)) if isinstance(old, ast.AST) else None
    return None if swap is None else swap()


def _other_value(old: object) -> object:
    if isinstance(old, bool):
        return not old
    if isinstance(old, int | float):
        return old + 1
    if isinstance(old, str | bytes) and old:
        return old[:0]
    return None


def _docstrings(tree: ast.AST) -> set[int]:
    """Ids of the constants that are expressions of their own: docstrings."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _annotations(tree: ast.AST) -> set[int]:
    """Ids of the nodes in annotations, which have no effect at run time."""
    roots = [
        node.annotation for node in ast.walk(tree) if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation
    ]
    roots += [n.returns for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.returns]
    roots += [
        key
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in ("slots", "frozen")
        for key in [node.value]
    ]
    return {id(node) for root in roots for node in ast.walk(root)}


def _shown(value: object) -> str:
    return type(value).__name__ if isinstance(value, ast.AST) else repr(value)[:60]


def _spelt(node: ast.AST) -> str:
    return ast.unparse(node)[:90].replace("\n", " ") if isinstance(node, ast.expr | ast.stmt) else type(node).__name__


def main() -> int:
    """Print the score and the undetected changes; returns 1 if the tests fail without any change."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    modules, tests = TARGETS[chosen.target]
    with tempfile.TemporaryDirectory() as folder:
        trees: Queue[Path] = Queue()
        for number in range(chosen.jobs):
            trees.put(_copy(Path(folder) / str(number)))
        first = trees.get()
        if not _pass(first, tests):
            print("the tests fail without any change")
            return 1
        trees.put(first)

        def survives(module: str, source: str) -> bool:
            tree = trees.get()
            original = (tree / module).read_text(encoding="utf-8")
            (tree / module).write_text(source, encoding="utf-8")
            try:
                return _pass(tree, tests)
            finally:
                (tree / module).write_text(original, encoding="utf-8")
                trees.put(tree)

        found = [(m, *each) for m in modules for each in mutants((ROOT / m).read_text(encoding="utf-8"))]
        with ThreadPoolExecutor(chosen.jobs) as pool:
            survived = list(pool.map(lambda each: survives(each[0], each[2]), found))
    for (module, change, _), alive in zip(found, survived, strict=True):
        if alive:
            print(f"{module}: {change}")
    killed = len(found) - sum(survived)
    print(f"{chosen.target}: {killed} of {len(found)} changes detected, {killed / len(found):.1%}")
    return 0


def _copy(tree: Path) -> Path:
    for name in ("mcp_server", "tests", "prompts", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    return tree


def _pass(tree: Path, tests: tuple[str, ...]) -> bool:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
