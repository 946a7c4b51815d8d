//! Dose-escalation designs against exact enumeration, published tables and other programs.

mod blrm;
mod boin;
mod conduct;
mod crm;
mod files;
mod fixed;
mod i3_plus_three;
mod interval;
mod mtpi2;
mod three_plus_three;

use vpop::cohort::Accrual;
use vpop::diagnostic::Source;
use vpop::escalation::Trials;
use vpop::escalation::candidates::Assumed;
use vpop::escalation::characteristics::{ReferenceDoses, Sum};
use vpop::escalation::design::{Tally, TrialData};
use vpop::escalation::doses::Doses;
use vpop::escalation::settings::{self, Planned};

/// A design from the text of its file, for so many levels.
fn planned(text: &str, levels: usize) -> Planned {
    let text = format!("name = \"it\"\n{text}");
    settings::parse(&Source::new("design.toml", text), &Doses::levels(levels)).expect("a right design file")
}

/// Patients at a dose, all of them evaluable.
fn tally(dlts: u32, evaluable: u32) -> Tally {
    Tally { treated: evaluable, evaluable, dlts, ..Tally::default() }
}

/// Patients at a dose of whom nobody is evaluable.
fn lost(treated: u32) -> Tally {
    Tally { treated, ..Tally::default() }
}

/// What has been seen, with the last cohort at a dose.
fn seen(tallies: &[Tally], current: usize) -> TrialData {
    TrialData { tallies: tallies.to_vec(), current: Some(current), last: tallies[current] }
}

/// Mean and standard error of measures at each dose, or of the trial as a whole.
struct Simulated(Vec<vpop::escalation::characteristics::Characteristic>);

impl Simulated {
    /// Trials from assumed probabilities.
    fn new(design: &Planned, toxicity: &[f64], replicates: u64) -> Self {
        let candidates = Assumed { toxicity: toxicity.to_vec(), window: 21.0 };
        let reference_doses = ReferenceDoses {
            toxicity: toxicity.to_vec(),
            amounts: (1..=toxicity.len()).map(|level| level as f64).collect(),
            ..ReferenceDoses::default()
        };
        let trials = Trials {
            candidates: &candidates,
            doses: toxicity.len(),
            causes: 0,
            accrual: Accrual::default(),
            seed: 7,
            replicates,
        };
        let mut sum = Sum::new(&reference_doses);
        let done: Result<(), ()> = trials.conduct(design, |_, conducted| {
            conducted.iter().for_each(|trial| sum.add(trial));
            Ok(())
        });
        done.expect("nothing is written");
        Self(sum.characteristics())
    }

    /// Asserts a mean within four standard errors, its own and that of what is expected together.
    fn assert(&self, measure: &str, dose: Option<usize>, expected: f64, of_expected: f64) {
        let is_it = |found: &&vpop::escalation::characteristics::Characteristic| {
            found.measure == measure && found.dose == dose
        };
        let found = self.0.iter().find(is_it).expect("a measure").estimate;
        let error = found.standard_error.hypot(of_expected);
        let off = (found.value - expected).abs();
        assert!(off <= 4.0 * error + 1e-9, "{measure} {dose:?}: {found:?}, expected {expected}");
    }
}
