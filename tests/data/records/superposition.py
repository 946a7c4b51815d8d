"""Concentrations after event records, by superposition of closed forms: one compartment with absorption.

Every dose is written out, those before a steady state too: 400 of them. Prints the rows of `superposition.csv`.
"""

from math import exp

CL, V, KA = 1.1, 20.0, 1.5
K = CL / V
TIMES = [1, 6, 12, 24, 36, 48, 72, 100, 130]
DOSES_BEFORE = 400


def unit_response(state, t):
    """Amount in central at `t` after one unit entered at once at 0."""
    if t < 0:
        return 0.0
    if state == "central":
        return exp(-K * t)
    return KA / (KA - K) * (exp(-K * t) - exp(-KA * t))


def integral(state, t):
    """Integral of the unit response from 0 to `t`."""
    if t <= 0:
        return 0.0
    if state == "central":
        return -(exp(-K * t) - 1) / K
    return KA / (KA - K) * (-(exp(-K * t) - 1) / K + (exp(-KA * t) - 1) / KA)


def entered(state, amount, rate, begins, ends, t):
    """Amount in central at `t` of a dose that enters from `begins` on."""
    if rate is None:
        return amount * unit_response(state, t - begins)
    return rate * (integral(state, t - begins) - integral(state, t - ends))


def concentration(events, t):
    """Events: (time, kind, state, amount, rate or None, ii, addl, ss, lag, f), in order; ends of what a reset cuts."""
    doses = []  # (begins, ends, state, amount, rate, forgotten_from)

    def give(time, event):
        _, _, state, amount, rate, _, _, _, lag, f = event
        begins = time + lag
        ends = begins + (f * amount / rate if rate else 0.0)
        doses.append([begins, ends, state, f * amount, rate, None])

    for event in events:
        time, kind, state, amount, rate, ii, addl, ss, lag, f = event
        if time > t:
            break
        if kind in (3, 4) or ss == 1:
            for dose in doses:
                # What has entered is gone, and nothing more comes.
                dose[5] = min(time, dose[5]) if dose[5] is not None else time
        if kind == 3:
            continue
        if ss and amount == 0:
            doses.append([time - 1e6, time, state, 0.0, rate, None])
            continue
        if ss:
            for before in range(1, DOSES_BEFORE + 1):
                give(time - before * ii, event)
        give(time, event)
        for number in range(1, addl + 1):
            give(time + number * ii, event)
    return sum(
        entered(state, amount, rate, begins, ends, t)
        for begins, ends, state, amount, rate, forgotten in doses
        if forgotten is None
    ) / (V / 1000)


D, C = "depot", "central"
#  time kind state amount rate ii addl ss lag f
SCENARIOS = {
    "infusions_that_overlap": [(0, 1, C, 100, 3, 24, 3, 1, 0, 1)],
    "infusions_that_overlap_late": [(0, 1, C, 100, 3, 24, 3, 1, 5, 0.8)],
    "an_infusion_of_whole_intervals": [(0, 1, C, 120, 5, 12, 2, 1, 0, 1)],
    "added_to_what_there_is": [(0, 1, C, 100, None, 0, 0, 0, 0, 1), (10, 1, D, 50, None, 24, 1, 2, 0, 1)],
    "two_series": [(0, 1, D, 100, None, 24, 3, 1, 0, 1), (0, 1, D, 50, None, 24, 3, 2, 0, 1)],
    "added_infusions": [(0, 1, D, 100, None, 24, 3, 1, 0, 1), (12, 1, C, 60, 10, 24, 2, 2, 2, 1)],
    "a_reset_before_a_late_dose": [(0, 1, C, 100, None, 0, 0, 0, 8, 1), (5, 3, C, 0, None, 0, 0, 0, 0, 1), (20, 1, D, 100, None, 0, 0, 0, 0, 1)],
    "a_reset_in_an_infusion": [(0, 1, C, 100, 5, 0, 0, 0, 0, 1), (10, 3, C, 0, None, 0, 0, 0, 0, 1), (11, 1, C, 30, 5, 0, 0, 0, 0, 1)],
    "a_lag_longer_than_the_interval": [(0, 1, C, 100, None, 6, 5, 0, 15, 1)],
    "a_steady_state_in_between": [(0, 1, C, 100, 5, 24, 4, 0, 0, 1), (30, 1, D, 80, None, 12, 3, 1, 0, 1)],
    "late_boluses_at_steady_state": [(0, 1, C, 100, None, 24, 3, 1, 9, 0.5)],
    "an_infusion_without_end_is_added": [(0, 1, D, 100, None, 0, 0, 0, 0, 1), (8, 1, C, 0, 7, 0, 0, 2, 0, 1)],
    "infusions_at_the_models_rate": [(0, 1, C, 100, 12.5, 24, 2, 0, 3, 0.6)],
    "infusions_at_the_models_rate_at_steady_state": [(0, 1, C, 100, 12.5, 6, 2, 1, 3, 0.9)],
    "additional_doses_after_a_reset_and_dose": [(0, 1, C, 100, 5, 24, 3, 0, 0, 1), (10, 4, C, 50, None, 12, 4, 0, 3, 0.7)],
    "infusions_of_several_intervals_late": [(0, 1, C, 120, 4, 8, 3, 1, 7, 0.9)],
    "late_infusions_of_a_short_interval": [(0, 1, C, 60, 10, 8, 6, 0, 20, 1)],
    "a_reset_before_several_late_doses": [(0, 1, C, 100, None, 6, 5, 0, 15, 1), (22, 3, C, 0, None, 0, 0, 0, 0, 1), (30, 1, D, 100, None, 0, 0, 0, 0, 1)],
    "overlapping_infusions_added_to_others": [(0, 1, C, 100, 3, 24, 3, 1, 0, 1), (5, 1, C, 60, 4, 12, 2, 2, 0, 1)],
    "a_series_added_to_a_late_dose": [(0, 1, C, 100, None, 0, 0, 0, 10, 1), (4, 1, D, 50, None, 12, 2, 2, 0, 1)],
    "a_slow_one": [(0, 1, C, 1, None, 1, 20, 1, 0, 1)],
}

if __name__ == "__main__":
    print("scenario," + ",".join(f"t{t}" for t in TIMES))
    for name, events in SCENARIOS.items():
        # A lag longer than an interval: doses are given before t and enter after it; `give` knows it.
        print(name + "," + ",".join(f"{concentration(events, t):.12g}" for t in TIMES))
