"""Generates a long, plausible conversation from handwritten exchanges; the result is always the same.

A plan has *beats*, which happen once on a given day and hold the facts that questions are about, and *scenes*, which
fill the days between them: each line of a scene has several wordings with `{slots}`. Only `Random.random` is used,
because Python guarantees its sequence from version to version.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple, NotRequired, TypedDict

_MORNING, _AFTERNOON = 8, 13
_LONGEST_PAUSE_MIN = 23
_OPTIONAL, _LATER = "?", "+"
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")


class Line(NamedTuple):
    """A message before it gets an identity; `sender` is a key, `time` a UTC minute or `=` (see library.py)."""

    time: str
    sender: str | None
    text: str
    kind: str = "TEXT"


class Scene(TypedDict):
    """A routine exchange. Each of `lines` is `[sender, wording, wording ...]`.

    A line whose sender ends in `?` is left out half of the time, one with `+` follows a working day or two later.
    `paired`: all lines use the wording of the same index, because each answer fits one question. `months` and `since`
    limit the days on which it can happen.
    """

    name: str
    lines: list[list[str]]
    paired: NotRequired[bool]
    months: NotRequired[list[int]]
    since: NotRequired[str]


class Beat(TypedDict):
    """An exchange that happens once, at minute `at`. Each of `lines` is `[sender, text]`."""

    at: str
    lines: list[list[str]]


class Plan(TypedDict):
    """What to generate. `size` is the total number of messages; `sites` and `prices` are `[first day, value]`."""

    seed: int
    size: int
    first_day: str
    last_day: str
    sites: list[tuple[str, str]]
    prices: list[tuple[str, float]]
    values: dict[str, list[str]]
    beats: list[Beat]
    scenes: list[Scene]


def play(plan: Plan) -> list[Line]:
    """All lines in chronological order, exactly `plan["size"]` of them."""
    beats = [line for beat in plan["beats"] for line in _beat(beat)]
    routine = _Routine(plan).lines(plan["size"] - len(beats))
    return sorted([*beats, *routine], key=lambda line: line.time)


def _beat(beat: Beat) -> Iterator[Line]:
    start = datetime.fromisoformat(f"{beat['at']}Z")
    for place, (sender, text) in enumerate(beat["lines"]):
        yield Line(_minute(start + timedelta(minutes=place * (7 + place))), sender, text)


@dataclass
class _Routine:
    plan: Plan
    random: Random = field(init=False)
    played: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = Random(self.plan["seed"])

    def lines(self, wanted: int) -> list[Line]:
        """`wanted` lines, spread evenly over the mornings and afternoons of days without a beat."""
        starts = self._starts()
        lines: list[Line] = []
        place = -1
        upcoming: Iterator[Scene] = iter(())
        while len(lines) < wanted:
            place = max(place + 1, len(starts) * len(lines) // wanted)
            upcoming, scene = self._next(upcoming, starts[place])
            lines += self._scene(scene, starts[place])
        return lines[:wanted]

    def _next(self, upcoming: Iterator[Scene], start: datetime) -> tuple[Iterator[Scene], Scene]:
        """The next scene allowed on that day, and the rest of the round; each round has every scene once."""
        for scene in upcoming:
            if _fits(scene, start):
                return upcoming, scene
        return self._next(iter(self._shuffled(self.plan["scenes"])), start)

    def _starts(self) -> list[datetime]:
        taken = {beat["at"][:10] for beat in self.plan["beats"]}
        first, last = date.fromisoformat(self.plan["first_day"]), date.fromisoformat(self.plan["last_day"])
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [
            datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            for day in days
            if day.weekday() < 5 and day.isoformat() not in taken
            for hour in (_MORNING, _AFTERNOON)
        ]

    def _scene(self, scene: Scene, start: datetime) -> Iterator[Line]:
        times_played = self.played[scene["name"]]
        self.played[scene["name"]] += 1
        slots = self._slots(start)
        moment = start + timedelta(minutes=self._below(60))
        for number, (sender, *wordings) in enumerate(scene["lines"]):
            wording = times_played if scene.get("paired") else times_played + self._below(len(wordings)) + number
            if _OPTIONAL in sender and self.random.random() < 0.5:
                continue
            if _LATER in sender:
                moment = _working_day(moment, 1 + self._below(2))
            text = wordings[wording % len(wordings)].format_map(slots)
            yield Line(_minute(moment), sender[0], _SENTENCE_START.sub(lambda match: match[0].upper(), text))
            moment += timedelta(minutes=1 + self._below(_LONGEST_PAUSE_MIN))

    def _slots(self, start: datetime) -> dict[str, str]:
        """The values of one scene's slots, the same for all of its lines."""
        today = start.date().isoformat()
        slots = {name: self._one_of(values) for name, values in self.plan["values"].items()}
        price = [price for since, price in self.plan["prices"] if since <= today][-1]
        quantity = 2 + self._below(11)
        later = _working_day(start, 5 + self._below(8))
        number = self.played.total()
        return slots | {
            "site": self._one_of([site for since, site in self.plan["sites"] if since <= today]),
            "qty": str(quantity),
            "price": f"£{price:g}" if price == int(price) else f"£{price:.2f}",
            "total": f"£{price * quantity:,.2f}".removesuffix(".00"),
            "po": f"HL-{4102 + number}",
            "invoice": f"TW-{25001 + number}",
            "ticket": f"L-{210 + number}",
            "serial": str(20800 + self._below(300)),
            "day": f"{_working_day(start, 1 + self._below(3)):%A}",
            "date": f"{later.day} {later:%B}",
        }

    def _shuffled(self, scenes: Sequence[Scene]) -> list[Scene]:
        return [scene for _, _, scene in sorted((self.random.random(), place, one) for place, one in enumerate(scenes))]

    def _one_of(self, values: Sequence[str]) -> str:
        return values[self._below(len(values))]

    def _below(self, end: int) -> int:
        return int(self.random.random() * end)


def _fits(scene: Scene, moment: datetime) -> bool:
    return moment.month in scene.get("months", [moment.month]) and scene.get("since", "") <= moment.date().isoformat()


def _working_day(moment: datetime, days: int) -> datetime:
    """The same hour after this many working days."""
    for _ in range(days):
        moment += timedelta(days=3 if moment.weekday() == 4 else 1)
    return moment


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
