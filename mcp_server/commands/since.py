"""The dates that `--since` accepts in addition to ISO ones: `today`, `yesterday`, `12h`, `7d`, `2w`, `2 weeks ago`.

Only the command line accepts them. A model may not know what day it is, or in which time zone, and would not notice.
"""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_AGO = re.compile(r"([0-9]{1,4}) ?(?:(h)(?:ours?|rs?)?|(d)(?:ays?)?|(w)(?:eeks?)?)(?: ago)?")
_DAYS_AGO = {"today": 0, "yesterday": 1}
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def iso_since(text: str, *, zone: ZoneInfo, now: datetime) -> str:
    """`text` as an ISO date or time: a day's start in `zone`, or so many hours, days or weeks before `now`.

    Any other text is returned unchanged.
    """
    word = text.strip().lower()
    if word in _DAYS_AGO:
        day = now.astimezone(zone).date() - timedelta(days=_DAYS_AGO[word])
        return datetime.combine(day, time(), tzinfo=zone).isoformat()
    if found := _AGO.fullmatch(word):
        return (now.astimezone(UTC) - int(found[1]) * _UNITS[found[found.lastindex or 0]]).isoformat(timespec="seconds")
    return text
