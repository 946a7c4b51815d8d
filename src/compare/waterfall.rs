//! From one scenario to the next: what each assumption costs.

use serde::Serialize;

use super::measure::{Measure, Measured};

/// A step, or the start of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaterfallStep {
    /// What changes, for the reader.
    pub label: String,
    /// The scenario; none of a dose that is given as it is.
    pub scenario: Option<String>,
    /// The doses with dose-limiting toxicity in the proportions that are looked for, NaN if not reached;
    /// the first is the given dose of a step without scenario.
    pub mtd: Vec<f64>,
    /// The first of them over the static dose.
    pub index: f64,
    /// Index less that of the step before; NaN of the first.
    pub change: f64,
    /// Index over that of the step before; NaN of the first.
    pub factor: f64,
}

/// What a step of the waterfall leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum StepResult<'a> {
    /// At a scenario, by what was measured under it.
    Scenario(&'a str, &'a [Measured]),
    /// At a given dose.
    Dose(f64),
}

/// The steps in order: labels and what each leads to; `mtd` are the proportions that are looked for, of which
/// the first makes the index.
pub fn waterfall<'a>(
    steps: impl IntoIterator<Item = (String, StepResult<'a>)>,
    mtd: &[f64],
    static_dose: f64,
) -> Vec<WaterfallStep> {
    let mut before = f64::NAN;
    let step = |(label, stop): (String, StepResult<'a>)| {
        let (scenario, doses): (_, Vec<f64>) = match stop {
            StepResult::Scenario(name, found) => {
                let dose = |&proportion: &f64| value(found, Measure::Mtd(proportion));
                (Some(name.to_owned()), mtd.iter().map(dose).collect())
            }
            StepResult::Dose(dose) => {
                (None, (0..mtd.len()).map(|i| if i == 0 { dose } else { f64::NAN }).collect())
            }
        };
        let index = doses.first().map_or(f64::NAN, |dose| dose / static_dose);
        let (change, factor) = (index - before, index / before);
        before = index;
        WaterfallStep { label, scenario, mtd: doses, index, change, factor }
    };
    steps.into_iter().map(step).collect()
}

/// The value of a measure; NaN if it was not measured.
fn value(found: &[Measured], measure: Measure) -> f64 {
    found.iter().find(|found| found.measure == measure).map_or(f64::NAN, |found| found.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::curve::Curve;

    const MTD: [f64; 2] = [0.3, 0.1];

    /// What 10 patients show of whom so many of 10 have the outcome at 1 mg, and none at 0.
    fn found(events: usize) -> Vec<Measured> {
        let mut curve = Curve::new("dlt", [("0 mg", 0.0), ("1 mg", 1.0)]);
        (0..10).for_each(|i| curve.count(&[0.0, f64::from(i < events)]));
        MTD.map(|proportion| Measured::mtd(proportion, &curve)).into()
    }

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() < 1e-14, "{got} instead of {expected}");
    }

    /// By hand: 30 % is reached at 0.5 of a line to 60 %, at 0.3 of one to 100 %; with a static dose of
    /// 0.25 the indices are 2, 1.2 and, of a given dose of 0.1, 0.4.
    #[test]
    fn each_step_is_compared_with_the_one_before() {
        let (first, second) = (found(6), found(10));
        let steps = [
            ("animals".to_owned(), StepResult::Scenario("animals", &first)),
            ("patients".to_owned(), StepResult::Scenario("patients", &second)),
            ("declared".to_owned(), StepResult::Dose(0.1)),
        ];
        let steps = waterfall(steps, &MTD, 0.25);
        for (step, (mtd, index)) in steps.iter().zip([(0.5, 2.0), (0.3, 1.2), (0.1, 0.4)]) {
            close(step.mtd[0], mtd);
            close(step.index, index);
        }
        assert!(steps[0].change.is_nan() && steps[0].factor.is_nan());
        close(steps[1].change, -0.8);
        close(steps[1].factor, 0.6);
        close(steps[2].change, -0.8);
        close(steps[2].factor, 1.0 / 3.0);
        close(steps[1].mtd[1], 0.1);
        assert!(steps[2].mtd[1].is_nan() && steps[2].scenario.is_none());
    }

    #[test]
    fn a_level_that_is_not_reached_makes_no_index() {
        let none = found(1);
        let steps = waterfall([("harmless".to_owned(), StepResult::Scenario("harmless", &none))], &MTD, 0.25);
        assert!(steps[0].index.is_nan());
    }
}
