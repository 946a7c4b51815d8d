//! One trial: cohort after cohort, until its design ends it or its patients are used up.
//!
//! A cohort is complete when everything is known of each of its patients. One who turns out not to be evaluable
//! is replaced, as often as the rules allow, by the next to arrive after that.

use super::accrual::Arrivals;
use super::candidates::{Candidates, Fate};
use super::design::{Design, DoseCohort, Tally, TrialData};
use crate::population::stream::Draws;

/// How long a trial goes on, and whom it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Patients who are treated, at most.
    pub patients: u32,
    /// The trial ends when a dose has so many evaluable patients already, if it is given: the next dose, or that
    /// at which an interval design stays. See [`Design::has_enough`].
    pub at_dose: Option<u32>,
    /// Patients of a cohort who are replaced at most; all who are not evaluable if it is not given.
    pub replacements: Option<u32>,
}

/// A trial from its first patient to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Conducted {
    /// Its cohorts, in order.
    pub cohorts: Vec<Treated>,
    /// Patients at each dose.
    pub tallies: Vec<Tally>,
    /// The dose that was declared, if one was.
    pub declared: Option<usize>,
    /// Why it ended.
    pub end: End,
}

/// Why a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its design ended it.
    Design,
    /// A dose had enough patients.
    EnoughAtDose,
    /// All of its patients were treated.
    AllPatients,
}

impl End {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Design, Self::EnoughAtDose, Self::AllPatients];

    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::EnoughAtDose => "enough_at_dose",
            Self::AllPatients => "all_patients",
        }
    }
}

/// A cohort that is complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    /// The dose, by its position.
    pub dose: usize,
    /// Its patients.
    pub tally: Tally,
    /// Toxicities by cause.
    pub causes: Vec<u32>,
    /// Patients whose tumour responded.
    pub responses: u32,
    /// When its first patient was treated, days since the trial opened.
    pub opened: f64,
    /// When it was complete.
    pub complete: f64,
}

/// Who comes to one trial, and when: the same patients, in the same order, whatever its design.
pub(super) struct Replicate<'a, C: Candidates> {
    candidates: &'a C,
    draws: Draws,
    arrivals: Arrivals,
    /// Patients who were treated, in order.
    treated: Vec<C::Patient>,
    /// Causes of toxicity that are counted.
    causes: usize,
}

impl<'a, C: Candidates> Replicate<'a, C> {
    pub(super) fn new(candidates: &'a C, causes: usize, draws: Draws, arrivals: Arrivals) -> Self {
        Self { candidates, draws, arrivals, treated: Vec::new(), causes }
    }

    /// Conducts the trial.
    pub(super) fn conduct(mut self, design: &dyn Design, limits: Limits, doses: usize) -> Conducted {
        let mut seen = TrialData::nobody(doses);
        let mut cohorts: Vec<Treated> = Vec::new();
        let end = loop {
            let Some(next) = design.next(&seen) else { break End::Design };
            if limits.at_dose.is_some_and(|enough| design.has_enough(&seen, next, enough)) {
                break End::EnoughAtDose;
            }
            if self.treated.len() >= limits.patients as usize {
                break End::AllPatients;
            }
            let opens = cohorts.last().map_or(0.0, |last| last.complete);
            let treated = self.treat(next, opens, limits);
            seen.add(treated.dose, treated.tally);
            cohorts.push(treated);
        };
        Conducted { declared: design.declare(&seen), cohorts, tallies: seen.tallies, end }
    }

    /// Treats a cohort whose first place opens on a day.
    fn treat(&mut self, cohort: DoseCohort, opens: f64, limits: Limits) -> Treated {
        let mut places = vec![opens; cohort.patients as usize];
        let mut treated = Treated::nobody(cohort.dose, self.causes, opens);
        let mut replacements = limits.replacements.unwrap_or(u32::MAX);
        while !places.is_empty() && self.treated.len() < limits.patients as usize {
            let opens = places.remove(0);
            let day = self.arrivals.next(opens);
            let patient = self.candidates.draw(&mut self.draws, &self.treated);
            self.treated.push(patient);
            let fate = self.candidates.fate(patient, cohort.dose);
            treated.add(&fate, day);
            if !fate.evaluable && replacements > 0 {
                replacements -= 1;
                let opens = day + fate.known_day;
                places.insert(places.partition_point(|&other| other <= opens), opens);
            }
        }
        treated
    }
}

impl TrialData {
    pub(super) fn add(&mut self, dose: usize, cohort: Tally) {
        self.tallies[dose].add(cohort);
        self.current = Some(dose);
        self.last = cohort;
    }
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.treated += other.treated;
        self.evaluable += other.evaluable;
        self.dlts += other.dlts;
        self.moderate += other.moderate;
        self.second_dose += other.second_dose;
    }
}

impl Treated {
    fn nobody(dose: usize, causes: usize, opens: f64) -> Self {
        let (tally, causes) = (Tally::default(), vec![0; causes]);
        Self { dose, tally, causes, responses: 0, opened: f64::INFINITY, complete: opens }
    }

    fn add(&mut self, fate: &Fate, day: f64) {
        let one = |is: bool| u32::from(is);
        self.tally.add(Tally {
            treated: 1,
            evaluable: one(fate.evaluable),
            dlts: one(fate.dlt),
            moderate: one(fate.moderate),
            second_dose: one(fate.second_dose),
        });
        for (i, count) in self.causes.iter_mut().enumerate() {
            *count += one(fate.causes >> i & 1 == 1);
        }
        self.responses += one(fate.response);
        self.opened = self.opened.min(day);
        self.complete = self.complete.max(day + fate.known_day);
    }
}
