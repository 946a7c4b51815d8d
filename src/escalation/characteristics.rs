//! Operating characteristics: what a design does on average over many trials, with Monte-Carlo standard errors.

use std::collections::BTreeSet;

use super::conduct::{Conducted, End};
use super::doses::ROUNDING;
use super::evaluability::{Evaluability, Shortfall};

/// Toxicity above which a dose is an overdose: Neuenschwander, Branson and Gsponer (2008), Statistics in
/// Medicine 27, 2420-2439.
pub const OVERDOSE: f64 = 0.33;

/// A mean over trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its Monte-Carlo standard error.
    pub standard_error: f64,
}

/// Sums over trials.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(self, trials: u64) -> Estimate {
        let n = trials as f64;
        let value = self.sum / n;
        let variance = (self.squares / n - value * value).max(0.0);
        Estimate { value, standard_error: (variance / n).sqrt() }
    }
}

/// What is counted at a dose.
#[derive(Debug, Clone, Default)]
struct AtDose {
    declared: Sums,
    treated: Sums,
    evaluable: Sums,
    dlts: Sums,
    causes: Vec<Sums>,
    second_doses: Sums,
    responses: Sums,
}

/// What is counted of a trial.
#[derive(Debug, Clone, Default)]
struct OfTrial {
    none: Sums,
    below_active: Sums,
    below_static: Sums,
    overdose: Sums,
    treated: Sums,
    overdosed: Sums,
    dlts: Sums,
    cohorts: Sums,
    duration: Sums,
    ends: [Sums; End::ALL.len()],
}

/// One characteristic of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct Characteristic {
    /// What it is, as `declared`.
    pub measure: String,
    /// The dose, by its position; none of the trial as a whole.
    pub dose: Option<usize>,
    /// Its mean over trials.
    pub estimate: Estimate,
    /// Its unit.
    pub unit: &'static str,
}

/// What doses are compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReferenceDoses {
    /// Probability of dose-limiting toxicity at each dose.
    pub toxicity: Vec<f64>,
    /// Each dose as a number.
    pub amounts: Vec<f64>,
    /// The dose that was thought to be active.
    pub active_dose: Option<f64>,
    /// The dose at which a reference tumour stands still.
    pub static_dose: Option<f64>,
    /// Causes of dose-limiting toxicity.
    pub causes: Vec<String>,
}

/// Adds up trials of one design.
#[derive(Debug, Clone)]
pub struct Sum<'a> {
    reference_doses: &'a ReferenceDoses,
    trials: u64,
    doses: Vec<AtDose>,
    whole: OfTrial,
}

impl<'a> Sum<'a> {
    /// No trials yet.
    pub fn new(reference_doses: &'a ReferenceDoses) -> Self {
        let at_dose =
            AtDose { causes: vec![Sums::default(); reference_doses.causes.len()], ..AtDose::default() };
        let doses = vec![at_dose; reference_doses.amounts.len()];
        Self { reference_doses, trials: 0, doses, whole: OfTrial::default() }
    }

    /// Adds a trial.
    pub fn add(&mut self, trial: &Conducted) {
        self.trials += 1;
        self.add_doses(trial);
        self.add_whole(trial);
    }

    fn add_doses(&mut self, trial: &Conducted) {
        for (dose, sums) in self.doses.iter_mut().enumerate() {
            let tally = trial.tallies[dose];
            let at_dose = || trial.cohorts.iter().filter(move |cohort| cohort.dose == dose);
            sums.declared.add(flag(trial.declared == Some(dose)));
            sums.treated.add(tally.treated.into());
            sums.evaluable.add(tally.evaluable.into());
            sums.dlts.add(tally.dlts.into());
            sums.second_doses.add(tally.second_dose.into());
            sums.responses.add(at_dose().map(|cohort| f64::from(cohort.responses)).sum());
            for (cause, sums) in sums.causes.iter_mut().enumerate() {
                sums.add(at_dose().map(|cohort| f64::from(cohort.causes[cause])).sum());
            }
        }
    }

    fn add_whole(&mut self, trial: &Conducted) {
        let ReferenceDoses { toxicity, amounts, active_dose, static_dose, .. } = self.reference_doses;
        let whole = &mut self.whole;
        let is_below = |than: &Option<f64>| {
            flag(
                trial.declared.zip(*than).is_some_and(|(dose, than)| amounts[dose] < than * (1.0 - ROUNDING)),
            )
        };
        let is_overdose = |dose: usize| toxicity[dose] > OVERDOSE;
        let count =
            |of: &dyn Fn(usize) -> u32| -> f64 { (0..amounts.len()).map(|dose| f64::from(of(dose))).sum() };
        let treated = |dose: usize| trial.tallies[dose].treated;
        whole.none.add(flag(trial.declared.is_none()));
        whole.below_active.add(is_below(active_dose));
        whole.below_static.add(is_below(static_dose));
        whole.overdose.add(flag(trial.declared.is_some_and(is_overdose)));
        whole.treated.add(count(&treated));
        whole.overdosed.add(count(&|dose| if is_overdose(dose) { treated(dose) } else { 0 }));
        whole.dlts.add(count(&|dose| trial.tallies[dose].dlts));
        whole.cohorts.add(trial.cohorts.len() as f64);
        whole.duration.add(trial.cohorts.last().map_or(0.0, |last| last.complete));
        for (end, sums) in End::ALL.iter().zip(&mut whole.ends) {
            sums.add(flag(trial.end == *end));
        }
    }

    /// Every characteristic: of the trial as a whole, then of each dose.
    pub fn characteristics(&self) -> Vec<Characteristic> {
        let of = |measure: &str, dose, sums: Sums, unit| Characteristic {
            measure: measure.to_owned(),
            dose,
            estimate: sums.mean(self.trials),
            unit,
        };
        let OfTrial { none, treated, overdosed, dlts, cohorts, duration, overdose, .. } = self.whole;
        let mut all = vec![
            of("none_declared", None, none, "1"),
            of("declared_overdose", None, overdose, "1"),
            of("treated", None, treated, "patient"),
            of("overdosed", None, overdosed, "patient"),
            of("dlts", None, dlts, "patient"),
            of("cohorts", None, cohorts, "1"),
            of("duration", None, duration, "day"),
        ];
        let below = [
            ("declared_below_active_dose", self.reference_doses.active_dose, self.whole.below_active),
            ("declared_below_static_dose", self.reference_doses.static_dose, self.whole.below_static),
        ];
        all.extend(
            below
                .into_iter()
                .filter(|(_, than, _)| than.is_some())
                .map(|(name, _, sums)| of(name, None, sums, "1")),
        );
        let ends = End::ALL.into_iter().zip(self.whole.ends);
        all.extend(ends.map(|(end, sums)| of(&format!("ended_by_{}", end.name()), None, sums, "1")));
        for (dose, sums) in self.doses.iter().enumerate() {
            let truth = Estimate { value: self.reference_doses.toxicity[dose], standard_error: f64::NAN };
            all.push(Characteristic {
                measure: "toxicity".into(),
                dose: Some(dose),
                estimate: truth,
                unit: "1",
            });
            let mut push = |measure: &str, sums, unit| all.push(of(measure, Some(dose), sums, unit));
            push("declared", sums.declared, "1");
            push("treated", sums.treated, "patient");
            push("evaluable", sums.evaluable, "patient");
            push("dlts", sums.dlts, "patient");
            for (cause, sums) in self.reference_doses.causes.iter().zip(&sums.causes) {
                push(&format!("dlts_{cause}"), *sums, "patient");
            }
            push("second_doses", sums.second_doses, "patient");
            push("responses", sums.responses, "patient");
        }
        all
    }
}

/// The shares of an evaluability rule, for one number of evaluable patients.
#[derive(Debug, Clone)]
pub struct Shares {
    /// The rule.
    pub rule: Evaluability,
    trials: u64,
    none: Sums,
    declared: Vec<Sums>,
    /// `[dose][shortfall]`.
    shortfalls: Vec<[Sums; Shortfall::ALL.len()]>,
}

impl Shares {
    /// Of a rule and its neighbours: with the rule's number of evaluable patients and with 2 to 6, with second
    /// doses as the rule asks for them, and without.
    pub fn about(rule: Evaluability, doses: usize) -> Vec<Self> {
        let evaluable = BTreeSet::from_iter((2..=6).chain([rule.evaluable]));
        let mut second_doses = vec![rule.second_dose, 0];
        second_doses.dedup();
        let neighbours = second_doses.into_iter().flat_map(|second_dose| {
            evaluable.iter().map(move |&evaluable| Evaluability { evaluable, second_dose, ..rule })
        });
        let none_yet = |rule| Self {
            rule,
            trials: 0,
            none: Sums::default(),
            declared: vec![Sums::default(); doses],
            shortfalls: vec![[Sums::default(); Shortfall::ALL.len()]; doses],
        };
        neighbours.map(none_yet).collect()
    }

    /// Adds a trial.
    pub fn add(&mut self, trial: &Conducted) {
        self.trials += 1;
        let declared = self.rule.declare(&trial.tallies);
        self.none.add(flag(declared.is_none()));
        for (dose, sums) in self.declared.iter_mut().enumerate() {
            sums.add(flag(declared == Some(dose)));
        }
        for (shortfall, sums) in self.rule.shortfalls(&trial.tallies).zip(&mut self.shortfalls) {
            for (known, sums) in Shortfall::ALL.iter().zip(sums) {
                sums.add(flag(shortfall == *known));
            }
        }
    }

    /// Share of trials that declare no dose.
    pub fn none(&self) -> Estimate {
        self.none.mean(self.trials)
    }

    /// Share of trials that declare a dose.
    pub fn declared(&self, dose: usize) -> Estimate {
        self.declared[dose].mean(self.trials)
    }

    /// Share of trials in which a dose lacks something.
    pub fn lacking(&self, dose: usize, shortfall: Shortfall) -> Estimate {
        self.shortfalls[dose][shortfall as usize].mean(self.trials)
    }
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}
