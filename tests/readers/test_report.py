"""The report of a real run in a browser, from disk: nothing leaves, nothing is missing, and everyone can read it."""

import csv
import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

FIGURES = {
    "run": [
        "toxicity", "grades", "exposure", "exposure-in-subgroups", "courses", "exposure-response", "tumour", "spider",
        "survival", "dosing", "swimmer", "subgroups", "population",
    ],
    "comparison": ["curves", "patients-of-100", "exposure-ratios", "doses"],
    "trials": ["selection", "brings", "patients", "duration", "ends", "paths", "decisions"],
}


@pytest.fixture(scope="session")
def report(run):
    page = run.with_name(f"{run.name}-report.html")
    subprocess.run([os.environ["VPOP"], "report", run, "-o", page, "--force"], check=True)
    return page


@pytest.fixture(scope="session")
def comparison(run, tmp_path_factory):
    """The scenarios of the cohort that the run is of, in fewer patients."""
    folder = tmp_path_factory.mktemp("compared") / "comparison"
    inputs = json.loads((run / "manifest.json").read_text())["inputs"]
    cohort = next(run / "inputs" / of["file"] for of in inputs if of["role"] == "cohort")
    subprocess.run([os.environ["VPOP"], "compare", cohort, "--patients", "100", "-o", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def pages(run, comparison, trials, report, tmp_path_factory):
    """A page of each kind of results."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"run": report}
    for name, results in [("comparison", comparison), ("trials", trials)]:
        made[name] = folder / f"{name}.html"
        subprocess.run([os.environ["VPOP"], "report", results, "-o", made[name]], check=True)
    return made


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "no Chromium: install Debian's package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("width", [1280, 390])
def test_opens_from_disk(browser, pages, report, kind, width, scheme):
    opened = pages[kind]
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(opened.as_uri())
    assert said == []
    assert asked == [opened.as_uri()]
    for name in FIGURES[kind]:
        picture = page.locator(f"section[aria-labelledby='{name}'] figure svg").first
        box = picture.bounding_box()
        assert box and box["width"] > 300 and box["height"] > 100, name
        assert page.locator(f"section[aria-labelledby='{name}'] figcaption").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page itself scrolls sideways"
    violations = Axe().run(page).response["violations"]
    assert violations == [], [(found["id"], found["nodes"][0]["html"][:200]) for found in violations]
    folder = report.parent / "screenshots"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{kind}-{width}-{scheme}.png", full_page=True)
    page.close()


def numbers(browser, report, name):
    page = browser.new_page()
    page.goto(report.as_uri())
    address = page.locator(f"section[aria-labelledby='{name}'] a[download]").get_attribute("href")
    page.close()
    return list(csv.DictReader(io.StringIO(unquote(address.split(",", 1)[1]))))


def test_numbers_are_those_of_the_run(browser, report, run):
    """What can be downloaded behind a figure, against DuckDB on the run's files."""
    outcomes = run / "outcomes" / "*.parquet"
    expected = dict(duckdb.sql(
        f"select arm, round(100 * avg(dlt::double), 1) from '{outcomes}' where status = 'ok' group by arm"
    ).fetchall())
    rows = numbers(browser, report, "toxicity")
    assert {row["arm"]: float(row["any DLT, %"]) for row in rows} == pytest.approx(expected, abs=0.051)

    expected = dict(duckdb.sql(
        f"select arm, quantile_cont(cmax_c1, 0.5) from '{outcomes}' where status = 'ok' group by arm"
    ).fetchall())
    rows = [row for row in numbers(browser, report, "exposure") if row["measure"] == "cmax_c1"]
    assert {row["arm"]: float(row["median"]) for row in rows} == pytest.approx(expected, rel=5e-3)

    end = 63
    at_risk = dict(duckdb.sql(
        f"select arm, count(*) from '{outcomes}' where status = 'ok' and "
        f"least(coalesce(off_treatment_day, {end}), coalesce(left_day, {end})) >= 31.5 group by arm"
    ).fetchall())
    rows = numbers(browser, report, "survival")
    found = {
        row["arm"]: int(row["at risk"])
        for row in rows
        if row["curve"] == "On treatment" and float(row["time, day"]) == 31.5
    }
    assert found == at_risk


def test_a_figure_alone(run, tmp_path):
    picture = tmp_path / "toxicity.svg"
    subprocess.run([os.environ["VPOP"], "plot", run, "toxicity", "-o", picture], check=True)
    assert picture.read_text().startswith("<svg ")
    failed = subprocess.run([os.environ["VPOP"], "plot", run, "toxicty"], capture_output=True, text=True)
    assert failed.returncode == 2 and "toxicity" in failed.stderr


def test_an_existing_file_is_kept(run, tmp_path):
    page = tmp_path / "mine.html"
    page.write_text("mine")
    failed = subprocess.run([os.environ["VPOP"], "report", run, "-o", page], capture_output=True, text=True)
    assert failed.returncode != 0 and Path(page).read_text() == "mine"


def test_numbers_of_a_comparison_are_those_of_its_runs(browser, pages, comparison):
    """Ratios of exposure and patients of 100, against DuckDB on the outcomes of both scenarios."""
    place = comparison / "scenarios"
    rows = numbers(browser, pages["comparison"], "exposure-ratios")
    row = next(row for row in rows if row["measure"] == "cmax_c1")
    joined = " join ".join(
        f"(from '{place}/{name}/outcomes/*.parquet' where status = 'ok') {alias}"
        for name, alias in [(row["scenario"], "a"), (row["over"], "b")]
    )
    ratio, n = duckdb.sql(
        f"select exp(avg(ln(a.cmax_c1 / b.cmax_c1))), count(*) from {joined} using (patient, arm) "
        f"where arm = '{row['arm']}'"
    ).fetchall()[0]
    assert float(row["geometric mean ratio"]) == pytest.approx(ratio, abs=6e-4)
    assert int(row["n"]) == n
    rows = numbers(browser, pages["comparison"], "patients-of-100")
    row = next(row for row in rows if row["outcome"] == "dlt")
    more = duckdb.sql(
        f"select 100 * avg(a.dlt::int - b.dlt::int) from {joined} using (patient, arm) where arm = '{row['arm']}'"
    ).fetchall()[0][0]
    assert float(row["more of 100"]) == pytest.approx(more, abs=0.051)


def test_numbers_of_trials_are_those_of_their_rows(browser, pages, trials):
    rows = numbers(browser, pages["trials"], "duration")
    found = {row["design"]: float(row["mean of all trials, days"]) for row in rows}
    expected = dict(duckdb.sql(
        f"select design, avg(complete_day) from '{trials}/trials/*.parquet' where ended_by is not null group by design"
    ).fetchall())
    assert found == pytest.approx(expected, rel=5e-3)
