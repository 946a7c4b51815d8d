"""Makes data.csv and expected.csv: 200 patients on three occasions, solved by scipy's DOP853 from record to record.

python3 make.py    (scipy 1.11 or later)
"""

import numpy as np
from scipy.integrate import solve_ivp

random = np.random.default_rng(20261129)
data, expected = ["ID,TIME,AMT,EVID,CMT,OCC,WT,etacl,iovcl,iovka"], ["ID,TIME,CC"]


def slope(_, y, ka, k):
    return [-ka * y[0], ka * y[0] - k * y[1]]


for patient in range(1, 201):
    weight, etacl = round(random.uniform(50, 100), 1), round(random.normal(0, 0.2), 6)
    state, now, rates = np.zeros(2), 0.0, None
    for occasion in range(1, 4):
        iovcl, iovka = (round(random.normal(0, sd), 6) for sd in (0.3, 0.4))
        weight = round(weight * random.uniform(0.97, 1.03), 1)
        start = 30.0 * (occasion - 1) + round(random.uniform(0, 2), 2)
        times = [start] + [round(start + t, 2) for t in (random.uniform(0.5, 3), random.uniform(4, 9), random.uniform(12, 26))]
        for number, time in enumerate(times):
            # Values hold from a record on.
            if time > now and rates is not None:
                solved = solve_ivp(slope, (now, time), state, "DOP853", args=rates, rtol=1e-12, atol=1e-14)
                state = solved.y[:, -1]
            now = time
            volume = 30 * weight / 70
            clearance = 4 * np.exp(etacl + iovcl) * (weight / 70) ** 0.75
            rates = (1.1 * np.exp(iovka), clearance / volume)
            fixed = f"{occasion},{weight},{etacl},{iovcl},{iovka}"
            if number == 0:
                amount = int(random.integers(5, 20)) * 10
                state[0] += amount
                data.append(f"{patient},{time},{amount},1,depot,{fixed}")
            else:
                data.append(f"{patient},{time},.,0,central,{fixed}")
                expected.append(f"{patient},{time},{state[1] / volume:.12g}")

for name, lines in (("data.csv", data), ("expected.csv", expected)):
    with open(name, "w") as file:
        file.write("\n".join(lines) + "\n")
