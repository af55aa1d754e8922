"""Writes made-up exports in the form of every era, with people and messages of the test's choice."""

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

OLDEST = ("From", "To", "Date", "Content")
SEVEN_TITLE = ("From", "To", "Date", "Subject", "Content", "Direction", "Folder")
SEVEN = tuple(name.upper() for name in SEVEN_TITLE)
NINE = (
    "CONVERSATION ID",
    "CONVERSATION TITLE",
    "FROM",
    "SENDER PROFILE URL",
    "TO",
    "DATE",
    "SUBJECT",
    "CONTENT",
    "FOLDER",
)
TEN = (*NINE[:5], "RECIPIENT PROFILE URLS", *NINE[5:])


def _spaced(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _words(moment: datetime) -> str:
    return f"{moment:%B} {moment.day}, {moment.year}, {moment.hour % 12 or 12}:{moment:%M} {moment:%p}"


def _numbers(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment:%y}, {moment.hour % 12 or 12}:{moment:%M} {moment:%p}"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


@dataclass(frozen=True)
class Era:
    """How the exports of some years look."""

    name: str
    file: str
    header: tuple[str, ...]
    date: str = "spaced"
    quoted: bool = False

    @property
    def has_ids(self) -> bool:
        return "CONVERSATION ID" in self.header

    @property
    def to_the_minute(self) -> bool:
        return self.date in ("words", "numbers")

    def spell(self, moment: datetime) -> str:
        """A moment as this era writes it."""
        return {"spaced": _spaced, "words": _words, "numbers": _numbers, "iso": _iso}[self.date](moment)


DRAFTS = ("IS MESSAGE DRAFT", "IS CONVERSATION DRAFT")
ERAS = (
    Era("2016-17", "Inbox.csv", OLDEST, date="words"),
    Era("before 2020", "Messages.csv", SEVEN_TITLE, date="numbers"),
    Era("to Feb 2020", "messages.csv", SEVEN, date="iso"),
    Era("2020-23", "messages.csv", NINE),
    Era("June 2023 on", "messages.csv", TEN),
    Era("Dec 2024, message draft", "messages.csv", (*TEN, DRAFTS[0])),
    Era("Dec 2024, both drafts", "messages.csv", (*TEN, *DRAFTS)),
    Era("mid 2025", "messages.csv", (*TEN, "ATTACHMENTS")),
    Era("mid 2025, drafts", "messages.csv", (*TEN, "ATTACHMENTS", DRAFTS[0])),
    Era("Mar 2026 on", "messages.csv", (*TEN, "ATTACHMENTS"), quoted=True),
    Era("2026, thirteen", "messages.csv", (*TEN, "ATTACHMENTS", *DRAFTS), quoted=True),
)
MODERN = ERAS[-1]
LAST_NINE = ERAS[3]

OWNER = "Olga Owner"
FRIEND = "Finn Friend"
NOBODY = "LinkedIn Member"


def url(name: str) -> str:
    """The made-up profile of a name."""
    return f"https://www.linkedin.com/in/{'-'.join(name.lower().replace(',', '').split())}-madeup"


def conversation_id(number: int) -> str:
    """An id in the export's form."""
    plain = f"00000000-0000-4000-8000-{number:012d}_100"
    return f"2-{base64.b64encode(plain.encode()).decode()}"


@dataclass(frozen=True)
class Row:
    """One record: `to` are names, `at` an ISO time in UTC, or the literal text of DATE."""

    content: str = "Hello"
    sender: str = FRIEND
    to: tuple[str, ...] = (OWNER,)
    at: str = "2026-02-03T07:00:00"
    conversation: int | None = 1
    sender_url: str | None = None
    recipient_urls: str | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    """Literal cells by column."""

    def values(self, era: Era) -> dict[str, str]:
        """The record's cells, by column in upper case."""
        known = {
            "CONVERSATION ID": "" if self.conversation is None else conversation_id(self.conversation),
            "FROM": self.sender,
            "SENDER PROFILE URL": _url_of(self.sender) if self.sender_url is None else self.sender_url,
            "TO": ", ".join(self.to),
            "RECIPIENT PROFILE URLS": (
                ",".join(filter(None, map(_url_of, self.to))) if self.recipient_urls is None else self.recipient_urls
            ),
            "DATE": _date(self.at, era),
            "CONTENT": self.content,
            "FOLDER": "INBOX",
            "DIRECTION": "OUTGOING" if self.sender == OWNER else "INCOMING",
            "IS MESSAGE DRAFT": "No",
            "IS CONVERSATION DRAFT": "No",
        }
        return {**known, **self.cells}


def _url_of(name: str) -> str:
    return "" if not name or name == NOBODY else url(name)


def _date(at: str, era: Era) -> str:
    try:
        return era.spell(datetime.fromisoformat(at).replace(tzinfo=UTC))
    except ValueError:
        return at


def mine(content: str = "Hello", **changes: object) -> Row:
    """A row that the owner of the export wrote to the friend."""
    return Row(**{"content": content, "sender": OWNER, "to": (FRIEND,), **changes})  # type: ignore[arg-type]  # by name


def csv_of(rows: Iterable[Row], era: Era = MODERN) -> bytes:
    """The messages' file of these rows, in the order given."""
    values = (row.values(era) for row in rows)
    records = [era.header, *([cells.get(column.upper(), "") for column in era.header] for cells in values)]
    # Not by the csv module, whose writer leaves a carriage return without quotes before Python 3.13.
    return "".join(",".join(_field(cell, era) for cell in record) + "\n" for record in records).encode()


def _field(cell: str, era: Era) -> str:
    needs_quotes = era.quoted or any(character in cell for character in ',"\r\n')
    return '"{}"'.format(cell.replace('"', '""')) if needs_quotes else cell


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def written(path: Path, content: bytes) -> Path:
    """The path, with this content in the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
