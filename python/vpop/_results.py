"""What commands leave behind: runs, comparisons and trials, with their tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _page, _process, _table
from ._errors import MissingTable, Problem, error_of
from ._folder import TemporaryFolder
from ._table import Table

if TYPE_CHECKING:
    import os

    import duckdb

_SETS = {
    "trajectories": "its cohort file asks for none in [output.trajectories]",
    "doses": "no dose could differ from its plan; `doses = true` in [output] asks for them",
    "exposure_response": "its cohort file asks for none in [[exposure_response]]",
}


def _ask(arguments: Sequence[str | os.PathLike[str]]) -> None:
    """Gives a command that writes one file, whose failure is an error."""
    answer = _process.ask([*arguments, "--json"])
    if answer.status != 0:
        raise error_of(answer.status, answer.stdout, answer.stderr)


class Results:
    """A folder of results. A temporary one is removed with the last object that refers to it, unless it is saved."""

    _SUMMARY = ""

    def __init__(self, path: Path, summary: Mapping[str, Any], folder: TemporaryFolder | None = None) -> None:
        self.path = path
        self._summary = summary
        self._folder = folder
        self._files: dict[str, list[Path]] = {}
        self._rows: dict[str, int] = {}
        # Shards that do not keep all outcomes have files beside tables, which only the program reads.
        for file in (file for file in summary["files"] if file["file"].endswith(".parquet")):
            self._files.setdefault(file["set"], []).append(path / file["file"])
            self._rows[file["set"]] = self._rows.get(file["set"], 0) + file["rows"]

    @property
    def tables(self) -> dict[str, Table]:
        """All tables by their names."""
        return {name: self.table(name) for name in self._files}

    def table(self, name: str) -> Table:
        """A table by its name."""
        if name not in self._files:
            why = _SETS.get(name, f"there are {', '.join(self._files)}")
            raise MissingTable(f"{self.path} holds no `{name}`: {why}")
        return Table(
            name,
            self._files[name],
            self._rows[name],
            self.path / "columns.parquet",
            self._folder,
            self._files,
        )

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """The answer of DuckDB to a query about the tables by their names."""
        return _table.sql(self._files, query, self._folder)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Copies the folder to a place where there is none."""
        shutil.copytree(self.path, path)

    def report(self, path: str | os.PathLike[str] | None = None, *, force: bool = False) -> Path:
        """Writes one page with all figures and the numbers behind them, and says where it is: beside the folder, by its
        name, unless another place is given. A page that is there is replaced only with ``force``.
        """
        page = self.path.with_name(f"{self.path.name}-report.html") if path is None else Path(path).absolute()
        _ask(["report", self.path, "-o", page, *(["--force"] if force else [])])
        return page

    def plot(self, figure: str, path: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Writes one figure of the report as a picture (SVG), and says where it is."""
        picture = Path(path).absolute()
        _ask(["plot", self.path, figure, "-o", picture, *(["--force"] if force else [])])
        return picture

    @property
    def columns(self) -> Table:
        """Meaning and unit of every column of every table."""
        return self.table("columns")


class Run(Results):
    """A run: ``patients``, ``outcomes`` and the rest are its tables, ``manifest`` how it was made and how it went."""

    _SUMMARY = "manifest.json"

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest: inputs, seed, versions, engine, statuses, audit, timings, files."""
        return self._summary

    @property
    def name(self) -> str:
        """Name of the cohort."""
        return str(self.manifest["name"])

    @property
    def arms(self) -> list[str]:
        """The arms in their order."""
        return list(self.manifest["arms"])

    @property
    def notices(self) -> list[Problem]:
        """Warnings and notes about the cohort file and the model."""
        return [Problem.of(notice) for notice in self.manifest["notices"]]

    @property
    def failures(self) -> list[str]:
        """What makes the results unreliable, in words: patients that were not solved, checks that do not hold."""
        return failures(self.manifest)

    @property
    def patients(self) -> Table:
        """A row for each patient: covariates and individual parameters."""
        return self.table("patients")

    @property
    def outcomes(self) -> Table:
        """A row for each patient and arm: endpoints, grades, toxicity, response, and how the integration ended."""
        return self.table("outcomes")

    @property
    def doses(self) -> Table:
        """A row for each planned dose that came up: what was given, and which rule held, changed or stopped it."""
        return self.table("doses")

    @property
    def trajectories(self) -> Table:
        """A row for each patient, arm and time: the time courses that the cohort asks for."""
        return self.table("trajectories")

    @property
    def distributions(self) -> Table:
        """A row for each arm, subgroup, endpoint and statistic."""
        return self.table("distributions")

    @property
    def exposure_response(self) -> Table:
        """A row for each arm and exposure group: an outcome against quantiles of an exposure."""
        return self.table("exposure_response")

    @property
    def audit(self) -> Table:
        """The values of the patients that were solved once more, and their differences."""
        return self.table("audit")

    def __repr__(self) -> str:
        failed = "; " + "; ".join(self.failures) if self.failures else ""
        size = f"{self.manifest['patients']:,} patients x {len(self.arms)} arms"
        return f"<vpop run {self.name}: {size} in {self.path}{failed}>"

    def _repr_html_(self) -> str:
        return _page.run(self)


class Comparison(Results):
    """Scenarios of a cohort file over the same patients: ``curves``, ``differences``, and the run of each scenario."""

    _SUMMARY = "comparison.json"

    @property
    def summary(self) -> Mapping[str, Any]:
        """All of it in short: maximum tolerated doses, indices, waterfall, timings."""
        return self._summary

    @property
    def scenarios(self) -> dict[str, Run]:
        """The run of each scenario, by its name."""
        folder = self.path / "scenarios"
        names = [scenario["name"] for scenario in self._summary["scenarios"]]
        return {
            name: open_run(folder / name, self._folder) for name in names if (folder / name / Run._SUMMARY).is_file()
        }

    @property
    def curves(self) -> Table:
        """A row for each scenario, arm and outcome that is yes or no."""
        return self.table("curves")

    @property
    def indices(self) -> Table:
        """A row for each scenario and measure: maximum tolerated doses, indices, with intervals."""
        return self.table("indices")

    @property
    def differences(self) -> Table:
        """A row for each scenario, its base, arm and outcome: paired differences within patients."""
        return self.table("differences")

    @property
    def bands(self) -> Table:
        """A row for each scenario and outcome or measure: quantiles over replicates of uncertain parameters."""
        return self.table("bands")

    def __repr__(self) -> str:
        return f"<vpop comparison {self._summary['name']}: {len(self._summary['scenarios'])} scenarios in {self.path}>"

    def _repr_html_(self) -> str:
        return _page.comparison(self)


class Trials(Results):
    """Virtual dose escalations: ``trials`` and their ``operating_characteristics``."""

    _SUMMARY = "trial.json"

    @property
    def summary(self) -> Mapping[str, Any]:
        """Designs, replicates, doses, assumed or counted toxicity, and every characteristic."""
        return self._summary

    @property
    def trials(self) -> Table:
        """A row for each cohort of patients in each trial."""
        return self.table("trials")

    @property
    def operating_characteristics(self) -> Table:
        """A row for each design, measure and arm, with the Monte-Carlo standard error."""
        return self.table("operating_characteristics")

    def __repr__(self) -> str:
        designs = ", ".join(design["name"] for design in self._summary["designs"])
        return f"<vpop trials: {self._summary['replicates']:,} of each of {designs} in {self.path}>"

    def _repr_html_(self) -> str:
        return _page.trials(self)


def open_run(path: Path, folder: TemporaryFolder | None = None) -> Run:
    """The run of a folder."""
    return Run(path, json.loads((path / Run._SUMMARY).read_text(encoding="utf-8")), folder)


def open_results(path: Path, folder: TemporaryFolder | None = None) -> Run | Comparison | Trials | None:
    """The finished results of a folder; none if it holds none."""
    for kind in (Run, Comparison, Trials):
        file = path / kind._SUMMARY
        if file.is_file():
            return kind(path, json.loads(file.read_text(encoding="utf-8")), folder)
    return None


def failures(manifest: Mapping[str, Any]) -> list[str]:
    """What a manifest says of patients that were not solved, and of checks that do not hold."""
    everyone = manifest["outcomes"]["all"]
    said = [
        f"{count['count']:,} of {everyone['patients']:,} patient-arms ended as `{count['status']}`"
        for count in everyone["status"]
        if count["status"] != "ok" and count["count"] > 0
    ]
    for check in manifest["audit"]:
        if not check["holds"]:
            endpoints = [endpoint["endpoint"] for endpoint in check["endpoints"] if not endpoint["holds"]]
            said.append(
                f"the {check['check']} check does not hold of {', '.join(endpoints) or 'what could not be solved'}"
            )
    return said
