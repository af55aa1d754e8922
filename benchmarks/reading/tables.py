"""The tables and the chart of docs/evidence/reading.md, out of the model's answers."""

from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.chart import DARK, LIGHT
from benchmarks.reading.figures import Outcome, Share, chosen, difference, rate, told_apart, told_apart_difference
from benchmarks.reading.formats import FORMATS
from benchmarks.reading.plan import MAIN
from benchmarks.reading.questions import VERBATIM_KINDS
from benchmarks.reading.windows import GROUPS, verbatim_windows
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
LONG = 40
"""Messages of the windows that tokens are counted of."""


def who_table(found: Sequence[Outcome]) -> str:
    """The main comparison, a row for each format."""
    tokens = token_ratios()
    rows = []
    marks, plain = chosen(found, MARKS, ("who",)), chosen(found, PLAIN, ("who",))
    for name, shown in SHOWN.items():
        if ours := chosen(found, name, ("who",)):
            cells = [shown, str(len(ours))]
            for share, less in ((told_apart, told_apart_difference), (rate, difference)):
                cells.append(str(share(ours)))
                cells.append("" if name == MARKS else signed(less(ours, marks)))
                cells.append("" if name == PLAIN else signed(less(ours, plain)))
            rows.append([*cells, f"{tokens[name]:.3f}"])
    head = ("less marks", "less plain lines")
    table = markdown(("form", "n", "told apart", *head, "right", *head, "tokens, to marks"), rows)
    names, marks = (chosen(found, f"{name}, described", ("who",)) for name in ("names", "marks"))
    both = f"{signed(told_apart_difference(names, marks))} told apart, {signed(difference(names, marks))} right"
    unasked = [f"{shown} ({tokens[name]:.3f})" for name, shown in SHOWN.items() if not chosen(found, name, ("who",))]
    text = (
        f"{table}\n\nFirst names less marks, both described: {both}, of {len(names.keys() & marks.keys())} questions."
    )
    return f"{text}\n\nNot asked about yet, with their tokens: {', '.join(unasked)}." if unasked else text


def kinds_table(found: Sequence[Outcome]) -> str:
    """Every kind of question, a row for each format; the last columns are all of them."""
    rows = []
    marks, plain = (chosen(found, name, VERBATIM_KINDS) for name in (MARKS, PLAIN))
    for name, shown in SHOWN.items():
        ours = chosen(found, name, VERBATIM_KINDS)
        if not ours:
            continue
        cells = [str(rate(several)) if (several := chosen(found, name, (kind,))) else "" for kind in KINDS]
        less = ["" if name == MARKS else signed(difference(ours, marks))]
        less.append("" if name == PLAIN else signed(difference(ours, plain)))
        rows.append([shown, *cells, f"{rate(ours)} of {len(ours)}", *less])
    number = {kind: len(chosen(found, MARKS, (kind,))) for kind in KINDS}
    head = (
        "form",
        *(f"{text} ({number[kind]})" for kind, text in KINDS.items()),
        "all",
        "less marks",
        "less plain lines",
    )
    return markdown(head, rows)


def conversations_table(found: Sequence[Outcome]) -> str:
    """Who wrote it, by conversation, for the three forms that decide: told apart, in groups right."""
    languages = {window.conversation: window.language for window in verbatim_windows()}
    several = [chosen(found, name, ("who",)) for name in MAIN]
    rows = []
    for conversation, language in languages.items():
        ours = [{name: one for name, one in each.items() if one.conversation == conversation} for each in several]
        share = rate if conversation in GROUPS else told_apart
        kind = "a group" if conversation in GROUPS else "two people"
        rows.append([conversation, language, kind, str(len(ours[0])), *(f"{share(each).value:.2f}" for each in ours)])
    return markdown(("conversation", "language", "between", "n", "marks", "first names", "plain lines"), rows)


def conventions_table(found: Sequence[Outcome]) -> str:
    """The other conventions, each against the form that needs no teaching."""
    compared = (
        ("in which hour: time left out within the hour; on every line", "hours", "times on every line", ("hour",)),
        ("how many left out: `~ 3 messages`; `[3 messages left out]`", "condensed", "gaps in words", ("omitted",)),
        ("the same; plain lines with `[3 messages left out]`", "condensed", "plain", ("omitted",)),
        ("whole or shortened: `>~ ... [..]`; `[shortened]`", "cut", "cuts in words", ("cut",)),
        ("who wrote it: `-` for the same sender; its letter", "repeated", "labels repeated", ("who",)),
    )
    rows = []
    for text, group, other, kinds in compared:
        a, b = chosen(found, MARKS, kinds, group), chosen(found, other, kinds, group)
        a = {name: one for name, one in a.items() if name in b}
        if a and b:
            rows.append([text, str(len(a)), str(rate(a)), str(rate(b)), signed(difference(b, a))])
    return markdown(
        ("question and convention; the other form", "n", "convention", "other form", "other, less convention"), rows
    )


def token_ratios() -> dict[str, float]:
    """Tokens of whole answers of up to forty messages, as a ratio to those with marks."""
    counter = O200kCounter()
    windows = verbatim_windows(LONG)
    counts = {name: sum(counter.count(FORMATS[name](one)) for one in windows) for name in SHOWN}
    return {name: count / counts[MARKS] for name, count in counts.items()}


def signed(share: Share) -> str:
    return f"{share.value:+.2f} [{share.low:+.2f}, {share.high:+.2f}]"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def chart(found: Sequence[Outcome]) -> str:
    """An SVG of who wrote it: for each form two dots with their intervals. The line at 0.5 is chance."""
    several = {name: chosen(found, name, ("who",)) for name in SHOWN}
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
