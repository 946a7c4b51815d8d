"""How far the program is, in a notebook, on a terminal, or told to a function."""

from __future__ import annotations

import html
import importlib
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

Progress = bool | Callable[[int, int], None] | None
"""``True`` and ``False``; ``None``: in a notebook and on a terminal; or a function of what is done and of how much."""

_QUIET_SECONDS = 0.5
"""What is over sooner shows no progress."""


class Shown(Protocol):
    """Something that shows progress."""

    def update(self, done: int, total: int, of: str, left: str, stage: str) -> None:
        """Shows that so many of all patients (or trials) are done, the time left, and the stage."""

    def close(self) -> None:
        """Takes it away."""


def shown(progress: Progress) -> Shown | None:
    """What shows the progress that was asked for."""
    if progress is False:
        return None
    if callable(progress):
        return _Told(progress)
    if _in_notebook():
        return _Notebook()
    if progress or sys.stderr.isatty():
        return _Terminal()
    return None


def _in_notebook() -> bool:
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _line(done: int, total: int, of: str, left: str, stage: str) -> str:
    return f"{done:,} of {total:,} {of}, {left} left {stage}".rstrip()


class _Told:
    def __init__(self, function: Callable[[int, int], None]) -> None:
        self._function = function

    def update(self, done: int, total: int, of: str, left: str, stage: str) -> None:
        self._function(done, total)

    def close(self) -> None:
        pass


class _Terminal:
    def __init__(self) -> None:
        self._from = time.monotonic() + _QUIET_SECONDS
        self._width = 0

    def update(self, done: int, total: int, of: str, left: str, stage: str) -> None:
        if time.monotonic() >= self._from:
            self._write(_line(done, total, of, left, stage))

    def _write(self, line: str) -> None:
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)

    def close(self) -> None:
        if self._width:
            self._write("")
            sys.stderr.write("\r")


class _Notebook:
    def __init__(self) -> None:
        self._from = time.monotonic() + _QUIET_SECONDS
        self._handle: Any = None

    def update(self, done: int, total: int, of: str, left: str, stage: str) -> None:
        if time.monotonic() < self._from:
            return
        said = html.escape(_line(done, total, of, left, stage))
        self._show(f'<progress value="{done}" max="{max(total, 1)}"></progress> {said}')

    def _show(self, text: str) -> None:
        ipython: Any = importlib.import_module("IPython.display")
        if self._handle is None:
            self._handle = ipython.display(ipython.HTML(text), display_id=True)
        else:
            self._handle.update(ipython.HTML(text))

    def close(self) -> None:
        if self._handle is not None:
            self._show("")
