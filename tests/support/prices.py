"""Upstreams that charge in one of the ways an API may, and keep the bill."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, Page, Target
from tests.support.conversations import MemorySource

Price = Callable[[int], int]


def by_ten(messages: int) -> int:
    """The public price: one credit per ten messages or part of ten."""
    return max(1, -(-messages // 10))


def by_message(messages: int) -> int:
    return max(1, messages)


def by_request(_messages: int) -> int:
    return 1


class Charging(MemorySource):
    """Charges `price` for each page; `bill` is the sum. Says how many messages were requested, as the client does."""

    def __init__(self, messages: Sequence[Message], price: Price = by_ten, *, most: int = 1000) -> None:
        super().__init__(messages, most=most)
        self.bill = 0
        self._price = price

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        page = await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
        credits = self._price(len(page.messages))
        self.bill += credits
        return replace(page, credits=credits, requested=count)
