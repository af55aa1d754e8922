"""Translates the API's refusals into typed errors: by a documented error code, otherwise by the HTTP status."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from mcp_server.conversation.cleaning import clean
from mcp_server.errors import (
    AccountInactive,
    BadCredentials,
    BadResponse,
    OutOfCredits,
    RateLimited,
    RequestRejected,
    UnknownAccount,
    UpstreamError,
    UpstreamFailed,
    UpstreamTimeout,
)
from mcp_server.upstream.retry import Cost, Failure, cost_of_status
from mcp_server.upstream.wire import as_text, read_credits

MAX_QUOTE_CHARS = 200

_BASE_URL_ADVICE = "Check that CONVERSATION_API_BASE_URL is the address of the messaging API."
_ACCOUNT_CODES = ("INVALID_API_KEY", "ACCOUNT_INACTIVE", "INSUFFICIENT_CREDITS")
"""The codes that will be the answer to every request of the account for a while."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that refuses a request.

    `code` is the API's, in capitals; "" where an answer in the API's form has none; None where the answer is not in
    the API's form. `message` is the API's own, `words` both as the API wrote them. `credits` is the price that the
    answer reported.
    """

    status: int
    code: str | None
    message: str
    credits: int = 0
    words: str = ""


def find_refusal(status: int, document: object) -> Refusal | None:
    """The refusal in an answer, or None for a success. `document`: the body's JSON value, None where it is not JSON.

    Accepts `{"error": {"code", "message"}}`, `{"error": "CODE or words"}` and `{"code", "message"}`.
    """
    answer = cast(Mapping[str, object], document) if isinstance(document, dict) else {}
    error = answer.get("error")
    refused = answer.get("success") is False or (error is not None and "data" not in answer)
    if 200 <= status < 300 and not refused:
        return None
    if not refused:
        return Refusal(status, None, "")
    details = cast(Mapping[str, object], error) if isinstance(error, dict) else answer
    code, message = as_text(details.get("code")), _text_of(details.get("message"))
    if isinstance(error, str) and " " in error.strip():
        message = message or error
    elif isinstance(error, str):
        code = error
    message = message or _text_of(error if isinstance(error, list) else answer.get("errors"))
    words = ": ".join(each for each in (code, message) if each)
    return Refusal(status, code.strip().upper(), message, read_credits(document) or 0, words)


def judge_refusal(refusal: Refusal, *, retry_after_s: float | None, hidden: Collection[str]) -> Failure:
    """The typed error for a refusal, and the possible cost of the refused attempt.

    No error repeats a string in `hidden` (the key, a cursor), even if the API does.
    """
    error = _by_code(refusal, retry_after_s=retry_after_s, hidden=hidden)
    if error is not None:
        error.concerns_account = refusal.code in _ACCOUNT_CODES
        cost = Cost.FREE if isinstance(error, RateLimited | UpstreamFailed) else Cost.FINAL
    elif refusal.code is None:
        error, cost = _by_status(refusal.status, retry_after_s=retry_after_s), cost_of_status(refusal.status)
    else:
        error = _undocumented(refusal, _quoted(refusal.words, hidden), retry_after_s=retry_after_s)
        cost = cost_of_status(refusal.status)
    return Failure(error, cost, retry_after_s, refusal.credits, refusal.code)


def _by_code(refusal: Refusal, *, retry_after_s: float | None, hidden: Collection[str]) -> UpstreamError | None:
    match refusal.code:
        case "INVALID_API_KEY":
            return BadCredentials("The API refused the key.")
        case "ACCOUNT_INACTIVE":
            return AccountInactive("The API says that the account is inactive.")
        case "INVALID_ACCOUNT":
            return UnknownAccount("The API does not know the account.")
        case "INSUFFICIENT_CREDITS":
            return OutOfCredits("The API account has no credits left.")
        case "RATE_LIMITED":
            return _rate_limited(retry_after_s)
        case "INTERNAL_ERROR":
            return UpstreamFailed("The API reports an internal error.")
        case "INVALID_PARAMS":
            return RequestRejected(f"The API rejected the request{_quoted(refusal.message, hidden)}.")
        case "INVALID_ACTION":
            return RequestRejected(
                f"The API does not know the action that it was asked for{_quoted(refusal.message, hidden)}.",
                advice=_BASE_URL_ADVICE,
            )
        case _:
            return None


def _undocumented(refusal: Refusal, quoted: str, *, retry_after_s: float | None) -> UpstreamError:
    """A refusal in the API's form with a code that is not documented: the API's own words explain it best."""
    status = refusal.status
    if status == 429:
        return _rate_limited(retry_after_s)
    if status == 402:
        return OutOfCredits(f"The API requires a payment first (HTTP 402){quoted}.")
    if status == 404:
        # Only the API has codes; any web server answers 404 in JSON.
        return (RequestRejected if refusal.code else BadResponse)(
            f"The API answered 404{quoted}.",
            advice="Check CONVERSATION_API_BASE_URL first; if it is right, CONVERSATION_ACCOUNT_ID and the target.",
        )
    if status >= 500:
        return UpstreamFailed(f"The API failed (HTTP {status}){quoted}.{_maybe_billed(status)}")
    advice = "Follow the API's words, or ask its provider." if quoted else "Ask the API's provider what it objects to."
    return RequestRejected(f"The API refused the request (HTTP {status}){quoted}.", advice=advice)


def _by_status(status: int, *, retry_after_s: float | None) -> UpstreamError:
    """A refusal that is not in the API's form: a proxy or another server may have sent it."""
    if status == 429:
        return _rate_limited(retry_after_s)
    if status == 408:
        return UpstreamTimeout("The API gave up waiting for the request (HTTP 408).")
    if status == 402:
        return OutOfCredits("The API requires a payment first (HTTP 402).")
    if status == 401:
        return BadCredentials(
            "The API refused access without giving a reason (HTTP 401).",
            advice="Check CONVERSATION_API_KEY and CONVERSATION_API_BASE_URL, then restart the server.",
        )
    if status == 403:
        return BadResponse(
            "Access was refused (HTTP 403), and not in the API's own form: a firewall or proxy may have answered.",
            advice="Check the network and CONVERSATION_API_BASE_URL, then CONVERSATION_API_KEY.",
        )
    if status in (400, 422):
        return RequestRejected(f"The API rejected the request without giving a reason (HTTP {status}).")
    if 300 <= status < 400:
        return BadResponse(
            f"The address of the API redirects elsewhere (HTTP {status}), which is not followed.",
            advice=_BASE_URL_ADVICE,
        )
    if status >= 500:
        return UpstreamFailed(f"The API failed (HTTP {status}).{_maybe_billed(status)}")
    return BadResponse(f"This is not an answer of the messaging API (HTTP {status}).", advice=_BASE_URL_ADVICE)


def _maybe_billed(status: int) -> str:
    return " It may have billed the request anyway." if cost_of_status(status).maybe_billed else ""


def _rate_limited(retry_after_s: float | None) -> RateLimited:
    seconds = 0 if retry_after_s is None else round(retry_after_s)
    wait = f", for another {seconds} second{'' if seconds == 1 else 's'}" if retry_after_s is not None else ""
    return RateLimited(f"The API accepts no more requests for now{wait}.", retry_after_s=retry_after_s)


def _text_of(value: object) -> str:
    """A message as text: as it is, or in JSON where the API lists several or gives details."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) and value else as_text(value)


def _quoted(message: str, hidden: Collection[str]) -> str:
    """A clause that quotes the API on one line; empty where the API's words contain a string in `hidden`."""
    line = " ".join(clean(message[: 20 * MAX_QUOTE_CHARS]).split())
    folded = f"{message}\n{line}".casefold()
    if not line or any(secret.casefold() in folded for secret in hidden):
        return ""
    shown = line if len(line) <= MAX_QUOTE_CHARS else f"{line[: MAX_QUOTE_CHARS - 1].rstrip()}…"
    # A double quote within the quotation would make the rest look like our own words.
    return ', in its words: "{}"'.format(shown.replace('"', "'"))
