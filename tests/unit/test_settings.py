"""Settings: what is accepted, and what a mistake is answered with."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.errors import SettingsError
from mcp_server.settings import OPTIONAL, REQUIRED, SERVING, Settings

SECRET = "canary-key-7f3a"
COMPLETE = {
    "CONVERSATION_API_BASE_URL": "https://api.example.com",
    "CONVERSATION_API_KEY": SECRET,
    "CONVERSATION_ACCOUNT_ID": "acct-1",
}


def settings(**values: str) -> Settings:
    return Settings.from_mapping({**COMPLETE, **{f"CONVERSATION_{name}": value for name, value in values.items()}})


def refusal(mapping: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_mapping(mapping)
    return caught.value.what


def test_three_settings_are_enough() -> None:
    """Everything else has a default."""
    assert Settings.from_mapping({**COMPLETE, "PATH": "/bin", "API_KEY": "not ours"}) == Settings(
        api_base_url="https://api.example.com", api_key=settings().api_key, account_id="acct-1"
    )
    assert settings().zone == ZoneInfo("UTC")
    assert settings().warnings == ()


def test_all_that_is_missing_is_named_in_one_sentence() -> None:
    """Three missing settings do not take three starts to find."""
    assert refusal({}) == ("CONVERSATION_API_BASE_URL, CONVERSATION_API_KEY and CONVERSATION_ACCOUNT_ID are not set.")
    assert refusal({**COMPLETE, "CONVERSATION_API_KEY": " "}) == "CONVERSATION_API_KEY is not set."


@pytest.mark.parametrize(
    "left_in",
    [
        *("", "  ", '""', "${CONVERSATION_API_KEY}", "${input:key}", "<x-api-key>", "'<string>'"),
        *("$CONVERSATION_API_KEY", "%CONVERSATION_API_KEY%", "your key", "YOUR_API_KEY", "your-account-id"),
    ],
)
def test_what_was_never_filled_in_counts_as_unset(left_in: str) -> None:
    """Configuration files of several hosts hand their placeholders on."""
    assert refusal({**COMPLETE, "CONVERSATION_API_KEY": left_in}) == "CONVERSATION_API_KEY is not set."
    assert settings(PAGE_SIZE=left_in).page_size == 50


@pytest.mark.parametrize("url", ["https://www.linkedin.com/in/you", "in/your-name", "linkedin.com/in/you/"])
def test_the_profile_of_an_example_is_nobodys(url: str) -> None:
    """It would take a stranger for the owner."""
    assert settings(SELF_PROFILE_URL=url).self_profile_url is None


@pytest.mark.parametrize("value", ["you", "yours-truly", "$2a$10$abc", "100%", "yourkey"])
def test_what_only_resembles_a_placeholder_is_a_value(value: str) -> None:
    """Keys may contain anything."""
    assert settings(API_KEY=value).api_key.get_secret_value() == value


@pytest.mark.parametrize("pasted", [f" {SECRET}\n", f'"{SECRET}"', f"'{SECRET}' ", f"“{SECRET}”"])
def test_what_pasting_adds_around_a_key_is_taken_off(pasted: str) -> None:
    """A line break or quotes around a key are never part of it."""
    assert settings(API_KEY=pasted).api_key.get_secret_value() == SECRET


@pytest.mark.parametrize(
    "broken", [f"{SECRET}\r\nx: y", f"{SECRET} {SECRET}", f"{SECRET}é", f"{SECRET}\u200b", f"{SECRET}\0", "k" * 5000]
)
def test_a_key_no_header_can_carry_is_refused_and_not_repeated(broken: str) -> None:
    """Neither the key nor a part of it is in the sentence."""
    error = refusal({**COMPLETE, "CONVERSATION_API_KEY": broken})
    assert error.startswith("CONVERSATION_API_KEY contains characters that are invalid in a key")
    assert "canary" not in error
    assert "kkk" not in error


def test_the_key_shows_in_no_representation() -> None:
    """Settings end up in tracebacks and debuggers."""
    shown = f"{settings()!r} {settings()!s} {settings().api_key}"
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://API.example.com:8443//", "https://api.example.com:8443"),
        ("HTTPS://api.example.com", "https://api.example.com"),
        ("https://api.example.com/v2", "https://api.example.com"),
        ("https://api.example.com/v2/messages/", "https://api.example.com"),
        ("https://gateway.example.com/linkedin/v2/messages", "https://gateway.example.com/linkedin"),
        ("https://gateway.example.com/v2/linkedin", "https://gateway.example.com/v2/linkedin"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_an_address_is_brought_to_its_base(given: str, base: str) -> None:
    """A trailing slash, and the endpoint's path, are what people paste."""
    assert settings(API_BASE_URL=given).api_base_url == base


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("http://api.example.com", "https://"),
        ("http://10.0.0.1", "https://"),
        ("http://localhost.example.com", "https://"),
        ("http://[::2]", "https://"),
        ("http://0.0.0.0:80", "https://"),
        ("ftp://api.example.com", "https://"),
        ("api.example.com", "must begin with https://"),
        ("https://user:pass@api.example.com", "no user name"),
        ("https://@api.example.com", "no user name"),
        ("https://api.example.com/?key=1", "no query"),
        ("https://api.example.com?", "no query"),
        ("https://api.example.com#x", "no fragment"),
        ("https://", "host or port"),
        ("https://api.example.com:99999", "host or port"),
        ("https://api.example.com:0", "host or port"),
        ("https://api..example.com", "host or port"),
        ("https://[::1", "host or port"),
        ("https://api.example.com\\evil", "host or port"),
        ("https://api.example.com/a b", "without spaces"),
        ("https://api.exämple.com", "in ASCII"),
        ("https://api.example.com/<v2>", "characters that are not allowed"),
    ],
)
def test_an_address_that_is_none_is_refused_with_the_reason(given: str, complaint: str) -> None:
    """One sentence that names the variable and what is wrong, and leaves the value out."""
    error = refusal({**COMPLETE, "CONVERSATION_API_BASE_URL": given})
    assert error.startswith("CONVERSATION_API_BASE_URL ")
    assert complaint in error
    assert "pass" not in error.replace("password", "")


def test_optional_settings_are_read() -> None:
    """Each in the form people write it in."""
    read = settings(
        PAGE_SIZE="100",
        MAX_COUNT="25",
        TIMEZONE="Europe/Berlin",
        SELF_PROFILE_URL="in/John-Smith-99/?trk=x",
        TOKENIZER="Claude-4.6",
        TOKEN_SCALE="1.5",
        STRUCTURED_OUTPUT="Off",
        PROMPTS="no",
        CALL_TIMEOUT="4",
        LOG_LEVEL="warn",
        SPEAKERS="Names",
    )
    assert (read.page_size, read.max_count, read.token_scale) == (100, 25, 1.5)
    assert read.tokenizer == "claude-4.6"
    assert (read.zone, read.timezone) == (ZoneInfo("Europe/Berlin"), "Europe/Berlin")
    assert read.self_profile_url == "https://www.linkedin.com/in/John-Smith-99"
    assert (read.structured_output, read.prompts, read.log_level) == ("off", False, "WARNING")
    assert settings(STRUCTURED_OUTPUT="Figures").structured_output == "figures"
    assert (read.speakers, settings(SPEAKERS="marks").speakers) == ("names", "marks")
    assert (read.call_timeout_s, settings().call_timeout_s) == (4, 45)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAGE_SIZE", "0"),
        ("PAGE_SIZE", "101"),
        ("PAGE_SIZE", "5.0"),
        ("PAGE_SIZE", "-5"),
        ("PAGE_SIZE", "٥"),
        ("MAX_COUNT", "many"),
        ("TIMEZONE", "Berlin time"),
        ("TIMEZONE", "../../etc/passwd"),
        ("TIMEZONE", "Europe"),
        ("SELF_PROFILE_URL", "https://example.com/in/me"),
        ("TOKENIZER", "claude-2"),
        ("TOKEN_SCALE", "0.4"),
        ("TOKEN_SCALE", "4.1"),
        ("TOKEN_SCALE", "nan"),
        ("STRUCTURED_OUTPUT", "maybe"),
        ("PROMPTS", "none"),
        ("SPEAKERS", "initials"),
        ("CALL_TIMEOUT", "0"),
        ("CALL_TIMEOUT", "4.5"),
        ("LOG_LEVEL", "LOUD"),
        ("ACCOUNT_ID", "a\nb"),
        ("ACCOUNT_ID", "a" * 257),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_says_what_would(name: str, value: str) -> None:
    """The variable is named; the value, which may be a key in the wrong place, is not."""
    error = refusal({**COMPLETE, f"CONVERSATION_{name}": value})
    assert error.startswith(f"CONVERSATION_{name} must ")
    assert value not in error or value in ("0", "Europe")


def test_a_misspelt_time_zone_is_answered_with_the_right_one() -> None:
    """IANA names are case-sensitive, which hardly anyone knows."""
    assert "such as America/New_York." in refusal({**COMPLETE, "CONVERSATION_TIMEZONE": "america/newyork"})
    assert "such as Europe/Berlin." in refusal({**COMPLETE, "CONVERSATION_TIMEZONE": "CEST"})


@pytest.mark.parametrize("name", ["america/new york", "AMERICA/NEW_YORK", "America/New_York"])
def test_a_time_zone_is_recognised_in_any_case_and_with_a_space(name: str) -> None:
    """There is only one that it can be."""
    assert Settings.from_mapping({**COMPLETE, "CONVERSATION_TIMEZONE": name}).timezone == "America/New_York"


def test_everything_wrong_is_told_at_once() -> None:
    """Missing and senseless settings, and the misspelt name that explains one of them."""
    error = refusal({"CONVERSATION_APIKEY": SECRET, "CONVERSATION_PAGE_SIZE": "x", "CONVERSATION_ACCOUNT_ID": "a"})
    assert error == (
        "CONVERSATION_API_BASE_URL and CONVERSATION_API_KEY are not set. "
        "CONVERSATION_PAGE_SIZE must be a whole number from 1 to 100. "
        "CONVERSATION_APIKEY is not a setting: did you mean CONVERSATION_API_KEY?"
    )


def test_unknown_names_are_warned_about_with_the_closest_known_one() -> None:
    """They are warnings: a newer or older version's settings must not keep a server from starting."""
    warnings = settings(TIME_ZONE="UTC", ZZZ="1").warnings
    assert warnings == (
        "CONVERSATION_TIME_ZONE is not a setting: did you mean CONVERSATION_TIMEZONE?",
        "CONVERSATION_ZZZ is not a setting.",
    )


@pytest.mark.parametrize(
    ("given", "proxy"),
    [
        ("http://proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("https://nora:p%40ss@10.0.0.1:8443/", "https://nora:p%40ss@10.0.0.1:8443"),
    ],
)
def test_a_proxy_is_a_url_and_a_secret(given: str, proxy: str) -> None:
    """It may contain a password."""
    read = settings(PROXY=given)
    assert read.proxy is not None
    assert read.proxy.get_secret_value() == proxy
    assert "p%40ss" not in f"{read!r}"


@pytest.mark.parametrize(
    "given",
    [
        "socks5://proxy:1080",
        "http://proxy/path",
        "http://proxy?x=1",
        "http://:3128",
        "http://proxy:0",
        "a b",
        "http://[::1",
    ],
)
def test_what_is_no_proxy_is_refused(given: str) -> None:
    """Without repeating it."""
    error = refusal({**COMPLETE, "CONVERSATION_PROXY": given})
    assert error.startswith("CONVERSATION_PROXY ")
    assert "1080" not in error


def test_a_proxy_that_other_programs_use_is_noted_by_its_name() -> None:
    """Unless the setting names one."""
    other = {"HTTPS_PROXY": "http://proxy:3128"}
    assert Settings.from_mapping(COMPLETE | other).ignored_proxy == "HTTPS_PROXY"
    assert Settings.from_mapping(COMPLETE | other | {"CONVERSATION_PROXY": "proxy:3128"}).ignored_proxy is None
    assert Settings.from_mapping(COMPLETE).ignored_proxy is None


@given(st.sampled_from(REQUIRED + OPTIONAL + SERVING), st.text(max_size=60))
def test_any_value_is_either_accepted_or_refused(name: str, value: str) -> None:
    """No value in the environment raises another exception."""
    with suppress(SettingsError):
        Settings.from_mapping({**COMPLETE, name: value})
