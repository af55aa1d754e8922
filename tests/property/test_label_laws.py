"""Laws of first names as labels: whatever people call themselves, and whenever they join."""

import re
import unicodedata

import anyio
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import Message, Participant
from mcp_server.transcript.grammar import Line
from mcp_server.transcript.labels import labels_of
from mcp_server.transcript.parse import LABEL, parse
from tests.property.test_hostile_laws import FORGED
from tests.support.conversations import TARGET, MemorySource, message, query, reader

CURSORS = CursorCodec("a key", scope=())
RESERVED = re.compile(r"(?i:more|no|nothing|older|last|sandbox|system|assistant|user|me|them)")
names = st.one_of(
    st.text(max_size=30),
    st.sampled_from(FORGED),
    st.lists(
        st.sampled_from(["Jane", "JANE", "Jané", "Doe", "Roe", "More", "A", "דנה", "अनन्या", "J."]), max_size=3
    ).map(" ".join),
).map(clean_name)
CAST = [
    Participant(f"in/{slug}", f"Jane {last}", f"in/{slug}")
    for slug, last in {"d": "Doe", "c": "Roe", "b": "Ray", "a": "Poe"}.items()
]


@given(st.lists(names, max_size=12))
def test_labels_are_unique_and_begin_no_other_line(given_names: list[str]) -> None:
    """Letters of one script, without a colon, a digit or a sign that the grammar uses."""
    people = {f"in/{at:03}": Participant(f"in/{at:03}", name) for at, name in enumerate(given_names)}
    labels = labels_of(people, frozenset(), lambda text: CURSORS.fingerprint(text, TARGET))
    assert labels.keys() == people.keys()
    assert len({unicodedata.normalize("NFKD", label).casefold() for label in labels.values()}) == len(labels)
    for label in labels.values():
        assert re.fullmatch(LABEL, label)
        assert not RESERVED.fullmatch(label)
        assert not set(label) & set(' :#!~<>?[]()0123456789_"\\')
        assert clean(label) == label


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Newest first, by up to four people of one first name, who turn up in any order."""
    senders = draw(st.lists(st.sampled_from(CAST), min_size=1, max_size=14))
    return [message(number, f"m{number}", sender=sender) for number, sender in enumerate(senders)][::-1]


@given(conversations(), st.integers(1, 4))
def test_a_label_stays_with_its_person_over_a_walk(messages: list[Message], count: int) -> None:
    """Also where older pages hold further people of that name; no two people ever share one."""
    conversation = reader(MemorySource(messages), speakers="names", page_size=count)
    label_of: dict[str, str] = {}
    said: dict[str, str] = {}
    cursor: str | None = None
    while True:
        reading = anyio.run(lambda: conversation.read(query(cursor=cursor, count=count)))  # noqa: B023  # runs at once
        transcript = parse(reading.text)
        for speaker in transcript.speakers:
            assert speaker.profile is not None
            assert label_of.setdefault(speaker.profile, speaker.mark) == speaker.mark
        said |= {entry.text: entry.mark for entry in transcript.entries if isinstance(entry, Line)}
        cursor = reading.next_cursor
        if cursor is None:
            break
    assert len(set(label_of.values())) == len(label_of)
    assert said == {each.text: label_of[str(each.sender and each.sender.profile)] for each in messages}
