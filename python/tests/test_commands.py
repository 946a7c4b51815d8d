"""The commands, their answers and their errors."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import vpop


def test_the_version_is_that_of_the_program():
    assert vpop.__version__ == tomllib.loads(Path("Cargo.toml").read_text())["package"]["version"]


def test_a_run_says_what_it_is(quickstart):
    assert quickstart.arms == ["2.4 mg/kg", "3.6 mg/kg"]
    assert quickstart.failures == []
    assert quickstart.manifest["patients"] == 200
    assert "200 patients x 2 arms" in repr(quickstart)


def test_a_temporary_run_lasts_as_long_as_what_refers_to_it(tmp_path):
    run = vpop.run("cohorts/quickstart.toml", patients=5)
    path, outcomes = run.path, run.outcomes
    run.save(tmp_path / "kept")
    del run
    assert len(outcomes.lists("patient")["patient"]) == 10
    del outcomes
    assert not path.exists()
    kept = vpop.load(tmp_path / "kept")
    assert isinstance(kept, vpop.Run)
    assert vpop.check(kept)


def test_a_named_run_stays_and_is_not_replaced_unasked(tmp_path):
    options = {"patients": 5, "output": tmp_path / "run"}
    first = vpop.run("cohorts/quickstart.toml", **options)
    with pytest.raises(vpop.InputError, match="already holds a finished run") as refused:
        vpop.run("cohorts/quickstart.toml", **options)
    assert refused.value.status == 2
    again = vpop.run("cohorts/quickstart.toml", **options, existing="resume")
    assert again.manifest["files"] == first.manifest["files"]
    assert again.manifest["created"] == first.manifest["created"]
    replaced = vpop.run("cohorts/quickstart.toml", **options, seed=2, existing="replace")
    assert replaced.manifest["seed"] == 2
    with pytest.raises(vpop.InputError, match="`existing` is one of"):
        vpop.run("cohorts/quickstart.toml", existing="maybe")


def test_bad_input_is_an_error_with_every_problem_and_its_place(tmp_path):
    text = Path("cohorts/quickstart.toml").read_text().replace("../models", str(Path("models").absolute()))
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace("median = 70", "medain = 70").replace('"21 day"', '"21 dya"'))
    with pytest.raises(vpop.InputError) as refused:
        vpop.run(bad)
    assert isinstance(refused.value, ValueError)
    problem = refused.value.problems[0]
    assert problem.message == "unknown key `medain`"
    assert problem.help == "did you mean `median`?"
    assert (problem.file, problem.line, problem.column) == (str(bad), 12, 1)
    assert f"  at {bad}:12:1\n  help: did you mean `median`?" in str(refused.value)
    checked = vpop.check(bad)
    assert not checked
    assert checked.problems == list(refused.value.problems)


def test_usage_of_options_is_an_error():
    with pytest.raises(vpop.InputError, match="invalid value '0'"):
        vpop.run("cohorts/quickstart.toml", patients=0)


def test_what_could_not_be_solved_is_an_error_with_the_results():
    unsolvable = {"solver.max_steps": 3, "patients": 10}
    with pytest.raises(vpop.UnreliableResult, match="20 of 20 patient-arms ended as `max_steps`") as failed:
        vpop.run("cohorts/quickstart.toml", changes=unsolvable)
    assert failed.value.status == 1
    assert set(failed.value.result.outcomes.lists("status")["status"]) == {"max_steps"}
    with pytest.warns(vpop.VpopWarning, match="20 of 20"):
        run = vpop.run("cohorts/quickstart.toml", changes=unsolvable, allow_failures=True)
    assert run.failures


def test_warnings_of_the_program_are_warnings():
    with pytest.warns(vpop.VpopWarning):
        run = vpop.run("cohorts/quickstart.toml", changes={"solver.rtol": 0.01, "patients": 5}, allow_failures=True)
    assert run.notices


def test_check_says_what_a_run_costs():
    checked = vpop.check("cohorts/quickstart.toml", patients=1000)
    assert checked
    assert str(checked) == "nothing wrong found"
    assert checked.seconds > 0
    assert checked.disk_bytes > 0
    assert checked.memory_bytes > 0


def test_damaged_files_are_found_when_they_are_loaded(tmp_path, quickstart):
    quickstart.save(tmp_path / "run")
    part = tmp_path / "run" / "outcomes" / "part-00000.parquet"
    damaged = bytearray(part.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    part.write_bytes(damaged)
    with pytest.raises(vpop.FailedError, match=r"part-00000\.parquet"):
        vpop.load(tmp_path / "run")
    assert isinstance(vpop.load(tmp_path / "run", check=False), vpop.Run)
    checked = vpop.check(tmp_path / "run")
    assert not checked
    assert "part-00000.parquet" in str(checked)
    with pytest.raises(vpop.InputError, match="holds no finished"):
        vpop.load(tmp_path)


def test_tables_of_a_shard_without_outcomes_are_read():
    shard = vpop.run("cohorts/quickstart.toml", patients=20, shard="1/2", changes={"output.outcomes": False})
    assert "summarised" not in shard.tables
    assert shard.sql("select count(*) from patients").fetchall() == [(10,)]


def test_shards_are_merged_to_the_bytes_of_the_whole(quickstart):
    shards = [vpop.run("cohorts/quickstart.toml", patients=200, shard=f"{i}/2") for i in (1, 2)]
    assert vpop.merge(shards).manifest["files"] == quickstart.manifest["files"]


def test_trials_over_a_run(phase1):
    trials = vpop.trial(phase1, designs=["designs/boin.toml"], replicates=50)
    assert [design["name"] for design in trials.summary["designs"]] == ["BOIN"]
    declared = trials.operating_characteristics.lists("measure", "value")
    assert "declared" in declared["measure"]
    assert len(trials.trials) > 50


def test_trials_of_assumed_probabilities_and_a_design_of_ones_own():
    design = {
        "name": "mine",
        "patients": {"cohort": 3, "maximum": 12, "at_dose": 6},
        "boin": {"target": 0.3},
    }
    designs = [design, Path("designs/boin.toml").read_text()]
    trials = vpop.trial(true_dlt=[0.1, 0.3, 0.5], doses=["1 mg", "2 mg", "4 mg"], designs=designs, replicates=20)
    assert trials.summary["doses"] == ["1 mg", "2 mg", "4 mg"]
    assert [found["name"] for found in trials.summary["designs"]] == ["mine", "BOIN"]
    with pytest.raises(vpop.InputError):
        vpop.trial(true_dlt=[1.5])


def test_a_comparison_and_its_runs():
    comparison = vpop.compare("cohorts/translation.toml", patients=10, scenarios=["healthy_human"])
    assert "healthy_human" in comparison.scenarios
    assert comparison.scenarios["healthy_human"].manifest["patients"] == 10
    assert "mtd_30" in comparison.indices.lists("measure")["measure"]
    assert len(comparison.curves) == len(comparison.curves.lists("arm")["arm"])


def test_scenarios_in_a_loop_read_as_five_lines():
    medians = {}
    for dose in (0.5, 1, 2):
        run = vpop.run("cohorts/quickstart.toml", changes={"patients": 50, "regimen.arms": [f"{dose} mg/kg"]})
        rows = zip(*run.distributions.lists("endpoint", "statistic", "value").values(), strict=True)
        medians[dose] = next(value for endpoint, statistic, value in rows if (endpoint, statistic) == ("cmax", "p50"))
    assert medians[2] == pytest.approx(4 * medians[0.5], rel=1e-3)


def test_known_cases_are_solved():
    verified = vpop.verify(backend="cpu")
    assert verified
    assert "all" in verified.verdict
    assert {"expected", "got", "error"} <= verified.cases[0]["values"][0].keys()


def test_a_model_is_described():
    about = vpop.model("models/tdm1_lu_2014.R")
    assert [state["name"] for state in about["states"]] == ["central", "peripheral1"]
    with pytest.raises(vpop.InputError):
        vpop.model("no_such.R")


def test_a_run_repeats_from_what_it_keeps():
    changed = vpop.run("cohorts/quickstart.toml", changes={"regimen.arms": ["1 mg/kg"], "patients": 20})
    again = vpop.run(changed.path / "inputs" / "quickstart.toml")
    assert again.manifest["files"] == changed.manifest["files"]
    kept = (changed.path / "inputs" / "quickstart.toml").read_text()
    assert kept.startswith(
        "# quickstart.toml, rewritten by the Python package, with changes of regimen.arms, patients."
    )


def test_results_are_removed_with_python():
    code = "import vpop; print(vpop.run('cohorts/quickstart.toml', patients=2).path)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not Path(said.stdout.strip()).exists()


def test_a_page_and_a_figure_of_results(tmp_path, quickstart):
    page = quickstart.report(tmp_path / "page.html")
    assert page.read_text().startswith("<!doctype html>")
    with pytest.raises(vpop.InputError, match="already exists"):
        quickstart.report(page)
    assert quickstart.report(page, force=True) == page
    assert quickstart.plot("exposure", tmp_path / "exposure.svg").read_text().startswith("<svg")
    with pytest.raises(vpop.InputError, match="did you mean `exposure`"):
        quickstart.plot("exposur", tmp_path / "other.svg")
    trials = vpop.trial(true_dlt=[0.1, 0.3], replicates=20)
    assert "Declared dose" in trials.report(tmp_path / "trials.html").read_text()
