"""dar_chain.json: models/tusamitamab_dar_chain.R is linear, so its states are a matrix exponential times the dose.

usage: python tests/data/dar_chain.py     (needs mpmath, numpy, scipy)

The matrix is put together here from the table of the paper, not read from the model file. The exponential is taken
with 50 digits; scipy's, in double precision, must agree.
"""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy.linalg import expm

mp.mp.dps = 50

DOSE = "1.19333"
VC, VP, Q = mp.mpf("3.37"), mp.mpf("2.54"), mp.mpf("0.543")
CL_ADC, CL_NAKED = mp.mpf("0.392"), mp.mpf("0.408")
KDEC = [mp.mpf(k) for k in "0 0.0565 0.181 0.340 0.525 0.751 0.938 0.938 0.938".split()]
K_DM4, K_MEDM4, TO_MEDM4 = mp.mpf(240), mp.mpf("0.256"), mp.mpf("0.0107")
PARTS = [mp.mpf(p) for p in "0.071 0.085 0.175 0.218 0.199 0.142 0.071 0.028 0.009".split()]

DAY = 86_400
SECONDS = [0, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 43_200]
SECONDS += [DAY * d for d in (1, 2, 3, 5, 7, 10, 14, 21, 28, 42)]
STATES = [f"{kind}{j}" for j in range(8, -1, -1) for kind in "AP"] + ["DM4", "MeDM4"]


def matrix():
    a = mp.zeros(20, 20)
    for row, j in enumerate(range(8, -1, -1)):
        central, peripheral = 2 * row, 2 * row + 1
        a[central, central] = -(CL_ADC if j else CL_NAKED) / VC - Q / VC - KDEC[j]
        a[central, peripheral] = Q / VP
        a[peripheral, central] = Q / VC
        a[peripheral, peripheral] = -Q / VP
        if j:
            a[central + 2, central] = KDEC[j]
            a[18, central] = KDEC[j]
    a[18, 18] = -K_DM4
    a[19, 18] = TO_MEDM4 * K_DM4
    a[19, 19] = -K_MEDM4
    return a


def start():
    x = mp.zeros(20, 1)
    for row, j in enumerate(range(8, -1, -1)):
        x[2 * row] = mp.mpf(DOSE) * PARTS[j] / mp.fsum(PARTS)
    return x


A, X0 = matrix(), start()


def at(day):
    return mp.expm(A * day) * X0


def concentrations(x):
    return {"Cc": mp.fsum(x[2 * i] for i in range(8)) / VC, "naked": x[16] / VC, "dm4": x[18], "medm4": x[19]}


def largest(name, low, high):
    """The maximum over time, by golden section between days on its two sides."""
    value = lambda t: concentrations(at(t))[name]
    ratio = (mp.sqrt(5) - 1) / 2
    low, high = mp.mpf(low), mp.mpf(high)
    while high - low > mp.mpf("1e-9") * high:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if value(left) < value(right):
            low = left
        else:
            high = right
    return {"day": float(low), "value": float(value(low))}


def main():
    rows = [at(mp.mpf(t) / DAY) for t in SECONDS]
    double = np.array(A.tolist(), dtype=float)
    x0 = np.array(X0.tolist(), dtype=float).ravel()
    worst = 0.0
    for t, row in zip(SECONDS, rows):
        other = expm(double * (t / DAY)) @ x0
        exact = np.array([float(v) for v in row])
        worst = max(worst, np.max(np.abs(other - exact) / np.maximum(np.abs(exact), 1e-300)))
    assert worst < 1e-11, worst
    # What conjugate loses, and naked antibody gains, is less than what distributes: both are largest at once.
    assert all(concentrations(row)["naked"] < concentrations(X0)["naked"] for row in rows[1:])
    result = {
        "made_by": f"dar_chain.py: matrix exponential, mpmath {mp.__version__} with 50 digits",
        "model": "models/tusamitamab_dar_chain.R",
        "dose_umol": float(DOSE),
        "states": STATES,
        "seconds": SECONDS,
        "values": [[float(v) for v in row] for row in rows],
        "concentrations": [{k: float(v) for k, v in concentrations(row).items()} for row in rows],
        "largest": {
            "Cc": {"day": 0.0, "value": float(concentrations(X0)["Cc"])},
            "naked": {"day": 0.0, "value": float(concentrations(X0)["naked"])},
            "dm4": largest("dm4", "0.001", "0.5"),
            "medm4": largest("medm4", "0.1", "20"),
        },
        "published_largest": {"Cc": 0.326, "naked": 0.0249, "dm4": 0.00208, "medm4": 0.00610},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    for name, published in result["published_largest"].items():
        got = result["largest"][name]
        print(f"{name:6} {got['value']:.6g} on day {got['day']:.4g}; published {published} "
              f"({100 * (got['value'] / published - 1):+.2f} %)")
    print(f"largest relative difference from scipy's expm: {worst:.1e}")


main()
