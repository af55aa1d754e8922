"""Performs every case and writes docs/evidence/reliability.md: `python -m tests.reliability`, or `make reliability`.

Numbers after the command select cases; only their rows are rewritten.
"""

import sys

from tests.reliability.report import write

if __name__ == "__main__":
    sys.exit(write([int(number) for number in sys.argv[1:]]))
