"""Generates a bill of materials (CycloneDX 1.6) and a list of licences from the lock file.

    python scripts/sbom.py            writes sbom.cdx.json and docs/evidence/licences.md
    python scripts/sbom.py --check    fails if they are out of date or a licence is unknown

Needs no network: names, versions and hashes come from requirements/runtime.txt, licences from installed metadata.
"""

import importlib.metadata
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "runtime.txt"
SBOM, LICENCES = ROOT / "sbom.cdx.json", ROOT / "docs" / "evidence" / "licences.md"

KNOWN = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0",
)  # fmt: skip
"""Licences that are compatible with distributing this package under MIT."""

# Installed on other platforms only, so their metadata cannot be read here.
ELSEWHERE = {"httpx2-jsfetch": "BSD-3-Clause", "pywin32": "PSF-2.0"}
# Licence names in metadata that are not SPDX identifiers.
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
    """A pin of the lock file. `marker` limits where it is installed (None: everywhere)."""

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def read_lock(text: str) -> list[Pin]:
    """The pins of a requirements file. Raises ValueError for a line that is not a pin, a hash or a comment."""
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
    """The SPDX expression of an installed package. Raises ValueError for an unknown licence."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    metadata = importlib.metadata.metadata(name)
    stated = next((metadata[field] for field in ("License-Expression", "License") if field in metadata), "")
    first = stated.strip().splitlines()[0] if stated.strip() else ""
    expression = SPELT_OUT.get(first, first)
    names = re.split(r" (?:AND|OR|WITH) ", expression.replace("(", "").replace(")", ""))
    if not set(names) <= set(KNOWN):
        raise ValueError(f"{name}: unknown licence {first!r}")
    return expression


def bill(pins: list[Pin]) -> str:
    """The bill of materials. It has no time or serial number, so the same lock file gives the same document."""
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
    """The list of licences as a Markdown page."""
    rows = [f"| {pin.name} | {pin.version} | {licence_of(pin.name)} | {pin.marker or 'everywhere'} |" for pin in pins]
    head = (
        "# Licences",
        "",
        "The packages installed with this one, from `requirements/runtime.txt`. `make sbom` writes this list and",
        "`sbom.cdx.json`; `make check` verifies them. Data files in the package have their licence next to them",
        "(`mcp_server/**/*.LICENSE`).",
        "",
        "| package | version | licence | installed |",
        "|---|---|---|---|",
    )
    return "\n".join((*head, *rows)) + "\n"


def main(arguments: list[str]) -> int:
    """Write both files, or with `--check` compare them; returns 1 if one is out of date."""
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
        print(f"{name} is out of date: run `make sbom`")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
