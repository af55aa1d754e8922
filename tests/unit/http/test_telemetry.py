"""What is counted and traced: outcomes, credits, times; nothing of what was read."""

import anyio
import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Target
from mcp_server.errors import UpstreamFailed
from mcp_server.http.telemetry import Instruments, ObservedPages, start_telemetry
from tests.support.conversations import TARGET, chat
from tests.support.giving_up import give_up

pytestmark = pytest.mark.anyio


class Shop:
    """Sells a page, fails, or never answers."""

    def __init__(self, outcome: str) -> None:
        self._outcome = outcome

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if self._outcome == "cancelled":
            await anyio.sleep_forever()
        if self._outcome != "ok":
            raise UpstreamFailed("The API failed.")
        return Page(tuple(chat(2)), None, credits=1)


class Noted(Instruments):
    """Records its arguments, in addition to counting them."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[tuple[str, float]] = []

    def note_page(self, outcome: str, *, duration_s: float) -> None:
        super().note_page(outcome, duration_s=duration_s)
        self.pages.append((outcome, duration_s))


@pytest.mark.parametrize("outcome", ["ok", "upstream_failed", "cancelled"])
async def test_each_purchase_is_noted_with_its_outcome_and_time(outcome: str) -> None:
    """Whichever way it ends; the page and the error come through as they are."""
    noted, ticks = Noted(), iter((10.0, 12.5))
    pages = ObservedPages(Shop(outcome), noted, clock_s=lambda: next(ticks))

    async def call() -> None:
        try:
            assert (await pages.page(TARGET, cursor=None, count=1, deadline=0)).credits == 1
        except UpstreamFailed:
            assert outcome == "upstream_failed"

    await give_up(call)
    assert noted.pages == [(outcome, 2.5)]


async def test_a_look_into_the_cache_is_not_noted() -> None:
    """It sends no request, so it has no outcome and no time."""
    noted = Noted()
    policy = CachePolicy(cached_only=True)
    await ObservedPages(Shop("ok"), noted).page(TARGET, cursor=None, count=1, deadline=0, policy=policy)
    assert noted.pages == []


def test_without_being_asked_nothing_is_collected() -> None:
    """No route; counting goes nowhere."""
    assert start_telemetry(()).routes == ()
    Instruments().note_call("ok", credits=3, duration_s=0.1)
