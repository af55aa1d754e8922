"""Remake mcp_server/conversation/sequences.py: where a variation selector or an emoji joiner is registered.

    python scripts/make_sequences.py FOLDER

FOLDER holds StandardizedVariants.txt and emoji/emoji-variation-sequences.txt of the Unicode Character Database, as
Debian's package `unicode-data` installs them in /usr/share/unicode. The joined emoji are those of the development
dependency `emoji`, which follows emoji-test.txt. Run it again when either has a new version,
and format what it wrote.
"""

import itertools
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import emoji
import regex

TARGET = Path(__file__).resolve().parent.parent / "mcp_server" / "conversation" / "sequences.py"
WIDTH = 104
STANDARD_SELECTORS = range(0xFE00, 0xFE0E)
EGYPTIAN = range(0x13000, 0x13460)
ZWJ = "\u200d"
MODIFIED = regex.compile(r"[\U0001F3FB-\U0001F3FF\uFE0F]")
HEAD = '''"""Bases of registered variation sequences, and the neighbours of the joiner in emoji.

Made by scripts/make_sequences.py from {standardized}, {variations}
and the emoji of emoji-test.txt, as the package `emoji` {emoji} has them. A hyphen between two characters is a range.
Egyptian hieroglyphs, Mongolian letters and ideographic variants are not in these tables.
"""
'''


def sequences(file: Path) -> dict[int, set[int]]:
    """The bases of each selector in a data file of the Unicode Character Database."""
    bases: dict[int, set[int]] = defaultdict(set)
    for line in file.read_text(encoding="utf-8").splitlines():
        if sequence := line.partition("#")[0].partition(";")[0].split():
            base, selector = (int(code, 16) for code in sequence)
            bases[selector].add(base)
    return bases


def name_of(file: Path) -> str:
    """The first line of a data file, with the version where it is named elsewhere."""
    lines = file.read_text(encoding="utf-8").splitlines()
    version = next((line.split()[5] for line in lines if line.startswith("# Used with Emoji Version")), None)
    return lines[0].strip("# ") + (f" {version}" if version else "")


def escaped(codes: Iterable[int]) -> list[str]:
    """The codes in escapes: three or more that follow each other as a range."""
    ranges: list[tuple[int, int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = ranges[-1][0], code
        else:
            ranges.append((code, code))
    return [
        "".join(map(spelt, range(first, last + 1))) if last < first + 2 else f"{spelt(first)}-{spelt(last)}"
        for first, last in ranges
    ]


def spelt(code: int) -> str:
    """The escape of a code point."""
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def joined_emoji() -> dict[frozenset[int], set[int]]:
    """What may follow a joiner in a registered emoji, by what may precede it. Skin tones and selectors left out."""
    before: dict[int, set[int]] = defaultdict(set)
    for sequence in emoji.EMOJI_DATA:
        parts = [ord(MODIFIED.sub("", part)) for part in sequence.split(ZWJ)] if ZWJ in sequence else []
        for left, right in itertools.pairwise(parts):
            before[right].add(left)
    groups: dict[frozenset[int], set[int]] = defaultdict(set)
    for right, lefts in before.items():
        groups[frozenset(lefts)].add(right)
    return groups


def wrapped(pieces: list[str]) -> str:
    """A string of these pieces, over as many lines as it needs."""
    lines = [""]
    for piece in pieces:
        if len(lines[-1]) + len(piece) > WIDTH:
            lines.append("")
        lines[-1] += piece
    strings = " ".join(f'"{line}"' for line in lines)
    return f"({strings})" if len(lines) > 1 else strings


def constant(name: str, value: str, about: str) -> str:
    """A constant with its docstring."""
    return f'\n{name} = {value}\n"""{about}"""\n'


def main(folder: Path) -> None:
    """Write the module."""
    files = folder / "StandardizedVariants.txt", folder / "emoji" / "emoji-variation-sequences.txt"
    standardized, emoji_variants = sequences(files[0]), sequences(files[1])
    text = HEAD.format(standardized=name_of(files[0]), variations=name_of(files[1]), emoji=emoji.__version__)
    text += constant("EMOJI_VARIANTS", wrapped(escaped(emoji_variants[0xFE0F])), "Bases with FE0E and FE0F.")
    variants = {
        selector: wrapped(escaped(code for code in bases if code not in EGYPTIAN))
        for selector, bases in sorted(standardized.items())
        if selector in STANDARD_SELECTORS
    }
    items = "".join(f'"{spelt(selector)}": {bases},' for selector, bases in variants.items())
    text += constant("STANDARDIZED_VARIANTS", f"{{{items}}}", "Bases with each selector.")
    groups = sorted(joined_emoji().items(), key=lambda item: sorted(item[1]))
    pairs = "".join(f"({wrapped(escaped(lefts))}, {wrapped(escaped(rights))})," for lefts, rights in groups)
    text += constant("JOINED_EMOJI", f"({pairs})", "What may precede and what may follow a joiner, skin tones apart.")
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
