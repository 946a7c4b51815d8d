"""stiff_problems.json: end values of well-known stiff problems, from the literature, and scipy's against them.

usage: python tests/data/stiff_problems.py     (needs mpmath, numpy, scipy)

The published values are those of F. Mazzia, C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
University of Bari, 2008: RADAU5 or RADAU with 19 digits, tolerance 1.1e-18. Robertson's values at 40 are computed here
by Taylor series of high order with 40 digits. The equations are written here anew, apart from the model files in
tests/data/stiff.
"""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import scipy
from scipy.integrate import solve_ivp


def robertson(_, y):
    back, slow, fast = 1e4 * y[1] * y[2], 0.04 * y[0], 3e7 * y[1] ** 2
    return [back - slow, slow - back - fast, fast]


def robertson_jacobian(_, y):
    return np.array([
        [-0.04, 1e4 * y[2], 1e4 * y[1]],
        [0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]],
        [0, 6e7 * y[1], 0],
    ])


def van_der_pol(_, y):
    return [y[1], 1000 * (1 - y[0] ** 2) * y[1] - y[0]]


def van_der_pol_jacobian(_, y):
    return np.array([[0, 1], [-2000 * y[0] * y[1] - 1, 1000 * (1 - y[0] ** 2)]])


def hires(_, y):
    flux = 280 * y[5] * y[7]
    return [
        -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
        1.71 * y[0] - 8.75 * y[1],
        -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
        8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
        -1.745 * y[4] + 0.43 * (y[5] + y[6]),
        -flux + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
        flux - 1.81 * y[6],
        1.81 * y[6] - flux,
    ]


# Reactions of Pollution: rate, what reacts, what is used up, what is made (twice if made twice); from 1.
REACTIONS = [
    (0.35, [1], [1], [2, 3]), (26.6, [2, 4], [2, 4], [1]), (1.23e4, [5, 2], [5, 2], [1, 6]),
    (8.6e-4, [7], [7], [5, 5, 8]), (8.2e-4, [7], [7], [8]), (1.5e4, [7, 6], [7, 6], [5, 8]),
    (1.3e-4, [9], [9], [10, 5, 8]), (2.4e4, [9, 6], [9, 6], [11]), (1.65e4, [11, 2], [11, 2], [1, 10, 12]),
    (9e3, [11, 1], [11, 1], [13]), (0.022, [13], [13], [11, 1]), (1.2e4, [10, 2], [10, 2], [14, 1]),
    (1.88, [14], [14], [7, 5]), (1.63e4, [1, 6], [1, 6], [15]), (4.8e6, [3], [3], [4]),
    (3.5e-4, [4], [4], [16]), (0.0175, [4], [4], [3]), (1e8, [16], [16], [6, 6]),
    (4.44e11, [16], [16], [3]), (1240, [17, 6], [17, 6], [18, 5]), (2.1, [19], [19], [2]),
    (5.78, [19], [19], [1, 3]), (0.0474, [1, 4], [1, 4], [19]), (1780, [19, 1], [19, 1], [20]),
    (3.12, [20], [20], [19, 1]),
]


def pollution(_, y):
    f = np.zeros(20)
    for rate, reacting, used, made in REACTIONS:
        flux = rate * np.prod([y[i - 1] for i in reacting])
        for i in used:
            f[i - 1] -= flux
        for i in made:
            f[i - 1] += flux
    return f


def unit(n, **values):
    return [values.get(f"y{i + 1}", 0.0) for i in range(n)]


def taylor_robertson(end, order=40):
    """Robertson by Taylor series: the step is held by where the series' last terms are below 1e-30."""
    y = [mp.mpf(1), mp.mpf(0), mp.mpf(0)]
    k1, k2, k3 = mp.mpf("0.04"), mp.mpf(3) * 10**7, mp.mpf(10) ** 4
    t = mp.mpf(0)
    while t < end:
        a, b, c = [y[0]], [y[1]], [y[2]]
        for n in range(order):
            back = k3 * mp.fsum(b[i] * c[n - i] for i in range(n + 1))
            fast = k2 * mp.fsum(b[i] * b[n - i] for i in range(n + 1))
            slow = k1 * a[n]
            a.append((back - slow) / (n + 1))
            b.append((slow - back - fast) / (n + 1))
            c.append(fast / (n + 1))
        last = max(abs(x[n]) ** (mp.mpf(1) / n) for x in (a, b, c) for n in (order - 1, order))
        h = min(end - t, mp.mpf(10) ** (mp.mpf(-30) / order) / last)
        y = [mp.polyval(x[::-1], h) for x in (a, b, c)]
        t += h
    return [float(v) for v in y]


def check(problem):
    atol = problem.pop("atol")
    f, jacobian = problem.pop("f"), problem.pop("jacobian")
    expected = np.array(problem["values"])
    apart = {}
    for method, rtol in [("Radau", 1e-12), ("BDF", 1e-11), ("LSODA", 1e-12)]:
        extra = {"jac": jacobian} if jacobian else {}
        solution = solve_ivp(
            f, (0, problem["end"]), problem["initial"], method, rtol=rtol, atol=atol, first_step=1e-9, **extra
        )
        got = solution.y[:, -1]
        reached = solution.success and solution.t[-1] == problem["end"]
        apart[method] = float(np.max(np.abs(got / expected - 1))) if reached else None
    problem["scipy_largest_relative_difference"] = apart
    words = [f"{method} {'failed' if value is None else f'{value:.1e}'}" for method, value in apart.items()]
    print(f"{problem['name']:16} " + ", ".join(words), flush=True)
    return problem


def main():
    mp.mp.dps = 40
    test_set = "Mazzia and Magherini 2008"
    problems = [
        {
            "name": "robertson_40", "model": "robertson.R", "source": "Taylor series of order 40 with 40 digits",
            "end": 40.0, "parameters": {"pace": 1.0}, "until": "40 day", "initial": [1.0, 0.0, 0.0],
            "values": taylor_robertson(mp.mpf(40)),
            "f": robertson, "jacobian": robertson_jacobian, "atol": [1e-14, 1e-18, 1e-14],
        },
        {
            "name": "robertson_1e11", "model": "robertson.R", "source": test_set,
            "end": 1e11, "parameters": {"pace": 1e7}, "until": "10000 day", "initial": [1.0, 0.0, 0.0],
            "values": [0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050],
            "f": robertson, "jacobian": robertson_jacobian, "atol": [1e-19, 1e-25, 1e-14],
        },
        {
            "name": "van_der_pol_1000", "model": "van_der_pol.R", "source": test_set,
            "end": 2000.0, "parameters": {"mu": 1000.0}, "until": "2000 day", "initial": [2.0, 0.0],
            "values": [0.1706167732170469e1, -0.8928097010248125e-3],
            "f": van_der_pol, "jacobian": van_der_pol_jacobian, "atol": [1e-13, 1e-15],
        },
        {
            "name": "hires", "model": "hires.R", "source": test_set,
            "end": 321.8122, "parameters": {"pace": 0.3218122}, "until": "1000 day",
            "initial": unit(8, y1=1.0, y8=0.0057),
            "values": [
                0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
                0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
            ],
            "f": hires, "jacobian": None, "atol": 1e-16,
        },
        {
            "name": "pollution", "model": "pollution.R", "source": test_set,
            "end": 60.0, "parameters": {}, "until": "60 min",
            "initial": unit(20, y2=0.2, y4=0.04, y7=0.1, y8=0.3, y9=0.01, y17=0.007),
            "values": [
                0.5646255480022769e-1, 0.1342484130422339, 0.4139734331099427e-8, 0.5523140207484359e-2,
                0.2018977262302196e-6, 0.1464541863493966e-6, 0.7784249118997964e-1, 0.3245075353396018,
                0.7494013383880406e-2, 0.1622293157301561e-7, 0.1135863833257075e-7, 0.2230505975721359e-2,
                0.2087162882798630e-3, 0.1396921016840158e-4, 0.8964884856898295e-2, 0.4352846369330103e-17,
                0.6899219696263405e-2, 0.1007803037365946e-3, 0.1772146513969984e-5, 0.5682943292316392e-4,
            ],
            "f": pollution, "jacobian": None, "atol": 1e-22,
        },
    ]
    result = {
        "made_by": f"stiff_problems.py, scipy {scipy.__version__}, mpmath {mp.__version__}",
        "problems": [check(problem) for problem in problems],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")


main()
