"""The terms on which the sandbox answers, where the API's documentation leaves them open: prices, limits, speed."""

from dataclasses import dataclass
from typing import Literal, assert_never

Price = Literal["unit", "message", "request"]
MESSAGES_PER_CREDIT = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What the sandbox charges, how many messages a page may have, and how long an answer takes.

    `price`: one credit per ten messages or part of ten (`unit`), per `message`, or per `request`; never none. A request
    for more than `max_count` messages gets that many, or an error if `refuse_larger`. An answer takes `request_s`
    seconds, and `message_s` for each of its messages.
    """

    price: Price = "unit"
    max_count: int = 50
    refuse_larger: bool = False
    request_s: float = 0.0
    message_s: float = 0.0

    def cost(self, messages: int) -> int:
        """The charge for a page of so many messages, in credits."""
        match self.price:
            case "unit":
                return max(1, -(-messages // MESSAGES_PER_CREDIT))
            case "message":
                return max(1, messages)
            case "request":
                return 1
            case _:
                assert_never(self.price)

    def delay_s(self, messages: int) -> float:
        return self.request_s + self.message_s * messages


DEFAULT_TERMS = Terms()
