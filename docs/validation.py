"""Writes docs/validation.md from three runs and trials over one of them, beside what is known of the trial and what another program says.

    vpop run cohorts/phase1.toml --scenario full_dose --patients 20000 -o runs/full_dose
    vpop run cohorts/phase1.toml --patients 20000 -o runs/phase1
    vpop compare cohorts/translation.toml -o runs/translation
    vpop trial runs/phase1 --replicates 100000 --comparison runs/translation -o runs/phase1-trial
    vpop trial runs/phase1 --replicates 100000 -o runs/variants $(printf ' --design %s' designs/variants/*.toml)
    python docs/validation.py runs/full_dose runs/phase1 runs/translation runs/phase1-trial runs/variants
"""

import math
import sys
from pathlib import Path

import duckdb

full, trial, translation, escalations, variants = sys.argv[1:6]
ARMS = ["0.1 mg/kg", "0.2 mg/kg", "0.4 mg/kg", "0.8 mg/kg", "1.3 mg/kg"]
CAUSES = ["dlt", "dlt_platelets", "dlt_kidney", "dlt_cornea", "dlt_liver"]
# Another implementation: quasi-steady state, fourth-order Runge-Kutta at 0.1 day, 20,000 patients; percent.
OTHER = [
    [0.02, 0.01, 0.01, 0, 0, 199],
    [0.8, 0.4, 0.3, 0.1, 0, 168],
    [8.5, 3.3, 3.7, 1.8, 0.1, 125],
    [43.6, 17.9, 20.0, 15.7, 3.3, 79],
    [78.3, 40.4, 43.0, 40.9, 13.1, 53],
]
OTHER_PATIENTS = 20_000
# Maximum tolerated doses by the same other implementation: 30 % and 1/6 DLT, mg/kg, and the index.
OTHER_INDEX = {
    "preclinical_style": (1.47, 1.17, 3.50),
    "patients_monkey": (1.01, 0.74, 2.40),
    "healthy_human": (0.80, 0.62, 1.91),
    "human_marrow": (0.78, 0.60, 1.86),
    "human_kidney": (0.74, 0.56, 1.76),
    "human_cornea": (0.78, 0.61, 1.86),
    "patients_human": (0.65, 0.50, 1.54),
}

text = []


def rows(sql, run):
    return duckdb.sql(sql.replace("RUN", run)).fetchall()


def write(*lines):
    text.extend(lines)


def table(header, body):
    write("", "| " + " | ".join(header) + " |", "|" + "---|" * len(header))
    write(*("| " + " | ".join(str(cell) for cell in row) + " |" for row in body), "")


def wilson(events, n, z=1.959964):
    p = events / n
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def percent(events, n):
    low, high = wilson(events, n)
    return f"{100 * events / n:.2f} [{100 * low:.2f}, {100 * high:.2f}]"


def counts(columns, run, where="true"):
    """Patients who finished, and events of each column, by arm."""
    sums = ", ".join(f"sum(({column})::int)" for column in columns)
    sql = f"select arm, count(*), {sums} from 'RUN/outcomes/*.parquet' where status = 'ok' and {where} group by arm"
    return {row[0]: row[1:] for row in rows(sql, run)}


def toxicity():
    write("## Dose-limiting toxicity in cycle 1", "")
    write("Full doses, nobody leaves (`--scenario full_dose`), 20,000 patients: percent with 95 % interval, and")
    write("beside it another implementation with the same definitions (20,000 patients of its own). The")
    write("difference is in standard errors of the difference; where a cell is rare, of the pooled proportion.")
    found = counts(CAUSES, full)
    body, worst = [], 0.0
    for arm, other in zip(ARMS, OTHER):
        n, *events = found[arm]
        cells = []
        for k, reference in zip(events, other):
            p, q = k / n, reference / 100
            pooled = max((k + q * OTHER_PATIENTS) / (n + OTHER_PATIENTS), 0.5 / OTHER_PATIENTS)
            error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / OTHER_PATIENTS))
            # The other table is rounded to its last digit.
            rounding = 0.005 / 100 if reference < 0.1 else 0.05 / 100
            deviation = max(abs(p - q) - rounding, 0) / error
            worst = max(worst, deviation)
            cells.append(f"{percent(k, n)} / {reference} ({deviation:.1f})")
        body.append([arm, *cells])
    table(["dose", "any", "platelets", "kidney", "cornea", "liver"], body)
    write(f"The largest difference is {worst:.1f} standard errors.", "")
    nadirs = dict(rows("select arm, median(platelet_nadir_c1) from 'RUN/outcomes/*.parquet' group by arm", full))
    table(["dose", "median platelet nadir, 1e9/L", "other"], [[a, f"{nadirs[a]:.0f}", o[5]] for a, o in zip(ARMS, OTHER)])
    write("Grade 3 or more in cycle 1 at 0.8 mg/kg (the other implementation: platelets 22, proteinuria 20, ALT 10,")
    write("AST 10, haemoglobin 5 %):")
    terms = ["thrombocytopenia", "proteinuria", "alt_increased", "ast_increased", "anaemia"]
    n, *events = counts([f"{term}_grade_c1 >= 3" for term in terms], full)["0.8 mg/kg"]
    table(["term", "percent"], [[term, percent(k, n)] for term, k in zip(terms, events)])


def targets():
    write("## What the trial is known to have shown", "")
    write("Kim et al. 2019 (NCT02368951): 20 patients, five cohorts. The trial's own tables (patients and toxicities")
    write("per cohort) were not available, so nothing finer than this can be compared. `cohorts/phase1.toml` as it")
    write("is: drop-out, dose rules and dose-limiting toxicity stop treatment.")
    found = counts(["dlt", "evaluable", "dlt_platelets", "dlt_kidney", "dlt_cornea", "dlt_liver", "disease_control",
                    "response"], trial)
    n = found[ARMS[0]][0]
    dlt = {arm: found[arm][1] for arm in ARMS}
    evaluable = {arm: found[arm][2] for arm in ARMS}
    low = sum(dlt[a] for a in ARMS[:3]), sum(evaluable[a] for a in ARMS[:3])
    control = sum(found[a][7] for a in ARMS), n * len(ARMS)
    response = sum(found[a][8] for a in ARMS), n * len(ARMS)
    mix = [sum(found[a][i] for a in ARMS[3:]) for i in (3, 4, 5, 6)]
    any_high = sum(dlt[a] for a in ARMS[3:])
    shares = ", ".join(f"{name} {100 * k / any_high:.0f} %" for name, k in zip(["platelets", "kidney", "cornea", "liver"], mix))
    low_dose = sum(declared(escalations)["fixed cohorts"]["declared", arm] for arm in ARMS[:2])
    low_dose += declared(escalations)["fixed cohorts"]["none_declared", "all"]
    increasing = all(dlt[a] / evaluable[a] < dlt[b] / evaluable[b] for a, b in zip(ARMS, ARMS[1:]))
    table(["", "observed", "simulated"], [
        ["a", "no DLT among about 12 patients at 0.4 mg/kg or less: at most 26 %; rising with dose",
         f"{percent(*low)} % of evaluable patients at 0.4 or less, pooled; {'rising' if increasing else 'NOT rising'} over all doses"],
        ["b", "DLTs at 0.8 and 1.3 mg/kg", "; ".join(f"{a}: {percent(dlt[a], evaluable[a])} % of evaluable" for a in ARMS[3:])],
        ["c", "platelets, kidney and cornea limiting; liver events present, not limiting",
         f"of patients with a DLT at 0.8 and 1.3 mg/kg: {shares} (causes may coincide)"],
        ["d", "stable disease 1 of 20: 5 % (0.1 to 25 %); response 0 of 20: at most 17 %",
         f"disease control at day 42 {percent(*control)} %, response {percent(*response)} % (five doses pooled)"],
        ["e", "0.2 mg/kg declared, for lack of data after discontinuations at 0.4 and 0.8 mg/kg",
         f"with 4 patients a cohort, one of them replaced, and a rule that wants 3 evaluable ones at every dose up to "
         f"the declared one, 0.2 mg/kg or less is declared in {100 * low_dose:.0f} % of trials"],
    ])
    table(["dose", "evaluable, %", "DLT, % of evaluable", "DLT, % of all"],
          [[a, percent(evaluable[a], n), percent(dlt[a], evaluable[a]), percent(dlt[a], n)] for a in ARMS])


def declared(run):
    """Share of trials that declare each dose, or none, by design: percent."""
    found = rows("select design, measure, arm, value from 'RUN/operating_characteristics.parquet' "
                 "where measure in ('declared', 'none_declared', 'declared_below_active_dose', "
                 "'declared_below_static_dose', 'treated', 'duration')", run)
    shares = {}
    for design, measure, arm, value in found:
        shares.setdefault(design, {})[measure, arm] = value
    return shares


def escalation():
    write("## Virtual dose escalations", "")
    (n,) = rows("select count(distinct replicate) from 'RUN/trials/part-00000.parquet'", escalations)[0]
    write(f"`vpop trial` over the patients of `cohorts/phase1.toml`, with everything that makes them leave: {n:,} trials by")
    write("each of the designs in `designs/`, percent of trials that declare each dose. Monte-Carlo standard errors are")
    write("at most 0.16. 0.4 mg/kg was thought to be active; the static dose is that of the index below. The trial")
    write("declared 0.2 mg/kg.")
    shares = declared(escalations)
    one = lambda x: f"{100 * x:.1f}"
    header = ["design", "none", *ARMS, "below active", "below static", "patients", "days"]
    body = [[design, one(found["none_declared", "all"]), *(one(found["declared", arm]) for arm in ARMS),
             one(found["declared_below_active_dose", "all"]), one(found["declared_below_static_dose", "all"]),
             f"{found['treated', 'all']:.1f}", f"{found['duration', 'all']:.0f}"] for design, found in shares.items()]
    table(header, body)
    write("BOIN and mTPI-2 decide alike at cohorts of three up to twelve patients at a dose. No design that counts")
    write("toxicities declares 0.2 mg/kg often: the simulated dose-limiting toxicity at 0.4 mg/kg is 8 %. What was declared")
    write("needs the rule of the last row, by which a dose must have enough evaluable patients; even so it is 0.2 mg/kg")
    write(f"in {one(shares['fixed cohorts']['declared', '0.2 mg/kg'])} % of trials, and 0.4 mg/kg in more.", "")
    write("The rule asks for three evaluable patients at a dose, two with a second dose, and a rate of toxicity below a")
    write("third; and the same of every lower dose. What it asks for decides, percent of trials:")
    found = rows("select evaluable_required, second_doses_required, arm, share from 'RUN/evaluability.parquet' "
                 "where what = 'declared'", escalations)
    rules = {}
    for k, m, arm, share in found:
        rules.setdefault((k, m), {})[arm] = share
    body = [[k, m, *(one(of[arm]) for arm in ["none", *ARMS])] for (k, m), of in rules.items()]
    table(["evaluable, at least", "second dose, at least", "none", *ARMS], body)
    write("What each dose lacks under the rule itself, the first of these; percent of trials:")
    found = rows("select what, arm, share from 'RUN/evaluability.parquet' where what <> 'declared' "
                 "and evaluable_required = 3 and second_doses_required = 2", escalations)
    lacks = {}
    for what, arm, share in found:
        lacks.setdefault(what, {})[arm] = share
    table(["", *ARMS], [[what.replace("_", " "), *(one(of[arm]) for arm in ARMS)] for what, of in lacks.items()])
    write("And it depends on who is replaced and how large cohorts are (`designs/variants/`):")
    table(["fixed cohorts, but", "none", *ARMS], [
        [design, one(found["none_declared", "all"]), *(one(found["declared", arm]) for arm in ARMS)]
        for design, found in declared(variants).items()])


def subgroups():
    write("## Subgroups", "", "Full doses, nobody leaves. Renal function:")
    effect("EGFR", [("below 65", "EGFR < 65"), ("65 to 95", "EGFR >= 65 and EGFR < 95"), ("95 and more", "EGFR >= 95")],
           "dlt_kidney", "kidney DLT, %; at 0.8 mg/kg the other implementation has 28 below 65 and 15 above 95")
    write("Prior lines:")
    effect("LINES", [("up to 3", "LINES <= 3"), ("4 or 5", "LINES > 3 and LINES < 6"), ("6 and more", "LINES >= 6")],
           "dlt_platelets", "platelet DLT, %; at 0.8 mg/kg the other implementation has 12 and 31")
    write("FGFR2 acts on efficacy: median change of the sum of diameters at day 42, percent.")
    classes = [("none or low", "none_or_low"), ("low", "low"), ("high", "high")]
    medians = {(arm, c): v for arm, c, v in joined("median(sld_change_day_42)", "FGFR2")}
    table(["dose", *(name for name, _ in classes)],
          [[arm, *(f"{medians[arm, c]:.1f}" for _, c in classes)] for arm in ARMS])


def joined(value, group):
    return rows(f"select arm, {group}, {value} from 'RUN/outcomes/*.parquet' join 'RUN/patients/*.parquet' using (patient) "
                "where status = 'ok' group by all", full)


def effect(name, groups, outcome, caption):
    body = []
    case = "case " + " ".join(f"when {condition} then '{label}'" for label, condition in groups) + " end"
    found = {(arm, g): (n, k) for arm, g, (n, k) in
             ((arm, g, (v["n"], v["k"])) for arm, g, v in joined(f"{{'n': count(*), 'k': sum(({outcome})::int)}}", case))}
    for arm in ARMS:
        body.append([arm, *(percent(found[arm, label][1], found[arm, label][0]) for label, _ in groups)])
    write(f"({caption})")
    table(["dose", *(f"{name} {label}" for label, _ in groups)], body)


def index():
    write("## The therapeutic index", "")
    write("`cohorts/translation.toml`, 10,000 patients in each scenario: the dose with 30 % (and 1/6) DLT by linear")
    write("interpolation, over the static dose of the reference tumour; in brackets another implementation.")
    found = {(s, m): v for s, m, v in rows("select scenario, measure, value from 'RUN/indices.parquet'", translation)}
    body = []
    for scenario, other in OTHER_INDEX.items():
        values = [found.get((scenario, m)) for m in ("mtd_30", "mtd_17", "index")]
        off = max(abs(v / o - 1) for v, o in zip(values, other))
        body.append([scenario, *(f"{v:.2f} ({o:.2f})" for v, o in zip(values, other)), f"{100 * off:.1f} %"])
    table(["scenario", "MTD 30 %, mg/kg", "MTD 1/6, mg/kg", "index", "largest difference"], body)
    others = sorted({s for s, m in found if m == "mtd_30"} - set(OTHER_INDEX))
    show = lambda v: "not reached" if v is None else f"{v:.2f}"
    table(["other scenario", "MTD 30 %, mg/kg", "MTD 1/6, mg/kg", "index"],
          [[s, *(show(found.get((s, m))) for m in ("mtd_30", "mtd_17", "index"))] for s in others])
    write("The waterfall:")
    steps = rows("select label, \"index\", change from 'RUN/waterfall.parquet' order by step", translation)
    table(["", "index", "change"], [[label, show(i), show(c) if c is not None else ""] for label, i, c in steps])
    bands()


def bands():
    found = rows("select scenario, quantity, low, high, p5, p50, p95, replicates from 'RUN/bands.parquet' "
                 "where quantity in ('mtd_30', 'index')", translation)
    values = {(scenario, quantity): rest for scenario, quantity, *rest in found}
    write(f"Over {found[0][-1]} replicates with uncertain potencies (`[uncertainty]` of the file), the same patients in each:")
    write("the median, and in brackets the 5 % and 95 % points. The last column is the sampling of patients alone.")
    end = lambda v: "-" if v is None else f"{v:.2f}"
    band = lambda low, high, p5, p50, p95, n: f"{end(p50)} [{end(p5)}, {end(p95)}]"
    body = [[s, band(*values[s, "mtd_30"]), band(*values[s, "index"]), f"{end(values[s, 'index'][0])} to {end(values[s, 'index'][1])}"]
            for s in dict.fromkeys(scenario for scenario, *_ in found)
            if (s, "mtd_30") in values and (s, "index") in values]
    table(["scenario", "MTD 30 %, mg/kg", "index", "index, sampling"], body)


def main():
    write("# Validation", "", "Generated by `docs/validation.py`; every number comes from a run of the shipped files.", "")
    write("**What was tuned to what.** The potencies of the five toxicities (`EC50` of marrow, podocytes, cornea and liver,")
    write("and with them `Emax`, `th` and the transit time of platelets) were tuned so that dose-limiting toxicities")
    write("appear at 0.8 and 1.3 mg/kg and hardly below, from platelets, kidney and cornea, with liver events present; the")
    write("platelet nadir so that it comes on day 10 to 13; `KC50` so that the reference tumour stands still near")
    write("0.4 mg/kg; the sensitivities of monkeys so that the index of the preclinical style is 3.5. Agreement with these")
    write("facts is therefore no evidence for the model: it is one plausible set of assumptions. Agreement with another")
    write("implementation of the same equations says that the program solves them.", "")
    toxicity()
    targets()
    escalation()
    subgroups()
    index()
    Path(__file__).with_name("validation.md").write_text("\n".join(text).replace("\n\n\n", "\n\n") + "\n")


main()
