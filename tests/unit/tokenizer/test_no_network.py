"""The first count works on a machine with no network, no cache and an empty home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.namespaces import namespace_without_network
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]

# Ends with an error at the first name looked up or socket made, so it needs no privilege.
FORBID_SOCKETS = """
import sys

def forbid(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.")):
        raise AssertionError(f"{event} {arguments}")

sys.addaudithook(forbid)
"""
# Connecting a datagram socket sends nothing; it only asks for a route.
NO_WAY_OUT = """
import errno, socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
except OSError as refused:
    assert refused.errno == errno.ENETUNREACH, refused
else:
    raise AssertionError("this namespace has a way out")
"""
COUNT = """
from mcp_server.tokenizer import O200kCounter
print(O200kCounter().count("hello world"))
"""


def first_count(prefix: list[str], script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `script` in a new interpreter with nothing of this environment but the search path."""
    return subprocess.run(
        [*prefix, sys.executable, "-c", script],
        cwd=ROOT,
        env={"HOME": str(home), "TMPDIR": str(home), "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_counting_opens_no_socket(tmp_path: Path) -> None:
    """Nothing is even tried: any use of a socket would end the process."""
    done = first_count([], FORBID_SOCKETS + COUNT, tmp_path)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_socket_wall_holds(tmp_path: Path) -> None:
    """The wall the test above relies on does stop a connection."""
    reach = "import socket\nsocket.create_connection(('127.0.0.1', 9))\n"
    done = first_count([], FORBID_SOCKETS + reach, tmp_path)
    assert done.returncode != 0
    assert "AssertionError: socket." in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's; the socket wall covers the rest")
def test_counting_works_in_a_namespace_without_network(tmp_path: Path) -> None:
    """With no route to anywhere and an empty home, the count is there and nothing was written."""
    done = first_count(namespace_without_network(), NO_WAY_OUT + COUNT, tmp_path)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert list(tmp_path.iterdir()) == []
