"""Check what no linter looks at: the size of files, words, links, locked requirements, addresses bound to one place.

Run by `make check` at the top of a checkout. Prints one line for each finding and exits 1 if there is any.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 300
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ;[^\\]*)? \\\n(?: {4}--hash=\S+.*\n)+", re.M)

WORDS = re.compile(
    r"\b(anew|mend(?:s|ed|ing)?|whoever|unless\s+said\s+otherwise|as\s+ever|(?:is|are|was|were)\s+told(?!\s+apart)"
    r"|go(?:es|ing)?\s+on\s+(?:with|at|from))\b",
    re.I,
)
"""Words and phrases that make English read like a translation. CONTRIBUTING.md asks for plain words."""

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
"""A Markdown link to a file."""


def tracked() -> list[Path]:
    """Every file of the checkout that git knows and that is there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def long_files(files: list[Path], *, root: Path = ROOT) -> Iterator[str]:
    """Python files longer than one reads at a sitting."""
    for file in files:
        if file.suffix == ".py" and (lines := len(file.read_text(encoding="utf-8").splitlines())) > MAX_LINES:
            yield f"{file.relative_to(root)}: {lines} lines, more than {MAX_LINES}"


def stilted_words(files: list[Path], *, root: Path = ROOT) -> Iterator[str]:
    """Lines of pages, prompts and Python files that contain one of WORDS; this check and its test have to name them."""
    for file in files:
        if file.suffix in (".md", ".py") and not file.stem.endswith("check_tree"):
            text = file.read_text(encoding="utf-8")
            for found in WORDS.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                yield f'{file.relative_to(root)}:{line}: "{" ".join(found[1].split())}"; use a plainer word'


def broken_links(files: list[Path], *, root: Path = ROOT) -> Iterator[str]:
    """Relative links of Markdown files to files that do not exist."""
    for file in files:
        if file.suffix == ".md":
            for target in LINK.findall(file.read_text(encoding="utf-8")):
                if not (file.parent / target).exists():
                    yield f"{file.relative_to(root)}: links to {target}, which does not exist"


def bound_to_a_place(files: list[Path], *, root: Path = ROOT) -> Iterator[str]:
    """Lock files that name a registry's host, and paths of the machine this runs on."""
    for file in files:
        name = file.relative_to(root)
        if file.name in {"uv.lock", "package-lock.json", "poetry.lock"}:
            yield f"{name}: a lock file with addresses; requirements/ has hashes without them"
        if str(root).encode() + b"/" in file.read_bytes():
            yield f"{name}: holds a path of this machine"


def parse_pins(text: str) -> dict[str, set[str]]:
    """Package to versions (several where Pythons need different ones), out of a requirements file.

    Raises ValueError when a line is not a hashed pin.
    """
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    if left := PIN.sub("", body).strip():
        raise ValueError(f"not a pin with hashes: {left.splitlines()[0]}")
    pins: dict[str, set[str]] = {}
    for pin in PIN.finditer(body):
        pins.setdefault(pin["name"], set()).add(pin["version"])
    return pins


def locked(name: str) -> dict[str, set[str]]:
    """The pins of `requirements/<name>.txt`."""
    return parse_pins((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8"))


def stale_requirements() -> Iterator[str]:
    """Dependencies of pyproject.toml that the locked files do not answer, and files that disagree."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = configuration["project"], configuration["dependency-groups"]
    extras: list[str] = [line for lines in project["optional-dependencies"].values() for line in lines]
    declared: dict[str, list[str]] = {
        "runtime": project["dependencies"],
        "extras": project["dependencies"] + extras,
        **groups,
        "dev": groups["dev"] + extras,
    }
    pins = {name: locked(name) for name in declared}
    for name, requirements in declared.items():
        for requirement in map(Requirement, requirements):
            versions = pins[name].get(requirement.name, set())
            if not versions or not all(version in requirement.specifier for version in versions):
                yield f"requirements/{name}.txt: has {versions or 'nothing'} for `{requirement}`; run make lock"
    for name in ("extras", "build"):
        for package, versions in pins[name].items():
            if pins["dev"].get(package) != versions:
                yield f"requirements/dev.txt: has another {package} than {name}.txt; run make lock"


def main() -> None:
    """Print every finding; exit 1 if there is one."""
    files = tracked()
    findings = [
        *long_files(files),
        *stilted_words(files),
        *broken_links(files),
        *bound_to_a_place(files),
        *stale_requirements(),
    ]
    print("\n".join(findings) or f"{len(files)} files: sizes, words, links, addresses and requirements are in order")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
