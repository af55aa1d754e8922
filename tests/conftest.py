"""What every test shares: the asynchronous backend and how hard Hypothesis tries."""

import pytest
from hypothesis import HealthCheck, settings

# `quick` draws the same examples every time, so that a green run stays green on the next machine. `thorough`
# (pytest --hypothesis-profile=thorough) goes looking for what nobody has seen yet.
settings.register_profile("quick", max_examples=60, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on asyncio, which is what the server runs on."""
    return "asyncio"
