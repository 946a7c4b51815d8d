"""tmdd.json: models/tmdd_two_compartment.R for the typical patient at five doses, by two unlike methods.

usage: python tests/data/tmdd.py     (needs numpy, scipy; takes half a minute)

The equations are written here anew. DOP853 is explicit of order 8, so that its steps are held small by stability
and its errors are smaller still; Radau IIA is implicit. Both, and LSODA, must agree; the values are those of Radau.
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.integrate import solve_ivp

CL, VC, Q, VP = 0.3, 2.8, 1.7, 5.6
KSYN, KDEG, KINT, KON, KOFF = 2.4, 2.2, 2.2, 43.2, 45.32
R0 = KSYN / KDEG
NMOL_PER_MG = 1000 / 150

DOSES_MG = [7, 21, 70, 210, 700]
DAY = 86_400
SECONDS = [0, 60, 600, 3_600, 21_600] + [DAY * d for d in (1, 2, 4, 7, 10, 14, 21, 28, 42, 56)]
STATES = ["central", "peripheral1", "target", "complex"]
ATOL = [1e-13, 1e-13, 1e-15, 1e-15]


def right_hand_side(_, x):
    central, peripheral, target, bound_target = x
    c = central / VC
    exchange = Q * c - Q / VP * peripheral
    bound = KON * c * target - KOFF * bound_target
    return [
        -CL * c - exchange - bound * VC,
        exchange,
        KSYN - KDEG * target - bound,
        bound - KINT * bound_target,
    ]


def jacobian(_, x):
    c, target = x[0] / VC, x[2]
    return np.array([
        [-(CL + Q) / VC - KON * target, Q / VP, -KON * c * VC, KOFF * VC],
        [Q / VC, -Q / VP, 0, 0],
        [-KON * target / VC, 0, -KDEG - KON * c, KOFF],
        [KON * target / VC, 0, KON * c, -KOFF - KINT],
    ])


def at_stops(dose, method, rtol):
    """States at each time, stopping there: interpolation within steps is less exact than the steps."""
    extra = {} if method == "DOP853" else {"jac": jacobian}
    rows = [np.array([dose * NMOL_PER_MG, 0, R0, 0])]
    for left, right in zip(SECONDS, SECONDS[1:]):
        part = solve_ivp(right_hand_side, (left / DAY, right / DAY), rows[-1], method, rtol=rtol, atol=ATOL, **extra)
        assert part.success, part.message
        rows.append(part.y[:, -1])
    return np.array(rows)


def difference(x, reference):
    """The largest relative one; states that start at 0 are there in both."""
    return float(np.max(np.abs(x - reference) / np.maximum(np.abs(reference), 1e-300)))


def main():
    arms = []
    for dose in DOSES_MG:
        radau = at_stops(dose, "Radau", 1e-13)
        others = {"DOP853": at_stops(dose, "DOP853", 1e-13), "LSODA": at_stops(dose, "LSODA", 1e-12)}
        apart = {name: difference(x, radau) for name, x in others.items()}
        print(f"{dose:4} mg: largest relative difference from Radau: " +
              ", ".join(f"{name} {value:.1e}" for name, value in apart.items()), flush=True)
        assert apart["DOP853"] < 1e-10 and apart["LSODA"] < 1e-8, dose
        rows = [[float(v) for v in row] for row in radau]
        arms.append({
            "dose_mg": dose,
            "values": rows,
            "target_pct": [100 * row[2] / R0 for row in rows],
            "largest_relative_difference": apart,
        })
    result = {
        "made_by": f"tmdd.py: scipy {scipy.__version__}, Radau rtol 1e-13; DOP853 rtol 1e-13 agrees to 1e-10",
        "model": "models/tmdd_two_compartment.R",
        "route": "bolus into central at time 0, typical patient",
        "states": STATES,
        "seconds": SECONDS,
        "arms": arms,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")


main()
