"""How many messages to request at once: as many as the API gives within a few seconds, learned from its answers."""

GOOD_S = 4.0
"""A page that takes less may be followed by a larger one."""
LONG_S = 8.0
"""A page that takes longer is followed by a smaller one. Far below the time limit of a request."""
_EXPECTED_S = 7.0
"""Longest expected time of a larger page, if time grows with the number of messages alone."""
_GROWTH = 4


class PageSizes:
    """The size of requests to the API of one account.

    `size` begins with `first` and never exceeds `largest`. Refusals and short pages of the API limit it further.
    """

    def __init__(self, *, first: int, largest: int) -> None:
        self.first = self.size = min(first, largest)
        self._largest = largest
        self._accepted = 0
        self._s_per_message = 0.0

    def learn(self, *, requested: int, delivered: int, is_last: bool, elapsed_s: float) -> None:
        """Take account of a page. `is_last`: nothing follows it, so it may be short."""
        if not delivered:
            return
        self._s_per_message = elapsed_s / delivered
        if not is_last and requested > self._accepted and 5 * delivered < 4 * requested:
            self._largest = self.size = delivered
            self.first = min(self.first, delivered)
        elif elapsed_s > LONG_S:
            self.size = max(1, min(self.size, requested // 2))
        else:
            self._accepted = max(self._accepted, requested)
            if elapsed_s < GOOD_S and delivered >= self.size:
                self.size = min(self.size * _GROWTH, self._within(_EXPECTED_S), self._largest)

    def refuse(self, requested: int) -> bool:
        """Take account of a refused request. Returns whether its size may be the reason, and a smaller one is next.

        A request no larger than an accepted one, or than the first size, is refused for another reason.
        """
        accepted = max(self._accepted, self.first)
        if requested <= accepted:
            return False
        self._largest = self.size = max(accepted, requested // 2)
        return True

    def limit(self, remaining_s: float) -> int:
        """The largest request that is expected to be answered within `remaining_s` seconds."""
        return min(self.size, max(self.first, self._within(remaining_s / 2)))

    def _within(self, seconds: float) -> int:
        return int(seconds / self._s_per_message) if self._s_per_message > 0 else self._largest
