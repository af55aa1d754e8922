"""Opening made-up exports in tests."""

from datetime import date

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import ExportFiles
from mcp_server.archive.messages import ArchivedMessage
from mcp_server.archive.values import Slice
from tests.support.exports import MODERN, Era, Row, conversation_id, csv_of

OTHER = Row("elsewhere", sender="Gail Other", conversation=99, at="2020-01-01T00:00:00")


def opened(*rows: Row, era: Era = MODERN, day: date | None = None) -> Archive:
    """An export of these rows, and of one in another conversation, by which the owner is known."""
    return Archive(ExportFiles(csv_of([*rows, OTHER], era), named_day=day))


def read(archive: Archive, conversation: int | str = 1, count: int = 100, before: int | None = None) -> Slice:
    """A part of a conversation, by its number in the test or its id."""
    wanted = conversation_id(conversation) if isinstance(conversation, int) else conversation
    number = archive.find(wanted)
    assert number is not None
    return archive.read(number, count=count, before=before)


def read_both_ways(archive: Archive, number: int, *, most: int) -> Slice:
    """A whole conversation, which page by page is the same as at once. Each message has an identity of its own."""
    whole = archive.read(number, count=most)
    assert whole.total == len(whole.messages)
    assert len({message.id for message in whole.messages}) == whole.total
    paged: list[ArchivedMessage] = []
    before = None
    while before != 0:
        part = archive.read(number, count=2, before=before)
        paged += part.messages
        before = part.older
    assert tuple(paged) == whole.messages
    return whole


def texts(archive: Archive, conversation: int | str = 1) -> list[str]:
    """Its texts, oldest first."""
    return [message.text for message in reversed(read(archive, conversation).messages)]


def only(*rows: Row, era: Era = MODERN) -> ArchivedMessage:
    """The one message of the conversation."""
    (message,) = read(opened(*rows, era=era)).messages
    return message


def notes(archive: Archive, conversation: int | str = 1) -> tuple[str, ...]:
    """What is remarked on a conversation."""
    wanted = conversation_id(conversation) if isinstance(conversation, int) else conversation
    number = archive.find(wanted)
    assert number is not None
    return archive.notes(number)
