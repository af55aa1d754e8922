"""Turns the result of one attempt into a page, or into a failure with its typed error and possible cost. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import assert_never

from mcp_server.conversation.models import Page
from mcp_server.errors import BadResponse, UpstreamFailed, UpstreamTimeout, UpstreamUnreachable
from mcp_server.upstream.refusals import find_refusal, judge_refusal
from mcp_server.upstream.retry import Cost, Failure, parse_retry_after
from mcp_server.upstream.wire import read_credits, read_document, read_page, replaced_characters

_TLS_ADVICE = "Check CONVERSATION_API_BASE_URL, this machine's clock, and whether something intercepts its traffic."
_PROXY_ADVICE = "to connect through a proxy, put its URL into CONVERSATION_PROXY."
_MAYBE_BILLED = "It may have billed the request anyway."


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's HTTP status, its Retry-After header as sent, and its body, decompressed."""

    status: int
    retry_after: str | None
    body: bytes | bytearray = field(repr=False)


class Stage(Enum):
    """How far an attempt had come when it failed."""

    CONNECTING = "connecting"
    """No request was sent."""
    TLS = "tls"
    """The server's certificate could not be verified; no request was sent."""
    STALE = "stale"
    """A kept-alive connection was closed before the first byte of an answer."""
    ANSWERING = "answering"
    """The request was sent, but the answer did not arrive, or not completely."""
    UNREADABLE = "unreadable"
    """The answer violates HTTP, is too large, or has a content coding that was not requested."""


class Broken(Exception):
    """An attempt got no usable answer. `reason` is a clause, or empty; it never quotes the answer.

    `proxied`: it went through the proxy that a setting names.
    """

    def __init__(self, stage: Stage, *, reason: str = "", timed_out: bool = False, proxied: bool = False) -> None:
        super().__init__(stage.value)
        self.stage = stage
        self.reason = reason
        self.timed_out = timed_out
        self.proxied = proxied


def judge_answer(
    answer: Answer, *, hidden: Collection[str], now_s: float, read: Callable[[object], Page] = read_page
) -> Page | Failure:
    """The page in an answer, or the reason there is none.

    `read` finds the page in the answer's JSON value, and raises BadResponse where there is none. No error repeats a
    string in `hidden`. `now_s` is in seconds since 1970.
    """
    try:
        document = read_document(answer.body)
    except BadResponse as error:
        if 200 <= answer.status < 300:
            return Failure(error, Cost.LOST)
        document = None
    refusal = find_refusal(answer.status, document)
    if refusal is not None:
        retry_after_s = parse_retry_after(answer.retry_after, now_s=now_s)
        return judge_refusal(refusal, retry_after_s=retry_after_s, hidden=hidden)
    try:
        return replace(read(document), replaced=replaced_characters(answer.body))
    except BadResponse as error:
        # The answer may report its price although its messages cannot be read.
        spent = read_credits(document)
        return Failure(error, Cost.LOST) if spent is None else Failure(error, Cost.FINAL, credits=spent)


def judge_breakage(broken: Broken, *, ignored_proxy: str | None = None) -> Failure:
    """The failure of an attempt that got no usable answer.

    `ignored_proxy` names a variable for a proxy that other programs use and this one does not.
    """
    match broken.stage:
        case Stage.CONNECTING:
            reason = "it timed out" if broken.timed_out else broken.reason
            through = " through the proxy in CONVERSATION_PROXY" if broken.proxied else ""
            unreachable = UpstreamUnreachable(f"No connection to the API could be made{through}: {reason}.")
            if ignored_proxy is not None:
                unreachable.advice = f"{ignored_proxy} is set but not used: {_PROXY_ADVICE} {unreachable.advice}"
            return Failure(unreachable, Cost.FREE)
        case Stage.TLS:
            what = f"The API's identity could not be verified: {broken.reason}. No request was sent."
            return Failure(UpstreamUnreachable(what, advice=_TLS_ADVICE), Cost.FINAL)
        case Stage.STALE:
            return Failure(UpstreamFailed("The API closed the connection without an answer."), Cost.STALE)
        case Stage.ANSWERING if broken.timed_out:
            return Failure(UpstreamTimeout(f"The API did not answer in time. {_MAYBE_BILLED}"), Cost.AMBIGUOUS)
        case Stage.ANSWERING:
            what = f"The connection to the API broke before the whole answer had arrived. {_MAYBE_BILLED}"
            return Failure(UpstreamFailed(what), Cost.AMBIGUOUS)
        case Stage.UNREADABLE:
            return Failure(BadResponse(f"The API's answer was rejected: {broken.reason}. {_MAYBE_BILLED}"), Cost.LOST)
        case _:
            assert_never(broken.stage)
