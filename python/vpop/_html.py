"""Small tables and numbers for notebooks, in the colours of the page that they are in."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

_CELL = "padding:2px 8px;text-align:right;white-space:nowrap"
_FIRST = "padding:2px 8px;text-align:left"


def text(value: Any) -> str:
    """Text that acts on no page."""
    return html.escape(str(value))


def number(value: Any, digits: int = 3) -> str:
    """A number with so many digits that count, as ``1,230`` or ``0.0123``; text as it is, nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    size = math.floor(math.log10(abs(value)))
    if -4 <= size < 6:
        rounded = round(value, digits - 1 - size)
        return f"{rounded:,.{max(0, digits - 1 - size)}f}"
    return f"{value:.{digits - 1}e}"


def table(caption: str, head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> str:
    """A table: a caption, lines of headings, lines of cells; the first column names the line."""
    headings = "".join(_row("th", line) for line in head)
    cells = "".join(_row("td", line) for line in rows)
    return (
        '<table style="border-collapse:collapse;font-size:90%">'
        f'<caption style="text-align:left">{text(caption)}</caption>'
        f"<thead>{headings}</thead><tbody>{cells}</tbody></table>"
    )


def _row(tag: str, cells: Sequence[str]) -> str:
    styles = [_FIRST, *[_CELL] * len(cells)]
    return (
        "<tr>"
        + "".join(f'<{tag} style="{style}">{text(cell)}</{tag}>' for cell, style in zip(cells, styles, strict=False))
        + "</tr>"
    )


def paragraph(said: str) -> str:
    """A line of text."""
    return f'<div style="margin:4px 0">{said}</div>'
