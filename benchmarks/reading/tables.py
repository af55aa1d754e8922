"""The tables and the chart of docs/evidence/reading.md, out of the model's answers."""

from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.chart import DARK, LIGHT
from benchmarks.reading.figures import Outcome, Share, chosen, difference, rate, told_apart, told_apart_difference
from benchmarks.reading.formats import FORMATS
from benchmarks.reading.questions import VERBATIM_KINDS
from benchmarks.reading.windows import verbatim_windows
from mcp_server.tokenizer import O200kCounter

TODAY, PLAIN = "marks", "plain"
SHOWN = {
    "marks": "today's marks `>` `<`",
    "marks, described": "the same, described",
    "names": "first names",
    "names, described": "the same, described",
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
    today, plain = chosen(found, TODAY, ("who",)), chosen(found, PLAIN, ("who",))
    for name, shown in SHOWN.items():
        ours = chosen(found, name, ("who",))
        if ours:
            rows.append([
                shown, str(len(ours)), str(rate(ours)), str(told_apart(ours)),
                "" if name == TODAY else signed(difference(ours, today)),
                "" if name == PLAIN else signed(difference(ours, plain)),
                "" if name == PLAIN else signed(told_apart_difference(ours, plain)),
                f"{tokens[name][0]:.1f}", f"{tokens[name][1]:.3f}",
            ])  # fmt: skip
    head = (
        "form", "n", "right", "told apart", "right, less today's", "right, less plain lines'",
        "told apart, less plain lines'", "tokens a message", "to today's",
    )  # fmt: skip
    return markdown(head, rows)


def kinds_table(found: Sequence[Outcome]) -> str:
    """Every kind of question, a row for each format; the last columns are all of them."""
    rows = []
    today, plain = (chosen(found, name, VERBATIM_KINDS) for name in (TODAY, PLAIN))
    for name, shown in SHOWN.items():
        ours = chosen(found, name, VERBATIM_KINDS)
        if not ours:
            continue
        cells = [str(rate(several)) if (several := chosen(found, name, (kind,))) else "" for kind in KINDS]
        less = ["" if name == TODAY else signed(difference(ours, today))]
        less.append("" if name == PLAIN else signed(difference(ours, plain)))
        rows.append([shown, *cells, f"{rate(ours)} of {len(ours)}", *less])
    number = {kind: len(chosen(found, TODAY, (kind,))) for kind in KINDS}
    head = (
        "form",
        *(f"{text} ({number[kind]})" for kind, text in KINDS.items()),
        "all",
        "less today's",
        "less plain's",
    )
    return markdown(head, rows)


def conversations_table(found: Sequence[Outcome]) -> str:
    """Who wrote it, by conversation, for the three forms that decide."""
    languages = {window.conversation: window.language for window in verbatim_windows()}
    several = {name: chosen(found, name, ("who",)) for name in ("marks", "names", "plain")}
    rows = []
    for conversation, language in languages.items():
        cells = []
        for by_question in several.values():
            rights = [one.right for one in by_question.values() if one.conversation == conversation]
            cells.append(f"{sum(rights) / len(rights):.2f}" if rights else "")
        number = sum(one.conversation == conversation for one in several["marks"].values())
        rows.append([conversation, language, str(number), *cells])
    return markdown(("conversation", "language", "n", "marks", "first names", "plain lines"), rows)


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
        a, b = chosen(found, TODAY, kinds, group), chosen(found, other, kinds, group)
        a = {name: one for name, one in a.items() if name in b}
        if a and b:
            rows.append([text, str(len(a)), str(rate(a)), str(rate(b)), signed(difference(b, a))])
    return markdown(("question and convention; the other form", "n", "today's", "other", "other, less today's"), rows)


def token_ratios() -> dict[str, tuple[float, float]]:
    """Tokens of whole answers of forty messages, a message, and as a ratio to today's."""
    counter = O200kCounter()
    windows = [one for one in verbatim_windows(LONG) if len(one.messages) > LONG // 3]
    messages = sum(len(one.messages) for one in windows)
    counts = {name: sum(counter.count(FORMATS[name](one)) for one in windows) for name in SHOWN}
    return {name: (count / messages, count / counts[TODAY]) for name, count in counts.items()}


def signed(share: Share) -> str:
    return f"{share.value:+.2f} [{share.low:+.2f}, {share.high:+.2f}]"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def chart(found: Sequence[Outcome]) -> str:
    """An SVG: a dot with its interval for each form, of who wrote it; the line at 0.5 is chance."""
    shares = [(name, rate(ours)) for name in SHOWN if (ours := chosen(found, name, ("who",)))]
    return "\n".join(_drawn(shares)) + "\n"


def _drawn(shares: Sequence[tuple[str, Share]]) -> Iterator[str]:
    left, width, step, top = 230, 480, 30, 40
    height = top + step * len(shares) + 40

    def x(share: float) -> float:
        return round(left + width * (share - 0.2) / 0.8, 1)

    title = "Who wrote it: share of right answers, with the 95 % interval, by the form of the transcript"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 60} {height}" role="img" '
        f'aria-label="{title}">'
    )
    light, dark = f"{LIGHT}.dot{{fill:#0969da}}.whisker{{stroke:#0969da}}", DARK
    dark += ".dot{fill:#58a6ff}.whisker{stroke:#58a6ff}"
    yield f"<style>{light}@media (prefers-color-scheme:dark){{{dark}}}</style>"
    yield '<rect class="ground" width="100%" height="100%"/>'
    yield f'<text class="title" x="12" y="22">{title}</text>'
    bottom = top + step * len(shares)
    for tenths in range(2, 11):
        at = x(tenths / 10)
        dashes = ' stroke-dasharray="4 3"' if tenths == 5 else ""
        yield f'<path class="grid"{dashes} d="M{at} {top}V{bottom}"/>'
        yield f'<text class="small" x="{at}" y="{bottom + 18}" text-anchor="middle">{tenths / 10:.1f}</text>'
    yield f'<text class="small" x="{x(0.5)}" y="{bottom + 33}" text-anchor="middle">chance</text>'
    for number, (name, share) in enumerate(shares):
        y = top + step * number + step // 2
        yield f'<text x="{left - 12}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
        yield f'<path class="whisker" stroke-width="2" d="M{x(share.low)} {y}H{x(share.high)}"/>'
        yield f'<circle class="dot" cx="{x(share.value)}" cy="{y}" r="5"/>'
    yield "</svg>"
