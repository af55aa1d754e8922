"""Completion: what is offered while a person fills in a prompt."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

from mcp_server.conversation.models import Target
from mcp_server.errors import RequestRejected
from mcp_server.protocol.completion import (
    MAX_CALLERS,
    MAX_TARGETS,
    RecentTargets,
    complete_conversation_id,
    complete_prompt_argument,
)
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import load_templates
from tests.support.serving import PROFILE, READING, StubReader, serving

TEMPLATES = load_templates(prompt_files())
NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
JANE, JOHN = Target("profile_url", PROFILE), Target("profile_url", "https://www.linkedin.com/in/john-smith-99")
GROUP = Target("conversation_id", "urn:li:msg_conversation:1")


def offered(prompt: str, name: str, typed: str = "", *recent: Target, zone: str = "UTC") -> list[str]:
    """The values for an argument of a prompt."""
    return complete_prompt_argument(TEMPLATES[prompt], name, typed, recent, zone=ZoneInfo(zone), now=NOW).values


def test_conversations_read_lately_are_offered_by_any_part_of_their_name() -> None:
    """People remember a name, not how an address begins; an id is as good a target."""
    assert offered("catch_up", "target", "", JANE, GROUP) == [JANE.value, GROUP.value]
    assert offered("catch_up", "target", "SMITH", JANE, JOHN) == [JOHN.value]


def test_durations_are_dates_counted_back_from_today_where_the_person_is() -> None:
    """A day, a week, a month, a quarter, a year: what `since` takes."""
    days = ["2026-11-23", "2026-11-17", "2026-10-25", "2026-08-26", "2025-11-24"]
    assert offered("catch_up", "since") == days
    assert offered("catch_up", "since", "2026-10") == ["2026-10-25"]
    assert offered("catch_up", "since", zone="Asia/Tokyo")[0] == "2026-11-24"


def test_tones_languages_and_amounts_are_offered_by_their_beginning() -> None:
    """What a template suggests for its own arguments, what all of them share for the others."""
    assert "warm" in offered("draft_reply", "tone")
    assert offered("draft_reply", "tone", "For") == ["formal"]
    assert offered("catch_up", "language", "de") == ["Deutsch"]
    assert offered("catch_up", "count") == ["10", "50", "200", "1000"]


@pytest.mark.parametrize("name", ["goal", "tone", "no_such_argument"])
def test_nothing_is_offered_where_nothing_can_be_known(name: str) -> None:
    """Free text has no values, and neither has an argument that the prompt does not have."""
    assert offered("catch_up", name) == []


def test_the_resource_is_offered_ids_alone() -> None:
    """Its address takes no person's URL."""
    answer = complete_conversation_id("conversation:1", [JANE, GROUP])
    assert (answer.values, answer.total, answer.has_more) == ([GROUP.value], 1, False)


def test_recent_ones_are_newest_first_each_once_and_not_too_many() -> None:
    """Reading again moves a conversation to the front; the oldest are forgotten."""
    recent = RecentTargets(lambda: "")
    for number in range(MAX_TARGETS + 5):
        recent.add(Target("conversation_id", str(number)))
    recent.add(Target("conversation_id", "10"))
    values = [target.value for target in recent.all()]
    assert len(values) == len(set(values)) == MAX_TARGETS
    assert values[:2] == ["10", str(MAX_TARGETS + 4)]


def test_nobody_is_offered_what_another_has_read() -> None:
    """Each caller has a list of their own; with too many callers, the one longest gone is forgotten."""
    calling = "alice"
    recent = RecentTargets(lambda: calling)
    recent.add(JANE)
    calling = "bob"
    assert recent.all() == []
    for number in range(MAX_CALLERS):
        calling = str(number)
        recent.add(JOHN)
    assert recent.all() == [JOHN]
    calling = "alice"
    assert recent.all() == []


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_what_was_read_in_any_way_is_offered_for_prompt_and_resource(mode: str) -> None:
    """By the tool, by a prompt, by the resource; a conversation that could not be read is not."""
    reader = StubReader()
    async with Client(serving(reader), mode=mode) as client:
        await client.call_tool("get_conversation", {"profile_url": PROFILE})
        await client.get_prompt("catch_up", {"target": "2-abc1"})
        await client.read_resource("conversation://2-abc2")
        prompt = await client.complete(PromptReference(name="catch_up"), {"name": "target", "value": ""})
        resource = await client.complete(
            ResourceTemplateReference(uri="conversation://{conversation_id}"), {"name": "conversation_id", "value": "2"}
        )
    assert prompt.completion.values == ["2-abc2", "2-abc1", PROFILE]
    assert resource.completion.values == ["2-abc2", "2-abc1"]
    async with Client(serving(StubReader(RequestRejected("No such."))), mode=mode) as client:
        await client.call_tool("get_conversation", {"profile_url": PROFILE})
        prompt = await client.complete(PromptReference(name="catch_up"), {"name": "target", "value": ""})
    assert prompt.completion.values == []


LISTED = replace(READING, structured={**READING.structured, "list": ""}, targets=(JANE, GROUP, JOHN))
TAKES_TARGETS = [name for name, template in TEMPLATES.items() if template.show is None]


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
@pytest.mark.parametrize("way", ["tool", "prompt"])
async def test_listed_conversations_are_offered_for_every_prompt_and_the_resource(mode: str, way: str) -> None:
    """In the order of the list, after one that was read since; an id is the only thing that the resource takes."""
    assert len(TAKES_TARGETS) > 3
    reader = StubReader(LISTED)
    async with Client(serving(reader), mode=mode) as client:
        if way == "tool":
            await client.call_tool("list_conversations", {})
        else:
            await client.get_prompt("triage", {})
        listed = await targets(client)
        await client.call_tool("get_conversation", {"conversation_id": "2-read"})
        after = await targets(client)
        by_name = await targets(client, "SMITH")
        ids = await client.complete(
            ResourceTemplateReference(uri="conversation://{conversation_id}"), {"name": "conversation_id", "value": ""}
        )
    assert listed == [[JANE.value, GROUP.value, JOHN.value]] * len(TAKES_TARGETS)
    assert after == [["2-read", JANE.value, GROUP.value, JOHN.value]] * len(TAKES_TARGETS)
    assert by_name == [[JOHN.value]] * len(TAKES_TARGETS)
    assert ids.completion.values == ["2-read", GROUP.value]


async def targets(client: Client, typed: str = "") -> list[list[str]]:
    """What each prompt that takes a target is offered."""
    asked = {"name": "target", "value": typed}
    return [(await client.complete(PromptReference(name=prompt), asked)).completion.values for prompt in TAKES_TARGETS]


@pytest.mark.anyio
async def test_a_list_does_not_push_out_what_was_read_before() -> None:
    """Twenty conversations are listed by default."""
    many = tuple(Target("conversation_id", f"2-{number}") for number in range(60))
    async with Client(serving(StubReader(replace(LISTED, targets=many)))) as client:
        await client.call_tool("get_conversation", {"conversation_id": "2-read"})
        await client.call_tool("list_conversations", {})
        offers = await targets(client)
    assert {(len(values), values[0], values[-1]) for values in offers} == {(61, "2-0", "2-read")}


@pytest.mark.anyio
async def test_a_prompt_that_there_is_not_is_refused() -> None:
    """As when it is asked for; and a resource that cannot be read is named in the error, for programs."""
    async with Client(serving(StubReader(RequestRejected("No such.")))) as client:
        with pytest.raises(MCPError, match="Unknown prompt"):
            await client.complete(PromptReference(name="nope"), {"name": "target", "value": ""})
        with pytest.raises(MCPError) as refused:
            await client.read_resource("conversation://abc-9")
    assert refused.value.error.data == {"uri": "conversation://abc-9"}
