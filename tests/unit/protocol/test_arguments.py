"""Arguments: what is accepted, what is refused, and in which words."""

import json
from zoneinfo import ZoneInfo

import pytest

from mcp_server.conversation.models import Query, Target
from mcp_server.errors import InvalidArguments, InvalidCursor
from mcp_server.protocol.arguments import Limits, input_schema, parse_arguments
from mcp_server.protocol.checking import quoted

LIMITS = Limits(max_count=500, zone=ZoneInfo("Europe/Berlin"))
URL = "https://www.linkedin.com/in/jane-doe-42"
JANE = Target("profile_url", URL)
URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB,2-xyz==)"


def parse(**arguments: object) -> Query:
    """The query of these arguments, about Jane unless they say otherwise."""
    return parse_arguments({"profile_url": URL, **arguments}, LIMITS)


def refusal(**arguments: object) -> str:
    """The sentence these arguments are refused with."""
    with pytest.raises(InvalidArguments) as caught:
        parse(**arguments)
    return caught.value.what


def test_a_target_alone_asks_for_the_defaults() -> None:
    """Ten messages, 4000 tokens, condensed."""
    assert parse() == Query(target=JANE, count=10, max_tokens=4000, detail="condensed")


def test_every_argument_arrives() -> None:
    """What is sent is what is asked for, a date being the start of that day in the configured zone."""
    query = parse_arguments(
        {
            "conversation_id": URN,
            "count": 500,
            "cursor": "AQx9",
            "max_tokens": 200,
            "detail": "verbatim",
            "focus": " the price ",
            "since": "2026-04-20",
        },
        LIMITS,
    )
    assert query == Query(
        target=Target("conversation_id", URN),
        count=500,
        cursor="AQx9",
        max_tokens=200,
        detail="verbatim",
        focus="the price",
        since_ms=1_776_636_000_000,
        notes=("focus has no effect with detail verbatim; leave detail out to keep what is related to it.",),
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_text_mean_not_given(nothing: str | None) -> None:
    """Clients made to fill in every argument send one or the other for those they do not want."""
    names = ("conversation_id", "count", "cursor", "max_tokens", "detail", "focus", "since")
    assert parse(**dict.fromkeys(names, nothing)) == parse()


def test_a_blank_focus_is_none() -> None:
    """Nothing but white space is no topic."""
    assert parse(focus=" \t\n").focus is None


def test_the_other_name_of_the_profile_url_works() -> None:
    """The API calls it `linkedin_url` as well; any spelling of the address is the same person."""
    assert parse_arguments({"linkedin_url": "de.linkedin.com/in/jane-doe-42/?x=1"}, LIMITS).target == JANE


def test_both_names_of_the_profile_url_are_refused_in_either_order() -> None:
    """They may name two people."""
    sentence = "linkedin_url is an alias of profile_url; send only one of them."
    assert refusal(linkedin_url=URL) == sentence
    with pytest.raises(InvalidArguments, match="send only one of them"):
        parse_arguments({"linkedin_url": URL, "profile_url": URL}, LIMITS)


@pytest.mark.parametrize("arguments", [{}, {"conversation_id": URN, "profile_url": URL}, {"profile_url": None}])
def test_exactly_one_target_is_wanted(arguments: dict[str, object]) -> None:
    """None is no conversation, two may be two."""
    with pytest.raises(InvalidArguments, match="Give exactly one of conversation_id and profile_url"):
        parse_arguments(arguments, LIMITS)


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("500", 500), ("007", 7)])
def test_a_text_of_digits_is_that_number(text: str, number: int) -> None:
    """Some clients send every argument as a string."""
    assert parse(count=text).count == number
    assert parse(max_tokens="1000").max_tokens == 1000


def test_a_whole_number_with_a_fraction_of_zero_is_whole() -> None:
    """JSON Schema says so, and JavaScript knows no other numbers."""
    assert parse(count=3.0).count == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (-1, "-1"),
        (501, "501"),
        (1_000_000_000, "1000000000"),
        ("3.0", '"3.0"'),
        ("3 ", '"3 "'),
        ("three", '"three"'),
        ("\u0663", '"\u0663"'),
        ("-1", '"-1"'),
        ("501", '"501"'),
        ("1" * 10, '"1111111111"'),
        (True, "true"),
        (2.5, "2.5"),
        (float("nan"), "a number that is far too large"),
        (float("inf"), "a number that is far too large"),
        pytest.param(10**5000, "a number that is far too large", id="of 5001 digits"),
        ([], "a list"),
        ({"a": 1}, "an object"),
    ],
)
def test_an_invalid_count_is_refused_with_what_was_sent(value: object, expected: str) -> None:
    """Other texts, booleans and fractions are not turned into numbers."""
    assert refusal(count=value) == f"count must be a whole number from 1 to 500; you sent {expected}."


@pytest.mark.parametrize("value", [199, 20_001, "199", "4000.0", False])
def test_a_budget_out_of_bounds_is_refused(value: object) -> None:
    """Below 200 tokens nothing fits, above 20,000 no host shows it."""
    assert refusal(max_tokens=value).startswith("max_tokens must be a whole number from 200 to 20000; you sent ")


@pytest.mark.parametrize(
    "value",
    ["a\r\nb", "a\x00b", "a b", " ", "a\u2028b", "a\ud800", "x" * 513, "https://example.com/in/a", 5, "\u200b"],
)
def test_an_id_that_could_not_be_one_is_refused(value: object) -> None:
    """Control characters, line breaks, white space, halves of characters, ten thousand letters, an address."""
    with pytest.raises(InvalidArguments) as caught:
        parse_arguments({"conversation_id": value}, LIMITS)
    assert caught.value.what.startswith("conversation_id must be an id of at most 512 characters, no spaces")


@pytest.mark.parametrize("value", ["https://example.com/in/jane", "jane doe", "linkedin.com/feed", 5])
def test_an_address_of_no_person_is_refused(value: object) -> None:
    """Another site's, another page's, no address at all."""
    assert refusal(profile_url=value).startswith(
        f"profile_url must be a person's LinkedIn URL, such as {URL}; you sent "
    )


@pytest.mark.parametrize(
    ("value", "since_ms"),
    [
        ("2026-04-20T09:00", 1_776_668_400_000),
        ("2026-04-20T09:00Z", 1_776_675_600_000),
        ("2026-04-20 09:00:00.250+02:00", 1_776_668_400_250),
        (" 20260420 ", 1_776_636_000_000),
        ("0001-01-01", -62_135_600_008_000),
    ],
)
def test_a_time_without_a_zone_is_one_of_the_configured_zone(value: str, since_ms: int) -> None:
    """Every ISO form, with the zone it names or else the configured one."""
    assert parse(since=value).since_ms == since_ms


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "1713571200", "20.04.2026", 5, "x" * 10_000])
def test_a_time_that_is_none_is_told_how_to_write_one(value: object) -> None:
    """The sentence shows the format."""
    assert "an ISO date or time, such as 2026-04-20 or 2026-04-20T09:00+02:00; you sent" in refusal(since=value)


def test_a_detail_is_one_of_two() -> None:
    """The sentence names both."""
    assert refusal(detail="full") == 'detail must be "condensed" or "verbatim"; you sent "full".'


def test_a_focus_is_a_question_not_a_document() -> None:
    """Longer than 500 characters is refused, not cut."""
    assert refusal(focus="x" * 501) == (
        f'focus must be a text of at most 500 characters; you sent "{"x" * 40}" and more, 501 characters.'
    )
    assert parse(focus="x" * 500).focus == "x" * 500


@pytest.mark.parametrize("value", ["x" * 2_001, "\u00e9", "\ud800", 5, True, ["AQx9"]])
def test_what_cannot_be_a_cursor_has_the_one_wording_of_cursors(value: object) -> None:
    """The error does not say what is wrong with it."""
    with pytest.raises(InvalidCursor):
        parse(cursor=value)


@pytest.mark.parametrize(
    ("copied", "cursor"),
    [
        (" AQx9\n", "AQx9"),
        ('"AQx9"', "AQx9"),
        ("`AQx9:40`", "AQx9:40"),
        ("AQx9:[40]", "AQx9:40"),
        ("AQx9: [40]", "AQx9:40"),
    ],
)
def test_what_copying_adds_to_a_cursor_is_removed(copied: str, cursor: str) -> None:
    """A transcript shows the numbers of gaps in brackets."""
    assert parse(cursor=copied).cursor == cursor


def test_everything_wrong_is_told_at_once() -> None:
    """One call to correct, not four; the cursor waits until the rest is right."""
    expected = refusal(count=0, detail="x", cursor=5, curser="y")
    assert [part.split(" ")[0] for part in expected.split(". ")] == ["count", "detail", "Unknown"]
    assert expected.endswith("did you mean cursor?")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a" * 40, f'"{"a" * 40}"'),
        ("two\r\nlines\x00", '"two lines"'),
        (" ", '" "'),
        ("half \ud800", '"half \ufffd"'),
        (1e300, "a number that is far too large"),
    ],
)
def test_a_value_is_repeated_short_and_safe(value: object, expected: str) -> None:
    """One line, no control character, nothing that cannot be encoded."""
    assert quoted(value) == expected


def test_the_schema_is_flat_closed_and_of_plain_types() -> None:
    """No reference, no union, no default, no title: each makes some host refuse the tool."""
    schema = input_schema(LIMITS)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["count"]["maximum"] == 500
    for field in schema["properties"].values():
        assert field["type"] in ("string", "integer")
        assert set(field) <= {"type", "description", "enum", "minimum", "maximum", "nullable"}
    assert "linkedin_url" not in json.dumps(schema)


def test_every_argument_says_that_it_may_be_left_out() -> None:
    """No argument is required, and `nullable` says so to smolagents, which reads nothing else."""
    schema = input_schema(LIMITS)
    assert "required" not in schema
    assert all(field["nullable"] is True for field in schema["properties"].values())
    nulls = dict.fromkeys(schema["properties"]) | {"profile_url": URL}
    assert parse_arguments(nulls, LIMITS) == parse_arguments({"profile_url": URL}, LIMITS)


def test_a_focus_without_effect_is_named() -> None:
    """Verbatim answers hold whole messages, newest first, whatever the question is."""
    asked = {"conversation_id": "2-abc", "focus": "price"}
    assert parse_arguments(asked, LIMITS).notes == ()
    (note,) = parse_arguments({**asked, "detail": "verbatim"}, LIMITS).notes
    assert note.startswith("focus has no effect with detail verbatim")
