"""Lines in which everything meets: all scripts, emoji, digits, punctuation, markdown and code, in any order."""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mcp_server.conversation.cleaning import clean
from tests.support.honest_text import COUNTED

_ODDS = (
    *(
        "!",
        "?!",
        "...",
        "…",
        ",",
        ";",
        ":",
        ".",
        "'",
        '"',
        "“",
        "”",
        "’",
        "(",
        ")",
        "[..]",
        "]",
        "{",
        "}",
        "\\",
        "/",
        "//",
    ),
    *("`code`", "**bold**", "_it_", "~~no~~", "# Head", "- item", "* item", "1. one", "> quoted", "</", "</b>", "<br>"),
    *("<|endoftext|>", "<s>", "[INST]", "\\n", "\\u00e9", "==", "=>", "});", "//n", "a=b", "$5", "50%", "€ 1.250,00"),
    *("0", "7", "12", "09:30", "2026", "1234567890", "٣٤", "१२", "½", "²", "№ 5", "+1 (555) 010-9999"),
    *("it's", "I'LL", "we've", "NASA", "iPhone", "ALLCAPS", "CamelCase", "x", "A", "hello", "the", "and", "More:"),
    *("https://example.com/a/b?c=d&e=%20#f", "jane.doe@example.com", "C:\\temp\\new.txt", "/in/jane-doe-42/"),
    *("😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "❤️", "✓", "→", "中", "。", "「", "한", "ß", "İ", "Σ", "ǆ"),
)
_GLUES = ("", " ", " ", " ", "  ", "\n", "\n\n", "\t", "\u3000", ", ", ". ", "-", "'", "/")


@lru_cache(maxsize=1)
def _words() -> Sequence[str]:
    return tuple(word for sample in COUNTED for word in sample.split())


def mixed_texts(number: int, *, seed: int = 18, most: int = 12) -> Iterator[str]:
    """So many texts of 1 to `most` parts, cleaned as messages are: the same ones for the same seed."""
    draw = random.Random(seed)
    words = _words()
    for _ in range(number):
        of_one_kind = draw.random() < 0.5
        start = draw.randrange(len(words))
        parts = []
        for at in range(draw.randint(1, most)):
            if draw.random() < 0.35:
                parts.append(draw.choice(_ODDS))
            else:
                parts.append(words[(start + at) % len(words)] if of_one_kind else draw.choice(words))
            parts.append(draw.choice(_GLUES))
        yield clean("".join(parts))
