"""What the application around the server leaves out, and may."""

import json
from zoneinfo import ZoneInfo

from mcp_server.protocol.arguments import Limits
from mcp_server.protocol.get_conversation import definition


def test_no_argument_of_the_tool_travels_in_a_header() -> None:
    """So there is nothing to compare headers with, and no need to list the tools at each call."""
    tool = definition(Limits(1000, ZoneInfo("UTC")), structured_output=True)
    assert "x-mcp-header" not in json.dumps(tool.input_schema)
