"""Translates the API's refusals into typed errors: by a documented error code, otherwise by the HTTP status."""

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
from mcp_server.upstream.wire import read_credits

MAX_QUOTE_CHARS = 200

_BASE_URL_ADVICE = "Check that CONVERSATION_API_BASE_URL is the address of the messaging API."
# The statuses that mean an invalid request, where the answer has no documented code.
_REJECTED = (400, 422)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that refuses a request.

    `code` is the API's, in capitals; "" where an answer in the API's form has none; None where the answer is not in
    the API's form. `credits` is the price that the answer reported.
    """

    status: int
    code: str | None
    message: str
    credits: int = 0


def find_refusal(status: int, document: object) -> Refusal | None:
    """The refusal in an answer, or None for a success. `document`: the body's JSON value, None where it is not JSON.

    Accepts `{"error": {"code", "message"}}`, `{"error": "CODE"}` and `{"code", "message"}`.
    """
    answer = cast(Mapping[str, object], document) if isinstance(document, dict) else {}
    error = answer.get("error")
    refused = answer.get("success") is False or (error is not None and "data" not in answer)
    if 200 <= status < 300 and not refused:
        return None
    if not refused:
        return Refusal(status, None, "")
    details = cast(Mapping[str, object], error) if isinstance(error, dict) else answer
    code = error if isinstance(error, str) else details.get("code")
    message = details.get("message")
    return Refusal(
        status,
        code.strip().upper() if isinstance(code, str) else "",
        message if isinstance(message, str) else "",
        read_credits(document) or 0,
    )


def judge_refusal(refusal: Refusal, *, retry_after_s: float | None, hidden: Collection[str]) -> Failure:
    """The typed error for a refusal, and the possible cost of the refused attempt.

    No error repeats a string in `hidden` (the key, a cursor), even if the API does.
    """
    error = _by_code(refusal, retry_after_s=retry_after_s, hidden=hidden)
    if error is not None:
        cost = Cost.FREE if isinstance(error, RateLimited | UpstreamFailed) else Cost.FINAL
    else:
        error = _by_status(refusal, retry_after_s=retry_after_s)
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
                f"The API does not know the action get_conversation{_quoted(refusal.message, hidden)}.",
                advice=_BASE_URL_ADVICE,
            )
        case _:
            return None


def _by_status(refusal: Refusal, *, retry_after_s: float | None) -> UpstreamError:
    status = refusal.status
    if status == 429:
        return _rate_limited(retry_after_s)
    if status == 408:
        return UpstreamTimeout("The API gave up waiting for the request (HTTP 408).")
    if status == 402:
        return OutOfCredits("The API wants to be paid first (HTTP 402).")
    if status in (401, 403):
        return BadCredentials(
            f"The API refused access without saying why (HTTP {status}).",
            advice="Check CONVERSATION_API_KEY and CONVERSATION_API_BASE_URL, then restart the server.",
        )
    if status in _REJECTED:
        return RequestRejected(f"The API rejected the request without saying why (HTTP {status}).")
    if status == 404 and refusal.code is not None:
        return UnknownAccount("The API does not know the account, or what else was asked for (HTTP 404).")
    if 300 <= status < 400:
        return BadResponse(
            f"The address of the API redirects elsewhere (HTTP {status}), which is not followed.",
            advice=_BASE_URL_ADVICE,
        )
    if status >= 500:
        billed = " It may have billed the request all the same." if cost_of_status(status).maybe_billed else ""
        return UpstreamFailed(f"The API failed (HTTP {status}).{billed}")
    return BadResponse(f"The answer is not one the messaging API gives (HTTP {status}).", advice=_BASE_URL_ADVICE)


def _rate_limited(retry_after_s: float | None) -> RateLimited:
    wait = f", for another {retry_after_s:.0f} seconds" if retry_after_s is not None else ""
    return RateLimited(f"The API accepts no more requests for now{wait}.", retry_after_s=retry_after_s)


def _quoted(message: str, hidden: Collection[str]) -> str:
    """A clause that quotes the API on one line; empty where the API's words contain a string in `hidden`."""
    line = " ".join(clean(message[: 20 * MAX_QUOTE_CHARS]).split())
    folded = f"{message}\n{line}".casefold()
    if not line or any(secret.casefold() in folded for secret in hidden):
        return ""
    shown = line if len(line) <= MAX_QUOTE_CHARS else f"{line[: MAX_QUOTE_CHARS - 1].rstrip()}…"
    # A double quote within the quotation would make the rest look like our own words.
    return ', in its words: "{}"'.format(shown.replace('"', "'"))
