"""What each part of condensing is worth: the share of the evidence that is lost when it is left out.

    python -m benchmarks.parts FILE.json [--write]    --write puts the tables into docs/condensing.md

Each constant in turn gets the value at which its part does nothing; all else stays. Parts of the plain choice are
measured without a focus, those of the focus with the question as focus and words alone. See benchmarks/measured.py for
the format of a file.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean, stdev

from benchmarks.condense import WAYS, Conversation, Way, scores
from benchmarks.measured import load, write_between
from benchmarks.sandbox_dialogues import Dialogue
from mcp_server.tokenizer import O200kCounter

BUDGETS = (1000, 4000)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of condensing: its constant, and the value at which it does nothing."""

    what: str
    constant: str
    off: object = 0.0


TEXT_WRITER = (
    Part("rare words", "RARITY"),
    Part("rarity raised to a power", "TERM_RARITY_POWER", 1),
    Part("less for what is said already", "REPEATED_TERM", 1.0),
    Part("a sentence's own words", "SENTENCE_SHARE"),
    Part("the first after a pause", "AFTER_PAUSE"),
    Part("answers", "ANSWER"),
    Part("digits, money, addresses", "EXACT_VALUE"),
    Part("names", "NAMES"),
    Part("first mention of what comes back", "FIRST_MENTION"),
    Part("less for questions", "QUESTION"),
    Part("the question of an answer that is kept", "ANSWERED_QUESTION"),
    Part("shortening messages", "CUT_TOKENS", 1_000_000),
    Part("the newest whole", "NEWEST_SHARE"),
    Part("the opening whole", "FIRST_MESSAGE_SHARE"),
)

FOCUSED = (
    Part("pieces of words", "GRAM_CHARS", 1000),
    Part("less for each piece of a long word", "WORD_LENGTH_POWER", 1.0),
    Part("rarity raised to a power", "IDF_POWER", 1.0),
    Part("less in long messages", "BM25_B"),
    Part("two words together", "BIGRAM"),
    Part("messages around", "NEIGHBOURS", ((1, 0.0), (-1, 0.0))),
    Part("what follows a question", "AFTER_QUESTION"),
    Part("the sitting", "SESSION"),
    Part("who is named", "SENDER"),
    Part("which day is named", "DAY"),
    Part("which month is named", "MONTH"),
    Part("the day alone", "DAY_ALONE"),
    Part("words of the best matches", "FEEDBACK"),
    Part("how much it tells", "SALIENCE"),
    Part("the reply to a best match", "REPLY"),
    Part("a reply that repeats a rare word", "REPEATED_WEIGHT", 1_000_000),
    Part("relevance raised to a power", "FOCUS_SHARPNESS", 1),
    Part("sentences with the question's words", "SENTENCE_FOCUS"),
    Part("shortening messages", "CUT_TOKENS", 1_000_000),
)

Found = Mapping[int, Sequence[float]]


@contextmanager
def without(part: Part) -> Iterator[object]:
    """Condensing without a part: its constant is another in every module that has it. Yields the usual value."""
    modules = [module for path, module in sys.modules.items() if path.startswith("mcp_server.condensing.")]
    having = [module for module in modules if hasattr(module, part.constant)]
    if not having:
        raise ValueError(f"There is no constant {part.constant}.")
    usual: object = getattr(having[0], part.constant)
    for module in having:
        setattr(module, part.constant, part.off)
    try:
        yield usual
    finally:
        for module in having:
            setattr(module, part.constant, usual)


def found(dialogues: Sequence[Dialogue], way: Way, counter: O200kCounter) -> Found:
    """A score for every question of these conversations, by budget."""
    all_scores = [scores(Conversation(one, counter, None), way, BUDGETS) for one in dialogues]
    return {budget: [score for one in all_scores for score in one[budget]] for budget in BUDGETS}


def table(dialogues: Sequence[Dialogue], way: Way, parts: Sequence[Part], counter: O200kCounter) -> Iterator[str]:
    """The lines of a table, what changes without each part in hundredths, and how sure that is."""
    everything = found(dialogues, way, counter)
    errors = []
    yield f"| left out | constant | {' | '.join(f'{budget:,}' for budget in BUDGETS)} |"
    yield f"|---|---|{'---|' * len(BUDGETS)}"
    yield f"| nothing | | {' | '.join(f'{fmean(everything[budget]):.3f}' for budget in BUDGETS)} |"
    for part in parts:
        with without(part) as usual:
            fewer = found(dialogues, way, counter)
        value = f" {usual}" if isinstance(usual, int | float) else ""
        cells = [part.what, f"`{part.constant}`{value}"]
        for budget in BUDGETS:
            changes = [after - before for after, before in zip(fewer[budget], everything[budget], strict=True)]
            errors.append(stdev(changes) / math.sqrt(len(changes)))
            cells.append(f"{100 * fmean(changes):+.1f}".replace("-0.0", "+0.0"))
        yield f"| {' | '.join(cells)} |"
        print(*cells, file=sys.stderr, flush=True)
    yield ""
    yield f"The standard error of a difference is {100 * fmean(errors):.1f} on average."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE.json")
    parser.add_argument("--write", action="store_true", help="the tables into docs/condensing.md")
    options = parser.parse_args()
    dialogues, counter = load(options.files), O200kCounter()
    ways = {way.label: way for way in WAYS}
    lines = ["Without a focus:", "", *table(dialogues, ways["condensed"], TEXT_WRITER, counter)]
    lines += ["", "With the question as focus:", "", *table(dialogues, ways["focus"], FOCUSED, counter)]
    print("\n".join(lines))
    if options.write:
        write_between("parts", "\n".join(lines))


if __name__ == "__main__":
    main()
