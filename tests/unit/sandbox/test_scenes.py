"""Scenes played in order, with beats where they belong."""

import re
from collections import Counter

from mcp_server.sandbox.scenes import Plan, play


def plan(size: int = 60) -> Plan:
    """A small plan that uses every feature."""
    return {
        "seed": 1,
        "size": size,
        "first_day": "2026-01-05",
        "last_day": "2026-03-27",
        "sites": [("2026-01-01", "Hull"), ("2026-03-01", "Leith")],
        "prices": [("2026-01-01", 46.0), ("2026-02-01", 43.5)],
        "values": {"hi": ["Hello. ", ""]},
        "beats": [{"at": "2026-02-02 09:00", "lines": [["n", "The fact."], ["c", "Noted."]]}],
        "scenes": [
            {"name": "order", "lines": [["c", "{hi}please send {qty} to {site}"], ["n+", "sent, {total} at {price}"]]},
            {"name": "snow", "months": [1], "lines": [["c", "snow!"]]},
            {"name": "late", "since": "2026-03-01", "lines": [["c?", "at last"], ["n", "it is {day}"]]},
            {"name": "pair", "paired": True, "lines": [["c", "A?", "B?"], ["n", "A!", "B!"]]},
        ],
    }


def test_the_size_is_exact_and_lines_are_in_order() -> None:
    """Whatever the lengths of the scenes."""
    for size in (3, 10, 59, 60):
        lines = play(plan(size))
        assert len(lines) == size
        assert [line.time for line in lines] == sorted(line.time for line in lines)


def test_a_beat_happens_once_on_its_day() -> None:
    """No scene begins on that day."""
    lines = play(plan())
    assert [line.text for line in lines if line.time.startswith("2026-02-02") and line.text == "The fact."]
    assert Counter(line.text for line in lines)["The fact."] == 1


def test_scenes_keep_to_their_season_and_their_start() -> None:
    """`months` and `since` are respected."""
    lines = play(plan())
    assert {line.time[5:7] for line in lines if line.text == "Snow!"} == {"01"}
    assert all(line.time >= "2026-03" for line in lines if line.text == "At last")
    assert all(line.time >= "2026-03" for line in lines if "Leith" in line.text)


def test_prices_follow_the_calendar() -> None:
    """A total is the quantity times the price of that day."""
    texts = [line for line in play(plan()) if line.text.startswith("Sent")]
    assert {re.findall(r"at (\S+)", line.text)[0] for line in texts if line.time >= "2026-02-06"} == {"£43.50"}
    assert {re.findall(r"at (\S+)", line.text)[0] for line in texts if line.time < "2026-02-01"} == {"£46"}


def test_sentences_begin_with_a_capital_letter() -> None:
    """Also after a greeting that may be left out."""
    texts = [line.text for line in play(plan()) if "lease send" in line.text]
    assert texts
    assert all(re.match(r"(Hello\. )?Please send", text) for text in texts)


def test_paired_lines_answer_each_other() -> None:
    """The second line takes the wording of the first."""
    lines = [line.text for line in play(plan()) if line.text[:2] in ("A?", "B?", "A!", "B!")]
    assert set(zip(lines[::2], lines[1::2], strict=True)) == {("A?", "A!"), ("B?", "B!")}


def test_nobody_writes_at_the_weekend() -> None:
    """Later lines skip it as well."""
    from datetime import date

    assert all(date.fromisoformat(line.time[:10]).weekday() < 5 for line in play(plan()))
