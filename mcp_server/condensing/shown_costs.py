"""What the messages shown so far cost together, as one after another is added."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Protocol

from mcp_server.condensing.salience import MessageSalience
from mcp_server.condensing.sentences import shorten


class TokenCosts(Protocol):
    """Costs of showing messages, in tokens. Messages are numbered from 0, oldest first."""

    def join(self, before: int | None, after: int | None) -> int:
        """The cost between the text of one shown message and that of the next, including a gap.

        None stands for the start or the end of the transcript.
        """
        ...

    def whole(self, number: int) -> int:
        """The cost of a message's whole text, at least 1."""
        ...

    def all_whole(self, pulse: Callable[[], None]) -> list[int]:
        """The costs of the whole texts of all messages. Calls `pulse` again and again."""
        ...

    def cut(self, number: int, text: str) -> int:
        """The cost of a message shortened to `text`."""
        ...

    def added(self, short: str, long: str) -> int:
        """The cost of showing `long` instead of `short` somewhere in a text, at least 0."""
        ...


class ShownCosts:
    """The costs of messages that are shown whole or in part. `total` is what they cost together.

    `kept` are the sentences that are shown of each message.
    """

    def __init__(self, messages: Sequence[MessageSalience], costs: TokenCosts) -> None:
        self._messages = messages
        self._costs = costs
        self._shown: list[int] = []
        self._between: list[int] = []
        """The cost above each of `_shown`, and the one below the last."""
        self._text_costs: dict[int, int] = {}
        self.kept: dict[int, set[int]] = {}
        self.total = 0

    def show(self, number: int, sentences: Sequence[int]) -> bool:
        """Show further sentences of a message. Returns whether none of it is missing any more."""
        message = self._messages[number]
        kept = self.kept.get(number)
        if kept is None:
            kept = self.kept[number] = set()
            self.total += self.join(number)
            at, before, after = self._place(number)
            self._between[at : at + 1] = (self._costs.join(before, number), self._costs.join(number, after))
            self._shown.insert(at, number)
        kept.update(sentences)
        whole = self.is_complete(number)
        if whole:
            cost = self._costs.whole(number)
        else:
            cost = self._costs.cut(number, shorten(message.text, message.spans, kept))
        self.total += cost - self.text(number)
        self._text_costs[number] = cost
        return whole

    def is_complete(self, number: int) -> bool:
        """Whether all sentences of a message are shown."""
        return len(self.kept.get(number, ())) == len(self._messages[number].spans)

    def show_link(self, number: int, link: int) -> None:
        """Show a link of a message whole; its sentence is shown."""
        message = self._messages[number]
        start, end, whole = message.links[link]
        self.total += self._costs.added(message.text[start:end], whole)

    def join(self, number: int) -> int:
        """The cost of showing a message besides its text."""
        at, before, after = self._place(number)
        join = self._costs.join
        cost = join(before, number) + join(number, after)
        return cost - (self._between[at] if self._shown else join(None, None))

    def _place(self, number: int) -> tuple[int, int | None, int | None]:
        """Where a message belongs in `_shown`, and the messages above and below it there."""
        shown = self._shown
        at = bisect_left(shown, number)
        return at, shown[at - 1] if at else None, shown[at] if at < len(shown) else None

    def text(self, number: int) -> int:
        """The cost of what is shown of a message's text."""
        return self._text_costs.get(number, 0)
