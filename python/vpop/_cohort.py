"""A cohort as the program reads it: a file, from a path, TOML text or a dict, and with changes."""

from __future__ import annotations

import copy
import os
import shutil
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _toml
from ._errors import InputError, Problem
from ._folder import TemporaryFolder

Cohort = str | os.PathLike[str] | Mapping[str, Any]
"""The path of a cohort file, its TOML text, or a dict of the same keys."""

Changes = Mapping[str, Any]
"""What is changed of a cohort: nested dicts, or keys with dots in them (``{"regimen.arms": ["50 mg"]}``).

A table is merged with that of the cohort; all else is replaced, lists as a whole, and so is a table with a
``distribution`` or a ``statistic``: as in the ``[scenarios]`` of a cohort file. ``None`` takes a key out.
"""


@dataclass(frozen=True)
class CohortFile:
    """A cohort file, and the folder in which the program is started; none: the present one."""

    path: str
    folder: Path | None


@contextmanager
def cohort_file(cohort: Cohort, changes: Changes | None = None) -> Iterator[CohortFile]:
    """A file with the cohort, while the program reads it.

    Without changes, a cohort file is read where it is. Everything else is written to a temporary folder, beside links
    to the files that it names, which it then names without their folders: so a run does not depend on where they lie.
    Relative paths in it are from the cohort file's folder; in text or a dict, from the present one.
    """
    if not _is_text(cohort) and not isinstance(cohort, Mapping) and not changes:
        yield CohortFile(os.fspath(cohort), None)
        return
    table, base, name = _read(cohort)
    folder = TemporaryFolder()
    table = patched(table, changes or {})
    for place, key in _paths(table):
        place[key] = _beside(folder.path, place[key], base)
    (folder.path / name).write_text(_heading(cohort, changes) + _toml.dumps(table), encoding="utf-8")
    yield CohortFile(name, folder.path)


def _is_text(cohort: Cohort) -> bool:
    return isinstance(cohort, str) and "\n" in cohort


def _read(cohort: Cohort) -> tuple[dict[str, Any], Path, str]:
    """The cohort's keys, the folder from which its paths are, and the name of its file."""
    if isinstance(cohort, Mapping):
        table = copy.deepcopy(dict(cohort))
        return table, Path.cwd(), f"{table.get('name', 'cohort')}.toml".replace(os.sep, "_")
    if _is_text(cohort):
        table = _parsed(str(cohort), "the text")
        return table, Path.cwd(), f"{table.get('name', 'cohort')}.toml".replace(os.sep, "_")
    path = Path(cohort)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    return _parsed(text, str(path)), path.absolute().parent, path.name


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(f"not TOML: {error}", file=file)]) from None


def patched(table: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """A cohort with changes laid over it."""
    table = copy.deepcopy(table)
    for key, value in changes.items():
        *parents, last = str(key).split(".")
        place = table
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, MutableMapping):
                raise InputError(f"`{key}` cannot be changed: `{parent}` is no table")
        _lay(place, last, value)
    return table


def _lay(place: MutableMapping[str, Any], key: str, value: Any) -> None:
    if value is None:
        place.pop(key, None)
    elif isinstance(value, Mapping) and not {"distribution", "statistic"} & value.keys():
        kept = place.get(key)
        place[key] = patched(dict(kept) if isinstance(kept, Mapping) else {}, value)
    else:
        _put(place, key, copy.deepcopy(value))


def _put(place: MutableMapping[str, Any], key: str, value: Any) -> None:
    """Sets a key; a new value comes before the first table, as TOML has it."""
    tables = {} if key in place or isinstance(value, Mapping) else _from_first_table(place)
    for later in tables:
        del place[later]
    place[key] = value
    place.update(tables)


def _from_first_table(place: Mapping[str, Any]) -> dict[str, Any]:
    items = list(place.items())
    first = next((index for index, (_, value) in enumerate(items) if isinstance(value, Mapping)), len(items))
    return dict(items[first:])


def _paths(table: MutableMapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where a cohort names files: what holds the name, and the key or index."""
    if "model" in table:
        yield table, "model"
    population, grades = table.get("population"), table.get("grades")
    rows = population.get("rows") if isinstance(population, MutableMapping) else None
    if isinstance(rows, MutableMapping) and "file" in rows:
        yield rows, "file"
    tables = grades.get("tables") if isinstance(grades, MutableMapping) else None
    if isinstance(tables, list):
        yield from ((tables, index) for index in range(len(tables)))
    scenarios = table.get("scenarios")
    if isinstance(scenarios, MutableMapping):
        for scenario in scenarios.values():
            if isinstance(scenario, MutableMapping):
                yield from _paths(scenario)


def _beside(folder: Path, named: Any, base: Path) -> Any:
    """Links a file into the folder, and returns its name there; what is no file is left to the program to refuse."""
    if isinstance(named, str) and "\n" in named:
        # A model as text.
        path = _free(folder, Path("model.R"), named)
        path.write_text(named, encoding="utf-8")
        return path.relative_to(folder).as_posix()
    if not isinstance(named, str | os.PathLike):
        return named
    source = Path(os.path.abspath(named)) if isinstance(named, os.PathLike) else Path(os.path.normpath(base / named))
    if not source.is_file():
        return str(source)
    path = _free(folder, Path(source.name), source)
    if not path.exists():
        _link(source, path)
    return path.relative_to(folder).as_posix()


def _free(folder: Path, name: Path, content: str | Path) -> Path:
    """A path for a file: of another folder if another file has the name already."""
    for number in range(1, 1000):
        path = (folder if number == 1 else folder / str(number)) / name
        same = path.resolve() == content.resolve() if isinstance(content, Path) else _holds(path, content)
        if not path.exists() or same:
            path.parent.mkdir(exist_ok=True)
            return path
    raise InputError(f"too many files are called {name}")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _link(source: Path, path: Path) -> None:
    try:
        path.symlink_to(source)
    except OSError:
        # Where links need a right of their own.
        shutil.copyfile(source, path)


def _heading(cohort: Cohort, changes: Changes | None) -> str:
    """What the file says of itself, for who finds it among the inputs of a run."""
    if _is_text(cohort) or isinstance(cohort, Mapping):
        origin = "Written by the Python package"
    else:
        origin = f"{Path(cohort).name}, rewritten by the Python package"
    changed = f", with changes of {', '.join(map(str, changes))}" if changes else ""
    return "# " + " ".join(f"{origin}{changed}.".split()) + "\n"
