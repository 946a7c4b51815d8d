//! Values exactly on a cut-off, and grades before the first dose.

use vpop::engine::Status;

use super::Case;

/// A model whose values are made from a state that stays at 1: `lines` are its assignments.
fn model(lines: &str) -> String {
    format!(
        "labs <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\", concentration = \"mg/L\")\n  \
         ini({{ k <- 0 }})\n  model({{\n    d/dt(one) <- -k * one\n    one(0) <- 1\n{lines}\n  }})\n}}\n"
    )
}

/// Visits every day for three weeks; no dose changes anything.
fn cohort(tables: &str) -> String {
    format!(
        r#"
name = "labs"
model = "case.R"
patients = 1
seed = 1
[population.BEFORE]
distribution = "fixed"
value = 83.1
[regimen]
arms = ["0 mg"]
into = ["one"]
infusion = "0 h"
times = ["0 day"]
[visits]
every = "1 day"
until = "20 day"
{tables}"#
    )
}

/// Values of the first, second and third week.
fn weekly(name: &str, [first, second, third]: [&str; 3]) -> String {
    format!("    {name} <- one * ifelse(time < 6.5, {first}, ifelse(time < 13.5, {second}, {third}))\n")
}

const WEEKS: &str =
    r#"windows = { c1 = ["0 day", "6 day"], c2 = ["7 day", "13 day"], c3 = ["14 day", "20 day"] }"#;

fn graded(table: &str, terms: &str) -> String {
    cohort(&format!("[grades]\ntables = [\"tables/{table}.toml\"]\n{WEEKS}\n[grades.terms]\n{terms}\n"))
}

fn case(name: &'static str, source: &'static str, model: String, cohort: String) -> Case {
    Case { name, source, model, cohort, status: Status::Ok, values: Vec::new(), tolerance: 1e-9 }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = by_limits_of_normal();
    cases.extend(progression());
    cases.extend([by_an_abnormal_baseline(), severe_before(), response(), conditions()]);
    cases
}

/// 1.5 x 1.2 is 1.7999999999999998 in binary.
fn by_limits_of_normal() -> Vec<Case> {
    let of = |version, name| Case {
        values: vec![
            (0, "creatinine_increased_grade_baseline", 1.0),
            (0, "creatinine_increased_grade_c1", 1.0),
            (0, "creatinine_increased_grade_c2", 2.0),
            (0, "creatinine_increased_grade_c3", 3.0),
        ],
        ..case(
            name,
            "CTCAE: grade 1 up to 1.5 x ULN (1.2), grade 2 up to 3.0 x, grade 3 up to 6.0 x",
            model(&weekly("creatinine", ["1.8", "3.6", "7.2"])),
            graded(version, "creatinine_increased = \"creatinine\""),
        )
    };
    vec![of("ctcae_v4_03", "creatinine on cut-offs, v4.03"), of("ctcae_v5_0", "creatinine on cut-offs, v5.0")]
}

/// ALT 60: 1.5 and 3 times; AST 130: 3.1 and exactly 5 times.
fn by_an_abnormal_baseline() -> Case {
    let aminotransferases =
        weekly("alt", ["60", "90", "180"]) + &weekly("ast", ["130", "3.1 * 130", "5 * 130"]);
    Case {
        values: vec![
            (0, "alt_increased_grade_baseline", 1.0),
            (0, "alt_increased_grade_c1", 0.0),
            (0, "alt_increased_grade_c2", 1.0),
            (0, "alt_increased_grade_c3", 1.0),
            (0, "ast_increased_grade_baseline", 2.0),
            (0, "ast_increased_grade_c1", 0.0),
            (0, "ast_increased_grade_c2", 2.0),
            (0, "ast_increased_grade_c3", 2.0),
        ],
        ..case(
            "an abnormal baseline",
            "CTCAE v5.0: by ULN (40) if baseline was normal, 1.5 - 3.0, > 3.0 - 5.0 x baseline if it was abnormal",
            model(&aminotransferases),
            graded("ctcae_v5_0", "alt_increased = \"alt\"\nast_increased = \"ast\""),
        )
    }
}

fn severe_before() -> Case {
    Case {
        values: vec![
            (0, "alt_increased_grade_baseline", 3.0),
            (0, "alt_increased_grade", 0.0),
            (0, "ast_increased_grade_baseline", 4.0),
            (0, "ast_increased_grade", 0.0),
        ],
        ..case(
            "a severe baseline",
            "CTCAE v5.0: 250 is > 5.0 - 20.0 x ULN (40), 900 is > 20.0 x; neither rises above its baseline",
            model("    alt <- 250 * one\n    ast <- 900 * one"),
            graded("ctcae_v5_0", "alt_increased = \"alt\"\nast_increased = \"ast\""),
        )
    }
}

/// A sum of 83.1 mm: 30 % smaller, then 10 mm, which is not below 10.
fn response() -> Case {
    let sum = weekly("sum", ["BEFORE", "BEFORE - 0.3 * BEFORE", "33.3 - 23.3"]);
    Case {
        values: vec![(0, "response_7", 3.0), (0, "response_14", 3.0), (0, "up", 0.0), (0, "down", 1.0)],
        ..case(
            "a sum of diameters on cut-offs",
            "RECIST 1.1: PR is a decrease of at least 30 %, CR here below 10 mm",
            model(&sum),
            cohort(
                r#"
[response]
of = "sum"
scans = ["7 day", "14 day"]
complete_below = 10
[endpoints.up]
of = "sum > 0.7 * baseline(sum)"
statistic = "max"
window = ["7 day", "13 day"]
[endpoints.down]
of = "sum <= 0.7 * baseline(sum)"
statistic = "min"
window = ["7 day", "13 day"]
"#,
            ),
        )
    }
}

/// A sum of 83.1 mm: 20.3, then 5 mm more; or 58.17, then a fifth more.
fn progression() -> Vec<Case> {
    let of = |name, [smallest, grown]: [&str; 2]| Case {
        values: vec![(0, "response_7", 3.0), (0, "response_14", 1.0)],
        ..case(
            name,
            "RECIST 1.1: PD is an increase of at least 20 % and 5 mm over the smallest sum",
            model(&weekly("sum", ["BEFORE", smallest, grown])),
            cohort("[response]\nof = \"sum\"\nscans = [\"7 day\", \"14 day\"]\n"),
        )
    };
    vec![
        of("exactly 5 mm more", ["20.3", "25.3"]),
        of("exactly a fifth more", ["0.7 * BEFORE", "0.7 * BEFORE + 0.14 * BEFORE"]),
    ]
}

/// 0.1 x 3 is 0.30000000000000004, 1.1 x 3 is 3.3000000000000003, and 3.7 - 0.2 is 3.5 in binary.
fn conditions() -> Case {
    let lines =
        "    three <- 3 * one\n    low <- 0.1 * three\n    ratio <- 3.7 * one - 0.2\n    high <- 1.1 * three";
    let endpoints: String = [
        ("at_least", "ratio >= 3.5"),
        ("above", "high > 3.3"),
        ("at_most", "low <= 0.3"),
        ("below_half", "low < 0.5 * baseline(2 * low)"),
        ("a_little_above", "high > 3.2999"),
        ("a_little_below", "low < 0.30001"),
    ]
    .into_iter()
    .map(|(name, of)| format!("[endpoints.{name}]\nof = \"{of}\"\nstatistic = \"max\"\n"))
    .collect();
    let thresholds = r#"
[endpoints.first_above]
of = "low"
statistic = "first_above"
threshold = 0.3
[endpoints.time_below]
of = "high"
statistic = "time_below"
threshold = "1.1 * 3"
"#;
    Case {
        values: vec![
            (0, "at_least", 1.0),
            (0, "above", 0.0),
            (0, "at_most", 1.0),
            (0, "below_half", 0.0),
            (0, "a_little_above", 1.0),
            (0, "a_little_below", 1.0),
            (0, "first_above", f64::NAN),
            (0, "time_below", 0.0),
        ],
        ..case(
            "conditions on their limits",
            "0.3 is neither above nor below 0.3, nor 3.5 below 3.5",
            model(lines),
            cohort(&format!("{endpoints}{thresholds}")),
        )
    }
}
