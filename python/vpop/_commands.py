"""The commands of the program as functions."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from . import _process, _toml
from ._cohort import Changes, Cohort, cohort_file
from ._errors import (
    BAD_INPUT,
    FAILED,
    InputError,
    Problem,
    UnreliableResult,
    VpopWarning,
    error_of,
    problems_in,
)
from ._folder import TemporaryFolder
from ._progress import Progress
from ._results import Comparison, Results, Run, Trials, failures, open_results

Backend = Literal["auto", "gpu", "cpu", "cpu-f32"]
"""What solves the patients: a GPU if there is one, the best GPU, the CPU in f64, or the CPU in f32."""
Path_ = str | os.PathLike[str]
Kind = TypeVar("Kind", bound=Results)

_EXISTING = {
    "refuse": (),
    "resume": ("--resume",),
    "repair": ("--resume", "--repair"),
    "replace": ("--force",),
}
Existing = Literal["refuse", "resume", "repair", "replace"]
"""What becomes of a run that is already there: it is an error, it is gone on with (of a finished one there is nothing
to do), what is damaged of it is made again, or it is replaced once the new one is finished."""


def run(
    cohort: Cohort,
    *,
    changes: Changes | None = None,
    scenario: str | None = None,
    patients: int | None = None,
    seed: int | None = None,
    output: Path_ | None = None,
    existing: Existing = "refuse",
    shard: str | None = None,
    backend: Backend | None = None,
    adapter: str | None = None,
    fallback: bool = True,
    threads: int | None = None,
    simd: str | None = None,
    progress: Progress = None,
    allow_failures: bool = False,
) -> Run:
    """Runs a cohort: samples its patients, solves them in every arm, writes the run.

    ``cohort`` is the path of a file, TOML text or a dict; ``changes`` are laid over it. Without ``output`` the run is
    in a temporary folder that lasts as long as the objects made of it; ``Run.save`` keeps it. ``shard`` is a share of
    the patients, ``"2/8"``. Warnings of the program are Python's warnings.

    Raises `InputError` with everything that is wrong with the cohort, `UnreliableResult` if patients could not be
    solved or the solutions do not hold when they are checked (unless ``allow_failures``), `FailedError` if the disk or
    a device fails. ``KeyboardInterrupt`` stops the run after the part that is being written; ``existing="resume"`` goes
    on with what it left in ``output``.
    """
    with cohort_file(cohort, changes) as file:
        target = _Target(output)
        options = _options(
            scenario=scenario,
            patients=patients,
            seed=seed,
            shard=shard,
            backend=backend,
            adapter=adapter,
            threads=threads,
            simd=simd,
        )
        flags = [*_choice(existing), *([] if fallback else ["--no-fallback"])]
        arguments = ["run", file.path, "-o", target.path, *options, *flags]
        return _results(Run, arguments, target, file.folder, progress, allow_failures)


def compare(
    cohort: Cohort,
    *,
    changes: Changes | None = None,
    scenarios: Sequence[str] = (),
    patients: int | None = None,
    seed: int | None = None,
    output: Path_ | None = None,
    force: bool = False,
    backend: Backend | None = None,
    adapter: str | None = None,
    threads: int | None = None,
    simd: str | None = None,
    progress: Progress = None,
    allow_failures: bool = False,
) -> Comparison:
    """Runs the scenarios of a cohort over the same patients, and says what differs.

    Arguments and errors as of `run`; an interrupted comparison is gone on with by the same call with its ``output``.
    """
    with cohort_file(cohort, changes) as file:
        target = _Target(output)
        options = _options(
            scenarios=",".join(scenarios) or None,
            patients=patients,
            seed=seed,
            backend=backend,
            adapter=adapter,
            threads=threads,
            simd=simd,
        )
        arguments = ["compare", file.path, "-o", target.path, *options, *(["--force"] if force else [])]
        return _results(Comparison, arguments, target, file.folder, progress, allow_failures)


def trial(
    run: Run | Path_ | None = None,
    *,
    designs: Sequence[Path_ | Mapping[str, Any]] = (),
    replicates: int | None = None,
    seed: int | None = None,
    true_dlt: Sequence[float] = (),
    doses: Sequence[str] = (),
    active_dose: str | None = None,
    comparison: Comparison | Path_ | None = None,
    patients_per_month: float | None = None,
    output: Path_ | None = None,
    force: bool = False,
    threads: int | None = None,
    progress: Progress = None,
) -> Trials:
    """Virtual dose escalations over a run: which dose would a phase I trial have declared?

    ``designs`` are design files, their TOML text, or dicts; without any, the standard designs. ``true_dlt`` has assumed
    probabilities of dose-limiting toxicity, from the lowest dose, in place of a run.
    """
    target = _Target(output)
    written = TemporaryFolder()
    options = _options(
        replicates=replicates,
        seed=seed,
        true_dlt=_listed(true_dlt),
        doses=_listed(doses),
        active_dose=active_dose,
        comparison=comparison.path if isinstance(comparison, Comparison) else comparison,
        patients_per_month=patients_per_month,
        threads=threads,
    )
    for number, design in enumerate(designs, 1):
        options += ["--design", _design(design, number, written)]
    ran = [] if run is None else [run.path if isinstance(run, Run) else os.fspath(run)]
    arguments = ["trial", *ran, "-o", target.path, *options, *(["--force"] if force else [])]
    return _results(Trials, arguments, target, None, progress, False)


def merge(
    shards: Sequence[Run | Path_],
    output: Path_ | None = None,
    *,
    force: bool = False,
    progress: Progress = None,
) -> Run:
    """Makes of the shards of a run the bytes that the whole run would have written."""
    target = _Target(output)
    folders = [shard.path if isinstance(shard, Run) else os.fspath(shard) for shard in shards]
    arguments = ["merge", *folders, "-o", target.path, *(["--force"] if force else [])]
    return _results(Run, arguments, target, None, progress, True)


def load(folder: Path_, *, check: bool = True) -> Run | Comparison | Trials:
    """The finished results of a folder.

    Every file is held against its hash first, and `FailedError` names those that are not as they were written;
    ``check=False`` leaves that out.
    """
    path = Path(folder).absolute()
    results = open_results(path)
    if results is None:
        raise InputError(f"`{folder}` holds no finished run, comparison or trials")
    if check:
        found = _process.ask(["check", path, "--json"])
        if found.status != 0:
            raise error_of(found.status, *_faults(found))
    return results


@dataclass(frozen=True)
class Check:
    """What `check` found: everything that is wrong (``problems``), warnings and notes, and what a run would cost."""

    problems: list[Problem]
    notices: list[Problem] = field(default_factory=list)
    found: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def seconds(self) -> float:
        """How long the run would take on this machine's CPU, seconds."""
        return float(self.found["estimates"]["seconds"])

    @property
    def disk_bytes(self) -> float:
        """What the run would write, bytes."""
        return float(self.found["estimates"]["bytes"])

    @property
    def memory_bytes(self) -> float:
        """The memory that the run would take, bytes."""
        return float(self.found["estimates"]["memory_bytes"])

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems)) or "nothing wrong found"


def check(
    cohort: Cohort | Results,
    *,
    changes: Changes | None = None,
    scenario: str | None = None,
    patients: int | None = None,
    seed: int | None = None,
) -> Check:
    """Everything that is wrong with a cohort, its scenarios and its model, and what its run would cost.

    Of results, or of their folder: whether every file is what was written. Raises nothing for what it finds.
    """
    if isinstance(cohort, Results):
        return _check([cohort.path], None)
    with cohort_file(cohort, changes) as file:
        return _check([file.path, *_options(scenario=scenario, patients=patients, seed=seed)], file.folder)


def _check(arguments: Sequence[Path_], folder: Path | None) -> Check:
    answer = _process.ask(["check", *arguments, "--json"], folder=folder)
    if answer.status not in (0, FAILED, BAD_INPUT):
        raise error_of(answer.status, answer.stdout, answer.stderr)
    problems = list(error_of(answer.status, *_faults(answer)).problems) if answer.status else []
    found = answer.json() if answer.stdout else {}
    return Check(problems, [Problem.of(notice) for notice in found.get("notices", [])], found)


def _faults(answer: _process.Answer) -> tuple[str, str]:
    """The answer of `check`, with the faults of files, if there are any, as what was said."""
    if problems_in(answer.stdout) or not answer.stdout:
        return answer.stdout, answer.stderr
    folders = answer.json().get("folders", [])
    faults = [f"{fault['file']}: {fault['what']}" for folder in folders for fault in folder["faults"]]
    return "", "\n".join(faults) or answer.stderr


@dataclass(frozen=True)
class Verification:
    """What `verify` found: a verdict, and every case with what was expected and what was got."""

    holds: bool
    verdict: str
    cases: list[dict[str, Any]]

    def __bool__(self) -> bool:
        return self.holds


def verify(*, backend: Backend | None = None, adapter: str | None = None) -> Verification:
    """Solves known cases on a device, and says whether it can be trusted."""
    answer = _process.ask(["verify", "--json", *_options(backend=backend, adapter=adapter)])
    if problems_in(answer.stdout) or answer.status not in (0, FAILED):
        raise error_of(answer.status, answer.stdout, answer.stderr)
    found = answer.json()
    return Verification(found["holds"], found["verdict"], found["cases"])


def model(path: Path_) -> dict[str, Any]:
    """What a model has: states, parameters, random effects, covariates, what can be measured, with units."""
    found: dict[str, Any] = _process.answer(["model", os.fspath(path)])
    return found


class _Target:
    """Where results are written: where the caller says, or a temporary folder."""

    def __init__(self, output: Path_ | None) -> None:
        self.folder = TemporaryFolder() if output is None else None
        self.path = self.folder.path / "results" if self.folder else Path(os.path.abspath(output or ""))


def _results(
    kind: type[Kind],
    arguments: Sequence[Path_],
    target: _Target,
    folder: Path | None,
    progress: Progress,
    allow_failures: bool,
) -> Kind:
    """Runs a command that writes results, and opens them."""
    answer = _process.ask([*arguments, "--json"], folder=folder, progress=progress)
    if answer.status not in (0, FAILED) or problems_in(answer.stdout) or not answer.stdout:
        raise error_of(answer.status, answer.stdout, answer.stderr)
    results = kind(target.path, answer.json(), target.folder)
    for notice in answer.json().get("notices", []):
        if notice["weight"] == "warning":
            warnings.warn(str(Problem.of(notice)), VpopWarning, stacklevel=4)
    if answer.status == FAILED:
        said = "; ".join(_failures(results)) or answer.stderr or "something in it failed"
        if not allow_failures:
            raise UnreliableResult(
                f"{said}. The results are in `{target.path}`, and in `.result` of this error", results
            )
        warnings.warn(said, VpopWarning, stacklevel=4)
    return results


def _failures(results: Results) -> list[str]:
    if isinstance(results, Run):
        return results.failures
    if isinstance(results, Comparison):
        said = [(name, failures(run.manifest)) for name, run in results.scenarios.items()]
        return [f"{name}: {'; '.join(failed)}" for name, failed in said if failed]
    return []


def _options(**options: object) -> list[Path_]:
    """Options that are given, as ``--active-dose 3``."""
    given = ((name.replace("_", "-"), value) for name, value in options.items() if value is not None)
    return [text for name, value in given for text in (f"--{name}", str(value))]


def _choice(existing: Existing) -> tuple[str, ...]:
    if existing not in _EXISTING:
        raise InputError(f"`existing` is one of {', '.join(_EXISTING)}, not `{existing}`")
    return _EXISTING[existing]


def _listed(values: Sequence[object]) -> str | None:
    return ",".join(map(str, values)) or None


def _design(design: Path_ | Mapping[str, Any], number: int, folder: TemporaryFolder) -> Path_:
    """The path of a design file; text and dicts are written to one."""
    if isinstance(design, Mapping):
        text = _toml.dumps(design)
    elif isinstance(design, str) and "\n" in design:
        text = design
    else:
        return design
    path = folder.path / f"design_{number}.toml"
    path.write_text(text, encoding="utf-8")
    return path
