"""Performs every case and writes docs/reliability.md: `python -m tests.reliability`, or `make reliability`."""

import sys

from tests.reliability.report import write

if __name__ == "__main__":
    sys.exit(write())
