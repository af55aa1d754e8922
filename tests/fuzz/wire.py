"""Fuzz target: reading the API's answers. Any bytes, and any document of the right shape with anything in it."""

import json

from mcp_server.conversation.models import Page
from mcp_server.errors import UpstreamError
from mcp_server.upstream.outcome import Answer, judge_answer
from mcp_server.upstream.sealing import Seal
from tests.fuzz.source import Source
from tests.support.hostile_text import FRAGMENTS, faults

KEY = "canary-key-7f3a"
SEAL = Seal("secret", tenant="", account_id="1")
STATUSES = (200, 200, 200, 201, 301, 400, 402, 403, 404, 408, 429, 500, 502, 503)
CODES = ("INVALID_API_KEY", "RATE_LIMITED", "INVALID_PARAMS", "INVALID_ACTION", "internal_error ", "", "WHATEVER")
WORDS = (*FRAGMENTS, KEY, KEY.upper(), "http://linkedin.com/in/", "https://www.linkedin.com/company/", "%41", "/")
FIELDS = ("text", "timestamp", "sender", "sender_info", "message_type", "entity_urn", "first_name", "profile_url")
_DEEPEST = 3


def check(data: bytes) -> None:
    """Each is a page whose words can be sent on and shared with replicas, or a typed failure that repeats no secret."""
    source = Source(data)
    status, retry_after = source.one_of(STATUSES), source.one_of((None, "1", "-1", source.text(WORDS, most=9)))
    for body in (data, json.dumps(_document(source)).encode()):
        outcome = judge_answer(Answer(status, retry_after, body), hidden=(KEY,), now_s=0)
        if isinstance(outcome, Page):
            _check_page(outcome)
        else:
            assert isinstance(outcome.error, UpstreamError)
            assert KEY not in outcome.error.explain().casefold()
            assert outcome.credits >= 0


def _check_page(page: Page) -> None:
    assert page.credits >= 0
    assert page.skipped >= 0
    assert SEAL.open("name", SEAL.close("name", page, fetched_at_ms=0)) == page
    (page.next_cursor or "").encode()
    for message in page.messages:
        sender = message.sender
        assert faults(message.text) == []
        assert faults(message.kind) == []
        assert message.id
        message.id.encode()
        if sender is not None:
            assert faults(sender.name) == []
            assert sender.name
            assert sender.name.splitlines() == [sender.name]
            sender.key.encode()
            assert sender.profile is None or sender.profile.isprintable()


def _document(source: Source) -> object:
    messages = [
        {field: any_value(source, 0) for field in FIELDS[:6] if source.byte() % 8}
        if source.byte() % 8
        else any_value(source, 0)
        for _ in range(source.number(6))
    ]
    document: dict[str, object] = {"success": source.byte() % 8 > 0 or any_value(source, 0)}
    if source.byte() % 8:
        document["data"] = {
            "messages": messages,
            "next_cursor": any_value(source, 0),
            "last_seen_at": any_value(source, 0),
        }
    if source.byte() % 4 == 0:
        document["error"] = {"code": source.one_of(CODES), "message": source.text(WORDS, most=60)}
    document["metadata"] = {"credits_consumed": any_value(source, 0)}
    return document


def any_value(source: Source, depth: int) -> object:
    """A value of any JSON type, odd ones more often than others."""
    match source.number(9):
        case 0 | 1 | 2:
            return source.text(WORDS, most=40)
        case 3:
            return source.number(2**64) - 2**63
        case 4:
            return source.one_of((None, True, False, 1e400, -0.0, float("nan"), 10**4000, -1))
        case 5:
            return 1_777_147_000 * 10 ** source.number(12)
        case 6:
            return source.one_of(("2026-04-25T19:56:40Z", "0001-01-01", "1777147000", "٣", "1e5", "-0"))
        case 7 if depth < _DEEPEST:
            return [any_value(source, depth + 1) for _ in range(source.number(3))]
        case _ if depth < _DEEPEST:
            return {source.one_of(FIELDS): any_value(source, depth + 1) for _ in range(source.number(4))}
        case _:
            return ""
