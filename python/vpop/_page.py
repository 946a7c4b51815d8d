"""What results show of themselves in a notebook: a picture and a table of what the files say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import _svg
from ._errors import MissingLibrary
from ._html import number, paragraph, table, text

if TYPE_CHECKING:
    from ._results import Comparison, Run, Trials
    from ._simulate import TimeCourses

_PANELS = 6
_FIRST = ("dlt", "response")
_ROWS = 40

_Cells = dict[str, dict[str, dict[str, dict[str, Any]]]]
"""Of all patients, by endpoint, arm and statistic: the row of `distributions`; the main endpoints first."""


def _or_why_not(page: Callable[[], str], short: str) -> str:
    """The page, or what there is without a library that reads Parquet."""
    try:
        return page()
    except MissingLibrary as missing:
        return paragraph(f"{text(short)}<br>{text(missing)}")


def run(run: Run) -> str:
    """A run: the verdict, its main distributions by arm, and a table of them all."""
    return _or_why_not(lambda: _run(run), repr(run))


def _run(run: Run) -> str:
    cells = _distributions(run)
    shown = [panel for endpoint, arms in cells.items() if (panel := _panel(endpoint, arms))][:_PANELS]
    described = f"{', '.join(panel.title for panel in shown)} by arm: median or proportion, and intervals"
    picture = _svg.picture(shown, described) if shown else ""
    legend = (
        "Dot: median; bars: the middle 50 % and 90 % of patients. "
        "Of what is yes or no: the proportion and its 95 % Wilson interval."
    )
    return _verdict(run) + picture + (paragraph(f"<small>{legend}</small>") if shown else "") + _endpoints(run, cells)


def _verdict(run: Run) -> str:
    patients = run.manifest["patients"]
    head = f"<b>{text(run.name)}</b>: {patients:,} patients x {len(run.arms)} arms; " + (
        "; ".join(f"<b>{text(failure)}</b>" for failure in run.failures)
        or "every patient solved, and the solutions hold when they are checked"
    )
    warnings = [notice["message"] for notice in run.manifest["notices"] if notice["weight"] == "warning"]
    return paragraph(head) + "".join(paragraph(f"warning: {text(warning)}") for warning in warnings)


def _distributions(run: Run) -> _Cells:
    names = ("arm", "subgroup", "endpoint", "statistic", "value", "unit", "n")
    cells: _Cells = {}
    for row in zip(*run.distributions.lists(*names).values(), strict=True):
        found = dict(zip(names, row, strict=True))
        if found["subgroup"] == "all":
            cells.setdefault(found["endpoint"], {}).setdefault(found["arm"], {})[found["statistic"]] = found
    # Toxicity and response first.
    first = [endpoint for endpoint in _FIRST if endpoint in cells]
    return {endpoint: cells[endpoint] for endpoint in dict.fromkeys([*first, *cells])}


def _panel(endpoint: str, arms: dict[str, dict[str, dict[str, Any]]]) -> _svg.Panel | None:
    intervals = []
    unit = _unit(next(iter(arms.values())))
    for arm, statistics in arms.items():
        value = {name: row["value"] for name, row in statistics.items()}
        if value.get("p50") is not None:
            inner, outer = (value["p25"], value["p75"]), (value["p5"], value["p95"])
            intervals.append(_svg.Interval(arm, value["p50"], outer, inner))
        elif "p50" not in value and value.get("proportion") is not None:
            low, middle, high = (100 * value[name] for name in ("wilson_low", "proportion", "wilson_high"))
            intervals.append(_svg.Interval(arm, middle, (low, high)))
    return _svg.Panel(endpoint, unit, intervals=intervals) if intervals else None


def _unit(statistics: dict[str, dict[str, Any]]) -> str:
    return str(statistics["p50"]["unit"]) if "p50" in statistics else "% of patients"


def _endpoints(run: Run, cells: _Cells) -> str:
    rows = []
    for endpoint, arms in cells.items():
        statistics = next(iter(arms.values()))
        if "p50" in statistics or "proportion" in statistics:
            shown = (_cell(arms.get(arm, {}), run.manifest["patients"]) for arm in run.arms)
            rows.append([endpoint, _unit(statistics), *shown])
    more = f"; the first {_ROWS} of {len(rows)} endpoints" if len(rows) > _ROWS else ""
    patients = f"n = {run.manifest['patients']:,} patients in each arm, or n as given where not all have a value"
    caption = f"median [5 %, 95 %] of patients, or % of them; {patients}{more}"
    return table(caption, [["endpoint", "unit", *run.arms]], rows[:_ROWS])


def _cell(statistics: dict[str, dict[str, Any]], patients: int) -> str:
    row = statistics.get("p50") or statistics.get("proportion")
    if row is None or row["value"] is None:
        return "none"
    n = "" if row["n"] == patients else f" n={row['n']:,}"
    if "p50" in statistics:
        low, high = (number(statistics[name]["value"]) for name in ("p5", "p95"))
        return f"{number(row['value'])} [{low}, {high}]{n}"
    return f"{100 * row['value']:.1f}{n}"


def comparison(comparison: Comparison) -> str:
    """A comparison: maximum tolerated doses and indices by scenario."""
    indices = comparison.summary["indices"]
    rows = [
        [
            index["scenario"],
            index["measure"],
            number(index["value"]) or index["standing"],
            f"{number(index['low'])} to {number(index['high'])}" if index["low"] is not None else "",
            index["unit"],
        ]
        for index in indices
    ]
    caption = f"{comparison.summary['name']}: {len(comparison.summary['scenarios'])} scenarios over the same patients"
    return table(caption, [["scenario", "measure", "value", "95 % interval", "unit"]], rows)


def trials(trials: Trials) -> str:
    """Trials: how often each design declares each dose."""
    summary = trials.summary
    rows = []
    for design in summary["designs"]:
        shares = {c["arm"]: c for c in design["characteristics"] if c["measure"] == "declared"}
        none = next(c["value"] for c in design["characteristics"] if c["measure"] == "none_declared")
        declared = [f"{100 * shares[dose]['value']:.1f}" if dose in shares else "" for dose in summary["doses"]]
        rows.append([design["name"], f"{100 * none:.1f}", *declared])
    caption = f"{summary['name']}: the dose declared, % of {summary['replicates']:,} trials of each design"
    return table(caption, [["design", "none", *summary["doses"]]], rows)


def courses(courses: TimeCourses) -> str:
    """Time courses: median and the middle 90 % of patients in each arm."""
    return _or_why_not(lambda: _courses(courses), repr(courses))


def _courses(courses: TimeCourses) -> str:
    columns = {column.name: column for column in courses.columns}
    measured = [name for name in columns if name not in ("patient", "arm", "dose", "time")][:_PANELS]
    values = courses.lists("arm", "time", *measured)
    across = f"time, {columns['time'].unit}"
    panels = [_svg.Panel(name, columns[name].unit, courses=_lines(values, name), across=across) for name in measured]
    n = courses.run.manifest["patients"]
    said = f"{n:,} patients: median and the middle 90 %" if n > 1 else "one patient"
    if not courses.random_effects:
        said += ", without random effects"
    return (
        _verdict(courses.run)
        + _svg.picture(panels, f"{', '.join(measured)} over time")
        + paragraph(f"<small>{said}</small>")
    )


def _lines(values: dict[str, list[Any]], name: str) -> list[_svg.Course]:
    arms: dict[str, dict[float, list[float]]] = {}
    for arm, time, value in zip(values["arm"], values["time"], values[name], strict=True):
        if value is not None:
            arms.setdefault(arm, {}).setdefault(time, []).append(value)
    return [_line(arm, course) for arm, course in arms.items()]


def _line(arm: str, course: dict[float, list[float]]) -> _svg.Course:
    times = sorted(course)
    at = [sorted(course[time]) for time in times]
    middle, low, high = ([_quantile(values, p) for values in at] for p in (0.5, 0.05, 0.95))
    return _svg.Course(arm, times, middle, (low, high) if max(map(len, at)) > 1 else None)


def _quantile(ordered: Sequence[float], p: float) -> float:
    """As in `distributions`: linear between the two nearest, type 7."""
    at = p * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])
