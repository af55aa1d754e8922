"""Makes the made-up exports that `conversation-mcp demo` reads: one with every quirk, and one of each older era.

    python -m scripts.make_demo_archive     writes mcp_server/sandbox/exports/

The same rows make the same bytes, so a test compares the files with what this makes.
"""

import io
import zipfile
from pathlib import Path

from tests.support.exports import ERAS, MODERN, NOBODY, Row, csv_of, url

FOLDER = Path(__file__).resolve().parent.parent / "mcp_server" / "sandbox" / "exports"
ZIP_NAME = "Basic_LinkedInDataExport_11-20-2026.zip"
ME, IRIS, TEAM = "Nora Lindqvist", "Iris Falk-Moreau", "Kofi Strand, MBA"
_PICTURE = "https://www.linkedin.com/dms/prv/image/v2/D4E06AQmadeup/messaging-image/0/1?e=1795000000&v=beta&t=madeup"
_CAMPAIGN = (
    '<p class="spinmail-quill-editor__spin-break">Hello&nbsp;%FIRSTNAME%!</p>'
    '<ul><li>Ropes &amp; chains</li><li>Buoys</li></ul><p>See <a href="https://example.com">our offer</a>.</p>'
)
_PROFILE = b"First Name,Last Name,Maiden Name\nNora,Lindqvist,\n"
_INVITATIONS = (
    "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
    f'{ME},{IRIS},"10/1/26, 9:00 AM",,OUTGOING,{url(ME)},{url(IRIS)}\n'
).encode()


def rows() -> list[Row]:
    """The messages of the ZIP, newest first, each with something that exports are known for."""
    return [
        Row(_CAMPAIGN, "Quillfeather Ltd", (ME,), "2026-11-19T10:00:00", 4, "", cells={"CONVERSATION TITLE": "Ropes"}),
        Row("Thursday, then. I'll bring", ME, (IRIS,), "2026-11-18T17:30:00", 1, cells={"IS MESSAGE DRAFT": "Yes"}),
        Row("", IRIS, (ME,), "2026-11-18T16:05:00", 1, cells={"ATTACHMENTS": f"{_PICTURE},{_PICTURE}2"}),
        Row("Does Thursday at ten suit you?\n\nRoom 4, as before.", IRIS, (ME,), "2026-11-18T16:02:11", 1),
        Row("Yes", IRIS, (ME,), "2026-11-17T08:00:00", 1),
        Row("Yes", IRIS, (ME,), "2026-11-17T08:00:00", 1),
        Row('Is the "blue" folder with you? And is 5 < 6 <ok>?', ME, (IRIS,), "2026-11-16T18:20:00", 1),
        Row("Message request accepted", IRIS, (ME,), "2026-11-16T09:00:00", 1),
        Row("A LinkedIn member left the conversation.", NOBODY, (ME, IRIS, TEAM), "2026-10-02T09:00:00", 2),
        Row("The tables are done.", TEAM, (ME, IRIS, NOBODY), "2026-10-01T09:00:00", 2),
        Row("Interested?", TEAM, (ME,), "2026-09-01T09:00:00", 3, cells={"SUBJECT": "Head of Data, remote"}),
        Row("Who keeps your glossary?", NOBODY, (ME,), "2026-08-01T09:00:00", 5),
        Row("No date on this one", IRIS, (ME,), "", 6),
    ]


def files() -> dict[str, bytes]:
    """The files by name."""
    log = csv_of([], MODERN)
    members = {"Profile.csv": _PROFILE, "Invitations.csv": _INVITATIONS, "guide_messages.csv": log}
    made = {ZIP_NAME: _zip({"messages.csv": csv_of(rows(), MODERN), **members})}
    for number, era in enumerate(ERAS[:-1], start=1):
        talk = [
            Row("Thank you", ME, (IRIS,), "2017-07-05T15:15:00", 1, cells={"DIRECTION": "OUTGOING"}),
            Row("Hello Nora", IRIS, (ME,), "2017-07-05T15:14:00", 1),
        ]
        made[f"{number:02}-{era.name.replace(', ', '-').replace(' ', '-').lower()}.csv"] = csv_of(talk, era)
    return made


def _zip(members: dict[str, bytes]) -> bytes:
    """A ZIP of these files, all of one moment, so that it is the same whenever it is made."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 0, 0, 0)), content)
    return stream.getvalue()


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
