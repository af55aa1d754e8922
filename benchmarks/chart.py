"""A chart of lines as an SVG by hand: a panel above the other, a name at the end of each line, light and dark."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"

WIDTH, PANEL_HEIGHT = 800, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 44, 52
LABEL_PX = 17
"""Smallest distance between two names."""

LIGHT = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}"
    ".small{font-size:12px;fill:#59636e}.ground{fill:#fff}.grid{stroke:#d1d9e0}.line{fill:none;stroke-width:2.2}"
)
DARK = "text{fill:#e6edf3}.small{fill:#9198a1}.ground{fill:#0d1117}.grid{stroke:#3d444d}"
COLOURS = (
    ("#6e7781", "#8b949e"),
    ("#6e7781", "#8b949e"),
    ("#9a6700", "#d29922"),
    ("#0969da", "#58a6ff"),
    ("#bc4c00", "#f0883e"),
    ("#1a7f37", "#3fb950"),
    ("#8250df", "#bc8cff"),
)
"""For each line, on light and on dark ground."""

DASHED = frozenset({1, 2, 4})
"""Dash patterns, so that lines differ in more than colour."""


@dataclass(frozen=True, slots=True)
class Line:
    """A name and a share, from 0 to 1, for each budget."""

    name: str
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    lines: tuple[Line, ...]


def write_chart(name: str, panels: Sequence[Panel], budgets: Sequence[int]) -> None:
    """Writes docs/images/<name>: the share kept against the budget, which doubles from mark to mark."""
    (IMAGES / name).write_text("\n".join(_drawn(panels, budgets)) + "\n", encoding="utf-8")


def _drawn(panels: Sequence[Panel], budgets: Sequence[int]) -> Iterator[str]:
    height = PANEL_HEIGHT * len(panels)
    label = "Share of the evidence kept against the budget in tokens, a line for each way to choose"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{label}">'
    )
    light, dark = LIGHT, DARK
    for number, (on_light, on_dark) in enumerate(COLOURS):
        light += f".c{number}{{stroke:{on_light}}}text.c{number}{{fill:{on_light};stroke:none}}"
        dark += f".c{number}{{stroke:{on_dark}}}text.c{number}{{fill:{on_dark};stroke:none}}"
    yield f"<style>{light}@media (prefers-color-scheme:dark){{{dark}}}</style>"
    yield '<rect class="ground" width="100%" height="100%"/>'
    for number, panel in enumerate(panels):
        yield f'<g transform="translate(0 {PANEL_HEIGHT * number})">'
        yield from _panel(panel, budgets)
        yield "</g>"
    yield "</svg>"


def _panel(panel: Panel, budgets: Sequence[int]) -> Iterator[str]:
    yield f'<text class="title" x="{LEFT}" y="24">{escape(panel.title)}</text>'
    for tenths in range(0, 11, 2):
        y = _y(tenths / 10)
        yield f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
        yield f'<text class="small" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{tenths / 10:.1f}</text>'
    for budget in budgets:
        x = _x(budget, budgets)
        yield f'<path class="grid" d="M{x} {_y(0)}v5"/>'
        yield f'<text class="small" x="{x}" y="{_y(0) + 20}" text-anchor="middle">{budget:,}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text class="small" x="{middle}" y="{_y(0) + 40}" text-anchor="middle">budget, o200k_base tokens</text>'
    turned = f"translate(18 {_y(0.5)}) rotate(-90)"
    yield f'<text class="small" transform="{turned}" text-anchor="middle">share of the evidence kept</text>'
    heights = _label_heights([_y(line.shares[-1]) for line in panel.lines])
    for number, line in enumerate(panel.lines):
        points = [f"{_x(budget, budgets)} {_y(share)}" for budget, share in zip(budgets, line.shares, strict=True)]
        dashes = ' stroke-dasharray="6 4"' if number in DASHED else ""
        yield f'<path class="line c{number}"{dashes} d="M{"L".join(points)}"/>'
        end, height = WIDTH - RIGHT, heights[number]
        yield f'<path class="c{number}" stroke-width="1" d="M{end + 2} {_y(line.shares[-1])}L{end + 14} {height}"/>'
        yield f'<text class="c{number}" x="{end + 18}" y="{height + 4}">{escape(line.name)}</text>'


def _label_heights(wanted: Sequence[float]) -> list[float]:
    """Positions of the names: in the order of their lines' ends, spaced apart, within the panel."""
    heights = list(wanted)
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], -at))
    for above, below in pairwise(order):
        heights[below] = max(heights[below], heights[above] + LABEL_PX)
    lowest = _y(0)
    for at in reversed(order):
        heights[at] = lowest = min(heights[at], lowest)
        lowest -= LABEL_PX
    return [round(height, 1) for height in heights]


def _x(budget: int, budgets: Sequence[int]) -> float:
    share = math.log(budget / budgets[0]) / math.log(budgets[-1] / budgets[0])
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(TOP + (1 - share) * (PANEL_HEIGHT - TOP - BOTTOM), 1)
