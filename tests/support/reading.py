"""Parses answers, and provides a source of pages that fails at chosen requests."""

from collections.abc import Sequence

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, NotCached, Page, Reading, Target
from mcp_server.errors import UpstreamError
from mcp_server.transcript.grammar import Line, Transcript
from mcp_server.transcript.parse import parse
from tests.support.conversations import MemorySource, message


class FaultySource(MemorySource):
    """Fails at the requests that `faults` names by number, from 0, and records every deadline."""

    def __init__(self, messages: Sequence[Message], faults: dict[int, UpstreamError]) -> None:
        super().__init__(messages)
        self.deadlines: list[float] = []
        self._faults = faults

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        self.deadlines.append(deadline)
        if error := self._faults.get(len(self.deadlines) - 1):
            raise error
        return await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)


def transcript(reading: Reading) -> Transcript:
    """The answer, read back."""
    return parse(reading.text)


def texts(*readings: Reading) -> list[str]:
    """The texts that answers show, oldest first; later answers are older."""
    return [
        entry.text for reading in reversed(readings) for entry in transcript(reading).entries if isinstance(entry, Line)
    ]


def told(length: int) -> list[str]:
    """The texts of a chat, oldest first."""
    return [message(number).text for number in range(length)]


def remarks(reading: Reading) -> tuple[str, ...]:
    """An answer's notes but for those on the age of messages from memory."""
    return tuple(note for note in reading.notes if not note.startswith("From memory, "))
