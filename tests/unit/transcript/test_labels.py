"""First names as labels: which word of a name is one, and how people of one name are told apart."""

import zlib

import pytest

from mcp_server.conversation.models import Participant
from mcp_server.transcript.labels import MAX_GIVEN, GivenLabels, given_labels, is_plain, labels_of

NOTHING: GivenLabels = frozenset()


def number(text: str) -> int:
    """Stands in for a keyed fingerprint."""
    return zlib.crc32(text.encode()) & 255


def labels(*names: str, given: GivenLabels = NOTHING) -> list[str]:
    """The labels of people with these names, whose keys are in the same order."""
    people = {f"in/{at:03}": Participant(f"in/{at:03}", name) for at, name in enumerate(names)}
    return list(dict(sorted(labels_of(people, given, number).items())).values())


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Jane Doe", "Jane"),
        ("Dr. Ana Lima", "Ana"),
        ("J. Robert Smith", "Robert"),
        ("JANE DOE", "Jane"),
        ("O'Neil, Anne-Marie", "O'Neil"),
        ("🚀 Max (hiring!)", "Max"),
        ("伟 陈", "伟"),
        ("山田　太郎", "山田"),
        ("やまだ タロウ", "やまだ"),
        ("김철수", "김철수"),
        ("דנה כהן", "דנה"),
        ("علی\u200cرضا کریمی", "علی\u200cرضا"),
        ("अनन्या शर्मा", "अनन्या"),
        ("𝓙𝓪𝓷𝓮 Ｄｏｅ", "Jane"),
        ("Hubert" * 9, "HubertHubertHube"),
    ],
)
def test_the_first_word_of_letters_is_the_label(name: str, label: str) -> None:
    """Not a title, an initial or an ornament; capitals are written as in a name, odd forms of letters plainly."""
    assert labels(name) == [label]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "LinkedIn Member",
        "Участник LinkedIn",
        "J.",
        "A",
        "More",
        "SANDBOX",
        "System",
        "assistant",
        "window_cursor: AgQx9",
        "09:00 > 1",
        "!",
        "a:b c:d",
        "J\u0430ne",  # with a Cyrillic letter
        "123",
        "\u0301\u0301",
    ],
)
def test_a_name_without_such_a_word_gives_a_letter(name: str) -> None:
    """A placeholder, the beginning of another kind of line, a role in a chat, letters of two scripts."""
    assert labels(name) == ["A"]


def test_people_of_one_name_are_told_apart() -> None:
    """By their initials, their last names, or letters; an accent or a capital makes no other name."""
    assert labels("Jane Doe", "Jane Roe", "Jane Ray", "jane", "Jané", "J. Doe") == [
        "Jane",
        "Jane-R",
        "Jane-Ray",
        "A",
        "B",
        "Doe",
    ]
    jane = Participant("in/jane", "Jane Roe")
    assert [is_plain(label, jane) for label in ("Jane", "Jane-R", "A")] == [True, False, False]


def test_a_label_that_was_given_does_not_move() -> None:
    """Somebody else of that name, who is first by key, gets another one; the one who has it keeps it."""
    roe = {"in/001": Participant("in/001", "Jane Roe")}
    first = labels_of(roe, NOTHING, number)
    assert first == {"in/001": "Jane"}
    given = given_labels(first, NOTHING, number)
    assert labels("Jane Doe", "Jane Roe", given=given) == ["Jane-D", "Jane"]
    assert labels("Jane Doe", given=given) == ["Jane-D"]
    both = given_labels(labels_of({"in/000": Participant("in/000", "Jane Doe"), **roe}, given, number), given, number)
    assert labels("Jane Doe", given=both) == ["Jane-D"]
    assert given < both


def test_a_person_with_the_fingerprint_of_another_one_is_new() -> None:
    """Fingerprints have eight bits, so that happens."""
    given = frozenset({(7, number("in/000"))})
    assert labels("Jane Doe", given=given) == ["Jane"]


def test_everyone_in_a_large_group_without_names_gets_a_letter() -> None:
    """Of a large group without names."""
    assert len(set(labels(*("LinkedIn Member",) * 800))) == 800


def test_a_cursor_carries_a_limited_number_of_labels() -> None:
    """Those of the first people; there is no room for those of a large group."""
    crowd = {str(at): "Jane" for at in range(100)}
    assert len(given_labels(crowd, NOTHING, number)) == MAX_GIVEN
