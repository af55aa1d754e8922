"""The same question within a few seconds gets the same answer, without reading it out of the kept pages again.

Hosts ask twice (a retry, a prompt and then the tool), and agents that share an account ask alike. Only answers that
cost nothing are kept, so that no answer tells of credits which its own call did not spend.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from mcp_server.conversation.models import OnPage, Query, Reading
from mcp_server.protocol.deferred import Reader

KEPT_S = 5.0
"""So much older than the pages it was read from may an answer be."""
MAX_KEPT = 256
"""In one process, of all tenants; each is at most some 100 kB."""


class AnswerCache:
    """Answers by tenant and question, the least recently asked going first."""

    def __init__(self, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._kept: OrderedDict[tuple[str, Query], tuple[Reading, float]] = OrderedDict()

    def get(self, tenant: str, query: Query) -> Reading | None:
        kept = self._kept.get((tenant, query))
        if kept is None or kept[1] <= self._clock_s():
            return None
        self._kept.move_to_end((tenant, query))
        return kept[0]

    def put(self, tenant: str, query: Query, reading: Reading) -> None:
        """Keep an answer that cost nothing and has nothing to remark."""
        if reading.credits or reading.notes:
            return
        now_s = self._clock_s()
        for key in [key for key, (_, until_s) in self._kept.items() if until_s <= now_s]:
            del self._kept[key]
        self._kept[tenant, query] = reading, now_s + KEPT_S
        self._kept.move_to_end((tenant, query))
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


class CachingReader:
    """A tenant's reader that looks among the recent answers first."""

    def __init__(self, reader: Reader, recent: AnswerCache, *, tenant: str) -> None:
        self._reader = reader
        self._recent = recent
        self._tenant = tenant

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        """See `Reader.read`. An answer from memory is there at once, without progress."""
        if (kept := self._recent.get(self._tenant, query)) is not None:
            return kept
        reading = await self._reader.read(query, on_page=on_page)
        self._recent.put(self._tenant, query, reading)
        return reading
