"""The server as a client sees it, in both eras of the protocol."""

from typing import Literal

import anyio
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, Implementation, TextContent, TextResourceContents

from mcp_server.conversation.models import AnyQuery, OnPage, Query, Reading, Target
from mcp_server.errors import RequestRejected, UpstreamFailed
from mcp_server.protocol.server import conversation_id_of, conversation_uri
from tests.support.serving import PROFILE, READING, TRANSCRIPT, StubReader, serving

URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB_c-d,2-eyJ4PQ==)"
ERRORS = [(RequestRejected("Unknown id."), INVALID_PARAMS), (UpstreamFailed("It failed."), INTERNAL_ERROR)]
FIGURES = {"tokens": READING.structured["tokens"]}
Era = Literal["legacy", "2026-07-28"]

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["legacy", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> Era:
    """The protocol of the handshake (2025-11-25 and before), and the one without."""
    mode: Era = request.param
    return mode


class EndlessReader(StubReader):
    """Reads one page and then never gets the next."""

    def __init__(self) -> None:
        super().__init__()
        self.given_up = anyio.Event()

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        self.asked.append(query)
        assert on_page is not None
        await on_page(1, 10)
        try:
            await anyio.sleep_forever()
        finally:
            self.given_up.set()
        raise AssertionError("it waits for ever")


async def test_the_tool_is_called_and_answers(era: Era) -> None:
    """By its name, with the arguments as they were sent."""
    reader = StubReader()
    async with Client(serving(reader), mode=era) as client:
        result = await client.call_tool("get_conversation", {"linkedin_url": PROFILE, "count": 20.0, "focus": None})
    assert result.content == [TextContent(text=TRANSCRIPT)]
    assert result.structured_content == READING.structured
    assert reader.asked == [Query(Target("profile_url", PROFILE), count=20)]


async def test_a_call_without_arguments_is_told_what_it_needs(era: Era) -> None:
    """No arguments and an empty object are the same."""
    async with Client(serving(StubReader()), mode=era) as client:
        for arguments in (None, dict[str, object]()):
            result = await client.call_tool("get_conversation", arguments)
            assert result.is_error
            assert "Give exactly one of conversation_id and profile_url" in str(result.content)


async def test_a_host_that_wants_only_text_gets_only_text(era: Era) -> None:
    """With structured output off there is neither a schema nor content."""
    async with Client(serving(StubReader(), structured_output="off"), mode=era) as client:
        tool, _ = (await client.list_tools()).tools
        result = await client.call_tool("get_conversation", {"profile_url": PROFILE})
    assert tool.output_schema is None
    assert result.structured_content is None


@pytest.mark.parametrize("name", ["google-adk", "@langchain/mcp-adapters"])
async def test_clients_that_show_both_channels_get_the_transcript_once(era: Era, name: str) -> None:
    """Their model sees it in the text. The structured content has the rest, and their SDK finds it valid."""
    async with Client(serving(StubReader()), mode=era, client_info=Implementation(name=name, version="1")) as client:
        await client.list_tools()
        result = await client.call_tool("get_conversation", {"profile_url": PROFILE})
    assert result.content == [TextContent(text=TRANSCRIPT)]
    assert result.structured_content == FIGURES


async def test_figures_only_is_a_setting_that_the_lists_show(era: Era) -> None:
    """For clients that show both channels and do not say who they are."""
    async with Client(serving(StubReader(), structured_output="figures"), mode=era) as client:
        schemas = [tool.output_schema for tool in (await client.list_tools()).tools]
        result = await client.call_tool("get_conversation", {"profile_url": PROFILE})
    assert [list((schema or {})["properties"]) for schema in schemas] == [["tokens"], []]
    assert result.content == [TextContent(text=TRANSCRIPT)]
    assert result.structured_content == FIGURES


async def test_progress_is_told_page_by_page_to_who_asked(era: Era) -> None:
    """It only grows, as the protocol requires: a page of repeats is not reported."""
    reported: list[tuple[float, float | None, str | None]] = []

    async def report(progress: float, total: float | None, message: str | None) -> None:
        reported.append((progress, total, message))

    reader = StubReader(pages=((10, 30), (10, 30), (30, 30)))
    async with Client(serving(reader), mode=era) as client:
        arguments = {"profile_url": PROFILE, "count": 30}
        result = await client.call_tool("get_conversation", arguments, progress_callback=report)
        assert not result.is_error
        assert not (await client.call_tool("get_conversation", arguments)).is_error
    assert reported == [(10, 30, "10 of 30 messages"), (30, 30, "30 of 30 messages")]


async def test_a_tool_that_there_is_not_is_a_protocol_error(era: Era) -> None:
    """As the specification has it."""
    async with Client(serving(StubReader()), mode=era) as client:
        with pytest.raises(MCPError, match='Unknown tool: "send_message"') as caught:
            await client.call_tool("send_message", {})
    assert caught.value.code == INVALID_PARAMS


async def test_prompts_are_listed_and_carry_the_transcript(era: Era) -> None:
    """The conversation first, the task last."""
    reader = StubReader()
    async with Client(serving(reader), mode=era) as client:
        names = [prompt.name for prompt in (await client.list_prompts()).prompts]
        prompt = await client.get_prompt("draft_reply", {"target": PROFILE, "goal": "a lower price", "tone": "warm"})
    assert names == ["catch_up", "draft_reply", "follow_ups", "recruiter_brief", "seller_brief", "triage"]
    transcript, task = (message.content for message in prompt.messages)
    assert transcript == TextContent(text=TRANSCRIPT)
    assert isinstance(task, TextContent)
    assert "Goal: a lower price.\nTone: warm.\n" in task.text
    assert reader.asked == [Query(Target("profile_url", PROFILE), count=50, focus="a lower price")]


async def test_a_prompt_that_cannot_be_given_says_why(era: Era) -> None:
    """An unknown name, a missing argument, a failed reading."""
    async with Client(serving(StubReader()), mode=era) as client:
        with pytest.raises(MCPError, match='Unknown prompt: "sing"'):
            await client.get_prompt("sing", {})
        with pytest.raises(MCPError, match=r"^invalid_arguments: This prompt requires target\. Correct "):
            await client.get_prompt("catch_up", {"goal": "x"})
    for error, code in ERRORS:
        async with Client(serving(StubReader(error)), mode=era) as client:
            with pytest.raises(MCPError, match=f"^{error.code}: ") as caught:
                await client.get_prompt("catch_up", {"target": PROFILE})
            assert caught.value.code == code


async def test_the_resource_gives_the_transcript_of_an_id(era: Era) -> None:
    """Percent-encoded, because ids are URNs; a client may leave alone what needs no encoding."""
    reader = StubReader()
    async with Client(serving(reader), mode=era) as client:
        (template,) = (await client.list_resource_templates()).resource_templates
        for uri in (conversation_uri(URN), f"conversation://{URN}", f"Conversation://{URN}/"):
            (contents,) = (await client.read_resource(uri)).contents
            assert contents == TextResourceContents(uri=uri, mime_type="text/plain", text=TRANSCRIPT)
    assert template.uri_template == "conversation://{conversation_id}"
    assert {query.target for query in reader.asked} == {Target("conversation_id", URN)}


async def test_a_resource_that_cannot_be_read_says_why(era: Era) -> None:
    """Addresses of nothing, ids that are none, failures."""
    async with Client(serving(StubReader()), mode=era) as client:
        for uri in ("conversation://", "people://jane", "conversation://%ff", "conversation://a%0Ab", "x"):
            with pytest.raises(MCPError, match=r"^invalid_arguments: .* Credits spent: 0\.$") as caught:
                await client.read_resource(uri)
            assert caught.value.code == INVALID_PARAMS
    for error, code in ERRORS:
        async with Client(serving(StubReader(error)), mode=era) as client:
            with pytest.raises(MCPError, match=f"^{error.code}: ") as caught:
                await client.read_resource(conversation_uri(URN))
            assert caught.value.code == code


async def test_an_unforeseen_failure_keeps_its_words_to_itself(era: Era) -> None:
    """In prompts and resources as in the tool."""
    async with Client(serving(StubReader(ValueError("what Jane wrote"))), mode=era) as client:
        for reading in (
            client.get_prompt("catch_up", {"target": PROFILE}),
            client.read_resource(conversation_uri("a")),
        ):
            with pytest.raises(MCPError, match=r"^internal_error: ") as caught:
                await reading
            assert "Jane" not in str(caught.value)


async def test_lists_may_be_kept_for_an_hour_and_readings_may_not(era: Era) -> None:
    """What is listed changes with a restart; conversations change at any time."""
    async with Client(serving(StubReader()), mode=era) as client:
        listed = await client.list_tools()
        read = await client.read_resource(conversation_uri(URN))
    modern = era != "legacy"
    assert (listed.ttl_ms, listed.cache_scope) == (3_600_000 if modern else 0, "public" if modern else "private")
    assert (read.ttl_ms, read.cache_scope) == (0, "private")


async def test_a_call_that_was_cancelled_stops_reading(era: Era) -> None:
    """The client's giving up reaches the reader while it waits for a page."""
    reader = EndlessReader()
    async with Client(serving(reader), mode=era) as client:
        with anyio.CancelScope() as scope:

            async def give_up(progress: float, total: float | None, message: str | None) -> None:
                assert (progress, total, message) == (1, 10, "1 of 10 messages")
                scope.cancel()

            await client.call_tool("get_conversation", {"profile_url": PROFILE}, progress_callback=give_up)
        with anyio.fail_after(60):
            await reader.given_up.wait()
    assert scope.cancelled_caught


@pytest.mark.parametrize("conversation_id", [URN, "2-abc/", "50%", "a?b#c", "\u00e9"])
def test_an_address_and_its_id_are_each_others_inverse(conversation_id: str) -> None:
    """Whatever the id."""
    assert conversation_id_of(conversation_uri(conversation_id)) == conversation_id


@pytest.mark.parametrize("uri", ["conversation://2-abc/", "conversation:///2-abc", "CONVERSATION://2-abc?count=3"])
def test_what_clients_put_around_an_id_in_an_address_is_no_part_of_it(uri: str) -> None:
    """Slashes, and a query."""
    assert conversation_id_of(uri) == "2-abc"
