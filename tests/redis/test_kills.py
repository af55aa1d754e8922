"""Replicas die and come back under walks through conversations: nothing is lost, repeated, or bought for nothing."""

import pytest

from benchmarks.deaths import kills

pytestmark = pytest.mark.anyio


async def test_walks_survive_the_replicas_that_serve_them() -> None:
    """Twenty-four walks of a thousand messages behind a balancer, a replica killed every second."""
    figures = await kills(24, every_s=1.0)
    assert isinstance(figures["killed"], int)
    assert figures["killed"] >= 1
    assert (figures["lost"], figures["repeated"]) == (0, 0)
    # Each of the three callers has at most one page on its way when a replica dies.
    assert isinstance(figures["bought again"], int)
    assert figures["bought again"] <= 3 * figures["killed"]
