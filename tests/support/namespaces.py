"""Runs a command without a network."""

import shutil
import subprocess
import sys

import pytest


def namespace_without_network() -> list[str]:
    """The prefix of a command that runs it in a network namespace without connections.

    As anyone where that is allowed, otherwise as root, by sudo where that asks nothing. Fails the test, with the
    reasons, where none of it is; skips it where there are no such namespaces at all.
    """
    if sys.platform != "linux":
        pytest.skip("network namespaces are Linux's")
    refusals = []
    unshare = shutil.which("unshare") or "unshare"
    for command in ([unshare, "-rn"], [unshare, "-n"], ["sudo", "-n", "-E", unshare, "-n"]):
        try:
            tried = subprocess.run([*command, "true"], capture_output=True, text=True, timeout=10, check=False)
        except OSError as missing:
            refusals.append(str(missing))
            continue
        if tried.returncode == 0:
            return command
        refusals.append(tried.stderr.strip())
    pytest.fail(
        "This test needs a network namespace and could not make one: "
        + "; ".join(refusals)
        + ". Allow unprivileged user namespaces, or run as root."
    )
