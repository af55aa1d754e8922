"""Adds up what the pages of one call report about themselves: charges, losses, and where the pages came from."""

from dataclasses import dataclass

from mcp_server.conversation.models import Page


@dataclass(slots=True)
class Tally:
    """Sums over the pages of a call, and over its failed requests.

    `credits` are those that the API reported, `unpriced_pages` the pages without such a report, and `maybe_extra` the
    requests without a response, which may have been billed. `pages` counts all pages, `pages_from_cache` those that
    cost nothing; the oldest of these was fetched `age_s` seconds ago, and to fetch them again would cost about
    `credits_saved`. `skipped` messages could not be parsed;
    `replaced` characters were not valid UTF-8.
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

    def add(self, page: Page) -> None:
        self.credits += page.credits
        self.maybe_extra += page.maybe_extra
        self.unpriced_pages += page.price_unknown and not page.from_cache
        self.pages += 1
        self.pages_from_cache += page.from_cache
        if page.age_s is not None:
            self.age_s = max(page.age_s, self.age_s or 0)
        self.skipped += page.skipped
        self.replaced += page.replaced

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind of loss."""
        notes: list[str] = []
        if self.skipped:
            notes.append(
                f"{messages(self.skipped)} could not be read and {'was' if self.skipped == 1 else 'were'} skipped."
            )
        if self.replaced:
            words = "1 character" if self.replaced == 1 else f"{self.replaced} characters"
            were, are = ("was", "is") if self.replaced == 1 else ("were", "are")
            notes.append(f"{words} {were} not valid UTF-8 and {are} shown as \ufffd.")
        if self.maybe_extra:
            words = "1 request" if self.maybe_extra == 1 else f"{self.maybe_extra} requests"
            notes.append(f"{words} got no response and may have been billed on top of these credits.")
        return tuple(notes)


def messages(number: int) -> str:
    """`1 message`, `2 messages`."""
    return "1 message" if number == 1 else f"{number} messages"
