"""Which of the conversations looked at are wanted, and where in a text the words searched for are."""

import re
from collections.abc import Collection, Sequence

from mcp_server.condensing.terms import Folds, words
from mcp_server.conversation.listed import Show
from mcp_server.conversation.models import Message

_WORD = re.compile(r"\S+")


class Words:
    """The words of a query. A text has them if each begins one of its words; case and accents do not count."""

    def __init__(self, query: str) -> None:
        self._folds = Folds()
        self._wanted = tuple(dict.fromkeys(self._folds[word] for word in words(query)))

    def are_in(self, *texts: str) -> bool:
        """Whether these texts together have all of the words. A query without words is in every text."""
        found = {self._folds[word] for text in texts for word in words(text)}
        return all(any(word.startswith(wanted) for word in found) for wanted in self._wanted)

    def first_in(self, text: str) -> int | None:
        """Where the first word of the query is in a text, None if none of them is."""
        for word in _WORD.finditer(text):
            for part in words(word[0]):
                if self._folds[part].startswith(self._wanted):
                    return word.start()
        return None


def matching(
    conversations: Sequence[Message], show: Show, query: Words | None, *, ids: Collection[str] = ()
) -> list[int]:
    """The indexes of the conversations to show. Those in `ids` match the query by a text that is not in the list."""
    return [
        index
        for index, each in enumerate(conversations)
        if _is_shown(each, show) and (query is None or each.id in ids or _has(each, query))
    ]


def _has(message: Message, query: Words) -> bool:
    listed = message.listed
    return listed is not None and query.are_in(listed.name, listed.profile or "", listed.headline, message.text)


def _is_shown(message: Message, show: Show) -> bool:
    listed = message.listed
    match show:
        case "unread":
            return listed is not None and listed.unread > 0
        case "to_answer":
            return listed is not None and listed.awaits_answer
        case _:
            return listed is not None
