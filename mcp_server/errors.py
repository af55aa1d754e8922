"""Every error the server reports, each with advice on what to do.

    ConversationError                 code
    |- SettingsError                  configuration
    |- ArchiveError                   archive_unreadable
    |- InvalidArguments               invalid_arguments
    |- InvalidCursor                  invalid_cursor
    `- UpstreamError                  (one of those below)
       |- UpstreamUnreachable         upstream_unreachable
       |- UpstreamTimeout             upstream_timeout
       |- BadResponse                 bad_response
       |- RateLimited                 rate_limited
       |- OutOfCredits                out_of_credits
       |- BadCredentials              bad_credentials
       |- AccountInactive             account_inactive
       |- UnknownAccount              unknown_account
       |- RequestRejected             request_rejected
       `- UpstreamFailed              upstream_failed

An error's text is for the caller: what happened, then what to do. It never contains a key, a message, a name or a
cursor. Codes are stable.
"""


class ConversationError(Exception):
    """Base class. `what` (what happened) and `advice` (what to do) are complete sentences."""

    code = "internal_error"
    credits_spent = 0
    """Credits spent by the call before the error."""
    maybe_extra = 0
    """Requests that got no response and may have been billed on top of `credits_spent`."""
    advice = "Try again; if the error persists, check the server's log."

    def __init__(self, what: str, *, advice: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        if advice is not None:
            self.advice = advice

    def explain(self) -> str:
        """The text an agent reads: `code: what happened. What to do. Credits spent: N.`"""
        perhaps = ", perhaps more" if self.maybe_extra else ""
        return f"{self.code}: {self.what} {self.advice} Credits spent: {self.credits_spent}{perhaps}."


class SettingsError(ConversationError):
    """A setting is missing or invalid; `what` names it."""

    code = "configuration"
    advice = "Settings belong in the environment of the server (for a desktop app: in the `env` of its configuration)."


class ArchiveError(ConversationError):
    """LinkedIn's data export cannot be opened or read. The words name no path and quote nothing from it."""

    code = "archive_unreadable"
    advice = "Download the archive from LinkedIn again (Settings, Data privacy, Get a copy of your data)."


class InvalidArguments(ConversationError):
    """The call's arguments are invalid; no request was made."""

    code = "invalid_arguments"
    advice = "Correct the arguments and call again."


class InvalidCursor(ConversationError):
    """The cursor is not one of ours for this conversation, or for the list. The wording is the same for every fault."""

    code = "invalid_cursor"
    advice = "Repeat the target with the next_cursor of an earlier answer, unchanged, or leave the cursor out."

    def __init__(self, *, of_list: bool = False) -> None:
        super().__init__(f"This cursor does not continue this {'list' if of_list else 'conversation'}.")
        if of_list:
            self.advice = "Use the next_cursor of an earlier list, unchanged, or leave the cursor out."


class UpstreamError(ConversationError):
    """The messaging API did not return what was requested."""

    concerns_account = False
    """Whether the API's own error code says that all requests of the account will fail for a while."""


class UpstreamUnreachable(UpstreamError):
    code = "upstream_unreachable"
    advice = "Check CONVERSATION_API_BASE_URL and the network, then try again."


class UpstreamTimeout(UpstreamError):
    code = "upstream_timeout"
    advice = "Try again later, or ask for fewer messages (count)."


class BadResponse(UpstreamError):
    code = "bad_response"
    advice = "Check that CONVERSATION_API_BASE_URL is the messaging API; if it is, try again later."


class RateLimited(UpstreamError):
    """`retry_after_s` is the wait the API asked for, in seconds, where it did."""

    code = "rate_limited"
    advice = "Wait, then call again; ask for fewer messages at a time."

    def __init__(self, what: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(what)
        self.retry_after_s = retry_after_s


class OutOfCredits(UpstreamError):
    code = "out_of_credits"
    advice = "Top up the API account before calling again."


class BadCredentials(UpstreamError):
    code = "bad_credentials"
    advice = "Put a valid key into CONVERSATION_API_KEY and restart the server."


class AccountInactive(UpstreamError):
    code = "account_inactive"
    advice = "Reconnect the LinkedIn account at the API provider, then try again."


class UnknownAccount(UpstreamError):
    code = "unknown_account"
    advice = "Put the account id shown by the API provider into CONVERSATION_ACCOUNT_ID and restart the server."


class RequestRejected(UpstreamError):
    code = "request_rejected"
    advice = (
        "Check the conversation_id or profile_url: is it spelt right, and is there a conversation with that person?"
    )


class UpstreamFailed(UpstreamError):
    code = "upstream_failed"
    advice = "Try again in a minute."
