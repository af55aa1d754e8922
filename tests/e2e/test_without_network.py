"""Once installed, the command needs no network but its own loopback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.namespaces import namespace_without_network
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"

# A new namespace has its loopback down. This puts it up (SIOCSIFFLAGS, IFF_UP), then becomes the command.
WITH_LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_reading_the_sandbox_works_with_the_network_off(tmp_path: Path) -> None:
    """Transcript, real HTTP on loopback and token counts, with no route to anywhere and an empty home."""
    command = [str(Path(sys.prefix) / "bin" / "conversation-mcp"), "read", PRIYA, "--sandbox", "--count", "5"]
    done = subprocess.run(
        [*namespace_without_network(), sys.executable, "-c", WITH_LOOPBACK, *command],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "5 of 60 messages" in done.stdout
    assert list(tmp_path.iterdir()) == []
