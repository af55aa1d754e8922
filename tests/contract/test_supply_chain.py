"""Only locked packages are installed, by version and hash."""

import json
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.sbom import LOCK, SBOM, main, read_lock

ROOT = LOCK.parents[1]


@pytest.mark.parametrize("lock", sorted(LOCK.parent.glob("*.txt")), ids=lambda path: path.stem)
def test_every_locked_package_has_a_version_and_hashes(lock: Path) -> None:
    """Otherwise `--require-hashes` would refuse the file, or install whatever an index offers."""
    pins = read_lock(lock.read_text(encoding="utf-8"))
    assert pins
    assert [pin.name for pin in pins if not pin.hashes] == []


def test_every_dependency_is_locked() -> None:
    """What pyproject.toml asks for is in the runtime's lock, in a version that it allows."""
    locked = {canonicalize_name(pin.name): pin.version for pin in read_lock(LOCK.read_text(encoding="utf-8"))}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in map(Requirement, project["dependencies"]):
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted


def test_the_bill_of_materials_has_every_package_of_every_extra_once() -> None:
    """Those that only an extra brings are optional, and so are those that only some platforms have."""
    components = json.loads(SBOM.read_text(encoding="utf-8"))["components"]
    names = [(each["name"], each["version"]) for each in components]
    assert len(set(names)) == len(names)
    required = {each["name"] for each in components if each["scope"] == "required"}
    assert required == {pin.name for pin in read_lock(LOCK.read_text(encoding="utf-8")) if pin.marker is None}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = chain.from_iterable(project["optional-dependencies"].values())
    extras = {canonicalize_name(Requirement(each).name) for each in wanted}
    assert extras - required <= {canonicalize_name(name) for name, _ in names}


def test_the_makefile_installs_by_hash() -> None:
    """Every installation of requirements checks them; the project itself brings none along."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line.strip() for line in makefile.splitlines() if re.match(r"\t\$\(PIP\) ", line)]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []


def test_the_bill_of_materials_and_the_licences_are_those_of_the_lock() -> None:
    """`make sbom` writes them again."""
    assert main(["--check"]) == 0
