"""The arguments of the second tool: what is taken, what is refused, and with which words."""

import pytest

from mcp_server.conversation.models import ListQuery
from mcp_server.errors import InvalidArguments, InvalidCursor
from mcp_server.protocol.list_arguments import parse_list_arguments


def refusal(**arguments: object) -> str:
    with pytest.raises(InvalidArguments) as caught:
        parse_list_arguments(arguments)
    return caught.value.what


@pytest.mark.parametrize(
    "raw", [{}, {"count": None, "cursor": "", "max_tokens": None, "show": "", "query": ""}, {"query": "  "}]
)
def test_nothing_is_required(raw: dict[str, object]) -> None:
    """The twenty newest, in 2,000 tokens; null, empty and blank mean the same."""
    assert parse_list_arguments(raw) == ListQuery(20, 2000, None, "all", None)


def test_everything_can_be_asked_for() -> None:
    """Numbers as text too, as some clients send them; the words of a query are cleaned."""
    raw = {"count": "200", "cursor": "BRw", "max_tokens": 200.0, "show": "to_answer", "query": " Jané\n\u202edoe "}
    assert parse_list_arguments(raw) == ListQuery(200, 200, "BRw", "to_answer", "Jané doe")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"count": 0}, "count must be a whole number from 1 to 200; you sent 0."),
        ({"count": 201}, "count must be a whole number from 1 to 200; you sent 201."),
        ({"max_tokens": 199}, "max_tokens must be a whole number from 200 to 20000; you sent 199."),
        ({"show": "mine"}, 'show must be "all", "unread" or "to_answer"; you sent "mine".'),
        ({"query": 5}, "query must be a text of at most 200 characters; you sent 5."),
        ({"query": "x" * 201}, "query must be a text of at most 200 characters; you sent "),
        ({"limit": 5}, 'Unknown argument "limit": did you mean count?'),
        ({"search": "x"}, 'Unknown argument "search": did you mean query?'),
        ({"focus": "x"}, 'Unknown argument "focus": did you mean query?'),
        ({"page_token": "x"}, 'Unknown argument "page_token": did you mean cursor?'),
    ],
)
def test_what_is_wrong_is_named(arguments: dict[str, object], expected: str) -> None:
    """With what is right, and a name that was probably meant."""
    assert refusal(**arguments).startswith(expected)


def test_everything_wrong_is_named_at_once() -> None:
    """One call is enough to know."""
    assert refusal(count=0, show="x", cursor=5).count(" must be ") == 2


@pytest.mark.parametrize("cursor", ["ü", "x" * 2001, 7])
def test_a_cursor_that_cannot_be_ours_says_what_a_list_needs(cursor: object) -> None:
    """Not the advice for a conversation, which has a target to repeat."""
    with pytest.raises(InvalidCursor) as caught:
        parse_list_arguments({"cursor": cursor})
    assert caught.value.explain() == (
        "invalid_cursor: This cursor does not continue this list. "
        "Use the next_cursor of an earlier list, unchanged, or leave the cursor out. Credits spent: 0."
    )


def test_fields_of_a_client_are_ignored_with_a_note() -> None:
    """No model can leave them out."""
    assert parse_list_arguments({"toolCallId": "x"}).notes == ('Ignored unknown argument "toolCallId".',)
