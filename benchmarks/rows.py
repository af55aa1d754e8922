"""Rows of the table of figures: ours against a named peer, as ratios of runs taken by turns."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` is ours over the peer's, the median of paired runs; `spread` its first and last quarter.

    `aim` is the largest ratio that meets the goal. Rows without a peer have a figure alone, in `ours`.
    """

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    aim: float | None = None

    def cells(self) -> list[str]:
        """The cells of its line of the table."""
        ratio = "" if self.ratio is None else f"**{self.ratio:.2f}**"
        spread = "" if self.spread is None else f"{self.spread[0]:.2f} to {self.spread[1]:.2f}"
        return [self.what, self.ours, self.peer, ratio, spread, "" if self.aim is None else f"{self.aim:g}"]


HEAD = ("figure", "this server", "peer", "ratio", "middle half", "goal")


def paired(
    what: str,
    ours: Sequence[float],
    peers: Sequence[float],
    *,
    show: Callable[[float], str],
    aim: float | None = None,
) -> Row:
    """A row from alternating measurements: our first is paired with the peer's first, and so on."""
    ratios = [our / peer for our, peer in zip(ours, peers, strict=True)]
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    middle = statistics.median
    return Row(what, show(middle(ours)), show(middle(peers)), middle(ratios), (low, high), aim)


def ms(seconds: float) -> str:
    """Seconds as milliseconds, in three figures."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row.cells())} |" for row in rows)])


def bars(rows: Sequence[Row], title: str) -> str:
    """A drawing (SVG) of the rows that have a ratio: a bar for each, and a line at its goal."""
    drawn = [row for row in rows if row.ratio is not None]
    most = max(max(row.ratio or 0, row.aim or 0) for row in drawn) * 1.12
    left, width, step = 330, 420, 26
    height = 46 + step * len(drawn)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 60} {height}" role="img"',
        f'font-family="system-ui, sans-serif" font-size="13"><title>{_text(title)}</title>',
        "<style>text{fill:#24292f}.bar{fill:#0a7e8c}.aim{stroke:#b35900;stroke-width:2}",
        "@media(prefers-color-scheme:dark){text{fill:#d0d7de}.bar{fill:#3fb6c6}.aim{stroke:#f0a45d}}</style>",
        f'<text x="8" y="18" font-weight="600">{_text(title)}</text>',
    ]
    for number, row in enumerate(drawn):
        y, ratio = 34 + step * number, row.ratio or 0.0
        out.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{_text(row.what)}</text>')
        out.append(f'<rect class="bar" x="{left}" y="{y + 2}" width="{width * ratio / most:.1f}" height="16" rx="2"/>')
        out.append(f'<text x="{left + width * ratio / most + 6:.1f}" y="{y + 14}">{ratio:.2f}</text>')
        if row.aim is not None:
            x = left + width * row.aim / most
            out.append(f'<line class="aim" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 1}" y2="{y + 21}"/>')
    return "\n".join([*out, "</svg>\n"])


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
