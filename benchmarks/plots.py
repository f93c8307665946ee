"""Drawings of recorded results: how many things a second at which size, both axes logarithmic, as SVG beside the page they are from.

    python benchmarks/plots.py          draws what results/lpm.md and results/batch.md have

A drawing shows medians. It is made from the page alone, so that whoever doubts it can read the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent / "results"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 460, 80, 250, 40, 50
COLOURS = ("#1b6ca8", "#c8442f", "#3b8a3e", "#8a4fa3", "#b8860b", "#4a4a4a", "#d0609a", "#2a9d8f", "#7f5539", "#6a7b8c")
Series = dict[str, list[tuple[float, float]]]


class Drawing(NamedTuple):
    """What to draw of a page: `row` finds size and series in the first cell of its rows."""

    page: str
    title: str
    axis: str
    row: str


DRAWINGS = (
    Drawing(
        "lpm",
        "Longest-prefix match in one IPv4 table, lookups per second",
        "prefixes",
        r"one IPv4 table of ([\d,]+), inside random prefixes: (.+)",
    ),
    Drawing("batch", "Round trips per second, flows in the order of their senders", "interfaces", r"([\d,]+) interfaces, (?!.*random)(.+)"),
)


def series_of(page: str, row: str) -> Series:
    """The medians of the rows of a page that match, by series and in the order of sizes."""
    found: Series = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        matched = re.fullmatch(row, cells[1]) if len(cells) > 4 else None
        if matched:
            size, name = matched.groups()
            found.setdefault(name, []).append((float(size.replace(",", "")), float(cells[3].replace(",", ""))))
    return {name: sorted(points) for name, points in found.items()}


def svg(title: str, axis: str, series: Series) -> str:
    """The drawing.

    >>> svg("Speed", "size", {"ours": [(10, 1e6), (1000, 1e5)]}).count("<circle")
    2
    """
    points = [point for some in series.values() for point in some]
    across, up = _scale([x for x, _ in points], LEFT, WIDTH - RIGHT), _scale([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [_text(LEFT, 20, title, "start"), _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, axis, "middle")]
    for power in range(across.first, across.last + 1):
        at = across.place(10.0**power)
        parts += [_line(at, TOP, at, HEIGHT - BOTTOM), _text(at, HEIGHT - BOTTOM + 18, f"{10**power:,}", "middle")]
    for power in range(up.first, up.last + 1):
        at = up.place(10.0**power)
        parts += [_line(LEFT, at, WIDTH - RIGHT, at), _text(LEFT - 6, at + 4, f"{10**power:,}", "end")]
    for number, (name, some) in enumerate(sorted(series.items(), key=lambda pair: -pair[1][-1][1])):
        colour = COLOURS[number % len(COLOURS)]
        places = [(across.place(x), up.place(y)) for x, y in some]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        parts.append(_text(WIDTH - RIGHT + 12, TOP + 10 + 18 * number, name, "start", colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>", ""])


class _Scale(NamedTuple):
    """Powers of ten from `first` to `last`, from one place to another."""

    first: int
    last: int
    begin: float
    end: float

    def place(self, value: float) -> float:
        return self.begin + (self.end - self.begin) * (math.log10(value) - self.first) / (self.last - self.first)


def _scale(values: Iterable[float], begin: float, end: float) -> _Scale:
    logarithms = [math.log10(value) for value in values]
    first, last = math.floor(min(logarithms)), math.ceil(max(logarithms))
    return _Scale(first, max(last, first + 1), begin, end)


def _line(x: float, y: float, other_x: float, other_y: float) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{other_x:.1f}" y2="{other_y:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = "black") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def main() -> None:
    for drawing in DRAWINGS:
        page = RESULTS / f"{drawing.page}.md"
        series = series_of(page.read_text("utf-8"), drawing.row) if page.is_file() else {}
        if series:
            page.with_suffix(".svg").write_text(svg(drawing.title, drawing.axis, series), "utf-8")
            print(f"drawn in benchmarks/results/{drawing.page}.svg")
        else:
            print(f"nothing to draw in benchmarks/results/{drawing.page}.md")


if __name__ == "__main__":
    main()
