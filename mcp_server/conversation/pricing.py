"""What the API charges for a page, learned from its answers, and how many messages a request may have for it."""

MESSAGES_PER_CREDIT = 10
"""The public price: one credit per ten messages or part of ten."""


class Pricing:
    """The price of messages. One object serves all calls of an account.

    Until an answer shows otherwise, a credit is assumed to pay for `unit` messages or part of them.
    """

    def __init__(self, unit: int = MESSAGES_PER_CREDIT) -> None:
        self._unit = unit
        self._by_unit: bool | None = None
        self._last: tuple[int, int] | None = None

    def learn(self, *, messages: int, credits: int) -> None:
        """Compare a charge with the assumed price. Free pages and pages without messages show nothing."""
        if not messages or not credits:
            return
        self._last = messages, credits
        if credits != -(-messages // self._unit):
            self._by_unit = False
        elif messages >= self._unit:
            self._by_unit = True

    def affordable(self, credits: int, *, first: bool) -> int:
        """The number of messages that `credits` pay for; 0 for none.

        A call's `first` request is for one message at least. While no full unit has been charged, it is for one unit at
        most, and later requests go by the last charge alone.
        """
        if credits <= 0:
            return 0
        if self._by_unit or (first and self._by_unit is None) or self._last is None:
            return self._unit * (credits if self._by_unit else 1)
        messages, charged = self._last
        return max(1 if first else 0, credits * messages // charged)
