"""The forms of DATE that exports have had, and no others: a date that fits none leaves its message undated."""

import re
from calendar import month_name
from collections.abc import Sequence
from datetime import UTC, datetime

UNDATED = -(2**62)
"""Stands for "no date" among seconds since 1970, before all of them."""

_CENTURY = 2000
"""LinkedIn began in 2003: a year of two digits is one of this century."""

_MONTHS = {name: number for number, name in enumerate(month_name) if name}
# `2023-06-11 15:33:58 UTC` from 2020 on, some without the zone; `2019-11-06T02:08:20`, seven columns.
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ((?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})( UTC)?"
    r"|T((?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}))"
)
# The same forms, every digit a zero.
_SHAPES = ("0000-00-00 00:00:00 UTC\n", "0000-00-00 00:00:00\n", "0000-00-00T00:00:00\n")
_ZEROS = str.maketrans("123456789", "000000000")
# `3/12/18, 4:05 PM`, month first, `Messages.csv`.
_NUMBERS = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{2}), ([0-9]{1,2}):([0-9]{2}) (AM|PM)")
# `July 5, 2017, 3:14 PM`, `Inbox.csv`.
_WORDS = re.compile(r"([A-Z][a-z]+) ([0-9]{1,2}), ([0-9]{4}), ([0-9]{1,2}):([0-9]{2}) (AM|PM)")


class DateReader:
    """Reads dates. `zoneless` says that some date named no zone, and was read as UTC."""

    def __init__(self) -> None:
        self.zoneless = False

    def read_all(self, texts: Sequence[str]) -> list[int]:
        """`read` of each; all at once where all have one form, which takes half the time."""
        joined = "\n".join((*texts, ""))
        shape = joined.translate(_ZEROS)
        form = next((form for form in _SHAPES if shape == form * len(texts)), None)
        if form is None or " 24:" in joined or "T24:" in joined:  # an hour to some versions of Python
            return [self.read(text) for text in texts]
        zoned = joined.replace(" UTC", "").replace("\n", "Z\n").splitlines()
        try:
            seconds = [*map(int, map(datetime.timestamp, map(datetime.fromisoformat, zoned)))]
        except ValueError:  # the form of a date, and no day of the calendar
            return [self.read(text) for text in texts]
        self.zoneless = self.zoneless or form != _SHAPES[0]
        return seconds

    def read(self, text: str) -> int:
        """Seconds since 1970, UTC; UNDATED where `text` is no date of these forms, or no day of the calendar."""
        text = text.strip()
        try:
            if found := _ISO.fullmatch(text):
                at = int(datetime.fromisoformat(f"{found[1]} {found[2] or found[4]}Z").timestamp())
                self.zoneless = self.zoneless or found[3] is None
                return at
            return self._other(text)
        except ValueError:  # the thirteenth month, the thirtieth of February, half past 25
            return UNDATED

    def _other(self, text: str) -> int:
        if found := _NUMBERS.fullmatch(text):
            month, day, year, hour, minute = (int(part) for part in found.groups()[:5])
            at = _seconds(_CENTURY + year, month, day, _of_the_day(hour, found[6]), minute)
        elif (found := _WORDS.fullmatch(text)) and found[1] in _MONTHS:
            day, year, hour, minute = (int(part) for part in found.groups()[1:5])
            at = _seconds(year, _MONTHS[found[1]], day, _of_the_day(hour, found[6]), minute)
        else:
            return UNDATED
        self.zoneless = True
        return at


def _of_the_day(hour: int, half: str) -> int:
    if not 1 <= hour <= 12:
        raise ValueError("no hour of a clock with twelve")
    return hour % 12 + (12 if half == "PM" else 0)


def _seconds(year: int, month: int, day: int, hour: int, minute: int) -> int:
    """Seconds since 1970 of a minute in UTC. Raises ValueError where the calendar or the clock has no such minute."""
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())
