"""`conversation-mcp conversations`: lists the conversations of an archive, newest first."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import read_files
from mcp_server.archive.values import ConversationSummary
from mcp_server.commands.console import SUCCESS, Console, counted
from mcp_server.errors import SettingsError
from mcp_server.settings import Settings

_ADVICE = "Run `conversation-mcp conversations --archive PATH`, with LinkedIn's copy of your data."


def conversations(environ: Mapping[str, str], console: Console) -> int:
    """Print one line per conversation: when, its id, of what kind, how many messages, with whom. Returns the exit code.

    Raises SettingsError without an archive, and ArchiveError.
    """
    settings = Settings.from_mapping(environ)
    if settings.archive is None:
        raise SettingsError("The messaging API cannot list conversations; only an archive can.", advice=_ADVICE)
    archive = Archive(read_files(settings.archive), self_profile_url=settings.self_profile_url)
    for summary in archive.conversations():
        console.say(_line(summary, settings.zone))
    counts = archive.counts
    console.note(f"{counted(counts.conversations, 'conversation')}, {counted(counts.messages, 'message')}.")
    return SUCCESS


def _line(summary: ConversationSummary, zone: ZoneInfo) -> str:
    day = "no date" if summary.newest_at_s is None else f"{datetime.fromtimestamp(summary.newest_at_s, zone):%Y-%m-%d}"
    names = [person.name for person in summary.participants if not person.owner]
    people = "; ".join(names) or "yourself"
    title = f" ({summary.title})" if summary.title else ""
    drafts = f", {counted(summary.drafts, 'draft')}" if summary.drafts else ""
    kind = summary.kind.replace("_", " ")
    return f"{day:<10}  {summary.id}  {kind}, {counted(summary.messages, 'message')}{drafts}: {people}{title}"
