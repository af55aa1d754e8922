"""Fuzz target: links and ids that name a conversation. Any text names one, the same each time, or is refused in words.

A good link stays the same person's, whatever people paste around it.
"""

import re
from contextlib import suppress
from urllib.parse import quote
from zoneinfo import ZoneInfo

from mcp_server.conversation.profile import canonical_profile_url, is_name, profile_label, thread_id
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.arguments import MAX_ID_CHARS, Limits, parse_arguments
from mcp_server.protocol.targets import target_arguments
from tests.fuzz.source import Source
from tests.support.hostile_text import FRAGMENTS

LIMITS = Limits(max_count=1000, zone=ZoneInfo("UTC"))
CANONICAL = re.compile(r"https://www\.linkedin\.com/in/([A-Za-z0-9%._~-]{1,200})")
THREAD = re.compile(r"2-[A-Za-z0-9_+/=-]{2,500}|[0-9]{10,25}|urn:li:msg_conversation:\([!-~]{1,500}")
HOSTS = ("https://www.linkedin.com/", "http://de.linkedin.com/", "//m.linkedin.com/", "LinkedIn.com/", "linkedin.com./")
DETOURS = ("", "comm/", "mwlite/", "/m/", "public-profile/")
ENDS = ("", "/", "/en", "?trk=x", "#about", "/?a=b#c", "/details/x/../y")
AROUND = (("", ""), (" ", "\n"), ("<", ">"), ("“", "”"), ("\ufeff", "\u200b"), ("[Jane](", ")"), ("\u2068<", ">\u2069"))
SLUG = "abcXYZ019-_.~é漢ش"
PIECES = (
    *FRAGMENTS, *HOSTS, *DETOURS[1:], *ENDS[1:], "in/", "company/", "messaging/thread/", "2-", "urn:li:", "(", ",", "%",
    "%2F", "%00", "%e2%80%8b", "@", ":443", ":99", "://", "ftp", "[::1]", "jane-doe-42", "＠", "。", "..",
)  # fmt: skip


def check(data: bytes) -> None:
    """Any text of such pieces, as each of the arguments and as one text for both; and a good link in any dress."""
    text = Source(b"\xff\xff" + data).text(PIECES, most=65_535)
    _check_link(text)
    is_name(text)
    found = thread_id(text)
    assert found is None or THREAD.fullmatch(found), ascii(text)
    _check_query({"conversation_id": text})
    _check_query({"profile_url": text})
    with suppress(InvalidArguments):
        _check_query(target_arguments(text))
    source = Source(data)
    before, after = source.one_of(AROUND)
    slug = ("a" + "".join(source.one_of(SLUG) for _ in range(source.number(15)))).rstrip(".")
    spelt = source.one_of((slug, quote(slug), quote(slug).lower()))
    link = before + source.one_of(HOSTS) + source.one_of(DETOURS) + "in/" + spelt + source.one_of(ENDS) + after
    assert canonical_profile_url(link) == f"https://www.linkedin.com/in/{quote(slug)}" or spelt != slug, ascii(link)


def _check_link(text: str) -> None:
    label = profile_label(text)
    try:
        url = canonical_profile_url(text)
    except ValueError:
        assert label is None or not label.startswith("in/"), ascii(text)
    else:
        slug = CANONICAL.fullmatch(url)
        assert slug, ascii(text)
        assert label == f"in/{slug[1]}", ascii(text)
        assert canonical_profile_url(url) == canonical_profile_url(label) == url, ascii(text)


def _check_query(arguments: dict[str, object]) -> None:
    with suppress(InvalidArguments):
        target = parse_arguments(arguments, LIMITS).target
        assert target.value.isprintable()
        assert " " not in target.value
        assert len(target.value) <= MAX_ID_CHARS
        again = parse_arguments({target.kind: target.value}, LIMITS).target
        assert again == target, ascii(arguments)
