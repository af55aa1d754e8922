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
from statistics import fmean, stdev

from benchmarks.condense import WAYS, Conversation, Way, scores
from benchmarks.measured import load, write_between
from benchmarks.sandbox_dialogues import Dialogue
from mcp_server.tokenizer import O200kCounter

BUDGETS = (1000, 2000, 4000)

PLAIN: Mapping[str, tuple[str, object]] = {
    "rare words (`RARITY`)": ("RARITY", 0.0),
    "rarity to a high power (`SHARPNESS` 1)": ("SHARPNESS", 1),
    "less for what is said already (`REPEATED` 1)": ("REPEATED", 1.0),
    "a sentence's own words (`OWN_SHARE`)": ("OWN_SHARE", 0.0),
    "the first after a pause (`AFTER_PAUSE`)": ("AFTER_PAUSE", 0.0),
    "answers (`ANSWER`)": ("ANSWER", 0.0),
    "digits, money, addresses (`EXACT`)": ("EXACT", 0.0),
    "names (`NAMES`)": ("NAMES", 0.0),
    "first mention of what comes back (`FIRST_MENTION`)": ("FIRST_MENTION", 0.0),
    "less for questions (`QUESTION`)": ("QUESTION", 0.0),
    "the question of a kept answer (`QUESTION_OF_ANSWER`)": ("QUESTION_OF_ANSWER", 0.0),
    "shortening (`CUT_TOKENS` without limit)": ("CUT_TOKENS", 1_000_000),
    "the newest whole (`NEWEST_SHARE`)": ("NEWEST_SHARE", 0.0),
    "the opening whole (`OPENING_SHARE`)": ("OPENING_SHARE", 0.0),
}

FOCUSED: Mapping[str, tuple[str, object]] = {
    "pieces of words (`GRAM_CHARS` without limit)": ("GRAM_CHARS", 1000),
    "rarity to a power (`RARITY_POWER` 1)": ("RARITY_POWER", 1.0),
    "less in long messages (`LENGTH_SHARE`)": ("LENGTH_SHARE", 0.0),
    "two words together (`PHRASE`)": ("PHRASE", 0.0),
    "messages around (`AROUND`)": ("AROUND", ()),
    "what follows a question (`AFTER_QUESTION`)": ("AFTER_QUESTION", 0.0),
    "who is named (`SENDER`)": ("SENDER", 0.0),
    "words of the best matches (`SUBJECTS`)": ("SUBJECTS", 0.0),
    "how much it tells (`TELLS`)": ("TELLS", 0.0),
    "relevance to a high power (`FOCUS_SHARPNESS` 1)": ("FOCUS_SHARPNESS", 1),
    "sentences with the question's words (`SENTENCE_FOCUS`)": ("SENTENCE_FOCUS", 0.0),
    "shortening (`CUT_TOKENS` without limit)": ("CUT_TOKENS", 1_000_000),
}

Found = Mapping[int, Sequence[float]]


@contextmanager
def set_to(name: str, value: object) -> Iterator[None]:
    """A constant of condensing with another value, in every module that has imported it."""
    modules = [module for path, module in sys.modules.items() if path.startswith("mcp_server.conversation.")]
    having = [(module, getattr(module, name)) for module in modules if hasattr(module, name)]
    if not having:
        raise ValueError(f"There is no constant {name}.")
    for module, _ in having:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, before in having:
            setattr(module, name, before)


def found(dialogues: Sequence[Dialogue], way: Way, counter: O200kCounter) -> Found:
    """A score for every question of these conversations, by budget."""
    all_scores = [scores(Conversation(one, counter, None), way, BUDGETS) for one in dialogues]
    return {budget: [score for one in all_scores for score in one[budget]] for budget in BUDGETS}


def table(
    dialogues: Sequence[Dialogue], way: Way, parts: Mapping[str, tuple[str, object]], counter: O200kCounter
) -> Iterator[str]:
    """The lines of a table, what changes without each part in hundredths, and how sure that is."""
    whole = found(dialogues, way, counter)
    errors = []
    yield f"| left out | {' | '.join(f'{budget:,}' for budget in BUDGETS)} |"
    yield f"|---|{'---|' * len(BUDGETS)}"
    yield f"| nothing | {' | '.join(f'{fmean(whole[budget]):.3f}' for budget in BUDGETS)} |"
    for part, (name, value) in parts.items():
        with set_to(name, value):
            without = found(dialogues, way, counter)
        cells = []
        for budget in BUDGETS:
            changes = [after - before for after, before in zip(without[budget], whole[budget], strict=True)]
            errors.append(stdev(changes) / math.sqrt(len(changes)))
            cells.append(f"{100 * fmean(changes):+.1f}")
        yield f"| {part} | {' | '.join(cells)} |"
        print(part, *cells, file=sys.stderr, flush=True)
    yield ""
    yield f"In hundredths of the evidence; standard errors of the differences are {100 * fmean(errors):.1f} on average."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE.json")
    parser.add_argument("--write", action="store_true", help="the tables into docs/condensing.md")
    options = parser.parse_args()
    dialogues, counter = load(options.files), O200kCounter()
    ways = {way.label: way for way in WAYS}
    lines = ["Without a focus:", "", *table(dialogues, ways["condensed"], PLAIN, counter)]
    lines += ["", "With the question as focus:", "", *table(dialogues, ways["focus"], FOCUSED, counter)]
    print("\n".join(lines))
    if options.write:
        write_between("parts", "\n".join(lines))


if __name__ == "__main__":
    main()
