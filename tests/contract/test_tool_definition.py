"""What hosts and models are shown of the tools, to the letter, and what it costs them.

After a change that is meant: `python -m tests.contract.test_tool_definition > tests/contract/tool.json`.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from jsonschema import Draft202012Validator
from mcp.client import Client
from mcp_types import ListToolsResult

from mcp_server.protocol import get_conversation, list_conversations
from mcp_server.protocol.server import INSTRUCTIONS
from mcp_server.setting_values import DEFAULT_SPEAKERS, Speakers
from tests.support.conversations import counter
from tests.support.serving import LIMITS, READING, StubReader, serving

SNAPSHOT = Path(__file__).with_name("tool.json")
MAX_LIST_TOKENS = 1250
MAX_INSTRUCTION_TOKENS = 120


def shown(speakers: Speakers = DEFAULT_SPEAKERS) -> list[dict[str, Any]]:
    """The tools as they are sent."""
    definitions = [
        get_conversation.definition(replace(LIMITS, speakers=speakers), structured_output="on"),
        list_conversations.definition(speakers, structured_output="on"),
    ]
    return [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in definitions]


def test_the_tools_are_what_they_were() -> None:
    """A change here changes what every model reads: make it on purpose."""
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == shown()


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_the_list_of_tools_is_cheap(era: Literal["legacy", "auto"]) -> None:
    """At most 1,250 tokens for the whole answer as it is sent."""
    async with Client(serving(StubReader()), mode=era) as client:
        listed: ListToolsResult = await client.list_tools()
        assert client.instructions == INSTRUCTIONS
    answer = listed.model_dump_json(by_alias=True, exclude_none=True)
    assert counter().count(answer) <= MAX_LIST_TOKENS


@pytest.mark.parametrize("speakers", get_args(Speakers))
def test_the_tools_are_cheap_however_its_json_is_spaced(speakers: Speakers) -> None:
    """Frameworks write the definition into a prompt with spaces after commas and colons."""
    assert counter().count(json.dumps({"tools": shown(speakers)})) <= MAX_LIST_TOKENS


def test_the_tools_explain_the_answers_that_the_settings_ask_for() -> None:
    """Marks or first names, and words in the list."""
    marks, names = ([tool["description"] for tool in shown(speakers)] for speakers in get_args(Speakers))
    assert '"09:00 > text"' in marks[0]
    assert '">" (they wrote last)' in marks[1]
    assert '"09:00 Jane text"' in names[0]
    assert '"them" (they wrote last)' in names[1]
    assert not any(sign in text for text in names for sign in "<>")


def test_the_instructions_are_short_and_name_the_way_to_read_cheaply() -> None:
    """Every host puts them before every conversation."""
    assert counter().count(INSTRUCTIONS) <= MAX_INSTRUCTION_TOKENS
    for word in ("max_tokens", "focus", "cursor"):
        assert word in INSTRUCTIONS


def test_both_schemas_are_schemas_and_an_answer_fits_the_one_of_answers() -> None:
    """JSON Schema 2020-12, which is what the protocol says when nothing is said."""
    definitions = shown()
    for definition in definitions:
        for schema in (definition["inputSchema"], definition["outputSchema"]):
            Draft202012Validator.check_schema(schema)
    Draft202012Validator(definitions[0]["outputSchema"]).validate(READING.structured)
    Draft202012Validator(definitions[1]["outputSchema"]).validate({"list": "", "next_cursor": "x", "shown": 0})


def test_the_second_tool_is_as_easy_to_call_as_the_first() -> None:
    """Flat, closed, every argument optional and nullable, no list of types, no default and no alias."""
    schema = shown()[1]["inputSchema"]
    assert schema["additionalProperties"] is False
    assert "required" not in schema
    for field in schema["properties"].values():
        assert field["nullable"] is True
        assert isinstance(field["type"], str)
        assert not {"default", "anyOf", "oneOf", "$ref"} & set(field)


def test_the_tools_point_to_each_other() -> None:
    """A model that has no conversation yet finds the tool that lists them, and what to do with an entry."""
    read, listed = shown()
    assert listed["name"] in read["description"]
    assert read["name"] in listed["description"]


if __name__ == "__main__":
    json.dump(shown(), sys.stdout, indent=2)
    sys.stdout.write("\n")
