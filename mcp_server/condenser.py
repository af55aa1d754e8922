"""Condenses windows of messages: short ones at once, long ones in a thread, so that other calls are served meanwhile.

What the two use is separate, as layouts and sizes of texts are not safe to share between threads. One thread is enough:
the work is Python's own, which runs in one thread at a time.
"""

from collections.abc import Hashable, Sequence
from functools import partial

import anyio
import anyio.from_thread
import anyio.to_thread

from mcp_server.condensing.corpora import Corpora
from mcp_server.conversation.models import Message, Reading
from mcp_server.transcript.answer import AnswerBuilder
from mcp_server.transcript.condensed import condensed

SHORT_CHARS = 20_000
"""A window with fewer characters is condensed at once: that takes some ten milliseconds at most."""

_MESSAGE_CHARS = 100
"""What a message takes besides its text, in characters."""

_LEAST_S = 1.0
"""Time for condensing where fetching has taken all the time of a call."""


def is_short(messages: Sequence[Message]) -> bool:
    """Whether these messages are condensed at once, without a thread."""
    left = SHORT_CHARS
    for message in messages:
        left -= _MESSAGE_CHARS + len(message.text)
        if left <= 0:
            return False
    return True


class Condenser:
    """Condenses long windows one after the other, and keeps their analyses. One for all callers of a process."""

    def __init__(self) -> None:
        self._thread = anyio.CapacityLimiter(1)
        self._corpora = Corpora()

    async def condensed(
        self,
        builder: AnswerBuilder,
        similarity: Sequence[float] | None,
        *,
        conversation: Hashable,
        deadline: float,
    ) -> Reading | None:
        """The answer, or None if it is not finished at `deadline`, on the clock of `anyio.current_time()`.

        The layouts of `builder` are used in the thread. A call that is cancelled stops at the next message. Raises
        InvalidArguments.
        """

        def work() -> Reading:
            # Analyses that are finished by the deadline are kept, so another try takes less time.
            corpus_of = partial(self._corpora.of, conversation)
            return condensed(builder, similarity, corpus_of=corpus_of, pulse=anyio.from_thread.check_cancelled)

        with anyio.move_on_after(max(deadline - anyio.current_time(), _LEAST_S)):
            return await anyio.to_thread.run_sync(work, limiter=self._thread)
        return None
