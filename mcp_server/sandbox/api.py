"""The documented API: maps a request to an answer, without a network. Checks keys and accounts, and charges credits.

A request is checked in this order: key, account, action, parameters, credits. Each documented error has a trigger:

    INVALID_API_KEY       no key, or any but SANDBOX_KEY (`sandbox-expired` says that it expired)
    ACCOUNT_INACTIVE      account `sandbox-inactive`
    INVALID_ACCOUNT       any account not named here
    RATE_LIMITED          account `sandbox-rate-limited`: always, with `Retry-After: 1`
    INTERNAL_ERROR        account `sandbox-failing`: always; account `sandbox-flaky`: every second request
    INVALID_ACTION        any action but `get_conversation` and `list_inbox`
    INVALID_PARAMS        no target, an unknown one, a bad count or cursor
    INSUFFICIENT_CREDITS  account `sandbox-no-credits`: always; `sandbox-low-credits`: after three credits

The documentation does not say which error an unknown conversation gets; the sandbox uses INVALID_PARAMS.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

from mcp_server.conversation.profile import canonical_profile_url
from mcp_server.sandbox.inbox import InboxPage, inbox_page
from mcp_server.sandbox.ledger import Entry, Ledger
from mcp_server.sandbox.library import Conversation, Library, StoredMessage
from mcp_server.sandbox.pages import InvalidCursor, Page, page
from mcp_server.sandbox.terms import DEFAULT_TERMS, Terms

SANDBOX_KEY = "sandbox-key"
SANDBOX_ACCOUNT = "sandbox-account"
DEFAULT_COUNT = 10
_ACTIONS = ("get_conversation", "list_inbox")
_BALANCES = {"sandbox-no-credits": 0, "sandbox-low-credits": 3}
_FLAKY = "sandbox-flaky"
_ANSWERED_AT = "2026-11-20T18:00:00Z"
"""The timestamp of every answer, so that the same request always gets the same answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0
    """How long the answer takes."""


class Refusal(Exception):
    """A documented error with its HTTP status, raised while a request is checked."""

    def __init__(self, code: str, status: int, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s


class Api:
    """Answers requests one at a time. Its state is the ledger, the balances and the number of requests so far."""

    def __init__(self, library: Library, ledger: Ledger, terms: Terms = DEFAULT_TERMS) -> None:
        self._library = library
        self._ledger = ledger
        self._terms = terms
        self._lock = Lock()
        self._asked: Counter[str] = Counter()
        self._spent: Counter[str] = Counter()

    def answer(self, *, key: str | None, body: bytes) -> Answer:
        """The answer to `POST /v2/messages` with this `x-api-key` and this body."""
        request = _object(body)
        with self._lock:
            try:
                data, size = self._data(key, request)
            except Refusal as refusal:
                return self._refused(request, refusal)
            credits = self._terms.cost(size)
            self._spent[str(request.get("account_id"))] += credits
            answer = self._recorded(request, 200, {"success": True, "data": data}, credits)
            return replace(answer, delay_s=self._terms.delay_s(size))

    def _data(self, key: str | None, request: Mapping[str, object]) -> tuple[Page | InboxPage, int]:
        """The page that is asked for, and how many messages or conversations it holds."""
        _check_key(key)
        account = request.get("account_id")
        self._check_account(account)
        action = request.get("action")
        if action not in _ACTIONS:
            raise Refusal("INVALID_ACTION", 400, f"Unknown action. Supported: {', '.join(_ACTIONS)}.")
        params = request.get("params")
        if not isinstance(params, dict):
            raise Refusal("INVALID_PARAMS", 400, "params must be an object.")
        try:
            data, size = self._inbox(params) if action == "list_inbox" else self._page(params)
        except InvalidCursor:
            raise Refusal("INVALID_PARAMS", 400, "cursor is invalid.") from None
        if (balance := _BALANCES.get(str(account))) is not None and self._spent[str(account)] >= balance:
            raise Refusal("INSUFFICIENT_CREDITS", 402, "Not enough credits for this request.")
        return data, size

    def _page(self, params: Mapping[str, object]) -> tuple[Page, int]:
        conversation = _find(self._library, params)
        count = _count(params.get("count"), self._terms)
        self._asked[conversation.name] += 1
        data = page(conversation, self._visible(conversation), count, params.get("cursor"))
        return data, len(data["messages"])

    def _inbox(self, params: Mapping[str, object]) -> tuple[InboxPage, int]:
        count = _count(params.get("count"), self._terms)
        conversations = [(one, self._visible(one)) for one in self._library.conversations]
        data = inbox_page(conversations, count, params.get("cursor"))
        return data, len(data["conversations"])

    def _check_account(self, account: object) -> None:
        if account == "sandbox-inactive":
            raise Refusal("ACCOUNT_INACTIVE", 403, "This account is inactive. Please reconnect it.")
        if account == "sandbox-rate-limited":
            raise Refusal("RATE_LIMITED", 429, "Too many requests. Please slow down.", retry_after_s=1)
        if account == "sandbox-failing":
            raise Refusal("INTERNAL_ERROR", 500, "An unexpected error occurred.")
        if account == _FLAKY:
            self._asked[_FLAKY] += 1
            if self._asked[_FLAKY] % 2 == 1:
                raise Refusal("INTERNAL_ERROR", 500, "An unexpected error occurred.")
        elif account != SANDBOX_ACCOUNT and account not in _BALANCES:
            raise Refusal("INVALID_ACCOUNT", 404, "Account not found.")

    def _visible(self, conversation: Conversation) -> tuple[StoredMessage, ...]:
        """The messages that exist now, oldest first; arrivals are added as the requests for them are counted."""
        if not conversation.arrive_every:
            return conversation.messages
        arrived = max(0, self._asked[conversation.name] - 1) // conversation.arrive_every
        return conversation.messages[: conversation.settled + arrived]

    def _refused(self, request: Mapping[str, object], refusal: Refusal) -> Answer:
        error = {"code": refusal.code, "message": refusal.message}
        wait = refusal.retry_after_s
        headers = () if wait is None else (("Retry-After", str(wait)),)
        return self._recorded(request, refusal.status, {"success": False, "error": error}, 0, headers)

    def _recorded(
        self,
        request: Mapping[str, object],
        status: int,
        envelope: dict[str, object],
        credits: int,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        metadata = {
            "action": request.get("action"),
            "account_id": request.get("account_id"),
            "credits_consumed": credits,
            "timestamp": _ANSWERED_AT,
        }
        body = json.dumps(envelope | {"metadata": metadata}, ensure_ascii=False, separators=(",", ":")).encode(
            errors="backslashreplace"
        )
        self._ledger.record(Entry(request, status, credits, len(body)))
        return Answer(status, body, headers)


def _object(body: bytes) -> Mapping[str, object]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _check_key(key: str | None) -> None:
    if key != SANDBOX_KEY:
        what = "missing" if not key else "expired" if key == "sandbox-expired" else "invalid"
        raise Refusal("INVALID_API_KEY", 403, f"API key is {what}.")


def _find(library: Library, params: Mapping[str, object]) -> Conversation:
    conversation_id = params.get("conversation_id")
    profile_url = params.get("profile_url") or params.get("linkedin_url")
    found = None
    if isinstance(conversation_id, str) and conversation_id:
        found = library.by_id.get(conversation_id)
    elif isinstance(profile_url, str):
        try:
            found = library.with_profile(canonical_profile_url(profile_url))
        except ValueError:
            raise Refusal("INVALID_PARAMS", 400, "profile_url is not a LinkedIn profile URL.") from None
    else:
        raise Refusal("INVALID_PARAMS", 400, "conversation_id or profile_url is required.")
    if found is None:
        raise Refusal("INVALID_PARAMS", 400, "No conversation found for the given conversation_id or profile_url.")
    return found


def _count(count: object, terms: Terms) -> int:
    if count is None:
        return DEFAULT_COUNT
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise Refusal("INVALID_PARAMS", 400, "count must be a positive integer.")
    if count > terms.max_count and terms.refuse_larger:
        raise Refusal("INVALID_PARAMS", 400, f"count must be at most {terms.max_count}.")
    return min(count, terms.max_count)
