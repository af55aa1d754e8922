"""The composition root: what is opened, for how long, and what of it can be seen."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import anyio
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from mcp_server.bootstrap import assemble, time_to_finish
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.errors import BadCredentials, InvalidCursor
from mcp_server.protocol.arguments import Limits, parse_arguments
from mcp_server.reader_factory import SANDBOX_BANNER, cursor_scope, make_reader, open_reader
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, SANDBOX_SELF_PROFILE, Sandbox
from mcp_server.settings import Settings
from mcp_server.transcript.budget import Vocabulary
from tests.support.conversations import chat, counter, query
from tests.support.reading import FaultySource

PRIYA = {"profile_url": "https://www.linkedin.com/in/priya-raman-norbury"}
LIMITS = Limits(max_count=1000, zone=ZoneInfo("Europe/Berlin"))

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Settings that name a sandbox, as an environment would."""
    with Sandbox() as sandbox:
        yield Settings.from_mapping(
            {
                "CONVERSATION_API_BASE_URL": sandbox.base_url,
                "CONVERSATION_API_KEY": SANDBOX_KEY,
                "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
                "CONVERSATION_SELF_PROFILE_URL": SANDBOX_SELF_PROFILE,
                "CONVERSATION_TIMEZONE": "Europe/Berlin",
            }
        )


async def test_a_reader_reads_what_the_settings_name(settings: Settings) -> None:
    """In their zone, from their account's side, without a banner."""
    async with open_reader(settings) as reader:
        reading = await reader.read(parse_arguments({**PRIYA, "count": 3}, LIMITS))
    assert reading.text.startswith("Priya: in/priya-raman-norbury Priya Raman\nNora: (me) ")
    assert ", Europe/Berlin. " in reading.text
    assert reading.structured["covered"] == 3


@pytest.mark.parametrize(
    ("used_s", "ticks"), [([0.0], 8), ([0.25], 8), ([0.05], 40), ([0.05] * 6 + [0.0], 14)], ids=str
)
async def test_calls_under_way_have_two_seconds_of_waiting_or_of_processor_time(
    used_s: list[float], ticks: int
) -> None:
    """A call that computes while other programs do is not cut off before one that waits for the API."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def processor_s() -> float:
        return sum(used_s[min(number, len(used_s) - 1)] for number in range(len(slept)))

    await time_to_finish(2.0, processor_s=processor_s, sleep=sleep)
    assert len(slept) == ticks


async def test_a_call_has_the_time_that_the_settings_give_it(settings: Settings) -> None:
    """Every page is requested with that deadline."""
    source, before = FaultySource(chat(3), {}), anyio.current_time()
    cursors = CursorCodec("key", scope=cursor_scope(settings))
    reader = make_reader(
        replace(settings, call_timeout_s=300), source, Vocabulary("o200k_base", counter()), cursors, None
    )
    await reader.read(query(count=3))
    assert before + 300 <= source.deadlines[0] <= anyio.current_time() + 300


async def test_a_sandbox_says_so_in_the_first_line(settings: Settings) -> None:
    """Fictional people must not be taken for real ones."""
    async with open_reader(replace(settings, sandbox=True)) as reader:
        reading = await reader.read(parse_arguments({**PRIYA, "count": 1}, LIMITS))
    assert reading.text.splitlines()[0] == SANDBOX_BANNER


async def test_a_cursor_outlives_the_reader_but_not_the_account(settings: Settings) -> None:
    """A walk continues after a restart; with another account its cursor is refused."""
    async with open_reader(settings) as reader:
        first = await reader.read(parse_arguments({**PRIYA, "count": 3}, LIMITS))
    onwards = parse_arguments({**PRIYA, "count": 3, "cursor": first.next_cursor}, LIMITS)
    async with open_reader(settings) as reader:
        second = await reader.read(onwards)
    assert second.structured["newest"] != first.structured["newest"]
    async with open_reader(replace(settings, account_id="somebody else")) as reader:
        with pytest.raises(InvalidCursor):
            await reader.read(onwards)


async def test_a_refusal_of_the_api_comes_through(settings: Settings) -> None:
    """As the error that says what to do."""
    wrong = Settings.from_mapping(
        {
            "CONVERSATION_API_BASE_URL": settings.api_base_url,
            "CONVERSATION_API_KEY": "wrong",
            "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
        }
    )
    async with open_reader(wrong) as reader:
        with pytest.raises(BadCredentials):
            await reader.read(parse_arguments(PRIYA, LIMITS))


async def test_the_server_is_assembled_from_the_settings(settings: Settings) -> None:
    """Their limit is in the schema; without structured output there is no schema of it."""
    server = assemble(replace(settings, max_count=77, structured_output="off"))
    async with Client(server) as client:
        tool, _ = (await client.list_tools()).tools
        result = await client.call_tool(tool.name, {**PRIYA, "count": 1})
    assert tool.input_schema["properties"]["count"]["maximum"] == 77
    assert tool.output_schema is None
    assert not result.is_error
    assert result.structured_content is None


async def test_prompts_can_be_left_out(settings: Settings) -> None:
    """The server then neither says that it has any nor knows the methods; the tool is listed as before."""
    async with Client(assemble(replace(settings, prompts=False)), mode="legacy") as client:
        assert client.server_capabilities.prompts is None
        assert len((await client.list_tools()).tools) == 2
        with pytest.raises(MCPError, match="Method not found"):
            await client.list_prompts()
