"""Doses as they are written: ``252 mg q3w x 4``, ``100 mg over 2 h q24h x 7``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ._errors import InputError

_NAMED = {
    "qd": "24 h",
    "q1d": "24 h",
    "daily": "24 h",
    "bid": "12 h",
    "tid": "8 h",
    "qid": "6 h",
    "qw": "1 week",
    "weekly": "1 week",
}
_UNITS = {
    "min": "min",
    "h": "h",
    "hr": "h",
    "d": "day",
    "day": "day",
    "days": "day",
    "w": "week",
    "wk": "week",
    "week": "week",
    "weeks": "week",
}
_DOSE = re.compile(
    r"""\s*(?P<number>[\d_.]+(?:[eE][+-]?\d+)?)\s*(?P<unit>[^\W\d]\S*)
        (?:\s+over\s+(?P<over>[\d.]+\s*\w+))?
        (?:\s+(?P<every>q\s*[\d.]+\s*[a-z]+|every\s+[\d.]+\s*[a-z]+|[a-z]+))?
        (?:\s*[x×*]\s*(?P<count>\d+))?\s*""",
    re.VERBOSE,
)
_AFTER_Q = re.compile(r"(?:q|every)\s*([\d.]+)\s*([a-z]+)")


@dataclass(frozen=True)
class Dose:
    """An amount, how long it takes, and when it is given."""

    amount: str
    over: str | None
    every: str | None
    count: int


def read(text: str) -> Dose:
    """A dose from its text; what is not understood is refused."""
    found = _DOSE.fullmatch(text)
    if found is None:
        raise InputError(
            f"`{text}` is not understood as a dose: write it as `252 mg`, `252 mg q3w x 4`, `100 mg bid x 14` or "
            "`3.6 mg/kg over 90 min q3w x 4`; what is more than one schedule is written in a cohort file"
        )
    every = _interval(found["every"], text)
    if every is None and found["count"] is not None:
        raise InputError(f"`{text}` does not say how far apart the doses are: write `q3w x {found['count']}`")
    if every is not None and found["count"] is None:
        raise InputError(f"`{text}` does not say how many doses there are: write `{text.strip()} x 4`")
    return Dose(f"{found['number']} {found['unit']}", found["over"], every, int(found["count"] or 1))


def _interval(text: str | None, dose: str) -> str | None:
    if text is None:
        return None
    if text in _NAMED:
        return _NAMED[text]
    found = _AFTER_Q.fullmatch(text)
    if found is None or found[2] not in _UNITS:
        raise InputError(
            f"`{text}` in `{dose}` is not understood: write `q3w`, `q21d`, `q12h`, `every 3 weeks`, or one of "
            f"{', '.join(_NAMED)}"
        )
    return f"{found[1]} {_UNITS[found[2]]}"


def regimen(doses: str | Sequence[str], into: str) -> dict[str, Any]:
    """The `[regimen]` of a cohort file: an arm for each dose."""
    texts = [doses] if isinstance(doses, str) else list(doses)
    read_doses = [read(text) for text in texts]
    first = read_doses[0] if read_doses else None
    if first is None:
        raise InputError("there is no dose: write at least one, as `252 mg q3w x 4`")
    for text, dose in zip(texts, read_doses, strict=True):
        if (dose.over, dose.every, dose.count) != (first.over, first.every, first.count):
            raise InputError(
                f"`{texts[0]}` and `{text}` differ in more than the amount: the arms of one cohort are dosed at the "
                "same times. Simulate each alone"
            )
    table: dict[str, Any] = {"arms": [dose.amount for dose in read_doses], "into": [into]}
    if first.over is not None:
        table["infusion"] = first.over
    if first.every is not None:
        table |= {"every": first.every, "cycles": first.count}
    return table
