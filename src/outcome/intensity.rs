//! How much of the planned doses a patient received, and how fast.
//!
//! Planned amounts are those of each dose, loading doses as they are.
//!
//! - `relative_dose`: the amount of all given doses over that of all planned ones.
//! - `relative_dose_intensity`: the amount given per time on treatment, over the amount planned per time of
//!   as many doses. Time on treatment is from the first given dose to the last, and the planned interval that
//!   follows the last; planned time is the same of the planned doses. The interval after the last planned
//!   dose is the one before it, or of a single dose, the time to the end of the run. It is missing if no dose
//!   was given. So doses that are left out at the end do not lower it; delayed and reduced ones do.
//!
//! Hryniuk and Bush, Journal of Clinical Oncology 2 (1984) 1281-1288, for dose intensity.

use super::distribution::EndpointKind;
use super::items::{Items, Outcome};
use crate::cohort::{Ticks, columns};
use crate::plan::{Arm, Plan};
use crate::table::ColumnMeta;

/// The columns of doses.
pub(super) fn outcomes(items: Items<'_>) -> Vec<Outcome> {
    let kind = || EndpointKind::Number;
    let given = |item| items.doses(item).iter().filter(|dose| dose.given.is_some()).count();
    vec![
        items.integers(ColumnMeta::new(columns::DOSES_GIVEN, "doses given", "1"), kind(), |item| {
            Some(given(item) as i64)
        }),
        items.numbers(
            ColumnMeta::new(
                columns::RELATIVE_DOSE,
                "amount of all given doses over that of all planned ones",
                "1",
            ),
            kind(),
            |item| relative_dose(items, item),
        ),
        items.numbers(
            ColumnMeta::new(
                columns::RELATIVE_DOSE_INTENSITY,
                "amount given per time on treatment over that planned, of the same number of doses",
                "1",
            ),
            kind(),
            |item| relative_dose_intensity(items, item),
        ),
    ]
}

/// Amounts of the given doses and of as many planned ones.
fn amounts(items: Items<'_>, item: usize) -> [f64; 2] {
    let doses = items.doses(item).iter().zip(&items.arm(item).doses);
    doses.filter(|(dose, _)| dose.given.is_some()).fold([0.0; 2], |[given, all], (dose, planned)| {
        [given + dose.factor * planned.dose, all + planned.dose]
    })
}

fn relative_dose(items: Items<'_>, item: usize) -> f64 {
    let planned: f64 = items.arm(item).doses.iter().map(|planned| planned.dose).sum();
    amounts(items, item)[0] / planned
}

fn relative_dose_intensity(items: Items<'_>, item: usize) -> f64 {
    let given = || items.doses(item).iter().filter_map(|dose| dose.given);
    let (Some(first), Some(last)) = (given().next(), given().next_back()) else { return f64::NAN };
    let doses = &items.arm(item).doses;
    let number = given().count();
    let interval = interval(items.plan, items.arm(item), number - 1);
    let taken = last - first + interval;
    let planned_time = doses[number - 1].tick - doses[0].tick + interval;
    let [given, planned] = amounts(items, item);
    given / planned * (f64::from(planned_time) / f64::from(taken))
}

/// The planned time from a dose to the next.
fn interval(plan: &Plan, arm: &Arm, dose: usize) -> Ticks {
    let at = |dose: usize| arm.doses.get(dose).map(|dose| dose.tick);
    match (at(dose), at(dose + 1), dose.checked_sub(1).and_then(at)) {
        (Some(this), Some(next), _) => next - this,
        (Some(this), None, Some(before)) => this - before,
        (Some(this), None, None) => plan.end() - this,
        (None, ..) => 0,
    }
}
