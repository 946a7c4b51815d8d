"""A first look at a model in one line."""

import math
from pathlib import Path

import pytest
import vpop
from vpop import _dose

MODEL = """
one <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  covariateData <- list(WT = list(units = "kg"))
  ini({ ka <- 1.2; ke <- 0.2; v <- 10; eta_v ~ 0.09 })
  model({
    vc <- v * exp(eta_v) * (WT / 70)
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - ke * central
    Cc <- central / vc
  })
}
"""


def test_one_patient_is_the_typical_one():
    courses = vpop.simulate(MODEL, "100 mg q12h x 2", WT=70, every="1 h")
    found = courses.lists("patient", "arm", "time", "Cc")
    assert found["time"] == [float(hour) for hour in range(25)]
    assert set(found["arm"]) == {"100 mg"}

    def one_dose(hours):
        return 0 if hours < 0 else 10 * 1.2 / (1.2 - 0.2) * (math.exp(-0.2 * hours) - math.exp(-1.2 * hours))

    expected = [one_dose(hour) + one_dose(hour - 12) for hour in range(25)]
    assert found["Cc"] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_several_patients_differ():
    courses = vpop.simulate(
        MODEL,
        ["50 mg", "100 mg"],
        20,
        until="24 h",
        WT={"distribution": "lognormal", "median": 70, "cv": 0.2},
    )
    frame = courses.pl()
    assert frame["patient"].n_unique() == 20
    assert frame["arm"].unique(maintain_order=True).to_list() == ["50 mg", "100 mg"]
    assert len(set(courses.run.patients.lists("vc")["vc"])) == 20
    assert len(courses) == 20 * 2 * 241
    assert "<svg" in courses._repr_html_()


def test_infusions_and_weights():
    courses = vpop.simulate("models/tdm1_lu_2014.R", "3.6 mg/kg over 90 min q3w x 4", WT=70, seed=3)
    assert courses.run.manifest["arms"] == ["3.6 mg/kg"]
    times = courses.lists("time")["time"]
    assert times[-1] == 84
    # A row where the infusion ends.
    assert 1.5 / 24 in times
    flat = vpop.simulate(Path("models/tdm1_lu_2014.R"), "252 mg over 90 min q3w x 4")
    assert flat.lists("Cc")["Cc"] == pytest.approx(courses.lists("Cc")["Cc"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("252 mg", ("252 mg", None, None, 1)),
        ("252mg", ("252 mg", None, None, 1)),
        ("1e3 ug/kg q2w x 3", ("1e3 ug/kg", None, "2 week", 3)),
        ("0.5 mg/m2 over 90 min q21d x4", ("0.5 mg/m2", "90 min", "21 day", 4)),
        ("100 mg bid x 14", ("100 mg", None, "12 h", 14)),
        ("100 mg every 8 h x 3", ("100 mg", None, "8 h", 3)),
        ("350 umol qw × 6", ("350 umol", None, "1 week", 6)),  # noqa: RUF001
    ],
)
def test_doses_are_read(text, expected):
    dose = _dose.read(text)
    assert (dose.amount, dose.over, dose.every, dose.count) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not understood"),
        ("252", "not understood"),
        ("252 mg q3w x 4 then 100 mg", "not understood"),
        ("252 mg q3w", "how many doses"),
        ("252 mg x 4", "how far apart"),
        ("252 mg q3x x 4", "`q3x`"),
        ("252 mg monthly x 4", "`monthly`"),
    ],
)
def test_doses_that_are_not_understood_are_refused(text, said):
    with pytest.raises(vpop.InputError, match=said):
        _dose.read(text)


def test_what_cannot_be_guessed_is_asked_for():
    with pytest.raises(vpop.InputError, match="until="):
        vpop.simulate(MODEL, "100 mg", WT=70)
    with pytest.raises(vpop.InputError, match="differ in more than the amount"):
        vpop.simulate(MODEL, ["100 mg q12h x 2", "100 mg q24h x 2"], WT=70)
    with pytest.raises(vpop.InputError, match="say which state takes the doses"):
        vpop.simulate("models/aprutumab_ixadotin.R", "10 mg q3w x 1")
    with pytest.raises(vpop.InputError, match="WT"):
        vpop.simulate(MODEL, "100 mg q12h x 2")
    with pytest.raises(vpop.InputError, match="the covariate `WT` is a number"):
        vpop.simulate(MODEL, "100 mg q12h x 2", WT="70 kg")
    with pytest.raises(vpop.InputError, match="`vd`"):
        vpop.simulate(MODEL.replace("central / vc", "central / vd"), "100 mg q12h x 2", WT=70)
