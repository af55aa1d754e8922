"""The forms of DATE, and no others."""

from datetime import UTC, datetime

import pytest

from mcp_server.archive.dates import UNDATED, DateReader


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("text", "moment", "zoneless"),
    [
        ("2023-06-11 15:33:58 UTC", "2023-06-11T15:33:58", False),
        ("2023-06-11 15:33:58", "2023-06-11T15:33:58", True),
        ("2019-11-06T02:08:20", "2019-11-06T02:08:20", True),
        ("3/12/18, 4:05 PM", "2018-03-12T16:05:00", True),
        ("3/12/18, 12:05 AM", "2018-03-12T00:05:00", True),
        ("12/1/09, 12:05 PM", "2009-12-01T12:05:00", True),
        ("July 5, 2017, 3:14 PM", "2017-07-05T15:14:00", True),
        ("December 31, 2016, 11:59 AM", "2016-12-31T11:59:00", True),
        (" 2023-06-11 15:33:58 UTC ", "2023-06-11T15:33:58", False),
    ],
)
def test_every_form_of_the_exports_is_read_as_utc(text: str, moment: str, zoneless: bool) -> None:
    """The month comes first, a year of two digits is of this century, and a time without a zone is remarked on."""
    reader = DateReader()
    assert iso(reader.read(text)) == moment
    assert reader.zoneless is zoneless


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UTC",
        "2023-06-11",
        "2023-06-11 15:33",
        "2023-06-11 15:33:58.123 UTC",
        "2023-06-11 15:33:58 CET",
        "2023-06-11 15:33:58 +0000",
        "2023-06-11 15:33:58Z",
        "2019-11-06T02:08:20Z",
        "2019-11-06T02:08:20 UTC",
        "2023-W23-7 15:33:58",
        "20230611 15:33:58.1",
        "2023-02-30 15:33:58 UTC",
        "2023-13-01 15:33:58 UTC",
        "2023-06-11 24:00:00 UTC",
        "2023-06-11 15:60:00 UTC",
        "11.06.2023 15:33",
        "13/12/18, 4:05 PM",
        "3/12/2018, 4:05 PM",
        "3/12/18, 13:05 PM",
        "3/12/18, 0:05 AM",
        "3/12/18, 16:05",
        "3/12/18, 4:05 pm",
        "3/12/18, 4:05\u202fPM",
        "Jul 5, 2017, 3:14 PM",
        "Juli 5, 2017, 3:14 PM",
        "July 35, 2017, 3:14 PM",
        "1686497638000",
        "２023-06-11 15:33:58 UTC",
    ],
)
def test_anything_else_leaves_the_message_undated(text: str) -> None:
    """Better no date than a wrong one."""
    reader = DateReader()
    assert reader.read(text) == UNDATED
    assert reader.read_all([text, text]) == [UNDATED, UNDATED]
    assert not reader.zoneless


@pytest.mark.parametrize(
    ("texts", "zoneless"),
    [
        (["2023-06-11 15:33:58 UTC", "1999-12-31 23:59:59 UTC"], False),
        (["2023-06-11 15:33:58", "1999-12-31 23:59:59"], True),
        (["2019-11-06T02:08:20", "2019-11-06T02:08:21"], True),
        (["2023-06-11 15:33:58 UTC", "2023-02-30 15:33:58 UTC"], False),
        (["2023-06-11 15:33:58 UTC", "2023-06-11 24:00:00 UTC"], False),
        (["2023-06-11 15:33:58 UTC", "3/12/18, 4:05 PM", ""], True),
        (["2023-06-11 15:33:58 UTC\n2023-06-11 15:33:58 UTC", "2023-06-11 15:33:58 UTC"], False),
        ([], False),
    ],
)
def test_many_dates_at_once_are_what_each_is_alone(texts: list[str], zoneless: bool) -> None:
    """Of one form or of several, with impossible ones among them."""
    at_once, alone = DateReader(), DateReader()
    assert at_once.read_all(texts) == [alone.read(text) for text in texts]
    assert at_once.zoneless is alone.zoneless is zoneless
