"""Performs every case and writes docs/evidence/reliability.md: `python -m tests.reliability`, or `make reliability`.

With numbers behind it, only those cases, and their rows.
"""

import sys

from tests.reliability.report import write

if __name__ == "__main__":
    sys.exit(write([int(number) for number in sys.argv[1:]]))
