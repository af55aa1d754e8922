"""The tables and the chart of docs/evidence/reading.md, out of the model's answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from benchmarks.chart import DARK, LIGHT
from benchmarks.reading.figures import Outcome, Share, chosen, difference, rate, told_apart, told_apart_difference
from benchmarks.reading.formats import FORMATS
from benchmarks.reading.plan import OPEN
from benchmarks.reading.windows import GROUPS, condensed_windows, verbatim_windows
from mcp_server.tokenizer import O200kCounter

MARKS, PLAIN = "marks", "plain"
SHOWN = {
    "marks": "marks `>` `<`; in groups letters",
    "marks, described": "the same, described",
    "names": "first names `Jane: text`",
    "names, described": "the same, described",
    "names, no colon": "first names `Jane text`",
    "names at times": "names at each day and every ten lines",
    "letters": "letters `A:` `B:`",
    "initials": "initials `PR:`",
    "default": "first names, as printed",
    "default, described": "the same, described",
    "plain": "`[time] Full Name: text`",
    "json": "the API's JSON",
}
KINDS = {
    "who": "who wrote it",
    "last": "who wrote last",
    "turn": "whose turn",
    "day": "which day",
    "first": "which came first",
}
OPEN_KINDS = {"day": "which day", "next": "what came next", "last": "who wrote last", "turn": "whose turn"}
LONG = 40
"""Messages of the windows that tokens are counted of."""


def who_table(found: Sequence[Outcome], group: str) -> str:
    """The main comparison, a row for each form that has been asked about in this group of questions."""
    tokens = token_ratios()
    asked = {name: ours for name in SHOWN if (ours := chosen(found, name, ("who",), group))}
    rows = []
    for name, ours in asked.items():
        cells = [SHOWN[name], str(len(ours))]
        for share, less in ((told_apart, told_apart_difference), (rate, difference)):
            cells.append(str(share(ours)))
            cells += ["" if name == base else signed(less(ours, asked.get(base, {}))) for base in (MARKS, PLAIN)]
        rows.append([*cells, f"{tokens[name]:.3f}"])
    head = ("less marks", "less plain lines")
    return markdown(("form", "n", "told apart", *head, "right", *head, "tokens, to marks"), rows)


def verdict(found: Sequence[Outcome]) -> str:
    """What decides, in three digits: first names without a colon against plain lines and marks."""
    compared = (
        ("Less plain lines, open questions", {"open": ("default", PLAIN)}),
        ("Less plain lines, names offered", {"main": ("names, no colon", PLAIN)}),
        ("Less plain lines, both", {"open": ("default", PLAIN), "main": ("names, no colon", PLAIN)}),
        ("Less marks, both", {"open": ("default", MARKS), "main": ("names, no colon", MARKS)}),
        ("Less marks, both described, names offered", {"main": ("default, described", "marks, described")}),
    )
    rows = []
    for text, forms in compared:
        ours, theirs = (
            {
                f"{group}/{name}": one
                for group, two in forms.items()
                for name, one in chosen(found, two[side], ("who",), group).items()
            }
            for side in (0, 1)
        )
        apart, right = told_apart_difference(ours, theirs), difference(ours, theirs)
        rows.append([text, str(len(ours.keys() & theirs.keys())), signed(apart, 3), signed(right, 3)])
    return markdown(("first names without a colon", "n", "told apart", "right"), rows)


def kinds_table(found: Sequence[Outcome]) -> str:
    """Every kind of question that offers its answers, a row for each form that was asked them."""
    return _kinds_table(found, "main", KINDS)


def open_table(found: Sequence[Outcome]) -> str:
    """The questions that offer no answers."""
    return _kinds_table(found, "open", OPEN_KINDS)


def quoted_table(found: Sequence[Outcome]) -> str:
    """What came next, with the answer begun by a quotation mark."""
    ours, marks = (chosen(found, name, ("next",), "quoted") for name in ("default", MARKS))
    row = [str(len(ours)), str(rate(marks)), str(rate(ours)), signed(difference(ours, marks), 3)]
    return markdown(("what came next, n", "marks", "first names, as printed", "less marks"), [row])


def _kinds_table(found: Sequence[Outcome], group: str, kinds: Mapping[str, str]) -> str:
    """Shares of right answers, a row for each form; the last columns are of all kinds together."""
    rows = []
    marks, plain = (chosen(found, name, tuple(kinds), group) for name in (MARKS, PLAIN))
    for name, shown in SHOWN.items():
        ours = chosen(found, name, tuple(kinds), group)
        if len({one.kind for one in ours.values()}) < 2:
            continue
        cells = [str(rate(several)) if (several := chosen(found, name, (kind,), group)) else "" for kind in kinds]
        less = ["" if name == MARKS else signed(difference(ours, marks))]
        less.append("" if name == PLAIN else signed(difference(ours, plain)))
        rows.append([shown, *cells, f"{rate(ours)} of {len(ours)}", *less])
    asked = (f"{text} ({len(chosen(found, MARKS, (kind,), group))})" for kind, text in kinds.items())
    return markdown(("form", *asked, "all", "less marks", "less plain lines"), rows)


def conversations_table(found: Sequence[Outcome]) -> str:
    """Who wrote it, by conversation, for the three forms that decide: told apart, in groups right."""
    languages = {window.conversation: window.language for window in verbatim_windows()}
    several = [chosen(found, name, ("who",), "open") for name in OPEN]
    rows = []
    for conversation, language in languages.items():
        ours = [{name: one for name, one in each.items() if one.conversation == conversation} for each in several]
        if not all(ours):
            continue
        share = rate if conversation in GROUPS else told_apart
        kind = "a group" if conversation in GROUPS else "two people"
        rows.append([conversation, language, kind, str(len(ours[0])), *(f"{share(each).value:.2f}" for each in ours)])
    return markdown(("conversation", "language", "between", "n", "marks", "first names", "plain lines"), rows)


class Convention(NamedTuple):
    """A convention and another form of it. `cost` is the form whose tokens the other alone takes, if any."""

    question: str
    group: str
    form: str
    other: str
    kind: str
    share: tuple[Callable[[Mapping[str, Outcome]], Share], Callable[..., Share]] = (rate, difference)
    cost: str | None = None


CONVENTIONS = (
    Convention(
        "how many are left out: `~ 3 messages`; `~ 3 left out`",
        "condensed", "default", "gaps left out", "omitted", cost="gaps left out",
    ),
    Convention(
        "the same; `[3 messages left out]`",
        "condensed", "default", "spelled out", "omitted", cost="gaps in words",
    ),
    Convention(
        "in which hour: no time within the hour; on every line",
        "condensed", "default", "spelled out", "hour", cost="times on every line",
    ),
    Convention(
        "shown in full: `Jane~ text [..]`; `Jane text [shortened]`",
        "cut", "default", "spelled out", "cut", (told_apart, told_apart_difference), "cuts in words",
    ),
    Convention("who wrote it: `-` for the same letter; the letter", "repeated", "marks", "labels repeated", "who"),
)  # fmt: skip


def conventions_table(found: Sequence[Outcome]) -> str:
    """The other conventions, each against a form that needs less teaching."""
    rows = []
    for one in CONVENTIONS:
        a, b = (chosen(found, form, (one.kind,), one.group) for form in (one.form, one.other))
        a, b = ({name: each[name] for name in each if name in a and name in b} for each in (a, b))
        if a and b:
            share, less = one.share
            cost = "" if one.cost is None else f"{_condensed_tokens(one.cost) / _condensed_tokens('default'):.3f}"
            rows.append([one.question, str(len(a)), str(share(a)), str(share(b)), signed(less(b, a)), cost])
    head = ("question: convention; other form", "n", "convention", "other form", "other, less convention", "tokens")
    return markdown(head, rows)


def _condensed_tokens(form: str) -> int:
    counter = O200kCounter()
    return sum(counter.count(FORMATS[form](one)) for one in condensed_windows())


def token_ratios() -> dict[str, float]:
    """Tokens of whole answers of up to forty messages, as a ratio to those with marks."""
    counter = O200kCounter()
    windows = verbatim_windows(LONG)
    counts = {name: sum(counter.count(FORMATS[name](one)) for one in windows) for name in SHOWN}
    return {name: count / counts[MARKS] for name, count in counts.items()}


def signed(share: Share, digits: int = 2) -> str:
    return " ".join((f"{share.value:+.{digits}f}", f"[{share.low:+.{digits}f}, {share.high:+.{digits}f}]"))


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def chart(found: Sequence[Outcome]) -> str:
    """An SVG of who wrote it: for each form two dots with their intervals. The line at 0.5 is chance."""
    several = {name: chosen(found, name, ("who",), "open") for name in SHOWN}
    return "\n".join(_drawn([(name, told_apart(ours), rate(ours)) for name, ours in several.items() if ours])) + "\n"


def _drawn(shares: Sequence[tuple[str, Share, Share]]) -> Iterator[str]:
    left, width, step, top = 150, 540, 36, 62
    bottom = top + step * len(shares)

    def x(share: float) -> float:
        return round(left + width * (share - 0.3) / 0.7, 1)

    title = "Who wrote it, by the form of the transcript"
    size = f'viewBox="0 0 {left + width + 40} {bottom + 42}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}">'
    light = f"{LIGHT}.apart{{fill:#0969da;stroke:#0969da}}.right{{fill:#fff;stroke:#6e7781}}"
    dark = f"{DARK}.apart{{fill:#58a6ff;stroke:#58a6ff}}.right{{fill:#0d1117;stroke:#8b949e}}"
    yield f"<style>{light}@media (prefers-color-scheme:dark){{{dark}}}</style>"
    yield '<rect class="ground" width="100%" height="100%"/>'
    yield f'<text class="title" x="12" y="22">{title}</text>'
    for kind, text, at in (("apart", "told apart", left + 6), ("right", "right", left + 106)):
        yield f'<circle class="{kind}" cx="{at}" cy="40" r="5"/><text class="small" x="{at + 10}" y="44">{text}</text>'
    yield f'<text class="small" x="{left + 160}" y="44">95 % intervals</text>'
    for tenths in range(3, 11):
        line = x(tenths / 10)
        dashes = ' stroke-dasharray="4 3"' if tenths == 5 else ""
        yield f'<path class="grid"{dashes} d="M{line} {top}V{bottom}"/>'
        yield f'<text class="small" x="{line}" y="{bottom + 18}" text-anchor="middle">{tenths / 10:.1f}</text>'
    yield f'<text class="small" x="{x(0.5)}" y="{bottom + 34}" text-anchor="middle">chance</text>'
    for number, (name, *two) in enumerate(shares):
        y = top + step * number + step // 2
        yield f'<text x="{left - 12}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
        for kind, share, high in (("right", two[1], y + 7), ("apart", two[0], y - 7)):
            yield f'<path class="{kind}" stroke-width="2" d="M{x(share.low)} {high}H{x(share.high)}"/>'
            yield f'<circle class="{kind}" stroke-width="2" cx="{x(share.value)}" cy="{high}" r="5"/>'
    yield "</svg>"
