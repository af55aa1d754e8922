"""Measures the memory of a process from outside."""

import subprocess
import threading
from pathlib import Path
from typing import Self

_MIB = 1024 * 1024


class PeakMemory:
    """A context that measures by how much the peak resident memory of a process exceeds that on entering."""

    def __init__(self, pid: int) -> None:
        self.growth_mib = 0.0
        self._pid = pid
        self._status = Path(f"/proc/{pid}/status")
        self._before = 0
        self._peak = 0
        self._left = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._before = self._peak = self._resident()
        if self._status.exists():
            # Linux keeps the highest value itself; this sets it back to the present one.
            Path(f"/proc/{self._pid}/clear_refs").write_text("5")
        else:
            self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        if self._status.exists():
            self._peak = self._kilobytes("VmHWM") * 1024
        else:
            self._sampler.join()
        self.growth_mib = (self._peak - self._before) / _MIB

    def _sample(self) -> None:
        while not self._left.wait(0.02):
            self._peak = max(self._peak, self._resident())

    def _resident(self) -> int:
        if self._status.exists():
            return self._kilobytes("VmRSS") * 1024
        reply = subprocess.run(["ps", "-o", "rss=", "-p", str(self._pid)], capture_output=True, check=True)
        return int(reply.stdout) * 1024

    def _kilobytes(self, name: str) -> int:
        (line,) = (line for line in self._status.read_text().splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1])
