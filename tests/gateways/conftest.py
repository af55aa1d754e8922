"""The server over HTTP, with a token, for all gateways in front of it."""

from collections.abc import Iterator

import anyio
import pytest
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.gateways.routes import BOTH, SERVER, TOKEN
from tests.gateways.sight import Seen, see
from tests.support.http_server import digest_line, http_server


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with http_server({"CONVERSATION_HTTP_TOKENS": digest_line(TOKEN, "alice")}, "--sandbox") as running:
        yield running.url


@pytest.fixture(scope="session")
def direct() -> Seen:
    """What a client sees without a gateway."""
    return anyio.run(see, stdio_client(StdioServerParameters(command=SERVER[0], args=SERVER[1:])), BOTH[-1])
