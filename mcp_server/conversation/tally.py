"""Adds up what the pages of one call report about themselves: charges, losses, and where the pages came from."""

from dataclasses import dataclass

from mcp_server.conversation.models import Page
from mcp_server.errors import ConversationError


@dataclass(slots=True)
class Tally:
    """Sums over the pages of a call, and over its failed requests.

    `credits` are those that the API reported, `unpriced_pages` the pages without such a report, and `maybe_extra` the
    requests without a response, which may have been billed. `pages` counts all pages, `pages_from_cache` those that
    cost nothing; the oldest of these was fetched `age_s` seconds ago, and to fetch them again would cost about
    `credits_saved`. `skipped` messages could not be parsed; `replaced` characters were not valid UTF-8. `noun` is what
    the pages hold, for notes.
    """

    credits: int = 0
    maybe_extra: int = 0
    unpriced_pages: int = 0
    pages: int = 0
    pages_from_cache: int = 0
    age_s: float | None = None
    credits_saved: int = 0
    skipped: int = 0
    replaced: int = 0
    noun: str = "message"
    _unpriced_messages: int = 0

    @property
    def credits_at_most(self) -> int:
        """The credits, with pages of unreported price at one credit per message and at least one per page."""
        return self.credits + self._unpriced_messages

    def add(self, page: Page) -> None:
        self.credits += page.credits
        self.maybe_extra += page.maybe_extra
        if page.price_unknown and not page.from_cache:
            self.unpriced_pages += 1
            self._unpriced_messages += max(1, len(page.messages) + page.skipped)
        self.pages += 1
        self.pages_from_cache += page.from_cache
        if page.age_s is not None:
            self.age_s = max(page.age_s, self.age_s or 0)
        self.skipped += page.skipped
        self.replaced += page.replaced

    def charge(self, error: ConversationError) -> None:
        """Add what the call's last request has spent to these sums, and all of the sums to the error of the call."""
        self.credits = error.credits_spent = error.credits_spent + self.credits
        self.maybe_extra = error.maybe_extra = error.maybe_extra + self.maybe_extra
        error.maybe_extra += self.unpriced_pages

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind of loss."""
        notes: list[str] = []
        if self.skipped:
            were = "was" if self.skipped == 1 else "were"
            notes.append(f"{messages(self.skipped, self.noun)} could not be read and {were} skipped.")
        if self.replaced:
            words = "1 character" if self.replaced == 1 else f"{self.replaced} characters"
            were, are = ("was", "is") if self.replaced == 1 else ("were", "are")
            notes.append(f"{words} {were} not valid UTF-8 and {are} shown as \ufffd.")
        if self.maybe_extra:
            words = "1 request" if self.maybe_extra == 1 else f"{self.maybe_extra} requests"
            notes.append(f"{words} got no response and may have been billed on top of these credits.")
        return tuple(notes)


def messages(number: int, noun: str = "message") -> str:
    """`1 message`, `2 messages`; or another noun."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
