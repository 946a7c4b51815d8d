"""A cohort is a path, text or a dict; changes are laid over it, and the files that it names are found."""

import json
import tomllib
from pathlib import Path

import pytest
import vpop
from vpop import _toml
from vpop._cohort import cohort_file, patched

COHORTS = sorted(path for path in Path(__file__).parents[2].joinpath("cohorts").glob("*.toml"))


@pytest.mark.parametrize("path", COHORTS, ids=lambda path: path.stem)
def test_what_is_written_is_what_was_read(path):
    table = tomllib.loads(path.read_text())
    written = tomllib.loads(_toml.dumps(table))
    assert written == table
    # The order of keys is that of columns.
    assert json.dumps(written) == json.dumps(table)


def test_every_kind_of_value_is_written():
    table = {
        "text": 'quotes " and \\ and \n and \x7f and é',
        "numbers": [1, -2, 1.5, 1e-300, 1e22, float("inf")],
        "flags": {"yes": True, "no": False},
        "odd keys": {"a.b": 1, "": {"c d": 2}},
        "empty": {},
        "inline": [{"a": 1, "b": {"c": [True]}}, {}],
    }
    assert tomllib.loads(_toml.dumps(table)) == table


def test_numbers_of_numpy_are_numbers():
    numpy = pytest.importorskip("numpy")
    assert _toml.dumps({"a": numpy.float64(0.5), "b": numpy.int64(3), "c": numpy.array([1, 2])}) == (
        "a = 0.5\nb = 3\nc = [1, 2]\n"
    )


def test_what_a_file_cannot_hold_is_refused_by_its_key():
    with pytest.raises(vpop.InputError, match=r"`regimen.arms` is a complex"):
        _toml.dumps({"regimen": {"arms": 1j}})


def test_changes_are_merged_as_scenarios_are():
    table = {"a": {"b": 1, "c": [1, 2]}, "x": {"distribution": "normal", "mean": 1, "sd": 2}}
    assert patched(table, {"a.b": 2, "a": {"c": [3]}}) == {"a": {"b": 2, "c": [3]}, "x": table["x"]}
    assert patched(table, {"x": {"distribution": "fixed", "value": 3}})["x"] == {"distribution": "fixed", "value": 3}
    assert patched(table, {"x.mean": 5})["x"] == {"distribution": "normal", "mean": 5, "sd": 2}
    assert patched(table, {"x": None, "new.key": 1}) == {"a": table["a"], "new": {"key": 1}}
    with pytest.raises(vpop.InputError, match="`b` is no table"):
        patched(table, {"a.b.c": 1})
    assert table["a"] == {"b": 1, "c": [1, 2]}
    assert list(patched({"n": 1, "t": {"k": 1}}, {"new": 2, "u": {}, "t.z": 3})) == ["n", "new", "t", "u"]


def test_a_file_without_changes_is_read_where_it_is():
    with cohort_file("cohorts/quickstart.toml") as file:
        assert (file.path, file.folder) == ("cohorts/quickstart.toml", None)


def test_the_same_run_by_path_text_dict_and_changes():
    path = Path("cohorts/quickstart.toml")
    table = tomllib.loads(path.read_text()) | {"model": "models/tdm1_lu_2014.R"}
    text = path.read_text().replace("../models", "models")
    cohorts = [
        (path, None),
        (str(path), {"description": "changed"}),
        (text, None),
        (table, None),
        (table, {"model": Path("models/tdm1_lu_2014.R")}),
        (table, {"model": Path("models/tdm1_lu_2014.R").read_text()}),
    ]
    runs = [vpop.run(cohort, changes=changes, patients=20) for cohort, changes in cohorts]
    rows = [run.distributions.lists() for run in runs]
    assert all(found == rows[0] for found in rows)


def test_changed_runs_are_the_same_wherever_they_are_made(tmp_path):
    """Paths of this machine are in no file of a run."""
    copied = tmp_path / "elsewhere" / "cohorts"
    copied.mkdir(parents=True)
    for name in ("cohorts/quickstart.toml", "models/tdm1_lu_2014.R"):
        target = tmp_path / "elsewhere" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(Path(name).read_bytes())
    changes = {"patients": 10, "regimen.arms": ["1 mg"]}
    here = vpop.run("cohorts/quickstart.toml", changes=changes)
    there = vpop.run(copied / "quickstart.toml", changes=changes)
    assert here.manifest["files"] == there.manifest["files"]
    assert here.manifest["inputs"] == there.manifest["inputs"]


def test_files_of_scenarios_and_tables_are_found(tmp_path):
    tables = {"population.derived.BSA": None, "patients": 10}
    run = vpop.run("cohorts/phase1.toml", changes=tables, scenario="full_dose")
    names = [file["file"] for file in run.manifest["inputs"]]
    assert names == ["phase1.toml", "aprutumab_ixadotin.R", "ctcae_v4_03.toml", "cornea.toml"]
    rows = tmp_path / "patients.csv"
    rows.write_text("WT\n60\n70\n80\n")
    changed = {"population": {"WT": None, "rows": {"file": rows, "resample": False}}, "patients": 3}
    run = vpop.run("cohorts/quickstart.toml", changes=changed)
    assert run.patients.lists("WT") == {"WT": [60, 70, 80]}


def test_a_file_that_is_not_there_is_said_by_the_program():
    with pytest.raises(vpop.InputError, match=r"no_such_model\.R"):
        vpop.run("cohorts/quickstart.toml", changes={"model": "no_such_model.R"})
    with pytest.raises(vpop.InputError, match="cannot read"):
        vpop.run("no_such.toml", changes={"patients": 1})
    with pytest.raises(vpop.InputError, match="not TOML"):
        vpop.run("a = \nb = 1")
