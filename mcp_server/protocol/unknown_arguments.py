"""Distinguishes misspelt arguments of the tool from fields that a client adds to a call.

Some clients add fields of their own (`toolCallId`, `sessionId`, `chatInput`), which no model can remove; a call with
those is answered. A misspelt argument is an error, because leaving it out would change what is read: without its
`cursor`, a call would fetch the first page again and pay for it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from mcp_server.conversation.cursor import is_cursor_shaped

MAX_UNKNOWN = 50
"""Unknown names in one call. No client adds so many, and going through them takes time."""
MAX_COMPARED = 5
"""Names compared letter by letter in one call. Each comparison takes some 0.1 ms."""

_SYNONYMS: Mapping[str, Sequence[str]] = {
    "conversation_id": ("conversation", "conversation_urn", "chat_id", "thread_urn"),
    "profile_url": ("url", "profile", "linkedin", "linkedin_profile", "linkedin_profile_url", "person", "person_url"),
    "count": (
        *("limit", "max_count", "max_messages", "message_count", "num_messages", "page_size", "max_results", "n"),
        *("num_results", "max_items", "top_k"),
    ),
    "cursor": (
        *("page", "page_token", "next", "next_page", "next_page_token", "next_token", "continuation"),
        *("continuation_token", "continue_from", "offset", "start_after", "before", "older_than", "page_num", "skip"),
        *("start_index", "pagination_token", "resume_token"),
    ),
    "max_tokens": ("budget", "tokens", "token_budget", "token_limit", "max_length", "max_output_tokens"),
    "detail": ("mode", "detail_level", "verbosity"),
    "focus": ("query", "question", "topic", "search", "keywords"),
    "show": ("filter", "only", "status", "category", "unread", "unread_only", "to_answer"),
    "query": ("search", "keywords", "q", "name", "text", "contains", "focus", "topic"),
    "since": ("after", "from", "from_date", "start_date", "since_date", "newer_than", "start_time", "since_time"),
}
_ALIKE, _ALIKE_CURSOR = 0.8, 0.72
"""How alike two names must be, by `SequenceMatcher.ratio`. A missed cursor costs more than a refused field."""

_MAX_NAME_CHARS = 40
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_FILLERS = frozenset(("a", "by", "in", "of", "on", "the", "to"))
_SHORT_WORDS = {"maximum": "max", "maximal": "max", "number": "num", "no": "num", "nr": "num"}


class Unknown(NamedTuple):
    """Unknown names of one call: those that were meant for an argument, each with that argument, and the others."""

    misspelt: list[tuple[str, str]]
    ignorable: list[str]


def sort_unknown(given: Mapping[str, object], known: Collection[str]) -> Unknown:
    """Sorts the names in `given` that are not `known`.

    Where more names than MAX_COMPARED resemble an argument, the others count as misspelt too. Raises ValueError for
    more unknown names than MAX_UNKNOWN.
    """
    unknown = {name: value for name, value in given.items() if name not in known}
    if len(unknown) > MAX_UNKNOWN:
        raise ValueError(f"{len(unknown)} unknown arguments.")
    matcher = _Matcher(known)
    found = Unknown([], [])
    for name, value in unknown.items():
        meant = "cursor" if isinstance(value, str) and is_cursor_shaped(value) else matcher.meant_by(name)
        if meant is None:
            found.ignorable.append(name)
        else:
            found.misspelt.append((name, meant))
    return found


class _Matcher:
    """Finds the argument that a name was meant for, for the names of one call."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._exact, self._phrases = _names_of(tuple(known))
        self._compared = 0

    def meant_by(self, name: str) -> str | None:
        """The argument that `name` equals (but for case and punctuation), is a synonym of, or resembles."""
        if len(name) > _MAX_NAME_CHARS:
            return None
        letters = _letters(name)
        if letters in self._exact:
            return self._exact[letters]
        if "cursor" in letters:
            return "cursor"
        for argument in self._known:
            if self._resembles(letters, argument):
                return argument
        words = [word.lower() for word in _WORD.findall(name)]
        if len(words) > 1 and (meant := self._phrases.get(_phrase(name))) is not None:
            return meant
        return "cursor" if any(self._resembles(word, "cursor") for word in words if word != letters) else None

    def _resembles(self, letters: str, argument: str) -> bool:
        wanted = _letters(argument)
        longer = len(letters) - len(wanted)
        # Otherwise "account" and "country" would be taken for "count".
        if argument != "cursor" and (letters[:1] != wanted[:1] or (longer > 1 and len(wanted) < 7)):
            return False
        if abs(longer) > 3 or len(set(letters) & set(wanted)) < len(set(wanted)) - 2:
            return False
        self._compared += 1
        alike = _ALIKE_CURSOR if argument == "cursor" else _ALIKE
        return self._compared > MAX_COMPARED or SequenceMatcher(None, letters, wanted).ratio() >= alike


@cache
def _names_of(known: tuple[str, ...]) -> tuple[Mapping[str, str], Mapping[tuple[str, ...], str]]:
    """The arguments by their letters and those of their synonyms, and by their words where there are several."""
    synonyms = [(word, name) for name in known for word in _SYNONYMS.get(name, ()) if word not in known]
    exact = {_letters(word): name for word, name in synonyms} | {_letters(name): name for name in known}
    phrases = {_phrase(word): name for word, name in synonyms if "_" in word}
    return exact, phrases | {_phrase(name): name for name in known}


def _phrase(name: str) -> tuple[str, ...]:
    """The words of a name, in whatever order and number they are: those of `number_of_messages` and `num_messages`."""
    words = (word.lower().rstrip("s") for word in _WORD.findall(name))
    return tuple(sorted(_SHORT_WORDS.get(word, word) for word in words if word not in _FILLERS))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
