"""Draws `results.svg`: for each operation a bar for each server, on a scale of powers of ten."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from bench.queries import QUERIES
from bench.results import Summary
from bench.servers import SERVERS

PATH = Path(__file__).parent / "results.svg"

_OURS, _RAW, _NODE, _PYTHON = "#c2410c", "#57606a", "#2f6f9f", "#8a9a3b"
_LEGEND = {"ours": _OURS, "raw SQL": _RAW, "Node": _NODE, "Python": _PYTHON}
_WIDE, _NAMES, _NUMBERS = 520, 190, 56  # a panel, the names left and numbers right of the bars
_ROW, _HEAD, _GAP, _TOP = 17, 34, 18, 56


def write(summary: Summary, concurrency: int) -> None:
    """Draw the rates at one number of connections."""
    PATH.write_text("\n".join(_drawn(summary, concurrency)) + "\n")


def _drawn(summary: Summary, concurrency: int) -> Iterator[str]:
    tall = _HEAD + _ROW * len(summary.servers) + _GAP
    rows = math.ceil(len(summary.queries) / 2)
    width, height = 2 * _WIDE + 3 * _GAP, _TOP + rows * tall
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    yield ' font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">'
    yield f'<rect width="{width}" height="{height}" fill="white"/>'
    title = f"Answers each second, {concurrency} connections (each line is ten times the last)"
    yield _text(_GAP, 24, title, 'font-size="15" font-weight="600"')
    yield from _legend()
    for place, query in enumerate(summary.queries):
        left, top = _GAP + place % 2 * (_WIDE + _GAP), _TOP + place // 2 * tall
        yield f'<g transform="translate({left} {top})">'
        yield from _panel(summary, query, concurrency)
        yield "</g>"
    yield "</svg>"


def _legend() -> Iterator[str]:
    for place, (name, colour) in enumerate(_LEGEND.items()):
        left = _GAP + 90 * place
        yield f'<rect x="{left}" y="34" width="11" height="11" fill="{colour}"/>'
        yield _text(left + 16, 44, name)


def _panel(summary: Summary, query: str, concurrency: int) -> Iterator[str]:
    title = f"{query} {QUERIES[query].title.replace('`', '')}"
    yield _text(0, 18, title, 'font-weight="600"')
    rates = {
        name: summary.median(name, query, concurrency, "rate")
        for name in summary.servers
        if summary.has(name, query)
    }
    measured = [rate for rate in rates.values() if rate]
    if not measured:
        return
    low, high = math.floor(math.log10(min(measured))), math.log10(max(measured))
    room = _WIDE - _NAMES - _NUMBERS
    scale = room / max(high - low, 1)
    bottom = _HEAD + _ROW * len(rates) - 4
    for power in range(low, math.floor(high) + 1):
        x = _NAMES + (power - low) * scale
        yield f'<path d="M{x:.1f} {_HEAD - 6}V{bottom}" stroke="#d0d7de"/>'
    for place, (name, rate) in enumerate(rates.items()):
        yield from _bar(name, rate, _HEAD + _ROW * place, low, scale)


def _bar(name: str, rate: float | None, top: int, low: int, scale: float) -> Iterator[str]:
    yield _text(_NAMES - 6, top + 10, SERVERS[name].title, 'text-anchor="end" font-size="11"')
    if not rate:
        yield _text(_NAMES + 4, top + 10, "–")
        return
    length = max((math.log10(rate) - low) * scale, 1)
    yield f'<rect x="{_NAMES}" y="{top}" width="{length:.1f}" height="12" fill="{_colour(name)}"/>'
    number = f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"
    yield _text(round(_NAMES + length + 4), top + 10, number, 'font-size="11"')


def _colour(name: str) -> str:
    server = SERVERS[name]
    kinds: Sequence[tuple[bool, str]] = (
        (server.is_ours, _OURS),
        (name == "raw", _RAW),
        (server.is_node, _NODE),
    )
    return next((colour for holds, colour in kinds if holds), _PYTHON)


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(text)}</text>'
