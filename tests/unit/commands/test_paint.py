"""Colour: added to a transcript, changing nothing of it."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.commands.paint import colour_of, painted, painted_list, wants_colour

SGR = re.compile(r"\x1b\[\d+m")
PAIR = """\
SANDBOX: made-up people and messages
> in/jane-doe-42 Jane Doe
< (me) in/john-smith-99 John Smith
5 of 9 messages, Apr 20 2026, UTC. 1 credit.
! A note of the server.
# Apr 20
09:00 > hello [..] there
 second line
<~ cut [..]
~ 3 messages [2]
10:00 >[shared post] Worth a read
<(no text)
More: 4 older. next_cursor: AQx9"""
GROUP = """\
A in/ana Ana
B (me) - Ben
2 messages, Apr 20 2026, UTC.
# Apr 20
09:00 A: one
- two
B: three
? unknown
No older messages."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def colours(text: str) -> list[str]:
    """The sequences of each line, in one string a line."""
    return ["".join(SGR.findall(line)) for line in painted(text).split("\n")]


HEBREW = """\
>\u200e - דנה
< (me) in/john John
2 messages, Apr 20 2026, UTC.
# Apr 20
09:00 >\u200e שלום
<\u200e~ כן [..]
No older messages."""


NAMES = """\
Jane: in/jane-doe-42 Jane Doe
John: (me) - John Smith
2 messages, Apr 20 2026, UTC. Last: John just now, Jane to answer.
# Apr 20
09:00 Jane hello
John~ cut [..]
No older messages."""


@pytest.mark.parametrize("text", [PAIR, GROUP, HEBREW, NAMES])
def test_without_its_colours_the_text_is_what_it_was(text: str) -> None:
    """Copying from the terminal gives the transcript."""
    assert SGR.sub("", painted(text)) == text


@given(st.text(st.characters(exclude_characters="\x1b"), max_size=300))
def test_no_text_loses_anything(text: str) -> None:
    """Whatever it is: lines that belong to no grammar stay as they are."""
    assert SGR.sub("", painted(text)) == text


def test_every_kind_of_line_has_its_look() -> None:
    """Me in one colour, the other in another; the server's lines are dim, gaps are bright."""
    lines = colours(PAIR)
    them, me = colour_of(">"), colour_of("<")
    assert them in lines[1]
    assert me in lines[2]
    assert lines[5].startswith("\x1b[1m")
    assert them in lines[6]
    assert lines[7] == ""
    assert me in lines[8]
    assert lines[9] == lines[4] == "\x1b[33m\x1b[0m"
    assert them in lines[10]
    assert me in lines[11]
    assert lines[12] == lines[3] == "\x1b[2m\x1b[0m"


def test_in_a_group_the_same_sender_again_has_the_same_colour() -> None:
    """Letters have a colour each; the owner's is that of `<`; an unknown sender has none of them."""
    lines = colours(GROUP)
    assert colour_of("A") in lines[5]
    assert colour_of("<") in lines[6]
    assert lines[7].startswith("\x1b[2m")
    assert len({colour_of(mark) for mark in "ABCDEFGH"}) == 8


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_is_for_terminals_whose_owner_has_not_declined(
    stream: io.StringIO, environ: dict[str, str], wanted: bool
) -> None:
    """NO_COLOR with anything in it says no, as its convention has it."""
    assert wants_colour(stream, environ) is wanted


def test_lines_that_hold_a_direction_mark_are_coloured_like_others() -> None:
    """The mark keeps `>` from being mirrored in front of Hebrew and Arabic."""
    assert colours(HEBREW) == colours(HEBREW.replace("\u200e", ""))
    entry = "- 09:00 >\u200e דנה"
    assert SGR.sub("", painted_list(entry)) == entry
    assert SGR.findall(painted_list(entry)) == SGR.findall(painted_list(entry.replace("\u200e", "")))


def test_first_names_have_their_peoples_colours() -> None:
    """The owner's is that of `<`, and words in a list have those of the marks."""
    lines = painted(NAMES).split("\n")
    assert colour_of("Jane") in lines[0]
    assert colour_of("Jane") in lines[4]
    assert colour_of("<") in lines[1]
    assert colour_of("<") in lines[5]
    assert painted_list("in/x 09:00 them[2 unread] Jane") == painted_list("in/x 09:00 >[2 unread] Jane").replace(
        ">", "them"
    )
    assert colour_of("me") == colour_of("<")
