"""What every test shares: the asynchronous backend and how hard Hypothesis tries."""

import signal
from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.abc import TaskGroup
from hypothesis import HealthCheck, settings

# `quick` draws the same examples every time, so that a green run stays green on the next machine. `thorough`
# (make thorough) goes looking for what nobody has seen yet.
settings.register_profile("quick", max_examples=60, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")

# A shell without job control makes what it starts in the background deaf to interrupts, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on asyncio, which is what the server runs on."""
    return "asyncio"


@pytest.fixture
async def background(anyio_backend: str) -> AsyncIterator[TaskGroup]:
    """Tasks that may outlive the calls that start them; cancelled at the end of the test."""
    async with anyio.create_task_group() as tasks:
        yield tasks
        tasks.cancel_scope.cancel()
