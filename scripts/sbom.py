"""What is installed with this package, out of the lock file: a bill of materials (CycloneDX 1.6), a list of licences.

    python scripts/sbom.py            writes sbom.cdx.json and docs/licences.md
    python scripts/sbom.py --check    fails where they are not what the lock file says, or a licence is not a known one

Needs no network: names, versions and hashes stand in requirements/runtime.txt, licences in what is installed.
"""

import importlib.metadata
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "runtime.txt"
SBOM, LICENCES = ROOT / "sbom.cdx.json", ROOT / "docs" / "licences.md"

KNOWN = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0",
)  # fmt: skip
"""All of them let a program under the MIT licence be used with theirs and passed on."""

# Installed on other platforms only, so their metadata is not here to be read.
ELSEWHERE = {"httpx2-jsfetch": "BSD-3-Clause", "pywin32": "PSF-2.0"}
# What their metadata say at length, or not at all.
SPELT_OUT = {
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
}

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A line of the lock file: what, where it is installed (None: everywhere), and what its files may hash to."""

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def read_lock(text: str) -> list[Pin]:
    """The pins of a requirements file. Raises ValueError for a line that is neither pin, hash nor comment."""
    pins: list[Pin] = []
    for line in text.splitlines():
        if found := _PIN.match(line):
            pins.append(Pin(found[1], found[2], found[3], ()))
        elif hashed := _HASH.search(line):
            last = pins.pop()
            pins.append(Pin(last.name, last.version, last.marker, (*last.hashes, hashed[1])))
        elif line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(f"not a pin: {line}")
    return pins


def licence_of(name: str) -> str:
    """The SPDX expression of an installed package. Raises ValueError where it names none that is known."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    metadata = importlib.metadata.metadata(name)
    told = next((metadata[field] for field in ("License-Expression", "License") if field in metadata), "")
    first = told.strip().splitlines()[0] if told.strip() else ""
    expression = SPELT_OUT.get(first, first)
    names = re.split(r" (?:AND|OR|WITH) ", expression.replace("(", "").replace(")", ""))
    if not set(names) <= set(KNOWN):
        raise ValueError(f"{name}: licence {first!r} is not a known one")
    return expression


def bill(pins: list[Pin]) -> str:
    """The bill of materials. Without a time or a serial number: the same lock file gives the same document."""
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "mcp_server" / "__init__.py").read_text(encoding="utf-8"))
    assert version is not None
    itself = f"pkg:pypi/conversation-mcp@{version[1]}"
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{pin.name}@{pin.version}",
            "name": pin.name,
            "version": pin.version,
            "purl": f"pkg:pypi/{pin.name}@{pin.version}",
            "scope": "required" if pin.marker is None else "optional",
            "licenses": [{"expression": licence_of(pin.name)}],
            "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
        }
        for pin in pins
    ]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": itself,
                "name": "conversation-mcp",
                "version": version[1],
                "purl": itself,
                "licenses": [{"expression": "MIT"}],
            }
        },
        "components": components,
    }
    return json.dumps(document, indent=1) + "\n"


def licences(pins: list[Pin]) -> str:
    """The list of licences, as a page."""
    rows = [f"| {pin.name} | {pin.version} | {licence_of(pin.name)} | {pin.marker or 'everywhere'} |" for pin in pins]
    head = (
        "# Licences",
        "",
        "What is installed with this package, out of `requirements/runtime.txt`; `make sbom` writes this list and",
        "`sbom.cdx.json`, `make check` compares them. Data carried in the package has its licence beside it",
        "(`mcp_server/**/*.LICENSE`).",
        "",
        "| package | version | licence | installed |",
        "|---|---|---|---|",
    )
    return "\n".join((*head, *rows)) + "\n"


def main(arguments: list[str]) -> int:
    """Writes both, or compares them; 1 where something is not as it must be."""
    try:
        pins = read_lock(LOCK.read_text(encoding="utf-8"))
        wanted = {SBOM: bill(pins), LICENCES: licences(pins)}
    except ValueError as error:
        print(error)
        return 1
    if "--check" not in arguments:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [
        path.name for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for name in stale:
        print(f"{name} is not what the lock file says: run `make sbom`")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
