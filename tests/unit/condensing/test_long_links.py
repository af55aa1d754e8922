"""Finding the end of a long link takes a few steps for each character, counted rather than timed."""

import re
from collections.abc import Callable

import pytest
import regex

import mcp_server.condensing.compact as module
from tests.support.conversations import message

MOST_STEPS = 4
"""For each character; attempts to match the longest last segment from every place alone would take 40."""


class Counted:
    """A pattern that also counts how many characters the attempts to match it look at, from every place of a text."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._by_prefix = regex.compile(pattern.pattern)
        self.steps = 0

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._pattern, name)

        def counted(*arguments: object, **options: object) -> object:
            text = max((each for each in arguments if isinstance(each, str)), key=len)
            self.steps += sum(self._looked_at(text, start) for start in range(len(text)))
            return method(*arguments, **options)

        return counted

    def _looked_at(self, text: str, start: int) -> int:
        """How many characters from `start` on may still become a match, and the one that ends the attempt."""
        end = start + 1
        while end < len(text) and self._by_prefix.match(text, start, end, partial=True):
            end += 1
        return end - start


@pytest.mark.parametrize(
    "path", ["x" * 2000, "a-b." * 500 + "?q=" + "x" * 500, "%41" * 600 + "!"], ids=lambda path: path[:4]
)
def test_cutting_a_long_link_looks_at_each_of_its_characters_a_few_times(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the last segment seems to be, and wherever the path could end."""
    patterns = {name: Counted(value) for name, value in vars(module).items() if isinstance(value, re.Pattern)}
    for name, pattern in patterns.items():
        monkeypatch.setattr(module, name, pattern)
    link = f"https://example.com/{path}"
    (found,) = module.compact(message(0, link)).links
    assert found.whole == link
    assert 0 < sum(pattern.steps for pattern in patterns.values()) <= MOST_STEPS * len(link)
