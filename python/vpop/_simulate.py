"""A first look at a model: one line, time courses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import _dose, _page
from ._commands import model as described
from ._commands import run
from ._errors import InputError
from ._folder import TemporaryFolder
from ._results import Run
from ._table import Table

_ROWS, _MOST_ROWS = 240, 5000
_USUAL_STATES = ("depot", "central")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "hour": 3600, "day": 86_400, "week": 604_800}


class TimeCourses(Table):
    """Time courses: a row for each patient, arm and time. ``run`` is the run that they are of."""

    def __init__(self, of: Run, random_effects: bool) -> None:
        table = of.trajectories
        super().__init__(table.name, table.files, len(table), of.path / "columns.parquet", of._folder)
        self.run = of
        self.random_effects = random_effects

    def _repr_html_(self) -> str:
        return _page.courses(self)


def simulate(
    model: str | os.PathLike[str],
    dose: str | Sequence[str],
    patients: int = 1,
    *,
    until: str | None = None,
    every: str | None = None,
    of: Sequence[str] = (),
    into: str | None = None,
    random_effects: bool | None = None,
    seed: int = 1,
    **covariates: float | Mapping[str, Any],
) -> TimeCourses:
    """Time courses of a model after some doses: ``simulate("model.R", "252 mg q3w x 4", WT=70)``.

    ``model`` is a file, or the text of one; ``dose`` an amount with what says how and when it is given (``"3.6 mg/kg
    over 90 min q3w x 4"``, ``"100 mg bid x 14"``), or several that differ in the amount: an arm each. A covariate is a
    number, or a dict as in a cohort file (``{"distribution": "lognormal", "median": 70, "cv": 0.2}``), in the model's
    unit.

    One patient is the typical one of these covariates; several have the model's random effects, unless
    ``random_effects`` says otherwise. Doses go ``into`` the state ``depot``, else ``central``, else the only one. Rows
    are ``every`` so often up to ``until``, by default 240 or more of them over all dosing intervals; a single dose
    needs ``until``. They are ``of`` what the model describes as measured, else of all that changes over time.

    At the time of a dose rows have the value before it, and what is higher between two rows is in none: ``every`` makes
    them denser (where an infusion ends there is one by default, if that is a multiple of a time between rows), and an
    endpoint of a cohort file that is read ``on = "continuous"`` has the maximum itself.

    Raises `InputError` for a dose that is not understood, and for all that is wrong with the model.
    """
    written = TemporaryFolder()
    path = _file(model, written)
    about = described(path)
    effects = patients > 1 if random_effects is None else random_effects
    regimen = _dose.regimen(dose, into or _state(about))
    end = until or _end(regimen, dose)
    cohort = {
        "name": re.sub(r"[^A-Za-z0-9_.-]", "_", about["name"]),
        "model": Path(path),
        "patients": patients,
        "seed": seed,
        "random_effects": effects,
        "population": {name: _covariate(name, value) for name, value in covariates.items()},
        "regimen": regimen,
        "visits": {"until": end},
        "output": {
            "trajectories": {
                "patients": patients,
                "every": every or _step(end, regimen.get("infusion")),
                "of": list(of) or _measured(about),
            }
        },
    }
    return TimeCourses(run(cohort), effects)


def _file(model: str | os.PathLike[str], folder: TemporaryFolder) -> str | os.PathLike[str]:
    if not isinstance(model, str) or "\n" not in model:
        return model
    path = folder.path / "model.R"
    path.write_text(model, encoding="utf-8")
    return path


def _covariate(name: str, value: float | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise InputError(f"the covariate `{name}` is a number, or a dict with its distribution, not {value!r}")
    return {"distribution": "fixed", "value": float(value)}


def _state(about: Mapping[str, Any]) -> str:
    states = [state["name"] for state in about["states"]]
    usual = [state for state in _USUAL_STATES if state in states]
    if usual or len(states) == 1:
        return str((usual or states)[0])
    raise InputError(f'say which state takes the doses, as `into="central"`; there are {", ".join(states)}')


def _measured(about: Mapping[str, Any]) -> list[str]:
    over_time = [variable for variable in about["variables"] if variable["changes_over_time"]]
    described = [variable["name"] for variable in over_time if variable["description"]]
    return described or [variable["name"] for variable in over_time] or [state["name"] for state in about["states"]]


def _end(regimen: Mapping[str, Any], dose: str | Sequence[str]) -> str:
    if "every" not in regimen:
        raise InputError(f'say how long a single dose is followed: `until="28 day"` ({dose!r})')
    number, unit = regimen["every"].split()
    return f"{float(number) * regimen['cycles']:g} {unit}"


def _step(end: str, infusion: str | None) -> str:
    """The time between rows: whole seconds, as all times are; a row is where an infusion ends, if it can be."""
    length = _seconds(end)
    step = max(1, round(length / _ROWS))
    if infusion is not None:
        lasts = _seconds(infusion)
        parts = -(-lasts // step)
        if parts and lasts % parts == 0 and length * parts <= _MOST_ROWS * lasts:
            step = lasts // parts
    return f"{step} s"


def _seconds(time: str) -> int:
    found = re.fullmatch(r"\s*([\d.]+)\s*(\w+?)s?\s*", time)
    if found is None or found[2] not in _SECONDS:
        raise InputError(f'say how far apart the rows are, as `every="1 h"`; `{time}` is not understood')
    return round(float(found[1]) * _SECONDS[found[2]])
