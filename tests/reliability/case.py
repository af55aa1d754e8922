"""One row of the table of faults."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.reliability.stage import Stage

TIMEOUTS = "timeouts"
"""The company whose cases are performed at once, as they only wait."""

Run = Callable[[Stage], Awaitable[str | None]]


@dataclass(frozen=True)
class Case:
    """A fault, its expected outcome, and how to cause it.

    `run` asks, asserts, and says in a few words what it measured, if anything. Cases of one `company` share a server
    process, one after the other; `settings` are that process's. `latched`: the code that the next call is answered
    with, where the fault is one that the server does not ask about again for half a minute.
    """

    number: int
    title: str
    expected: str
    run: Run
    company: str = "most"
    settings: Mapping[str, str] = field(default_factory=dict)
    latched: str | None = None
    transports: tuple[str, ...] = ("stdio", "http")

    @property
    def name(self) -> str:
        """The name for `pytest -k`."""
        return f"case{self.number:02}"
