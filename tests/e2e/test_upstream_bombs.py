"""Answers made to fill the memory, over real sockets, and large ones that are honest."""

import tracemalloc
import zlib

import anyio
import pytest

from mcp_server.conversation.models import Page
from mcp_server.errors import BadResponse
from tests.support.chaos import ANSWER_HEADERS, ChaosUpstream, Step, answer, endless, head, message, page
from tests.support.clients import client_for, read

pytestmark = pytest.mark.anyio

GZIP = {**ANSWER_HEADERS, "Content-Encoding": "gzip"}


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    block = b" " * 1_000_000
    return b"".join([*(packer.compress(block) for _ in range(size // len(block))), packer.flush()])


@pytest.mark.parametrize(
    "step",
    [
        answer(_bomb(200_000_000), headers=GZIP),
        endless(head(200, {**GZIP, "Connection": "close"}), (zlib.compress(b"", wbits=31) + b"\0" * 65_536,) * 800),
        endless(head(200, {**ANSWER_HEADERS, "Content-Length": "50000000"}), (b" " * 62_500,) * 800),
        endless(
            head(200, {**ANSWER_HEADERS, "Transfer-Encoding": "chunked"}), (b"2faf080\r\n", *(b" " * 62_500,) * 800)
        ),
    ],
    ids=["33 200 MB in a small gzip", "33 endless after its gzip", "35 50 MB plain", "35 one chunk of 50 MB"],
)
async def test_bombs_are_refused_without_the_memory_growing(step: Step) -> None:
    """`bad_response`, and at no moment 32 MiB more than before."""
    async with ChaosUpstream(step) as upstream, client_for(upstream.base_url) as client:
        await anyio.to_thread.run_sync(client.warm)
        tracemalloc.start()
        try:
            outcome = await read(client)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert isinstance(outcome, BadResponse)
        assert "too large" in outcome.what
        assert peak_bytes < 32 * 1024 * 1024


async def test_a_page_of_megabytes_is_read_whole() -> None:
    """Row 50: one message of a megabyte is no bomb, and is read aside so that other calls go on."""
    async with ChaosUpstream(page([message("x" * 1_000_000)])) as upstream, client_for(upstream.base_url) as client:
        outcome = await read(client)
        assert isinstance(outcome, Page)
        assert len(outcome.messages[0].text) == 1_000_000
