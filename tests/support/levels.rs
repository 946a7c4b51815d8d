//! Two drugs that rules take up and down levels of their own, and the ledger by hand.

use vpop::table::Table;

use crate::ledgers::of;

/// A weekly protocol: `a` has levels of its own, `b` those of its arms, 100 and 200 mg.
pub(crate) const COHORT: &str = r#"
name = "levels"
model = "MODELS/one_compartment_infusion.R"
patients = 1
seed = 1
[population]
NONE = 1
[drugs.a]
into = ["central"]
levels = ["10 mg", "20 mg", "0.04 g"]
[drugs.b]
into = ["central"]
[[arms]]
name = "high"
doses = ["40 mg of a weekly x 4", "200 mg of b weekly x 4 after 1 day"]
[[arms]]
name = "low"
doses = ["20 mg of a weekly x 4", "100 mg of b weekly x 4 after 1 day"]
[[regimen.modify]]
drug = "a"
when = "cycle == 2"
then = "reduce 1 level"
[[regimen.modify]]
drug = "b"
when = "cycle == 3"
then = "reduce 1 level"
[[regimen.modify]]
drug = "a"
when = "cycle == 4"
then = "escalate 1 level"
[visits]
every = "1 day"
until = "28 day"
[output]
doses = true
"#;

/// What is given of a drug in an arm, mg; treatment with `b` ends where it has no lower level.
const GIVEN: [(&str, &str, &[f64]); 4] = [
    ("high", "a", &[40.0, 20.0, 20.0, 40.0]),
    ("high", "b", &[200.0, 200.0, 100.0, 100.0]),
    ("low", "a", &[20.0, 10.0, 10.0, 20.0]),
    ("low", "b", &[100.0, 100.0]),
];

/// Compares a ledger with what was worked out.
pub(crate) fn check(ledger: &Table) {
    for (arm, drug, right) in GIVEN {
        let rows = of(ledger, arm, drug);
        let given: Vec<f64> = rows.iter().filter(|row| !row.0.is_nan()).map(|row| row.2).collect();
        let is_close = |(given, right): (&f64, &f64)| (given - right).abs() < 1e-4 * right;
        assert!(
            given.len() == right.len() && given.iter().zip(right).all(is_close),
            "{arm} {drug}: {rows:?}"
        );
    }
}
