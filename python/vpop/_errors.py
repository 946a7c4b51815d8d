"""What can go wrong, with the program's own messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DONE, FAILED, BAD_INPUT = 0, 1, 2
"""Exit statuses of the program; 130 and 143 are those of ``SIGINT`` and ``SIGTERM``."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where, and what to do about it."""

    message: str
    help: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    commands: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: dict[str, Any]) -> Problem:
        """From an object of the program's JSON: of a problem, or of a notice."""
        return cls(
            message=said["message"],
            help=said.get("help"),
            file=said.get("file"),
            line=said.get("line"),
            column=said.get("column"),
            commands=tuple(said.get("commands") or ()),
        )

    def __str__(self) -> str:
        lines = [self.message]
        if self.file is not None:
            lines.append(
                "  at " + ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
            )
        if self.help is not None:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines + [f"  {command}" for command in self.commands])


class VpopError(Exception):
    """Base of all errors of this package.

    ``problems`` is what the program found, ``status`` its exit status, ``stderr`` what else it said.
    """

    def __init__(
        self,
        problems: Sequence[Problem] | str,
        *,
        status: int | None = None,
        stderr: str = "",
    ) -> None:
        self.problems = (Problem(problems),) if isinstance(problems, str) else tuple(problems)
        self.status = status
        self.stderr = stderr
        super().__init__("\n".join(map(str, self.problems)))


class InputError(VpopError, ValueError):
    """Bad input or usage (status 2): everything that is wrong with it, each with its place."""


class FailedError(VpopError, RuntimeError):
    """Something failed that was not asked wrongly (status 1): the disk, a device, a damaged file."""


class UnreliableResult(FailedError):
    """The results are there, but some patients could not be solved, or the numbers do not hold when they are checked.

    ``result`` has them all the same; ``allow_failures=True`` returns them with a warning instead.
    """

    def __init__(self, message: str, result: Any) -> None:
        super().__init__(message, status=FAILED)
        self.result = result


class StoppedError(VpopError):
    """Another process stopped the program by ``SIGINT`` or ``SIGTERM`` (status 130 or 143)."""


class ProgramNotFound(VpopError):
    """There is no ``vpop`` program where it is looked for."""


class MissingTable(VpopError, LookupError):
    """The results have no such table."""


class MissingLibrary(VpopError, ImportError):
    """A library that was asked for is not installed."""


class VpopWarning(UserWarning):
    """A warning of the program about a cohort file, a model or results."""


def error_of(status: int, stdout: str, stderr: str) -> VpopError:
    """The error of a program that ended with this status, without results."""
    problems = problems_in(stdout) or [Problem(stderr.strip() or f"the program ended with status {status}")]
    if status == BAD_INPUT:
        return InputError(problems, status=status, stderr=stderr)
    if status in (130, 143):
        return StoppedError(problems, status=status, stderr=stderr)
    return FailedError(problems, status=status, stderr=stderr)


def problems_in(stdout: str) -> list[Problem]:
    """The problems that an answer in JSON lists."""
    try:
        said = json.loads(stdout)
    except ValueError:
        return []
    listed = said.get("problems", []) if isinstance(said, dict) else []
    return [Problem.of(problem) for problem in listed]
