"""What the API charges for a page, learned from its answers, and the size of requests at that price."""

MESSAGES_PER_CREDIT = 10
"""The public price: one credit per ten messages or part of ten."""
_LARGE_PAGE = 50


class Pricing:
    """The price of messages. One object serves all calls of an account.

    Until an answer shows otherwise, a credit is assumed to pay for `unit` messages or part of them.
    """

    def __init__(self, unit: int = MESSAGES_PER_CREDIT) -> None:
        self.unit = unit
        self._by_unit: bool | None = None
        self._last: tuple[int, int] | None = None

    @property
    def is_known(self) -> bool:
        """Whether an answer has shown how the API charges."""
        return self._by_unit is not None

    @property
    def _is_cheaper(self) -> bool:
        """Whether the last charge was less than that of a price by unit, as where each request costs the same."""
        return self._by_unit is False and self._last is not None and self._last[1] < self._units(self._last[0])

    def learn(self, *, messages: int, credits: int, is_last: bool = False) -> None:
        """Compare a charge with the assumed price.

        Free pages and pages without messages show nothing, nor does the `is_last` page of a conversation, which may be
        short, at the price of one unit.
        """
        as_assumed = credits == self._units(messages)
        if not messages or not credits or (is_last and as_assumed and messages < self.unit):
            return
        self._last = messages, credits
        if not as_assumed:
            self._by_unit = False
        elif messages >= self.unit:
            self._by_unit = True

    def credits_for(self, messages: int) -> int:
        """The price of a page, as far as it is known."""
        if self._by_unit is not False or self._last is None:
            return self._units(messages)
        if self._is_cheaper:
            return self._last[1]
        return -(-messages * self._last[1] // self._last[0])

    def filled(self, messages: int, *, page_size: int) -> int:
        """The size of a request for `messages`, at most `page_size`, that uses what has to be paid for it anyway.

        That is the next multiple of the unit; a large page if each request costs the same; and just `messages` if the
        API charges for every single one.
        """
        if self._is_cheaper:
            return min(page_size, max(messages, _LARGE_PAGE))
        if self._by_unit is False:
            return min(messages, page_size)
        whole_units = max(page_size // self.unit * self.unit, min(page_size, self.unit))
        return min(self._units(messages) * self.unit, whole_units)

    def affordable(self, credits: int, *, first: bool) -> int:
        """The number of messages that `credits` pay for; 0 for none.

        While no charge is known, that is one message per credit and one unit at least. Until a full unit was charged
        as assumed, it goes by the last charge. A call's `first` request is for one message at least.
        """
        if credits <= 0:
            return 0
        if self._by_unit:
            return self.unit * credits
        if self._last is None:
            return max(credits, self.unit)
        messages, charged = self._last
        return max(1 if first else 0, credits * messages // charged)

    def _units(self, messages: int) -> int:
        return -(-messages // self.unit)
