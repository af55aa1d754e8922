"""First names that say who wrote a line, in place of marks.

A label is the server's word, made of a stranger's name: its first word that is nothing but letters of one script. It
contains neither the space that ends it nor a digit, and is neither the beginning of another kind of line nor a role in
a chat. People without such a word get a letter. Labels are unique in a conversation and stay with their people from
answer to answer: cursors carry fingerprints of the labels given so far, and of the people who have them.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, count, islice

from mcp_server.conversation.models import Participant
from mcp_server.conversation.participants import is_placeholder

GivenLabels = frozenset[tuple[int, int]]
"""Fingerprints of labels, each with that of the person who has it."""

Fingerprint = Callable[[str], int]
"""A number from 0 to 255 for a text. It is keyed, so that nobody can choose a name that gets the number of another."""

MAX_GIVEN = 24
"""Labels of further people may be another one's in an older part of the conversation."""

_MAX_CHARS = 16
_WITHIN_WORDS = "'’-\u200c\u200d"
_RESERVED = frozenset(
    {
        "more", "no", "nothing", "older", "last", "unread", "focus", "credits", "credit", "messages", "message", "note",
        "sandbox", "archive", "me", "them", "you", "unknown", "system", "developer", "user", "human", "assistant",
        "ai", "bot", "model", "tool", "function", "server", "claude", "chatgpt", "gpt", "gemini",
    }
)  # fmt: skip
"""Words that begin another kind of line, or that name a role in a chat."""

_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "sir", "eng", "ing", "mag", "dipl", "herr", "frau"})
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "IDEOGRAPHIC")


def labels_of(people: Mapping[str, Participant], given: GivenLabels, fingerprint: Fingerprint) -> dict[str, str]:
    """The label of each of these people, by their keys.

    People keep the labels `given` to them, and nobody gets one that was given to somebody else.
    """
    if not given:
        fingerprint = _unneeded
    owners = {label: frozenset(person for other, person in given if other == label) for label, _ in given}
    found: dict[str, str] = {}
    taken: set[str] = set()

    def assign(key: str, candidates: Iterable[str], is_free: Callable[[frozenset[int]], bool]) -> None:
        for label in candidates:
            folded = _folded(label)
            if folded not in taken and is_free(owners.get(fingerprint(folded), frozenset())):
                found[key] = label
                taken.add(folded)
                return

    known = frozenset(person for _, person in given)
    for key in sorted(people):
        mine = frozenset((fingerprint(key),))
        if mine <= known:
            # Letters too, though not without end: another person may have the same fingerprint.
            assign(key, chain(_names(people[key].name), islice(letters(), MAX_GIVEN)), mine.issubset)
    for key in sorted(people.keys() - found.keys()):
        assign(key, chain(_names(people[key].name), letters()), frozenset((fingerprint(key),)).issuperset)
    return found


def _unneeded(_: str) -> int:
    """In place of fingerprints, each of which takes a hash, where there are none to compare with."""
    return 0


def given_labels(labels: Mapping[str, str], before: GivenLabels, fingerprint: Fingerprint) -> GivenLabels:
    """`before` with these labels, as far as there is room."""
    new = sorted({(fingerprint(_folded(label)), fingerprint(key)) for key, label in labels.items()} - before)
    return before.union(new[: MAX_GIVEN - len(before)])


def is_plain(label: str, person: Participant) -> bool:
    """Whether a label is a person's first name alone."""
    return label in _names(person.name)[:1]


def letters() -> Iterator[str]:
    """A, B ... Z, AA, AB ..."""
    return map(letters_at, count())


def letters_at(number: int) -> str:
    """The mark with this number among A, B ... Z, AA, AB ..."""
    head, tail = divmod(number, 26)
    return (letters_at(head - 1) if head else "") + chr(ord("A") + tail)


@lru_cache(1000)
def _names(name: str) -> tuple[str, ...]:
    """The labels that a name can give, the shortest first: first name, with the initial, with the last name."""
    if is_placeholder(name):
        return ()
    words = [word for part in name.split() if (word := _word(part))]
    if not words:
        return ()
    first, last = words[0], words[-1]
    return (first,) if len(words) == 1 else (first, f"{first}-{last[0].upper()}", f"{first}-{last}")


def _word(part: str) -> str | None:
    """A word of a name as part of a label, or None if it cannot be."""
    word = unicodedata.normalize("NFKC", part.strip(".,"))[:_MAX_CHARS].rstrip(_WITHIN_WORDS)
    if not word or _folded(word) in _RESERVED | _TITLES or (len(word) == 1 and word.upper() != word.lower()):
        return None
    kinds = [unicodedata.category(character)[0] for character in word]
    if kinds[0] != "L" or any(
        kind not in "LM" and character not in _WITHIN_WORDS for kind, character in zip(kinds, word, strict=True)
    ):
        return None
    scripts = {_script(character) for character, kind in zip(word, kinds, strict=True) if kind == "L"}
    if len(scripts) > 1:
        return None
    # Capitals alone are letters of a group.
    return word.title() if word.isupper() else word[0].title() + word[1:]


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").split(" ")[0]
    return "CJK" if first in _EAST_ASIAN else first


def _folded(label: str) -> str:
    """Equal for labels that look alike: without case, accents and joiners."""
    decomposed = unicodedata.normalize("NFKD", label.casefold())
    return "".join(one for one in decomposed if unicodedata.category(one)[0] not in "MC")
