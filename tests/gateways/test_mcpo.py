"""mcpo turns the tools into endpoints of HTTP. It drops arguments that it does not know and wraps errors."""

import json
import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from mcp_server.transcript.grammar import Line
from mcp_server.transcript.parse import parse
from tests.gateways.routes import SERVER, TOKEN, authorization, mcpo
from tests.support.patience import PATIENCE_S
from tests.support.replicas import free_port, process

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"


def in_front_of(url: str, token: str) -> list[str]:
    """Its arguments for a server over HTTP."""
    header = json.dumps({"Authorization": authorization(token)})
    return ["--server-type", "streamable-http", "--header", header, "--", url]


@pytest.fixture(scope="module", params=["stdio", "HTTP"])
def endpoints(request: pytest.FixtureRequest, url: str) -> Iterator[httpx.Client]:
    port = free_port()
    way = ["--", *SERVER] if request.param == "stdio" else in_front_of(url, TOKEN)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)
    with process(mcpo("--port", str(port), *way), port), client:
        yield client


def transcript(endpoints: httpx.Client, **arguments: object) -> str:
    answer = endpoints.post("/get_conversation", json={"profile_url": PRIYA, **arguments})
    assert answer.status_code == 200, answer.text
    found: str = answer.json()
    return found


def texts(transcript: str) -> list[str]:
    """The texts of the messages, oldest first."""
    return [entry.text for entry in parse(transcript).entries if isinstance(entry, Line)]


def test_two_pages_are_read_by_the_cursor_in_the_text(endpoints: httpx.Client) -> None:
    assert {"/get_conversation", "/list_conversations"} <= endpoints.get("/openapi.json").json()["paths"].keys()
    first = transcript(endpoints, count=5)
    second = transcript(endpoints, count=5, cursor=re.findall(r"next_cursor: ([\w-]+)", first)[0])
    assert [len(texts(page)) for page in (first, second)] == [5, 5]
    assert texts(second) + texts(first) == texts(transcript(endpoints, count=10))


def test_an_error_is_inside_an_error_500(endpoints: httpx.Client) -> None:
    answer = endpoints.post("/get_conversation", json={"profile_url": PRIYA, "count": 0})
    assert answer.status_code == 500
    assert "invalid_arguments: count must be a whole number" in answer.text


def test_a_misspelt_argument_is_dropped_and_costs_the_newest_page_at_most(endpoints: httpx.Client) -> None:
    """The server never sees it. A misspelt cursor reads the first page again, which costs a credit at most."""
    first = transcript(endpoints, count=10)
    again = transcript(endpoints, count=10, crusor=re.findall(r"next_cursor: ([\w-]+)", first)[0])
    assert texts(again) == texts(first)
    assert re.search(r"\b[01] credits?\.", again)


def test_the_alias_of_a_profile_is_dropped_and_the_error_names_the_argument(endpoints: httpx.Client) -> None:
    """It is not in the schema, so it does not arrive; nothing is spent."""
    answer = endpoints.post("/get_conversation", json={"linkedin_url": PRIYA})
    assert "Give exactly one of conversation_id and profile_url" in answer.text
    assert "Credits spent: 0." in answer.text


def test_it_does_not_start_with_a_wrong_token(url: str) -> None:
    command = mcpo("--port", "0", *in_front_of(url, "wrong"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode != 0
    assert "401 Unauthorized" in done.stdout + done.stderr
