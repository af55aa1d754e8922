"""Generates a bill of materials (CycloneDX 1.6) and a list of licences from the lock files, extras included.

    python scripts/sbom.py            writes sbom.cdx.json and docs/evidence/licences.md
    python scripts/sbom.py --check    fails if they are out of date or a licence is unknown

Needs no network: names, versions and hashes come from requirements/runtime.txt and extras.txt, licences from installed
metadata.
"""

import importlib.metadata
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK, EXTRAS = (ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "extras"))
SBOM, LICENCES = ROOT / "sbom.cdx.json", ROOT / "docs" / "evidence" / "licences.md"

KNOWN = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "MPL-2.0", "PSF-2.0", "Zlib",
)  # fmt: skip
"""Licences that are compatible with distributing this package under MIT."""

# Installed on other platforms or in other Pythons, or without a licence in their metadata.
STATED = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "ctok": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
    "llama-models": "LicenseRef-Llama-4-Community",
    "pywin32": "PSF-2.0",
}
# Licence names in metadata that are not SPDX identifiers.
SPELT_OUT = {
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
}

_CLASSIFIED = "License :: OSI Approved :: "
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
    if name in STATED:
        return STATED[name]
    metadata = importlib.metadata.metadata(name)
    classified = (each.removeprefix(_CLASSIFIED) for each in metadata.get_all("Classifier", ()) if _CLASSIFIED in each)
    stated = next((metadata[field] for field in ("License-Expression", "License") if field in metadata), "")
    stated = stated or next(classified, "")
    first = stated.strip().splitlines()[0] if stated.strip() else ""
    expression = SPELT_OUT.get(first, first)
    names = re.split(r" (?:AND|OR|WITH) ", expression.replace("(", "").replace(")", ""))
    if not set(names) <= set(KNOWN):
        raise ValueError(f"{name}: unknown licence {first!r}")
    return expression


def bill(pins: list[Pin], extras: list[Pin]) -> str:
    """The bill of materials. It has no time or serial number, so the same lock files give the same document.

    What only some platforms have or only an extra brings is optional.
    """
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
            "scope": "required" if pin.marker is None and pin not in extras else "optional",
            "licenses": [{"expression": licence_of(pin.name)}],
            "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
        }
        for pin in (*pins, *extras)
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


def licences(pins: list[Pin], extras: list[Pin]) -> str:
    """The list of licences as a Markdown page."""
    rows = [_row(pin, pin.marker or "everywhere") for pin in pins]
    rows += [_row(pin, f"extra; {pin.marker}" if pin.marker else "extra") for pin in extras]
    head = (
        "# Licences",
        "",
        "The packages installed with this one, from `requirements/runtime.txt`, then those that only an extra brings,",
        "from `requirements/extras.txt`. `make sbom` writes this list and `sbom.cdx.json`; `make check` verifies them.",
        "Data files in the package have their licence next to them (`mcp_server/**/*.LICENSE`).",
        "",
        "| package | version | licence | installed |",
        "|---|---|---|---|",
    )
    return "\n".join((*head, *rows)) + "\n"


def _row(pin: Pin, installed: str) -> str:
    return f"| {pin.name} | {pin.version} | {licence_of(pin.name)} | {installed} |"


def main(arguments: list[str]) -> int:
    """Write both files, or with `--check` compare them; returns 1 if one is out of date."""
    try:
        pins = read_lock(LOCK.read_text(encoding="utf-8"))
        known = {(pin.name, pin.version) for pin in pins}
        every = read_lock(EXTRAS.read_text(encoding="utf-8"))
        extras = [pin for pin in every if (pin.name, pin.version) not in known]
        wanted = {SBOM: bill(pins, extras), LICENCES: licences(pins, extras)}
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
