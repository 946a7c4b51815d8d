"""Independent solutions of the models beside this file: closed forms, matrix exponentials, or scipy at rtol 1e-12.

Writes reference.json, from which tests/right/cases/published.rs makes its cases. Needs numpy and scipy:

    python tests/published/reference.py
"""

import json
from math import acosh, acos, asin, asinh, atan, atan2, atanh, ceil, cos, cosh, exp, floor, lgamma, log, log1p, log2
from math import log10, erf, erfc, expm1, gamma, pi, sin, sinh, sqrt, tan, tanh
from pathlib import Path

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm
from scipy.special import digamma, ndtr, polygamma

CASES = []
TIMES = [0.5, 2, 5, 11, 23]


def case(model, values, doses=None, times=TIMES, **how):
    """`values(t)` gives names and numbers at a time; doses are (time, amount), all of one amount."""
    found = []
    for t in times:
        found += [[name, float(t), float(value)] for name, value in values(t).items()]
    CASES.append({"model": model, "doses": doses or [], "values": found, **how})


def expit(x, low=0.0, high=1.0):
    return low + (high - low) / (1 + exp(-x))


def logit(x, low=0.0, high=1.0):
    return log((x - low) / (high - x))


def solved(f, x0, events=(), stops=(), end=TIMES[-1]):
    """The solution of x' = f(t, x): `events` are (time, index, amount), `stops` times at which f jumps."""
    x, pieces = np.array(x0, dtype=float), []
    edges = sorted({0.0, float(end), *map(float, stops), *(float(t) for t, *_ in events if t < end)})
    for start, stop in zip(edges, edges[1:]):
        for t, index, amount in events:
            if t == start:
                x[index] += amount
        # Seen from within the piece, so that what jumps at its ends does not matter.
        inside = lambda t, x, a=start, b=stop: f(min(max(t, a + 1e-12), b - 1e-12), x)
        out = solve_ivp(inside, (start, stop), x, method="DOP853", rtol=1e-12, atol=1e-14, dense_output=True)
        assert out.success
        pieces.append((start, stop, out.sol))
        x = out.y[:, -1].copy()

    def at(t):
        for start, stop, sol in pieces:
            if start < t <= stop or (t == 0 and start == 0):
                return sol(t)
        raise ValueError(t)

    return at


def linear(matrix, inputs, dose, times=(0.0,)):
    """Amounts of linear compartments after doses: matrix exponentials."""
    matrix, start = np.array(matrix, dtype=float), np.array(inputs, dtype=float)

    def at(t):
        return sum(expm(matrix * (t - s)) @ start * dose for s in times if t > s)

    return at


def two(k, k12, k21, ka=None):
    central = [[-(k + k12), k21], [k12, -k21]]
    if ka is None:
        return central, [1, 0], 0
    return [[-ka, 0, 0], [ka, *central[0]], [0, *central[1]]], [1, 0, 0], 1


def three(k, k12, k21, k13, k31, ka=None):
    central = [[-(k + k12 + k13), k21, k31], [k12, -k21, 0], [k13, 0, -k31]]
    if ka is None:
        return central, [1, 0, 0], 0
    return [[-ka, 0, 0, 0], *([ka if i == 0 else 0, *row] for i, row in enumerate(central))], [1, 0, 0, 0], 1


def compartments(model, parts, volume, into, name="Cc", factor=1.0, doses=((0, 100), (12, 100)), **how):
    matrix, start, index = parts
    at = linear(matrix, start, doses[0][1], [t for t, _ in doses])
    case(model, lambda t: {name: factor * at(t)[index] / volume}, list(doses), into=into, **how)


# linCmt(), one to three compartments, in all parameterisations.
compartments("lin1_iv", ([[-4 / 50]], [1], 0), 50, ["central"])


def lin1_oral(t, wt=82.0):
    cl, v, ka = 4 * (wt / 70) ** 0.75, 50 * wt / 70, 1.1
    k, s = cl / v, [t - dose - 0.25 for dose in (0, 12)]
    amount = sum(80 * ka / (ka - k) * (exp(-k * u) - exp(-ka * u)) for u in s if u > 0)
    return {"Cc": amount / v}


case("lin1_oral", lin1_oral, [(0, 100), (12, 100)], into=["depot"], covariates={"WT": 82.0})
compartments("lin1_rate", ([[-0.08]], [1], 0), 50, ["central"], name="cp")
compartments("lin1_exponent", ([[-0.09]], [1], 0), 40, ["central"], name="twice", factor=2.0)
micro = (3 / 20, 5 / 20, 5 / 45)
at = linear(two(*micro)[0], [1, 0], 100, [0, 12])
case(
    "lin2_iv",
    lambda t: {"Cc": at(t)[0] / 20, "peripheral": at(t)[1] / 45},
    [(0, 100), (12, 100)],
    into=["central"],
)
compartments("lin2_oral", two(*micro, 0.7), 20, ["depot"])
compartments("lin2_rates", two(0.15, 0.25, 0.111), 20, ["central"])
exponentials = lambda pairs: lambda t: {"Cc": 100 * sum(a * exp(-r * (t - s)) for s in (0, 12) if t > s for a, r in pairs)}
doses = [(0, 100), (12, 100)]
case("lin2_exponents", exponentials([(0.04, 0.48), (0.01, 0.035)]), doses, into=["central"])
case("lin2_ratio", exponentials([(0.04, 0.48), (0.01, 0.035)]), doses, into=["central"])
compartments("lin2_steady", two(*micro), 20, ["central"])
micro3 = (3 / 20, 5 / 20, 5 / 45, 0.6 / 20, 0.6 / 90)
compartments("lin3_iv", three(*micro3), 20, ["central"])
compartments("lin3_oral", three(*micro3, 0.7), 20, ["depot"])
compartments("lin3_rates", three(0.15, 0.25, 0.111, 0.03, 0.00667), 20, ["central"])
case("lin3_exponents", exponentials([(0.04, 0.5), (0.008, 0.06), (0.002, 0.005)]), doses, into=["central"])
at_e = solved(lambda t, x: [-4 / 50 * x[0], 0.3 * (x[0] / 50 - x[1])], [0, 0], [(0, 0, 100), (12, 0, 100)])
case("lin_effect", lambda t: {"effect": 80 * at_e(t)[1] / (0.4 + at_e(t)[1])}, doses, into=["central"])

# Functions.
at1 = solved(lambda t, x: [4 * (1 + 0.6 * sin(2 * pi * (t - 5) / 24)) - 0.3 * x[0]], [4 / 0.3])
case("circadian_sine", lambda t: {"hormone": at1(t)[0], "input": 4 * (1 + 0.6 * sin(2 * pi * (t - 5) / 24))})
at2 = solved(
    lambda t, x: [10 + 3 * cos(2 * pi * (t - 8) / 24) + 1.5 * cos(4 * pi * (t - 3) / 24) - 0.5 * x[0]], [0]
)
case("circadian_cosine", lambda t: {"pool": at2(t)[0]})
at3 = solved(
    lambda t, x: [
        tan(0.5 * sin(t)) - 0.3 * x[0],
        asin(0.9 * sin(t)) + acos(0.9 * cos(t)) - 0.3 * x[1],
        atan(t - 3) + atan2(sin(t), cos(t) + 1.5) - 0.3 * x[2],
    ],
    [0, 0, 0],
)
case("trigonometry", lambda t: dict(zip("abc", at3(t))))
at4 = solved(
    lambda t, x: [
        sinh(0.3 * t) / cosh(0.3 * t) - 0.4 * x[0],
        asinh(t) + acosh(1 + t * t) - 0.4 * x[1],
        atanh(0.9 * tanh(t / 4)) - 0.4 * x[2],
    ],
    [0, 0, 0],
)
case("hyperbolic", lambda t: dict(zip("abc", at4(t))))
step = lambda t: floor(t / 3 + 0.5) + floor(t / 5) - (t > 4) + (t < 4)
at5 = solved(
    lambda t, x: [step(t) - 0.2 * x[0], floor(t / 4) + ceil(t / 6) + ceil(t / 7) - 0.2 * x[1]],
    [0, 0],
    stops=[1.5, 3, 4, 4.5, 5, 6, 7, 7.5, 8, 10, 10.5, 12, 13.5, 14, 15, 16, 16.5, 18, 19.5, 20, 21, 22.5],
)
case("rounding", lambda t: dict(zip("ab", at5(t))))
at6 = solved(
    lambda t, x: [3 * (t % 6 < 2) + t // 6 - 0.25 * x[0]], [0], stops=[2, 6, 8, 12, 14, 18, 20]
)
case("remainders", lambda t: {"a": at6(t)[0]})
density = lambda t: (t / 3) ** 1.6 * exp(-t / 3) / gamma(2.6) / 3
absorbed = lambda t: quad(density, 0, t, epsabs=1e-14, epsrel=1e-13)[0]
pool = lambda t: quad(lambda s: 100 * density(s) * exp(-0.15 * (t - s)), 0, t, epsabs=1e-12, epsrel=1e-13)[0]
case("gamma_functions", lambda t: {"absorbed": absorbed(t), "pool": pool(t)})
at7 = solved(
    lambda t, x: [
        digamma(1 + t) - 0.5 * x[0],
        float(polygamma(1, 0.5 + t / 4)) + lgamma(1 + t) / 10 - 0.5 * x[1],
    ],
    [0, 0],
)
case("psi_functions", lambda t: dict(zip("ab", at7(t))))
at8 = solved(
    lambda t, x: [
        erf(t / 5) + erfc(t / 3) - 0.3 * x[0],
        ndtr((t - 6) / 2) + ndtr((t - 6) / 4) + ndtr(t - 8) - 0.3 * x[1],
    ],
    [0, 0],
)
case("normal_functions", lambda t: dict(zip("ab", at8(t))))
at9 = solved(
    lambda t, x: [
        (1.5 + t / 10) * 0.7 - 0.3 * x[0],
        min(t, 5) + max(2, t - 4) - 0.3 * x[1],
    ],
    [0, 0],
    stops=[5, 6],
)
case("sums_and_extremes", lambda t: dict(zip("ab", at9(t))))
at10 = solved(
    lambda t, x: [
        log1p(t) + expm1(-t / 10) + log10(1 + t) + log2(2 + t) - 0.3 * x[0],
        expit(t - 5) + expit(t - 8, 1, 3) + logit(0.1 + t / 80) + logit(2 + t / 20, 1, 5) - 0.3 * x[1],
        sqrt(1 + t) + abs(t - 6) + abs(2 - t) + (1 + t) ** 0.3 + (1 + t) ** -0.7 + (1 + t) ** 0.2 - 0.3 * x[2],
    ],
    [0, 0, 0],
    stops=[2, 6],
)
case("logarithms", lambda t: dict(zip("abc", at10(t))))

# Conditions.
bolus = lambda k, t, v=10, amount=100, at=(0, 12): sum(amount * exp(-k * (t - s)) for s in at if t > s) / v
for sex, age, factor in [(1, 70, 0.7 * 0.5), (1, 40, 0.7), (0, 70, 1.0)]:
    case(
        "conditions",
        lambda t: {"Cc": bolus(0.2 * factor, t), "over": max(bolus(0.2 * factor, t) - 1, 0)},
        doses,
        into=["central"],
        covariates={"SEXF": sex, "AGE": age},
    )
for form, k in [(0, 0.3), (1, 0.15), (2, 0.6)]:
    case("branches", lambda t: {"Cc": bolus(k, t)}, doses, into=["central"], covariates={"FORM": form})

# What equations ask of doses.
since = lambda t, at=(0, 12): t - max(s for s in at if s <= t)
weibull = solved(
    lambda t, x: [
        -2.23 * 0.56 * (0.56 * since(t)) ** 1.23 * x[0],
        2.23 * 0.56 * (0.56 * since(t)) ** 1.23 * x[0] - 0.2 * x[1],
    ],
    [0, 0],
    [(0, 0, 100), (12, 0, 100)],
)
case("weibull_absorption", lambda t: {"Cc": weibull(t)[1] / 10}, doses, into=["depot"])


def transit(n, mtt, amount):
    ktr = (n + 1) / mtt

    def f(t, x):
        s = since(t)
        flux = amount * ktr * exp(n * log(max(ktr * s, 1e-300)) - ktr * s - lgamma(n + 1))
        return [flux - 0.8 * x[0], 0.8 * x[0] - 0.2 * x[1]]

    return solved(f, [0, 0], stops=[12])


called, written = transit(4.3, 2.5, 90), transit(3, 2, 100)
case("transit_call", lambda t: {"Cc": called(t)[1] / 10}, doses, into=["depot"])
case("transit_written_out", lambda t: {"Cc": written(t)[1] / 10}, doses, into=["depot"])
cleared = lambda a, b: 0.05 * (b - a) + 0.15 * (b - a - (exp(-0.04 * a) - exp(-0.04 * b)) / 0.04)
case(
    "induction_since_the_first_dose",
    lambda t: {"Cc": sum(100 * exp(-cleared(s, t)) for s in (0, 12) if t > s) / 10},
    doses,
    into=["central"],
)
counted = lambda a, b: 0.12 * (min(b, 12) - min(a, 12)) + 0.14 * (max(b, 12) - max(a, 12))
case(
    "doses_are_counted",
    lambda t: {
        "Cc": sum(100 * exp(-counted(s, t)) for s in (0, 12) if t > s) / 10,
        "clock": t + max(t - 12, 0),
    },
    doses,
    into=["central"],
)
case(
    "times_of_doses",
    lambda t: {"Cc": bolus(0.1, t), "since": 12 * max(t - 12, 0)},
    doses,
    into=["central"],
)
late = lambda t: since(t, (-1e9, 1.5, 13.5))
lagged = solved(
    lambda t, x: [
        -0.7 * (1 - exp(-late(t))) * x[0],
        0.7 * (1 - exp(-late(t))) * x[0] - 0.1 * x[1],
    ],
    [0, 0],
    [(1.5, 0, 100), (13.5, 0, 100)],
)
case("after_a_lag", lambda t: {"Cc": lagged(t)[1] / 10}, doses, into=["depot"])

case("amount_of_the_dose", lambda t: {"Cc": bolus(0.1 * 150 / 250, t)}, doses, into=["central"])
gate = lambda t: 6.5 <= t < 8.5
bile = solved(
    lambda t, x: [
        -0.1 * x[0] - 0.3 * x[0] + gate(t) * 0.9 * x[1],
        0.3 * x[0] - gate(t) * 0.9 * x[1],
    ],
    [0, 0],
    [(0, 0, 100), (12, 0, 100)],
    stops=[6.5, 8.5],
)
case("model_times", lambda t: {"Cc": bile(t)[0] / 10, "bile": bile(t)[1]}, doses, into=["central"])

# Beginnings, and models without equations or doses.
base = 8 * 84 / 70
begun = solved(lambda t, x: [base * 0.2 * (1 + exp(-t)) - 0.2 * x[0]], [base])
logistic = lambda t: 100 / (1 + 19 * exp(-0.3 * t))
case("initial_values", lambda t: {"response": begun(t)[0], "tumour": logistic(t)}, covariates={"WT": 84.0})
case(
    "no_equations",
    lambda t: {"survival": exp(-((0.06 * t) ** 1.4)), "score": 5 - 0.2 * t, "chance": expit(5 - 0.2 * t)},
)
rate = 2.8e-3 * exp(0.032 * 5)
case(
    "time_to_event",
    lambda t: {"sur": exp(-rate * (t + t * t / 200))},
    times=[1, 10, 40],
    unit="day",
    covariates={"AGE": 60.0},
)

# Residual lines.
case("counts", lambda t: {"seizures": 6 / (2 + bolus(0.2, t))}, doses, into=["central"])
p1 = lambda t: expit(0.4 - 0.3 * bolus(0.2, t))
case(
    "categories",
    lambda t: {"p1": p1(t), "p2": expit(1.1 - 0.3 * bolus(0.2, t)) - p1(t)},
    doses,
    into=["central"],
)
case(
    "errors_on_scales",
    lambda t: {"share": bolus(0.2, t) / (1 + bolus(0.2, t)), "fifth": 5 * bolus(0.2, t)},
    doses,
    into=["central"],
)

# Doses.
absorbed1 = lambda t, ka, k, amount: amount * ka / (ka - k) * (exp(-k * t) - exp(-ka * t)) if t > 0 else 0.0
case(
    "bioavailability",
    lambda t: {"Cc": sum(absorbed1(t - s, 0.9, 0.15, 100 * expit(0.4)) for s in (0, 12)) / 10},
    doses,
    into=["depot"],
)


def infused(t, over, k=0.15, amount=100):
    if t <= 0:
        return 0.0
    return amount / over / k * (1 - exp(-k * min(t, over))) * exp(-k * max(t - over, 0))


case(
    "zero_order_duration",
    lambda t: {"Cc": (infused(t, 2.5) + infused(t - 12, 2.5)) / 10},
    doses,
    into=["central"],
    infusion="model",
)
case(
    "zero_order_rate",
    lambda t: {"Cc": (infused(t, 100 / 30) + infused(t - 12, 100 / 30)) / 10},
    doses,
    into=["central"],
    infusion="model",
)
case(
    "two_absorptions",
    lambda t: {
        "Cc": sum(absorbed1(t - s, 1.2, 0.15, 35) + absorbed1(t - s - 2, 0.3, 0.15, 65) for s in (0, 12)) / 10
    },
    doses,
    into=["depot1", "depot2"],
)


def area_since(starts, t):
    """The integral of the time since the last of some times, 0 before the first."""
    return sum((min(t, b) - a) ** 2 / 2 for a, b in zip(starts, [*starts[1:], 1e9]) if t > a)


def area_count(starts, t):
    """The integral of the number of times so far."""
    return sum(max(t - s, 0) for s in starts)


# A dose into two states is one dose, which begins with the first of its entries.
entries = ((0.5, 12.5), (2.25, 14.25))
case(
    "entries_with_lags",
    lambda t: {
        "Cc": sum(absorbed1(t - s, 0.9, 0.2, 60) for s in entries[0]) / 10
        + sum(absorbed1(t - s, 0.4, 0.2, 40) for s in entries[1]) / 10,
        "since": area_since(entries[0], t),
        "since_first": area_since(entries[0], t),
        "since_second": area_since(entries[1], t),
        "entries": area_count(entries[0], t),
        "of_second": area_count(entries[1], t),
        "from_first": max(t - 0.5, 0) ** 2 / 2,
    },
    doses,
    into=["first", "second"],
)

# Pharmacology.
events = [(0, 0, 100), (12, 0, 100)]
saturable = solved(lambda t, x: [-12 * x[0] / 10 / (0.8 + x[0] / 10)], [0], events)
case("saturable", lambda t: {"Cc": saturable(t)[0] / 10}, doses, into=["central"])


def response(t, x):
    c = max(x[0], 0) / 10
    return [-0.2 * x[0], 6 * (1 - 0.9 * c**1.7 / (1.5**1.7 + c**1.7)) - 0.3 * x[1]]


indirect = solved(response, [0, 20], events)
case("indirect_response", lambda t: {"response": indirect(t)[1]}, doses, into=["central"])


def binding(t, x):
    c, r, b = x
    bound = 0.6 * c * r - 0.02 * b
    return [-0.05 * c - bound, 0.3 * 4 - 0.3 * r - bound, bound - 0.04 * b]


bound = solved(binding, [0, 4, 0], [(0, 0, 100 / 3), (12, 0, 100 / 3)])
case("target_binding", lambda t: dict(zip(["central", "target", "complex"], bound(t))), doses, into=["central"])


def marrow(t, x):
    c, ktr = x[0] / 10, 4 / 90
    prol = ktr * x[1] * (1 - 0.08 * c) * (5 / x[5]) ** 0.17 - ktr * x[1]
    return [-0.1 * x[0], prol, *(ktr * (x[i] - x[i + 1]) for i in (1, 2, 3)), ktr * (x[4] - x[5])]


cells = solved(marrow, [0, 5, 5, 5, 5, 5], events, end=240)
case("marrow", lambda t: {"circ": cells(t)[5]}, doses, into=["central"], times=[5, 23, 80, 160, 240])


def tumour(t, x):
    c, w = x[0] / 10, sum(x[1:])
    killed = 0.004 * c * x[1]
    return [
        -0.1 * x[0],
        0.03 * x[1] / (1 + (0.1 * w) ** 20) ** (1 / 20) - killed,
        killed - 0.05 * x[2],
        0.05 * (x[2] - x[3]),
        0.05 * (x[3] - x[4]),
    ]


grown = solved(tumour, [0, 0.05, 0, 0, 0], events, end=240)
case("tumour_growth", lambda t: {"w": sum(grown(t)[1:])}, doses, into=["central"], times=[5, 23, 80, 160, 240])
enzyme = solved(
    lambda t, x: [0.02 * (1 + 2 * x[1] / 10 / (1 + x[1] / 10)) - 0.02 * x[0], -2 * x[0] * x[1] / 10],
    [1, 0],
    [(0, 1, 100), (12, 1, 100)],
)
case("autoinduction", lambda t: {"Cc": enzyme(t)[1] / 10, "enzyme": enzyme(t)[0]}, doses, into=["central"])
routes = linear([[-0.3, 0, 0], [0.2, -0.15, 0], [0.1, 0, 0]], [1, 0, 0], 100, [0, 12])
case(
    "metabolite_and_urine",
    lambda t: {"Cc": routes(t)[0] / 10, "Cm": routes(t)[1] / 20, "urine": routes(t)[2]},
    doses,
    into=["central"],
)

# Forms of the language.
case(
    "derivative_is_read",
    lambda t: {"Cc": sum(absorbed1(t - s, 0.8, 0.2, 100) for s in (0, 12)) / 10},
    doses,
    into=["depot"],
)
case("reassigned", lambda t: {"Cc": bolus(0.2, t)}, doses, into=["central"])
case("occasions", lambda t: {"Cc": bolus(0.3, t)}, doses, into=["central"], covariates={"OCC": 2})
case("forms_of_ini", lambda t: {"Cc": bolus(0.3, t)}, doses, into=["central"])
case(
    "unusual_metadata",
    lambda t: {"Cc": bolus(0.2 * 84 / 70 / 3, t, v=3)},
    doses,
    into=["central"],
    covariates={"WT": 84.0},
    dose_unit="IU",
)
case("names_in_backquotes", lambda t: {"Cc": bolus(0.2, t)}, doses, into=["central"])

here = Path(__file__).parent
models = {path.stem for path in here.glob("*.R")}
assert models == {one["model"] for one in CASES}, models ^ {one["model"] for one in CASES}
lines = ",\n".join(json.dumps(one) for one in CASES)
(here / "reference.json").write_text(f"[\n{lines}\n]\n")
print(len(models), "models,", len(CASES), "cases,", sum(len(one["values"]) for one in CASES), "values")
