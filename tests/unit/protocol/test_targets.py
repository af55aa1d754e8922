"""Targets as people paste them, into the tool's arguments, a prompt or the command line."""

from urllib.parse import quote

import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import ANY_CACHED, Target
from mcp_server.conversation.positions import START
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.arguments import parse_arguments
from mcp_server.protocol.targets import target_arguments
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.conversations import MemorySource, chat
from tests.support.serving import LIMITS

URL = "https://www.linkedin.com/in/jane-doe-42"
URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB,2-xyz==)"
THREAD = "2-MDZiNzk2ZjktYzE5Zi00=="


def target(name: str, value: str) -> Target:
    return parse_arguments({name: value}, LIMITS).target


@pytest.mark.parametrize(
    ("pasted", "value"),
    [
        (f" {THREAD} ", THREAD),
        (f"\u200b{URN}\ufeff", URN),
        (f"<{THREAD}>", THREAD),
        (f"https://www.linkedin.com/messaging/thread/{THREAD}/", THREAD),
        ("linkedin.com/comm/messaging/thread/2-MDZiNzk2ZjktYzE5Zi00%3D%3D?midToken=x", THREAD),
        (f"[chat](https://www.linkedin.com/messaging/thread/{THREAD}/)", THREAD),
        (f"/messaging/thread/{THREAD}/", THREAD),
        (f"/{THREAD}/", THREAD),
        (f"messaging/thread/{THREAD}", THREAD),
        (f"our chat: https://www.linkedin.com/messaging/thread/{THREAD}/.", THREAD),
        ("https://www.linkedin.com/messaging/thread/6557299999999999999/", "6557299999999999999"),
        (f"https://www.linkedin.com/messaging/thread/{quote(URN)}/", URN),
        (quote(URN, safe=""), URN),
    ],
)
def test_an_id_is_found_in_what_was_pasted(pasted: str, value: str) -> None:
    """Spaces, invisible characters and brackets around it are removed; an address holds it."""
    assert target("conversation_id", pasted) == Target("conversation_id", value)


@pytest.mark.parametrize("pasted", [URL, "DE.linkedin.com/in/jane-doe-42/", "In/jane-doe-42", f"Jane: {URL}"])
def test_a_profile_given_as_a_conversation_is_a_profile(pasted: str) -> None:
    """Of two arguments for one thing, either will do."""
    assert target("conversation_id", pasted) == Target("profile_url", URL)


@pytest.mark.parametrize("pasted", [f"https://www.linkedin.com/messaging/thread/{THREAD}/", THREAD])
def test_a_conversation_given_as_a_profile_is_a_conversation(pasted: str) -> None:
    """Models put every address into `profile_url`."""
    assert target("profile_url", pasted) == target("linkedin_url", pasted) == Target("conversation_id", THREAD)


@pytest.mark.parametrize("around", ["{}", " {}", "<{}>", "\u200b{}", "\u201c{}\u201d", "[Jane]({})"])
def test_a_target_in_the_wrong_argument_is_recognised_in_what_pasting_adds(around: str) -> None:
    """The short form of a profile as an id, and an id as a profile."""
    assert target("conversation_id", around.format("in/jane-doe-42")) == target("profile_url", URL)
    if "(" not in around:  # Markdown's link ends at the first bracket, and a URN has some
        assert target("profile_url", around.format(URN)) == Target("conversation_id", URN)


@pytest.mark.parametrize("pasted", ["https://www.linkedin.com/company/acme", "company/acme", "https://lnkd.in/x"])
def test_an_organisation_or_another_site_is_not_taken_for_an_id(pasted: str) -> None:
    """A request would be paid for, and find nothing."""
    with pytest.raises(InvalidArguments, match="a person's URL is profile_url"):
        target("conversation_id", pasted)


@pytest.mark.parametrize(
    "pasted", ["https://www.linkedin.com/messaging/thread/new/", "https://example.com/messaging/thread/2-a"]
)
def test_an_address_without_an_id_is_refused(pasted: str) -> None:
    """A page for a new message, and another site's."""
    for name in ("conversation_id", "profile_url"):
        with pytest.raises(InvalidArguments, match=f"{name} must be"):
            target(name, pasted)


@pytest.mark.parametrize("name", ["Jane Doe", "jane-doe-42", "J\u00f6rg M\u00fcller", "O'Brien"])
def test_a_name_is_refused_because_names_cannot_be_looked_up(name: str) -> None:
    """Anyone may have it. The end of a profile's address is a name, too: another person may have it."""
    for refused in (lambda: target("profile_url", name), lambda: target_arguments(name)):
        with pytest.raises(InvalidArguments, match="To find a person by name, call list_conversations"):
            refused()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (f" {URL} ", "profile_url"),
        (f"\ufeff<{URL}>", "profile_url"),
        ("in/jane-doe-42", "profile_url"),
        ("/In/jane-doe-42", "profile_url"),
        ("LinkedIn.com/in/jane", "profile_url"),
        ("https://example.com", "profile_url"),
        (URN, "conversation_id"),
        ("2-abc", "conversation_id"),
        ("6557299999999999999", "conversation_id"),
    ],
)
def test_one_text_is_recognised_as_an_address_or_an_id(raw: str, name: str) -> None:
    """For prompts and the command line."""
    assert target_arguments(raw) == {name: raw.strip(" <>\ufeff")}


def test_an_argument_that_is_no_name_is_refused_without_that_sentence() -> None:
    """It would lead nowhere."""
    with pytest.raises(InvalidArguments) as caught:
        target("profile_url", "https://example.com/in/jane")
    assert "list_conversations" not in caught.value.what


@pytest.mark.anyio
async def test_cursors_and_cached_pages_ignore_the_case_of_a_profile(background: TaskGroup) -> None:
    """LinkedIn does. The API is sent the address as it was given."""
    codec = CursorCodec("a key", scope=("get_conversation",))
    lower, mixed = target("profile_url", "in/jane-d\u00f6e-42"), target("profile_url", "in/Jane-D\u00d6e-42")
    assert mixed.value == "https://www.linkedin.com/in/Jane-D%C3%96e-42"
    assert codec.decode(codec.encode(START, lower), mixed) == START
    source = MemorySource(chat(3))
    pages = CachedPages(source, TimelineCache(), background, account_id="account")
    for each in (lower, mixed):
        await pages.page(each, cursor=None, count=3, deadline=1e12, policy=ANY_CACHED)
    assert len(source.asked) == 1


@pytest.mark.parametrize("slug", ["ACoAABcD", "x%FF", "x%ff"])
def test_what_has_case_is_not_folded(slug: str) -> None:
    """The id of a member, and what is no text."""
    one, other = (Target("profile_url", f"https://www.linkedin.com/in/{each}") for each in (slug, slug.swapcase()))
    assert one != other


@pytest.mark.parametrize(
    "spelling", [THREAD.rstrip("="), f"urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB,{THREAD})"]
)
def test_every_spelling_of_a_conversations_id_is_one_conversation(spelling: str) -> None:
    """A cursor holds for each of them; the API is sent the one that was given."""
    assert Target("conversation_id", spelling) == Target("conversation_id", THREAD)
    assert Target("conversation_id", spelling).value == spelling


@pytest.mark.parametrize(("one", "other"), [("ab=", "ab"), ("2-a", "2-b"), ("2-aB", "2-ab"), ("x%3D", "x")])
def test_ids_of_unknown_form_are_compared_letter_by_letter(one: str, other: str) -> None:
    """Another provider's may differ in anything."""
    assert Target("conversation_id", one) != Target("conversation_id", other)
