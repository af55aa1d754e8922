"""docs/use-it-from.md installs for each example what the example is tested with."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "use-it-from.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
EXAMPLES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").glob("*/read.*"))


def installed(example: str) -> list[str]:
    """The packages that the line of an example installs."""
    lines = re.findall(rf"^.*`(?:pip|npm) install (.*)` · \[example\]\(\.\./{re.escape(example)}\)", PAGE, flags=re.M)
    assert len(lines) == 1, lines
    return sorted(shlex.split(lines[0]))


def requirements_of(folder: str) -> list[str]:
    """The packages whose versions the environment of an example is made from."""
    requirements = ROOT / "tests" / "clients" / "requirements" / f"{folder}.in"
    if requirements.exists():
        return sorted(requirements.read_text(encoding="utf-8").split())
    if folder == "inspector":
        version = re.findall(r"^INSPECTOR_VERSION := (\S+)", MAKEFILE, flags=re.M)[0]
        return [f"@modelcontextprotocol/inspector@{version}"]
    return sorted(re.findall(rf"^NPM_{folder} := (.*)", MAKEFILE, flags=re.M)[0].split())


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_on_the_page_with_the_packages_it_is_requirements_of(example: str) -> None:
    """So that a reader who copies the line gets what the matrix ran."""
    assert installed(example) == requirements_of(example.split("/")[1])


@pytest.mark.parametrize("packages", re.findall(r"^NPM_[a-z]\S+ := (.*)", MAKEFILE, flags=re.M))
def test_the_page_has_every_set_of_npm_packages_that_is_tested(packages: str) -> None:
    """Older versions run the same example and have no line of their own."""
    assert f"{packages}`" in " ".join(PAGE.split())
