"""What results show in a notebook: well-formed, with units and n, and with nothing from outside."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
import vpop


def page(results):
    text = results._repr_html_()
    ElementTree.fromstring(f"<div>{text.replace('<br>', '<br/>')}</div>")
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "<script" not in text
    return text


def test_a_run_shows_its_distributions(phase1):
    text = page(phase1)
    assert text.count("<g ") == 6
    assert "dlt, % of patients" in text
    assert "cmax_c1, mg/L" in text
    assert "150 patients x 5 arms; every patient solved" in text
    assert re.search(r"cmax_c1</td><[^>]*>mg/L</td><[^>]*>[\d.]+ \[[\d.]+, [\d.]+\]</td>", text)
    assert "n = 150 patients in each arm" in text


def test_n_is_of_those_who_have_a_value(phase1):
    rows = zip(*phase1.distributions.lists("arm", "subgroup", "endpoint", "statistic", "n").values(), strict=True)
    n = next(n for *of, n in rows if of == ["1.3 mg/kg", "all", "upcr_first_above_3_5", "p50"])
    assert 0 < n < 150
    text = page(phase1)
    assert re.search(rf"upcr_first_above_3_5</td><[^>]*>day</td>.*?\] n={n}</td>", text)
    assert "n=-" not in text


def test_numbers_are_those_of_the_distributions(quickstart):
    rows = zip(*quickstart.distributions.lists("arm", "endpoint", "statistic", "value").values(), strict=True)
    median = next(value for *of, value in rows if of == ["2.4 mg/kg", "cmax", "p50"])
    assert f"{median:.1f} [" in page(quickstart)


def test_failures_come_first():
    with pytest.warns(vpop.VpopWarning):
        run = vpop.run("cohorts/quickstart.toml", changes={"solver.max_steps": 3, "patients": 5}, allow_failures=True)
    assert "<b>10 of 10 patient-arms ended as `max_steps`</b>" in page(run)


def test_names_of_users_act_on_no_page():
    run = vpop.run("cohorts/quickstart.toml", changes={"patients": 5, "population.WT.description": "<b>&"})
    assert "&lt;b&gt;" in "".join(column.meaning for column in run.patients.columns) or "<b>&" not in page(run)
    page(run.patients)


def test_other_results_show_tables(phase1):
    trials = vpop.trial(phase1, replicates=20)
    assert "the dose declared, % of 20 trials of each design" in page(trials)
    comparison = vpop.compare("cohorts/translation.toml", patients=5, scenarios=["healthy_human"])
    assert "mtd_30" in page(comparison)
    assert "outcomes: 750 rows" in page(phase1.outcomes)
