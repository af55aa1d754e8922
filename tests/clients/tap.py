"""Stands between a client and a stdio server, and keeps what the client says.

python tap.py LOG COMMAND...     relays stdin to the command, each line also into LOG; the rest passes untouched
"""

import subprocess
import sys

log, *command = sys.argv[1:]
with open(log, "ab", buffering=0) as kept, subprocess.Popen(command, stdin=subprocess.PIPE) as server:
    assert server.stdin is not None
    for line in iter(sys.stdin.buffer.readline, b""):
        kept.write(line)
        server.stdin.write(line)
        server.stdin.flush()
    server.stdin.close()
