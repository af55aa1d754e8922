"""The conversations of an export as the list of conversations, for the lister that lists those of the API."""

from collections.abc import Iterable
from functools import lru_cache

from mcp_server.archive.archive import Archive
from mcp_server.archive.messages import ArchivedMessage
from mcp_server.archive.people import Person
from mcp_server.archive.values import ConversationSummary
from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.listed import ListedConversation, is_usable_id
from mcp_server.conversation.models import Message, Page
from mcp_server.conversation.profile import profile_label
from mcp_server.listing.matching import Words

_MOST_NAMED = 3
_GROUPS = {"group": True, "direct": False, "unknown_member": False}
"""Whether there are several other people, by the kind of conversation; the other kinds are no conversations."""
_NO_OWNER = "The export does not say which messages are yours; set CONVERSATION_SELF_PROFILE_URL."
_DRAFTS_PASSED = 3
"""The newest message that was sent is looked for among so many."""


class ArchiveInbox:
    """The list of an export's conversations. Blocking: call it in a worker thread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._numbers = archive.newest_first()
        self.search = lru_cache(maxsize=8)(self._search)

    def page(self, cursor: str | None, count: int) -> Page:
        """`count` conversations; the cursor is how many come before them."""
        start = 0 if cursor is None else int(cursor)
        end = start + count
        return Page(
            tuple(map(self._listed, self._numbers[start:end])),
            next_cursor=str(end) if end < len(self._numbers) else None,
            requested=count,
            notes=() if self._archive.owner is not None else (_NO_OWNER,),
        )

    def _search(self, query: str) -> frozenset[str]:
        """The ids of the conversations with a message that has all of these words, as far as names do not have them."""
        words = Words(query)
        return frozenset(self._archive.id_of(number) for number in self._numbers if self._has(number, words))

    def _has(self, number: int, words: Words) -> bool:
        summary = self._archive.summary(number)
        named = (summary.title or "", *(person.name for person in summary.participants if not person.owner))
        return any(words.are_in(*named, text) for text in self._archive.texts(number))

    def _listed(self, number: int) -> Message:
        summary = self._archive.summary(number)
        newest = self._archive.read(number, count=_DRAFTS_PASSED).messages
        sent = [message for message in newest if not message.draft]
        last = sent[0] if sent else newest[0]
        # A notice of the site, such as that somebody has left, is nobody's turn.
        turn = next((message for message in sent if message.kind != "notice"), None)
        others = [person for person in summary.participants if not person.owner]
        profile = profile_label(others[0].profile_url) if summary.kind == "direct" and len(others) == 1 else None
        return Message(
            id=summary.id,
            text=" ".join(clean(last.text).split()),
            sent_at_ms=None if last.sent_at_s is None else last.sent_at_s * 1_000,
            sender=None,
            listed=ListedConversation(
                name=_name(summary, others),
                profile=profile,
                tags=tuple(_tags(summary)),
                mine=self._mine(turn if sent else last),
                has_id=is_usable_id(summary.id),
                is_group=_GROUPS.get(summary.kind),
            ),
        )

    def _mine(self, message: ArchivedMessage | None) -> bool | None:
        if message is None or message.sender is None or self._archive.owner is None:
            return None
        return message.sender.owner


def _name(summary: ConversationSummary, others: list[Person]) -> str:
    if summary.kind in ("group", "sponsored") and summary.title:
        return summary.title
    named = [person.name for person in others[:_MOST_NAMED]]
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    return clean_name(", ".join(named) + more)


def _tags(summary: ConversationSummary) -> Iterable[str]:
    if summary.kind in ("group", "sponsored"):
        yield summary.kind
    elif summary.kind == "self":
        yield "notes"
    folders = {folder.casefold() for folder in summary.folders}
    if "archive" in folders:
        yield "archived"
    if "spam" in folders:
        yield "spam"
    if summary.drafts:
        yield "draft"
