//! How much of the planned doses a patient received, and how fast: of each drug.
//!
//! Planned amounts are those of each dose, loading doses as they are; what caps and rounding make of them counts.
//!
//! - `relative_dose`: the amount of all given doses over that of all planned ones.
//! - `relative_dose_intensity`: the amount given per time on treatment, over the amount planned per time of
//!   as many doses. Time on treatment is from the first given dose to the last, and the planned interval that
//!   follows the last; planned time is the same of the planned doses. The interval after the last planned
//!   dose is the one before it, or of a single dose, the time to the end of the run. It is missing if no dose
//!   was given. So doses that are left out at the end do not lower it; delayed and reduced ones do, and so do those
//!   that are skipped before the last one given.
//!
//! Of a drug that is given on demand there is neither: nothing is planned.
//!
//! Hryniuk and Bush, Journal of Clinical Oncology 2 (1984) 1281-1288, for dose intensity.

use std::sync::Arc;

use super::distribution::EndpointKind;
use super::doses::Amounts;
use super::items::{Items, Outcome};
use crate::cohort::{Ticks, columns};
use crate::engine::DoseRecord;
use crate::plan::{Arm, Drug, Plan, PlannedDose, Sequence};
use crate::table::ColumnMeta;

/// The columns of doses.
pub(super) fn outcomes<'a>(items: Items<'a>, amounts: Amounts<'a>) -> Vec<Outcome<'a>> {
    let plan = items.plan;
    let sequences: Arc<[Vec<Sequence>]> = (0..plan.arms.len()).map(|arm| plan.sequences(arm)).collect();
    let of_drug = |(drug, own): (usize, &'a Drug)| {
        let by_amount = plan.arms.iter().zip(&*sequences).map(|(arm, sequences): (_, &Vec<Sequence>)| {
            let mut doses = sequences[drug].positions.iter().map(|&dose| &arm.doses[dose]);
            doses.any(|dose| dose.is_limited() || dose.dose.is_nan())
        });
        let (sequences, by_amount) = (Arc::clone(&sequences), by_amount.collect());
        Received { items, amounts, sequences, by_amount, drug }.outcomes(own)
    };
    plan.drugs.iter().enumerate().flat_map(of_drug).collect()
}

/// What patients received of a drug.
#[derive(Clone)]
struct Received<'a> {
    items: Items<'a>,
    amounts: Amounts<'a>,
    /// `[arm][drug]`
    sequences: Arc<[Vec<Sequence>]>,
    /// Of each arm, whether amounts are added up, for the doses as numbers are of no use where a patient's amount is
    /// another multiple of each.
    by_amount: Arc<[bool]>,
    drug: usize,
}

impl<'a> Received<'a> {
    fn outcomes(self, drug: &Drug) -> Vec<Outcome<'a>> {
        let items = self.items;
        let is_only = items.plan.drugs.len() == 1;
        let name = |column: &str| if is_only { column.into() } else { columns::of_drug(column, &drug.name) };
        let of = if is_only { String::new() } else { format!(" of {}", drug.name) };
        let meta = |column, meaning: &str| ColumnMeta::new(name(column), format!("{meaning}{of}"), "1");
        let kind = || EndpointKind::Number;
        let received = self.clone();
        let given = move |item| Some(received.given(item).count() as i64);
        let mut outcomes = vec![items.integers(meta(columns::DOSES_GIVEN, "doses given"), kind(), given)];
        if !drug.on_demand {
            let meaning = "amount of all given doses over that of all planned ones";
            let relative_dose = meta(columns::RELATIVE_DOSE, meaning);
            let received = self.clone();
            outcomes.push(items.numbers(relative_dose, kind(), move |item| received.relative_dose(item)));
            let meaning = "amount given per time on treatment over that planned, of the same number of doses";
            let intensity = meta(columns::RELATIVE_DOSE_INTENSITY, meaning);
            outcomes.push(items.numbers(intensity, kind(), move |item| self.relative_dose_intensity(item)));
        }
        outcomes
    }

    fn sequence(&self, item: usize) -> &Sequence {
        &self.sequences[item % self.sequences.len()][self.drug]
    }

    /// What became of the planned doses, and these.
    fn doses(&self, item: usize) -> impl Iterator<Item = (&'a DoseRecord, &'a PlannedDose)> {
        let (records, planned) = (self.items.doses(item), &self.items.arm(item).doses);
        self.sequence(item).positions.iter().map(move |&dose| (&records[dose], &planned[dose]))
    }

    /// Those that were given: their numbers, and when.
    fn given(&self, item: usize) -> impl Iterator<Item = (usize, Ticks)> {
        self.doses(item).enumerate().filter_map(|(number, (record, _))| Some((number, record.given?)))
    }

    /// Amounts given and planned of so many doses, in a unit that all of them share.
    fn sums(&self, item: usize, doses: usize) -> [f64; 2] {
        let Self { items, amounts, .. } = self;
        let (plan, patient) = (items.plan, items.patient(item));
        let by_amount = self.by_amount[item % self.by_amount.len()];
        self.doses(item).take(doses).fold([0.0; 2], |[given, all], (record, dose)| {
            let planned = if by_amount { amounts.planned(plan, dose, patient) } else { dose.dose };
            let relative = || amounts.relative(plan, dose, patient, record.factor);
            let relative = record.given.map_or(0.0, |_| relative());
            [given + relative * planned, all + planned]
        })
    }

    fn relative_dose(&self, item: usize) -> f64 {
        let [given, planned] = self.sums(item, usize::MAX);
        given / planned
    }

    fn relative_dose_intensity(&self, item: usize) -> f64 {
        let mut given = self.given(item);
        let Some((skipped, first)) = given.next() else { return f64::NAN };
        let (last, at) = given.last().unwrap_or((skipped, first));
        let (arm, positions) = (self.items.arm(item), &self.sequence(item).positions);
        let interval = interval(self.items.plan, arm, positions, last);
        let planned = |number: usize| arm.doses[positions[number]].tick;
        let begun = if skipped == 0 { first } else { planned(0).min(first) };
        let taken = at - begun + interval;
        let planned_time = planned(last) - planned(0) + interval;
        let [given, planned] = self.sums(item, last + 1);
        given / planned * (f64::from(planned_time) / f64::from(taken))
    }
}

/// The planned time from a dose to the next.
fn interval(plan: &Plan, arm: &Arm, positions: &[usize], dose: usize) -> Ticks {
    let at = |dose: usize| positions.get(dose).map(|&position| arm.doses[position].tick);
    match (at(dose), at(dose + 1), dose.checked_sub(1).and_then(at)) {
        (Some(this), Some(next), _) => next - this,
        (Some(this), None, Some(before)) => this - before,
        (Some(this), None, None) => plan.end() - this,
        (None, ..) => 0,
    }
}
