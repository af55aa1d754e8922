"""What is published holds what a user needs, and nothing else."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

import mcp_server
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = sorted(path.name for path in (ROOT / "prompts").glob("*.md"))
USE_IT = """
import mcp_server
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.tokenizer import O200kCounter
print(mcp_server.__file__)
print(O200kCounter().count("hello world"), *(f"{name}.md" for name, _ in prompt_files()))
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built as they would be published."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def unpacked(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it lies in site-packages."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def test_the_wheel_is_the_package_and_nothing_else(unpacked: Path) -> None:
    """No tests, no scripts, no notes of ours end up among a user's packages."""
    assert {path.name for path in unpacked.iterdir()} == {
        "mcp_server",
        f"conversation_mcp-{mcp_server.__version__}.dist-info",
    }
    assert not list(unpacked.rglob("*.pyc"))


def test_the_wheel_carries_its_data(unpacked: Path) -> None:
    """Types, first answers, ranks with their licence, prompts and the licence of the whole."""
    package = unpacked / "mcp_server"
    assert (package / "front" / "answers.json").is_file()
    assert (package / "py.typed").is_file()
    assert (package / "tokenizer" / "o200k_base.ranks.zlib").is_file()
    assert sorted(path.name for path in (package / "_prompts").glob("*.md")) == PROMPTS
    licences = next(unpacked.glob("*.dist-info")) / "licenses"
    assert (licences / "LICENSE").is_file()
    assert (licences / "mcp_server" / "tokenizer" / "o200k_base.LICENSE").is_file()


def test_the_wheel_works_without_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    """Installed somewhere else, the package finds its ranks and its prompts inside itself."""
    script = f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{USE_IT}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(unpacked / "mcp_server" / "__init__.py"), " ".join(["2", *PROMPTS])]


def test_the_metadata_says_what_the_package_is(unpacked: Path) -> None:
    """Name, version, Python and licence, as an index shows them."""
    text = (next(unpacked.glob("*.dist-info")) / "METADATA").read_text(encoding="utf-8")
    metadata = HeaderParser().parsestr(text)
    assert metadata["Name"] == "conversation-mcp"
    assert metadata["Version"] == mcp_server.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_the_sdist_builds_and_tests_itself(dist: Path) -> None:
    """Sources, tests, prompts and the build's own files are in; nothing that only this repository needs."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        tops = {name.split("/")[1] for name in sdist.getnames()}
    assert {"mcp_server", "prompts", "tests", "pyproject.toml", "LICENSE", "PKG-INFO"} <= tops
    assert tops.isdisjoint({".ci", ".git", ".venv", ".tools", "benchmarks"})
