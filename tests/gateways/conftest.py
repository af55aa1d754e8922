"""The server over HTTP, with a token, for all gateways in front of it."""

from collections.abc import Iterator

import pytest

from tests.gateways.routes import TOKEN
from tests.support.http_server import digest_line, http_server


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with http_server({"CONVERSATION_HTTP_TOKENS": digest_line(TOKEN, "alice")}, "--sandbox") as running:
        yield running.url
