"""One record as a message: its text, what kind it is, and an identity that a newer export gives it too."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mcp_server.archive.dates import UNDATED
from mcp_server.archive.markup import is_campaign, text_of
from mcp_server.archive.names import urls_in
from mcp_server.archive.people import Person
from mcp_server.conversation.cleaning import clean, clean_name

SPONSORED_TITLE = "Sponsored Conversation"
# What LinkedIn itself writes, in the name of one who takes part. Only whole texts: people may quote them.
_NOTICES = frozenset({"message request accepted", "a linkedin member left the conversation"})
_SPACES = re.compile(r"\s+")

Kind = Literal["text", "html", "notice", "attachments", "empty"]


@dataclass(frozen=True, slots=True)
class ArchivedMessage:
    """A message of an export.

    `sent_at_s` counts seconds since 1970 in UTC, None where the export has no date that can be read. `text` is safe to
    show; `kind` says what it was made from, `attachments` how many there were: their addresses expire. `subject` is an
    InMail's. `sponsored` is advertising. A draft was never sent.
    """

    id: str
    sent_at_s: int | None
    sender: Person | None
    text: str
    kind: Kind
    subject: str | None = None
    attachments: int = 0
    sponsored: bool = False
    draft: bool = False

    @property
    def tag(self) -> str | None:
        """What is said of the message in front of its text; None for an ordinary one."""
        tags = []
        if self.draft:
            tags.append("draft, never sent")
        if self.sponsored:
            tags.append("sponsored")
        if self.kind == "notice":
            tags.append("notice")
        if self.subject is not None:
            tags.append(f"InMail: {self.subject}")
        if self.attachments:
            tags.append("1 attachment" if self.attachments == 1 else f"{self.attachments} attachments")
        return ", ".join(tags) or None


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a record that make a message, as they stand."""

    content: str
    subject: str = ""
    attachments: str = ""


def message_of(
    cells: Cells,
    *,
    identity: str,
    sent_at_s: int,
    sender: Person | None,
    title: str,
    nameless: bool,
    draft: bool,
) -> ArchivedMessage:
    """The message in these cells, in a conversation of this title.

    `nameless`: the sender has no profile, where the export has profiles. So have advertising and closed accounts.
    """
    subject = clean_name(cells.subject) or None
    html = is_campaign(cells.content, nameless=nameless or subject is not None)
    attachments = len(urls_in(cells.attachments))
    text = clean(text_of(cells.content) if html else cells.content)
    return ArchivedMessage(
        id=identity,
        sent_at_s=None if sent_at_s == UNDATED else sent_at_s,
        sender=sender,
        text=text,
        kind=_kind(text, html=html, attachments=attachments),
        subject=subject,
        attachments=attachments,
        sponsored=nameless and (html or title.strip() == SPONSORED_TITLE),
        draft=draft,
    )


def _kind(text: str, *, html: bool, attachments: int) -> Kind:
    if html:
        return "html"
    if not text:
        return "attachments" if attachments else "empty"
    return "notice" if text.casefold().rstrip(".") in _NOTICES else "text"


def identities(conversation_id: str, moments: Iterable[int], contents: Iterable[str]) -> list[str]:
    """An identity for each of these messages, oldest first.

    Made of the conversation, the moment and the text: neither of names, which change with the day of the export, nor of
    addresses, which expire, nor of spaces, in which exports differ. Of equal ones each has its number.
    """
    numbers: dict[str, int] = {}
    result = []
    for moment, content in zip(moments, contents, strict=True):
        text = _SPACES.sub("", content)
        digest = hashlib.sha256(f"{conversation_id}\n{moment}\n{text}".encode("utf-8", "replace")).hexdigest()[:32]
        numbers[digest] = numbers.get(digest, 0) + 1
        result.append(f"export:{digest}" + (f".{numbers[digest]}" if numbers[digest] > 1 else ""))
    return result
