"""Twenty calls over the sandbox, answered as recorded: a change of layout or of names changes no answer.

Where a change is meant, `python tests/e2e/test_recorded_answers.py` records the answers again, and CHANGELOG.md says
what changed. The first recording was made at commit cc7cdfc.
"""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio

from mcp_server.commands.source import settings_from
from mcp_server.conversation.models import Reading
from mcp_server.protocol.arguments import Limits, parse_arguments
from mcp_server.reader_factory import open_reader

RECORDED = Path(__file__).parent / "recorded_answers.json"
NOW_MS = 1_795_780_800_000
"""2026-11-27 12:00 UTC: "2 days ago" must not depend on the day of the test."""

LIMITS = Limits(max_count=1000, zone=ZoneInfo("UTC"))
SALES = {"profile_url": "in/priya-raman-norbury"}
LONG = {"profile_url": "in/callum-reyes-harbour-lane"}
JAPANESE = {"profile_url": "in/kenji-mori-reinetsu"}
GERMAN = {"profile_url": "in/stefan-krüger-gehaeuse"}
_THREAD = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB7tWkQBn0r4L1ndqv1stT1deW4terSns0rs,2-{})"
PANEL = {"conversation_id": _THREAD.format("ZXhwby1wYW5lbA==")}
TRANSLATORS = {"conversation_id": _THREAD.format("YXBwLXRyYW5zbGF0b3Jz")}
TWO_OF_ONE_NAME = {"conversation_id": _THREAD.format("dHdvLWphbmVz")}
CALLS: tuple[dict[str, object], ...] = (
    {**SALES},
    {**SALES, "count": 60, "max_tokens": 700},
    {**SALES, "count": 60, "max_tokens": 1000},
    {**SALES, "count": 60, "max_tokens": 8000},
    {
        **SALES,
        "count": 60,
        "max_tokens": 700,
        "focus": "Which competitor made a cheaper offer, and what did we answer?",
    },
    {**SALES, "count": 25, "cursor": "next of 0"},
    {**SALES, "count": 60, "max_tokens": 600, "detail": "verbatim"},
    {**SALES, "count": 60, "max_tokens": 600, "detail": "verbatim", "cursor": "next of 6"},
    {**SALES, "count": 5, "cursor": "window of 1"},
    {**SALES, "count": 60, "since": "2026-09-22"},
    {**SALES, "count": 10, "max_tokens": 200},
    {**LONG, "count": 400, "max_tokens": 2000},
    {**LONG, "count": 400, "max_tokens": 4000, "focus": "when is the delivery of the sensors"},
    {**LONG, "count": 120, "max_tokens": 1500, "detail": "verbatim", "cursor": "next of 11"},
    {**PANEL, "count": 50, "max_tokens": 900},
    {**PANEL, "count": 50, "detail": "verbatim"},
    {**TRANSLATORS, "count": 40, "max_tokens": 500, "focus": "deadline"},
    {**JAPANESE, "max_tokens": 300},
    {**GERMAN, "count": 30, "since": "2026-05-01T09:00+02:00"},
    {**TWO_OF_ONE_NAME, "count": 20},
)


async def answers() -> list[dict[str, object]]:
    """Text, structured content and notes of every call, in order."""
    found: list[Reading] = []
    with settings_from({}, sandbox=True) as settings:
        async with open_reader(settings, now_ms=lambda: NOW_MS, clock_s=lambda: 0.0) as reader:
            for call in CALLS:
                found.append(await reader.read(parse_arguments(_filled(call, found), LIMITS)))
    return [{"text": each.text, "structured": each.structured, "notes": list(each.notes)} for each in found]


def _filled(call: dict[str, object], earlier: list[Reading]) -> dict[str, object]:
    """A call with the cursor of an earlier answer in place of the words that name it."""
    filled = dict(call)
    match str(call.get("cursor", "")).split():
        case ["next", _, number]:
            filled["cursor"] = earlier[int(number)].next_cursor
        case ["window", _, number]:
            filled["cursor"] = f"{earlier[int(number)].structured['window_cursor']}:20"
        case _:
            pass
    return filled


def test_answers_are_those_recorded() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    for number, (answer, expected) in enumerate(zip(anyio.run(answers), recorded, strict=True)):
        assert answer == expected, f"call {number}: {CALLS[number]}"


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(anyio.run(answers), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
