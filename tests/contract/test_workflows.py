"""The workflows of the repository's host run what the Makefile and the package really have."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_python_that_the_package_names_is_tested_on_three_systems() -> None:
    """Adding a Python to the package's description adds it here."""
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    matrices = re.findall(r"python: \[(.+)\]", WORKFLOWS["tests"])
    assert [re.findall(r"3\.\d+", matrix) for matrix in matrices] == [named, named]
    assert all(system in WORKFLOWS["tests"] for system in ("ubuntu-latest", "macos-latest", "windows-latest"))


def test_what_they_call_is_there() -> None:
    """Targets of make, and files."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    commands = re.findall(r"(?:run:|&&) make ([a-zA-Z =-]+)", "\n".join(WORKFLOWS.values()))
    called = {word for command in commands for word in command.split() if "=" not in word}
    assert called
    assert called <= targets
    for path in re.findall(r"(?:-r|bash) (\S+)", "\n".join(WORKFLOWS.values())):
        assert (ROOT / path).is_file(), path


def test_publishing_needs_no_secret() -> None:
    """The index and the registry know the workflow by its identity, so there is nothing to steal."""
    assert "secrets." not in "\n".join(WORKFLOWS.values())
    assert WORKFLOWS["release"].count("id-token: write") == 3
    assert "attest-build-provenance" in WORKFLOWS["release"]
    assert all("\npermissions:" in text for text in WORKFLOWS.values())
