"""Stands between a client and a stdio server, and keeps what each says.

python tap.py FOLDER COMMAND...     relays both directions line by line, each also into FOLDER/asked or FOLDER/answered
"""

import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

folder, *command = sys.argv[1:]


def pass_on(source: IO[bytes], target: IO[bytes], log: str) -> None:
    """Keep each line, then hand it on, until the source ends."""
    with (Path(folder) / log).open("ab", buffering=0) as kept:
        for line in iter(source.readline, b""):
            kept.write(line)
            target.write(line)
            target.flush()


with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
    assert server.stdin is not None
    assert server.stdout is not None
    back = threading.Thread(target=pass_on, args=(server.stdout, sys.stdout.buffer, "answered"))
    back.start()
    pass_on(sys.stdin.buffer, server.stdin, "asked")
    server.stdin.close()
    back.join()
