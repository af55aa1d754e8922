"""What is no list is refused, and the documented one is read."""

import pytest

from mcp_server.listing.grammar import ListedEntry, Search
from mcp_server.listing.parse import NotAList, parse
from mcp_server.listing.render import render_entry
from mcp_server.transcript.grammar import End, More

HEADER = "2 looked at (Nov 19 - 20 2026, UTC), 2 matched, 2 shown, 1 to answer. 1 credit."
END = "No older conversations."


def test_every_part_is_where_the_grammar_puts_it() -> None:
    """Banner, summary, note, days, entries, cursor."""
    text = f"""\
SANDBOX
{HEADER} Show: unread. Searched all texts: "x"
! a note
# Nov 20
in/tessa 06:11 >[4 unread; group] Tessa [x] Okafor
  Engineer
 A5 done.
# Nov 19
2-x ??:?? ? Sofie
More: older conversations. next_cursor: AQ-_"""
    read = parse(text)
    assert (read.banner, read.notes, read.footer) == ("SANDBOX", ("a note",), More("AQ-_"))
    assert (read.header.show, read.header.search) == ("unread", Search('"x"', all_texts=True))
    assert [item for item in read.items if isinstance(item, ListedEntry)] == [
        ListedEntry("in/tessa", "06:11", ">", "Tessa [x] Okafor", 4, ("group",), "Engineer", "A5 done."),
        ListedEntry("2-x", "??:??", "?", "Sofie"),
    ]
    assert parse(f"{HEADER}\n{END}").footer == End()


@pytest.mark.parametrize(
    ("target", "name", "turn"),
    [("in/dana", "דנה", ">"), ("-", "דנה", ">\u200e"), ("in/דנה", "Dana", ">\u200e"), ("in/דנה-dc", "דנה", ">")],
)
def test_whose_turn_it_is_is_not_mirrored_after_or_before_right_to_left_letters(
    target: str, name: str, turn: str
) -> None:
    """A left-to-right mark follows it where the last letter before it is one of those, or none is and the name has."""
    entry = ListedEntry(target, "09:00", ">", name, unread=2)
    assert render_entry(entry) == f"{target} 09:00 {turn}[2 unread] {name}\n"
    assert parse(f"{HEADER}\n{render_entry(entry)}{END}").items == (entry,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SANDBOX",
        HEADER,
        f"{HEADER}\nnothing",
        f"{HEADER}\n# Nov 31\n{END}",
        f"{HEADER}\n# yesterday\n{END}",
        f"{HEADER}\n a text of nobody\n{END}",
        f"{HEADER}\nin/x 09:00 > Jane\n one\n two\n{END}",
        f"{HEADER}\nin/x 09:00 Jane\n{END}",
        f"{HEADER}\nin/x 0\u0669:00 > Jane\n{END}",
        f"{HEADER.replace('2 shown', chr(0x662) + ' shown')}\n{END}",
        f"{HEADER.replace('Nov 19 - 20 2026', 'Feb 30 2026')}\n{END}",
    ],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    """A missing part, a day that is none, a line in no entry, an entry without a turn, digits of another script."""
    with pytest.raises(NotAList):
        parse(text)
