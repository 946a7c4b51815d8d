"""Pictures as inline SVG: a panel for each quantity, in the colours of the page that they are in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ._html import text

_WIDTH, _HEIGHT = 250, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 16, 34, 34
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours, which the colour-blind tell apart too."""

Height = Callable[[float], float]
"""Where a value is: pixels from the top."""


@dataclass(frozen=True)
class Interval:
    """What an arm shows: a middle, and inner and outer ends; the inner ones may be missing."""

    label: str
    middle: float
    outer: tuple[float, float]
    inner: tuple[float, float] | None = None


@dataclass(frozen=True)
class Course:
    """A line over time, with a band."""

    label: str
    times: Sequence[float]
    middle: Sequence[float]
    band: tuple[Sequence[float], Sequence[float]] | None = None


@dataclass(frozen=True)
class Panel:
    """A quantity: its title and unit, and what each arm shows."""

    title: str
    unit: str
    intervals: Sequence[Interval] = field(default=())
    courses: Sequence[Course] = field(default=())
    across: str = ""


def picture(panels: Sequence[Panel], described: str) -> str:
    """The panels side by side, three in a line."""
    columns = min(3, len(panels))
    lines = math.ceil(len(panels) / columns) if columns else 0
    width, height = columns * _WIDTH, lines * _HEIGHT
    drawn = [
        f'<g transform="translate({index % columns * _WIDTH},{index // columns * _HEIGHT})">{_panel(panel)}</g>'
        for index, panel in enumerate(panels)
    ]
    style = f"max-width:{width}px;width:100%;height:auto;font:10px sans-serif;fill:currentColor"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" style="{style}">'
    return f"{head}<title>{text(described)}</title>{''.join(drawn)}</svg>"


def _panel(panel: Panel) -> str:
    values = [value for interval in panel.intervals for value in (interval.middle, *interval.outer)]
    for course in panel.courses:
        values += [*course.middle, *(value for side in course.band or () for value in side)]
    low, high = _ends(values)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    unit = "" if panel.unit in ("", "1") else f", {panel.unit}"
    parts = [f'<text x="{_LEFT}" y="12" style="font-weight:bold">{text(panel.title + unit)}</text>']
    for tick in _ticks(low, high):
        parts.append(_line((_LEFT, y(tick)), (_WIDTH - _RIGHT, y(tick)), "currentColor", 1, opacity=0.15))
        parts.append(_text(_LEFT - 4, y(tick) + 3, f"{tick:,g}", "end"))
    parts += _intervals(panel.intervals, y) if panel.intervals else _courses(panel, y)
    return "".join(parts)


def _intervals(intervals: Sequence[Interval], y: Height) -> list[str]:
    step = (_WIDTH - _LEFT - _RIGHT) / len(intervals)
    labelled = math.ceil(len(intervals) / 6)
    parts = []
    for index, interval in enumerate(intervals):
        x, (low, high) = _LEFT + (index + 0.5) * step, interval.outer
        parts.append(_line((x, y(low)), (x, y(high)), _COLOURS[0], 1.5))
        if interval.inner is not None:
            low, high = interval.inner
            parts.append(_line((x, y(low)), (x, y(high)), _COLOURS[0], 6, opacity=0.5))
        parts.append(f'<circle cx="{x:.1f}" cy="{y(interval.middle):.1f}" r="3" fill="{_COLOURS[0]}"/>')
        if index % labelled == 0:
            # Every second label a line lower, where they would touch.
            lower = 11 if len(intervals) > 3 and index // labelled % 2 else 0
            parts.append(_text(x, _HEIGHT - _BOTTOM + 13 + lower, interval.label, "middle"))
    return parts


def _courses(panel: Panel, y: Height) -> list[str]:
    times = [time for course in panel.courses for time in (course.times[0], course.times[-1])]
    first, last = min(times, default=0.0), max(times, default=1.0)
    last = last if last > first else first + 1

    def x(time: float) -> float:
        return _LEFT + (time - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT)

    def points(times: Sequence[float], values: Sequence[float]) -> str:
        return " ".join(f"{x(time):.1f},{y(value):.1f}" for time, value in zip(times, values, strict=True))

    parts = []
    for index, course in enumerate(panel.courses):
        colour = _COLOURS[index % len(_COLOURS)]
        if course.band is not None:
            low, high = course.band
            around = points([*course.times, *reversed(course.times)], [*low, *reversed(high)])
            parts.append(f'<polygon points="{around}" fill="{colour}" opacity="0.2"/>')
        line = points(course.times, course.middle)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if index < 3:
            parts.append(_text(_LEFT + index * 66, 24, course.label, "start", colour))
    parts += [_text(x(time), _HEIGHT - _BOTTOM + 13, f"{time:,g}", "middle") for time in _ticks(first, last)]
    parts.append(_text(_WIDTH - _RIGHT, _HEIGHT - 6, panel.across, "end"))
    return parts


def _line(start: tuple[float, float], end: tuple[float, float], colour: str, width: float, opacity: float = 1) -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}" opacity="{opacity:g}"/>'


def _text(x: float, y: float, said: str, anchor: str, colour: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text(said)}</text>'


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low >= 0 and low < 0.4 * high:
        low = 0.0
    return (low, high) if high > low else (low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1))


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers."""
    size = 10.0 ** math.floor(math.log10((high - low) / 3))
    step = next(size * times for times in (1, 2, 5, 10) if (high - low) / (size * times) <= 5)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]
