"""The R functions give the numbers that the Python package gives, from files, lists and model functions."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import vpop

ROOT = Path(__file__).parents[2]
if shutil.which("Rscript") is None and os.environ.get("CI") != "true":
    pytest.skip("R is not installed", allow_module_level=True)

MODEL = """
one <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({
    ke <- 0.2; label("Elimination (1/h)")  # a comment
    v <- 10; label("Volume (L)")
    eta_v ~ 0.09
  })
  model({
    vc <- v * exp(eta_v)
    d/dt(central) <- -ke * central
    if (central > 1e6) { Cc <- 0 } else { Cc <- central / vc }
  })
}
"""


def r(code, **environment):
    """What an R script answers in JSON."""
    script = (
        f'source("examples/r/vpop.R")\nanswer <- {{{code}}}\ncat(jsonlite::toJSON(answer, digits = NA, na = "null"))'
    )
    environment = os.environ | {"VPOP": str(vpop.program()), "VPOP_PYTHON": sys.executable} | environment
    said = subprocess.run(
        ["Rscript", "-e", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def same(rows, table):
    """Rows of R against a table of the package; R leaves columns without any value out of its JSON."""
    assert len(rows) == len(table)
    for name, values in table.lists().items():
        for row, value in zip(rows, values, strict=True):
            found = row.get(name)
            assert found == value or found == pytest.approx(value, rel=1e-12), (name, found, value)


def test_tables_of_a_run_are_those_of_python(tmp_path):
    pytest.importorskip("duckdb")
    code = f"""
      run <- vp_run("cohorts/phase1.toml", changes = list(regimen = list(arms = list("0.4 mg/kg"))), patients = 40,
                    output = {str(tmp_path / "run")!r})
      list(outcomes = vp_outcomes(run), patients = vp_patients(run), distributions = vp_distributions(run),
           doses = vp_doses(run), columns = vp_columns(vp_load(run$path)))
    """
    found = r(code)
    run = vpop.load(tmp_path / "run")
    for name, rows in found.items():
        same(rows, run.table(name))
    changed = vpop.run("cohorts/phase1.toml", changes={"regimen.arms": ["0.4 mg/kg"]}, patients=40)
    assert changed.distributions.lists() == run.distributions.lists()
    assert not list(Path("cohorts").glob(".*.toml"))


def test_the_duckdb_command_reads_the_same(quickstart):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if shutil.which("duckdb", path=path) is None:
        pytest.skip("the DuckDB command line is not installed")
    code = f"vp_outcomes(vp_load({str(quickstart.path)!r}))"
    same(r(code, VPOP_PYTHON="none", PATH=path), quickstart.outcomes)


@pytest.mark.parametrize("keeps_source", ["TRUE", "FALSE"])
def test_a_model_function_is_the_model_file(tmp_path, keeps_source):
    file = tmp_path / "one.R"
    file.write_text(MODEL)
    code = f"""
      options(keep.source = {keeps_source})
      source({str(file)!r})
      written <- vp_model_file(one)
      cohort <- list(name = "one", model = written, patients = 5,
                     regimen = list(arms = list("50 mg", "100 mg"), into = list("central")),
                     visits = list(until = "24 h"),
                     endpoints = list(auc = list(of = "Cc", statistic = "auc", on = "continuous")))
      list(text = paste(readLines(written), collapse = "\\n"), described = vp_describe(one),
           outcomes = vp_outcomes(vp_run(cohort)), changed = vp_outcomes(vp_run(cohort, model = one)))
    """
    found = r(code)
    assert ("# a comment" in found["text"][0]) == (keeps_source == "TRUE")
    cohort = {
        "name": "one",
        "model": MODEL,
        "patients": 5,
        "regimen": {"arms": ["50 mg", "100 mg"], "into": ["central"]},
        "visits": {"until": "24 h"},
        "endpoints": {"auc": {"of": "Cc", "statistic": "auc", "on": "continuous"}},
    }
    run = vpop.run(cohort)
    same(found["outcomes"], run.outcomes)
    same(found["changed"], run.outcomes)
    assert [state["name"][0] for state in found["described"]["states"]] == ["central"]


def test_trials_are_those_of_python():
    found = r("vp_operating_characteristics(vp_trial(true_dlt = c(0.1, 0.3, 0.5), replicates = 50, seed = 7))")
    same(found, vpop.trial(true_dlt=[0.1, 0.3, 0.5], replicates=50, seed=7).operating_characteristics)


def test_what_is_wrong_is_an_error_with_its_place():
    code = """
      caught <- tryCatch(vp_run("cohorts/quickstart.toml", changes = list(patints = 3)), vp_error = function(e) e)
      list(message = conditionMessage(caught), status = caught$status, checked = length(
        vp_check("cohorts/quickstart.toml", changes = list(patints = 3))$problems))
    """
    found = r(code)
    assert found["message"][0].startswith("unknown key `patints`\n  at ")
    assert "help: did you mean `patients`?" in found["message"][0]
    assert (found["status"], found["checked"]) == ([2], [1])


def test_ctrl_c_stops_the_program_after_the_part_that_is_being_written(tmp_path):
    """As a terminal does it: R and the program get the signal."""
    run = tmp_path / "run"
    code = f'vp_run("cohorts/quickstart.toml", patients = 80000, threads = 1, output = {str(run)!r})'
    command = ["Rscript", "-e", f'source("examples/r/vpop.R"); {code}']
    environment = os.environ | {"VPOP": str(vpop.program())}
    rscript = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, process_group=0)
    parts = run / "parts.jsonl"
    while rscript.poll() is None and not (parts.is_file() and parts.read_text()):
        time.sleep(0.01)
    os.killpg(rscript.pid, signal.SIGINT)
    # The error stream ends with the last of the two.
    said = rscript.communicate()[1]
    assert rscript.returncode != 0, said
    assert not (run / "manifest.json").exists()
    resumed = vpop.run("cohorts/quickstart.toml", patients=80_000, output=run, existing="resume")
    assert len(resumed.patients) == 80_000


def test_values_are_written_as_toml():
    code = r"""
      paste(vp_toml(list(a = 1e6, b = 0.1 + 0.2, c = "q\"\\n", d = TRUE, e = list(1, 2), f = I(3), g = c(1.5, 2),
                         h = list(i = list(j = -1e-9), k = list(list(l = 1)), "m n" = 123456789012), o = 1e22)),
            collapse = "\n")
    """
    assert tomllib.loads(r(code)[0]) == {
        "a": 1000000,
        "b": 0.1 + 0.2,
        "c": 'q"\\n',
        "d": True,
        "e": [1, 2],
        "f": [3],
        "g": [1.5, 2],
        "h": {"i": {"j": -1e-9}, "k": [{"l": 1}], "m n": 123456789012},
        "o": 1e22,
    }


def test_the_enrolment_script_answers():
    pytest.importorskip("duckdb")
    environment = os.environ | {"VPOP": str(vpop.program()), "VPOP_PYTHON": sys.executable}
    command = ["Rscript", "examples/r/enrolment.R", "300"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "FGFR2 high" in said.stdout
    run = vpop.run("cohorts/phase1.toml", changes={"regimen.arms": ["0.4 mg/kg"], "patients": 300})
    rows = zip(*run.distributions.lists("subgroup", "endpoint", "statistic", "value").values(), strict=True)
    dlt = next(value for *of, value in rows if of == ["all", "dlt", "proportion"])
    assert f" {100 * dlt:.1f} " in next(line for line in said.stdout.splitlines() if "as in the trial" in line)
