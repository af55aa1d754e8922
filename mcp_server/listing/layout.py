"""Turns conversations of the list into entries, with texts shortened to a number of characters."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from mcp_server.condensing.sentences import CUT
from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.models import Message, Target
from mcp_server.listing.grammar import NO_TARGET, ListedEntry, Turn
from mcp_server.listing.matching import Words
from mcp_server.setting_values import Speakers
from mcp_server.transcript.grammar import UNDATED
from mcp_server.transcript.layout import Calendar

_BEFORE_MATCH = 30
"""Characters shown at most before the word that was searched for, where a text is cut at its beginning."""
_TURNS: dict[Speakers, dict[bool | None, Turn]] = {
    "marks": {True: "<", False: ">", None: "?"},
    "names": {True: "me", False: "them", None: "?"},
}


class Texts(NamedTuple):
    """How much of an entry is shown: at most so many characters of headline and last message, None for all."""

    headline: int | None
    text: int | None


class LaidOutConversation(NamedTuple):
    """A conversation as an entry with whole texts, and its day."""

    entry: ListedEntry
    day: date | None


def lay_out(
    conversations: Sequence[Message], shown: Sequence[int], calendar: Calendar, speakers: Speakers
) -> list[LaidOutConversation]:
    """The conversations with these indexes. A profile that several conversations share names none of them."""
    targets = Counter(each.listed.target for each in conversations if each.listed is not None)
    laid_out = []
    for index in shown:
        message = conversations[index]
        listed = message.listed
        if listed is None:
            continue
        moment = None if message.sent_at_ms is None else calendar.at(message.sent_at_ms)
        profile = listed.target
        of_two = profile is not None and (targets[profile] == 1 or not listed.has_id)
        entry = ListedEntry(
            target=(profile if of_two else message.id if listed.has_id else None) or NO_TARGET,
            time=UNDATED if moment is None else moment.time,
            turn=_TURNS[speakers][listed.mine],
            name=listed.name,
            unread=listed.unread,
            tags=listed.tags,
            headline=listed.headline,
            text=message.text,
        )
        laid_out.append(LaidOutConversation(entry, None if moment is None else moment.day))
    return laid_out


def target_of(entry: ListedEntry) -> Target | None:
    """What the first word of an entry names; None for a conversation that cannot be read."""
    if entry.target == NO_TARGET:
        return None
    if entry.target.startswith("in/"):
        return Target("profile_url", f"https://www.linkedin.com/{entry.target}")
    return Target("conversation_id", entry.target)


def shortened(entry: ListedEntry, texts: Texts, query: Words | None, *, name_chars: int | None = None) -> ListedEntry:
    """The entry with texts of at most these lengths, around a word of the query where a text has one."""
    # Cleaned again: a cut can leave half of a flag emoji, or one of a pair of direction marks.
    return entry._replace(
        name=entry.name if name_chars is None else clean_name(entry.name[:name_chars]),
        headline=_cut(entry.headline, texts.headline, query),
        text=_cut(entry.text, texts.text, query),
    )


def _cut(text: str, limit: int | None, query: Words | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    if not limit:
        return ""
    found = (query.first_in(text) if query is not None else None) or 0
    start = found - min(_BEFORE_MATCH, limit // 3) if found > limit // 2 else 0
    piece = text[start : start + limit]
    before = f"{CUT} " if start else ""
    after = f" {CUT}" if start + limit < len(text) else ""
    if after:
        piece = piece[: max(piece.rfind(" "), limit // 2)]
    if start:
        piece = piece[piece.find(" ", 0, found - start) + 1 :]
    return f"{before}{clean(piece)}{after}"
