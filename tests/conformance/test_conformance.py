"""The official conformance suite, both of its generations, against `serve --http`.

Needs node 24 and the suites: `make test-all` brings them. Beside this file, a baseline for each names what is expected
to fail and why; a failure more, or one less, fails here. docs/evidence/conformance.md shows the figures.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.http_server import http_server
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PAGE = ROOT / "docs" / "evidence" / "conformance.md"


@dataclass(frozen=True, slots=True)
class Suite:
    """A version of the suite, and the version of the protocol that it is to speak."""

    version: str
    protocol: str
    options: tuple[str, ...] = ()

    @property
    def baseline(self) -> Path:
        return HERE / f"{self.protocol}.yml"


SUITES = (
    Suite("0.1.16", "2025-11-25"),
    Suite("0.2.0-alpha.12", "2026-07-28", ("--spec-version", "2026-07-28")),
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the server is."""
    with http_server({}, "--sandbox") as running:
        yield running.url


def run(suite: Suite, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Every scenario of a suite, those pending with it included."""
    program = ROOT / ".tools" / "conformance" / suite.version / "node_modules" / ".bin" / "conformance"
    return subprocess.run(
        [program, "server", "--url", url, "--suite", "all", "--expected-failures", suite.baseline, *suite.options],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.version)
def test_every_scenario_passes_but_those_with_a_reason(suite: Suite, url: str, tmp_path: Path) -> None:
    """The suite itself compares with the baseline, and refuses entries that have come to pass."""
    done = run(suite, url, tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    summary = done.stdout.partition("=== SUMMARY ===")[2]
    scenarios = re.findall(r"^[✓✗] [\w-]+: ", summary, flags=re.M)
    expected = entries(suite)  # with warnings only, too: the suite counts these against a server that has a baseline
    total = re.search(r"Total: (\d+) passed, (\d+) failed", summary)
    assert total is not None
    row = (
        f"| {suite.protocol} | `@modelcontextprotocol/conformance` {suite.version} | {len(scenarios)} "
        f"| {len(scenarios) - len(expected)} | {len(expected)} | {total[1]} of {int(total[1]) + int(total[2])} |"
    )
    assert row in PAGE.read_text(encoding="utf-8"), row


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.version)
def test_every_expected_failure_has_a_reason(suite: Suite) -> None:
    """A group of entries stands under a comment, and no scenario stands in two."""
    groups = suite.baseline.read_text(encoding="utf-8").partition("server:\n")[2].split("\n\n")
    assert all(group.lstrip().startswith("# ") and "  - " in group for group in groups)
    assert len(set(entries(suite))) == len(entries(suite))


def entries(suite: Suite) -> list[str]:
    """The scenarios that a baseline names."""
    return re.findall(r"^  - (\S+)$", suite.baseline.read_text(encoding="utf-8"), flags=re.M)
