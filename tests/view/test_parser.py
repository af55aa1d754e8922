"""The page's parser reads what the server writes, and refuses what the server's own parser refuses. Needs node."""

from datetime import date
from typing import Any

import pytest

from mcp_server.transcript.grammar import Day, Entry, Gap, Line, More, Transcript
from mcp_server.transcript.parse import NotATranscript, parse
from mcp_server.transcript.render import render, render_body
from tests.property.test_transcript_laws import transcripts
from tests.support.conversations import ANA, JANE, JOHN, MemorySource, chat, message, query, reader
from tests.view.parsers import assert_equally_strict, in_browser, written


def expected(transcript: Transcript, *, structured: bool = False) -> dict[str, Any]:
    """The transcript in the shape of the page's."""
    header, footer = transcript.header, transcript.footer
    return {
        "banner": transcript.banner,
        "speakers": [
            {"mark": one.mark, "name": one.name, "profile": one.profile, "me": one.me} for one in transcript.speakers
        ],
        "header": {
            "shown": header.shown,
            "shortened": header.shortened,
            "omitted": header.omitted,
            "total": header.total,
            "first": _iso(header.first),
            "last": _iso(header.last),
            "timezone": header.timezone,
            "latest": header.latest
            and {"mark": header.latest.mark, "ago": header.latest.ago, "awaited": header.latest.awaited},
            "unread": header.unread,
            "readByRecipient": header.read_by_recipient,
            "credits": header.credits,
            "focus": header.focus,
        },
        "notes": list(transcript.notes),
        "entries": [_entry(entry) for entry in transcript.entries],
        "footer": {"nextCursor": footer.next_cursor, "older": None if structured else footer.older}
        if isinstance(footer, More)
        else {"why": None if structured else footer.why},
        "windowCursor": transcript.window_cursor,
    }


def test_the_page_reads_whatever_the_server_writes() -> None:
    """Hundreds of transcripts with forged lines in texts and names: read as they were meant, from either channel."""
    written_down = written(transcripts())
    answers = in_browser([render(transcript) for transcript in written_down])
    for transcript, answer in zip(written_down, answers, strict=True):
        assert answer == expected(transcript)
    structured = in_browser([_structured(transcript) for transcript in written_down])
    for transcript, answer in zip(written_down, structured, strict=True):
        assert answer == expected(transcript, structured=True)


def test_the_page_is_as_strict_as_the_server() -> None:
    """Of damaged transcripts, both read the same ones, and in the same way."""
    assert_equally_strict(
        map(render, written(transcripts())), lambda text: expected(parse(text)), NotATranscript, of="transcripts"
    )


@pytest.mark.anyio
async def test_the_page_reads_answers_of_every_kind() -> None:
    """Pairs and groups, condensed and verbatim, large budgets and the smallest, messages too long for an answer."""
    readings = []
    for people in ((JANE, JOHN), (JANE, JOHN, ANA, None), (JANE,)):
        for max_tokens in (200, 400, 4000):
            for detail in ("condensed", "verbatim"):
                source = MemorySource([message(900, "very long " * 900), *chat(80, people)])
                asked = query(count=40, max_tokens=max_tokens, detail=detail)
                readings.append(await reader(source).read(asked))
    for reading, answer in zip(readings, in_browser([reading.text for reading in readings]), strict=True):
        assert answer == expected(parse(reading.text))
    bodies = in_browser([reading.structured for reading in readings])
    for reading, answer in zip(readings, bodies, strict=True):
        assert answer == expected(parse(reading.text), structured=True)


def _structured(transcript: Transcript) -> dict[str, Any]:
    footer = transcript.footer
    cursors = {
        "next_cursor": footer.next_cursor if isinstance(footer, More) else None,
        "window_cursor": transcript.window_cursor,
    }
    return {"transcript": render_body(transcript)} | {name: value for name, value in cursors.items() if value}


def _entry(entry: Entry) -> dict[str, Any]:
    match entry:
        case Day(day):
            return {"type": "day", "date": _iso(day)}
        case Gap(count, first, last, at):
            return {"type": "gap", "count": count, "first": _iso(first), "last": _iso(last), "at": at}
        case Line():
            part = entry.part and {"start": entry.part.start, "end": entry.part.end, "total": entry.part.total}
            return {
                "type": "line",
                "mark": entry.mark,
                "text": entry.text,
                "time": entry.time,
                "kind": entry.kind,
                "part": part,
                "shortened": entry.shortened,
            }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
