"""How many at once: requests in one process, calls of one caller. Idle connections count for nothing."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.errors import RateLimited
from mcp_server.http.host_validation import FIGURES, PROBES

MAX_REQUESTS = 1_000
"""Under way in one process; beyond it the answer is 503, for the balancer to ask another replica."""
_EXEMPT = PROBES | {FIGURES}


class RequestLimit:
    """ASGI middleware that turns away what is one request too many. What watches the server always gets in."""

    def __init__(self, app: ASGIApp, *, most: int = MAX_REQUESTS) -> None:
        self._app = app
        self._most = most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _EXEMPT:
            await self._app(scope, receive, send)
        elif self._under_way >= self._most:
            await PlainTextResponse("Too many requests are under way.", 503, {"Retry-After": "1"})(scope, receive, send)
        else:
            self._under_way += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._under_way -= 1


class CallSlots:
    """So many calls of one caller at a time, so that none takes all of a process. A caller without a name has no end
    of them: nobody has to show a token then, and there is nobody else to be fair to."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def __contains__(self, subject: str) -> bool:
        """Whether a call of this caller is under way."""
        return subject in self._taken

    @contextmanager
    def place(self, subject: str) -> Iterator[None]:
        """One of this caller's places, for as long as the context lasts. Raises RateLimited where all are taken."""
        if subject and self._taken[subject] >= self._most:
            raise RateLimited(f"{self._most} calls of this caller are under way already.", retry_after_s=1.0)
        self._taken[subject] += 1
        try:
            yield
        finally:
            self._taken[subject] -= 1
            if not self._taken[subject]:
                del self._taken[subject]
