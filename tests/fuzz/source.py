"""Values out of any bytes, so that a fuzzer of bytes can make them."""

from collections.abc import Sequence
from typing import TypeVar

_Value = TypeVar("_Value")


class Source:
    """Takes values from the front; when the bytes are used up, everything is the first or the least there is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def number(self, most: int) -> int:
        """From 0 to `most`."""
        value = 0
        for _ in range((most.bit_length() + 7) // 8):
            value = value << 8 | self.byte()
        return value % (most + 1)

    def one_of(self, values: Sequence[_Value]) -> _Value:
        return values[self.number(len(values) - 1)]

    def text(self, fragments: Sequence[str], *, most: int) -> str:
        """At most so many pieces: mostly fragments, sometimes any code point, surrogates too."""
        pieces = []
        for _ in range(self.number(most)):
            if not self:
                break
            byte = self.byte()
            if byte < 224:
                pieces.append(fragments[byte % len(fragments)])
            else:
                pieces.append(chr((byte % 17 << 16 | self.byte() << 8 | self.byte()) % 0x110000))
        return "".join(pieces)
