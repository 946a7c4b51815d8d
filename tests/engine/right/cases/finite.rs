//! What is not a number is not health, and what is infinite is no toxicity.

use vpop::engine::Status;

use super::Case;

/// From day 10 on `broken` is not a number and `infinite` is; `a` stays at 1.
const MODEL: &str = r#"
broken <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0 })
  model({
    d/dt(drug) <- -0.1 * drug
    d/dt(a) <- -k * a
    a(0) <- 1
    fine <- 200 * a
    broken <- ifelse(time > 9.5, log(-a), 200 * a)
    infinite <- ifelse(time > 9.5, 1 / (a - 1), 200 * a)
    hidden <- ifelse(broken > 100, 200, 200 * a)
  })
}
"#;

const SOURCE: &str = "R: NA in what is asked for is no answer, but FALSE & NA is FALSE and TRUE | NA is TRUE";

fn case(name: &'static str, cohort: &str, status: Status, values: &[(&'static str, f64)]) -> Case {
    let visits = "[visits]\nevery = \"1 day\"\nuntil = \"28 day\"\n";
    let cohort = format!(
        "name = \"finite\"\nmodel = \"case.R\"\npatients = 1\nseed = 1\n[regimen]\narms = [\"1 mg\"]\n\
         into = [\"drug\"]\nevery = \"7 day\"\ncycles = 4\n{cohort}\n{}",
        if cohort.contains("[visits]") { "" } else { visits }
    );
    let values = values.iter().map(|&(endpoint, value)| (0, endpoint, value)).collect();
    Case { name, source: SOURCE, model: MODEL.into(), cohort, status, values, tolerance: 1e-9 }
}

fn fails(name: &'static str, cohort: &str) -> Case {
    case(name, cohort, Status::NonFinite, &[])
}

fn endpoint(of: &str, rest: &str) -> String {
    format!("[endpoints.e]\nof = \"{of}\"\n{rest}\non = \"visits\"\n")
}

const GRADED: &str = "[grades]\ntables = [\"tables/ctcae_v4_03.toml\"]\n[grades.terms]\n";

pub(super) fn cases() -> Vec<Case> {
    let max = "statistic = \"max\"";
    let rule = |when: &str, then: &str| format!("[[regimen.modify]]\nwhen = \"{when}\"\n{then}\n");
    vec![
        fails("an extreme of what is not a number", &endpoint("broken", max)),
        fails("an extreme of what is infinite", &endpoint("infinite", max)),
        fails("an area of it", &endpoint("broken", "statistic = \"auc\"")),
        fails("a value of it", &endpoint("broken", "statistic = \"value\"\nat = \"20 day\"")),
        fails("a time below a threshold", &endpoint("broken", "statistic = \"time_below\"\nthreshold = 50")),
        fails("a time above one", &endpoint("infinite", "statistic = \"time_above\"\nthreshold = 500")),
        fails(
            "a threshold that is none",
            &endpoint("fine", "statistic = \"first_above\"\nthreshold = \"broken\""),
        ),
        fails("the larger of it and a number", &endpoint("max(broken, 3)", max)),
        fails("a grade", &format!("{GRADED}thrombocytopenia = \"broken\"\n")),
        fails("an infinite grade", &format!("{GRADED}proteinuria = \"infinite\"\n")),
        fails("a toxicity", "[dlt]\nwindow = \"28 day\"\n[dlt.causes]\nlow = [\"days(broken < 50) >= 5\"]\n"),
        fails("a hazard", "[events.e]\ncumulative_hazard = \"0 * day + ifelse(broken < 3, 1, 0)\"\n"),
        fails("an onset", "[events.e]\nprobability = 1\nonset = \"broken < 50\"\n"),
        fails("a response", "[response]\nof = \"broken\"\nscans = [\"7 day\", \"14 day\"]\n"),
        fails("a rule that stops", &rule("broken < 50", "then = \"stop\"")),
        fails("a rule that holds", &rule("broken < 50", "then = \"hold\"\nat_most = \"7 day\"")),
        fails(
            "the end of a hold",
            &rule("day > 13", "then = \"hold\"\nuntil = \"broken > 50\"\nat_most = \"7 day\""),
        ),
        fails("a rule that reduces", &rule("broken < 50", "then = \"reduce 25 %\"")),
        fails("what a rule remembers", &rule("lowest(broken) < 50", "then = \"reduce 25 %\"")),
        fails("a time course", "[output.trajectories]\npatients = 1\nof = [\"broken\"]\n"),
        fails("a condition within what is read", &endpoint("hidden", max)),
        fails("one of two sides that do not decide", &endpoint("broken < 3 | fine < 3", max)),
        fails("both sides", &endpoint("broken < 3 & infinite < 3", max)),
        case(
            "what is over before",
            &endpoint("broken", &format!("{max}\nwindow = [\"0 day\", \"9 day\"]")),
            Status::Ok,
            &[("e", 200.0)],
        ),
        case(
            "a value before",
            &endpoint("broken", "statistic = \"value\"\nat = \"5 day\""),
            Status::Ok,
            &[("e", 200.0)],
        ),
        case(
            "a branch that is not taken",
            &endpoint("ifelse(time > 9.5, fine, broken)", max),
            Status::Ok,
            &[("e", 200.0)],
        ),
        case(
            "a side where the other decides",
            &endpoint("broken < 3 | fine > 3", max),
            Status::Ok,
            &[("e", 1.0)],
        ),
        case(
            "neither side where the other decides",
            &endpoint("broken < 3 & fine < 3", max),
            Status::Ok,
            &[("e", 0.0)],
        ),
        case(
            "the smaller of what is infinite and a number",
            &endpoint("min(infinite, 5)", max),
            Status::Ok,
            &[("e", 5.0)],
        ),
        case("what never came", &endpoint("first_day(fine < 100) > 20", max), Status::Ok, &[("e", 1.0)]),
        case(
            "a rule for the first doses only",
            &rule("broken < 50", "then = \"reduce 25 %\"\ncycles = [1, 2]"),
            Status::Ok,
            &[],
        ),
        case(
            "what comes after the patient has left",
            &format!(
                "{GRADED}thrombocytopenia = \"broken\"\n[events.gone]\nprobability = 1\nonset = \"day >= 5\"\n{}",
                endpoint("broken", max)
            ),
            Status::Ok,
            &[("e", 200.0), ("thrombocytopenia_grade", 0.0)],
        ),
        fails(
            "what comes after the patient has left, if it is followed",
            &format!(
                "[events.gone]\nprobability = 1\nonset = \"day >= 5\"\n{}after_leaving = \"follow\"\n",
                endpoint("broken", max)
            ),
        ),
        case(
            "a rule after treatment has stopped",
            &format!(
                "{}{}{}",
                rule("day > 8", "then = \"stop\""),
                rule("broken < 50", "then = \"hold\"\nat_most = \"7 day\""),
                endpoint("fine", max)
            ),
            Status::Ok,
            &[("e", 200.0)],
        ),
    ]
}
