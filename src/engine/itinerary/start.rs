//! The steady state in which a patient of a cohort begins: what happens before time 0, and what is left of it then.

use crate::engine::instant::Instant;
use crate::engine::schedule::{BadDose, Before, Beginning, Carried, Doses, planned_part};
use crate::engine::value::Value;
use crate::model::graph::{DoseValue, Dosed};

use super::build::answer;
use super::cycle::InCycle;
use super::{Action, Cycle, Itinerary, Stop};

/// Infusions of one dose that may run side by side: one that takes longer has no steady state that could be followed.
const MOST_SIDE_BY_SIDE: u64 = 1000;

/// How a patient comes to time 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Start {
    /// Before it: the way to the steady state.
    pub(crate) itinerary: Itinerary,
    /// What is left of the doses before it.
    pub(crate) before: Before,
}

/// The start of a patient in an arm, if it is at steady state; `columns` hold `[column][patient]`.
///
/// # Errors
/// A dose whose amount, bioavailability, lag, duration or rate is none, or that lasts for a thousand periods; one that
/// begins to enter only after the last of a period, where equations ask for doses.
pub(crate) fn start(
    doses: &Doses,
    arm: usize,
    columns: &[Vec<f64>],
    patient: usize,
) -> Result<Option<Start>, BadDose> {
    let Some(steady) = &doses.steady[arm] else { return Ok(None) };
    let length = Instant::of_tick(steady.period);
    let mut given = Vec::new();
    for planned in &steady.doses {
        let own = planned.own(columns, patient)?;
        let amount = own.whole();
        for route in &doses.routes[doses.administrations[planned.administration].clone()] {
            let of = |value: Value| value.of(columns, patient);
            let part = planned_part(route, amount, doses.time_per_tick, of)?;
            if part.duration.divided_by(length).0 >= MOST_SIDE_BY_SIDE {
                return Err(BadDose);
            }
            let (given_at, state, infused) = (Instant::of_tick(planned.tick), route.state, route.infused);
            given.push((amount, InCycle { given: given_at, state, infused, part }));
        }
    }
    let of_cycle: Vec<InCycle> = given.iter().map(|(_, dose)| *dose).collect();
    let mut cycle = Cycle::of_doses(&of_cycle, length, false);
    let mut before = Before {
        carried: of_cycle.iter().flat_map(|dose| carried(dose, length)).collect(),
        ..Before::default()
    };
    if !doses.asked.is_empty() {
        let series = Series { doses, given: &given, length };
        let begins: Vec<Instant> = of_cycle.iter().map(InCycle::begins_after).collect();
        if begins.iter().any(|begins| *begins >= length) {
            return Err(BadDose);
        }
        cycle.ask(&begins, |at| doses.asked.iter().map(|&asked| series.answer(at, asked)).collect());
        before.begun = series.begun(length);
        // Those of the cycle that has just ended.
        let cycle_time = length.ticks() * doses.time_per_tick;
        before.begun.iter_mut().for_each(|begun| begun.time -= cycle_time);
    }
    let stops = vec![Stop { at: Instant::START, action: Action::Settle(0) }];
    let itinerary = Itinerary { origin: 0.0, end: Instant::START, stops, cycles: vec![cycle] };
    Ok(Some(Start { itinerary, before }))
}

/// What enters from time 0 on of a dose of every cycle before.
fn carried(dose: &InCycle, length: Instant) -> Vec<Carried> {
    let InCycle { state, infused, part, .. } = *dose;
    let mut carried = Vec::new();
    let mut begins = dose.begins_after();
    let mut ends = begins.later(part.duration);
    // From one cycle to the one before, until it has entered.
    while let Some(end) = ends.minus(length).filter(|end| *end > Instant::START || part.is_at_once()) {
        ends = end;
        // One that began before goes on.
        begins = begins.minus(length).unwrap_or(Instant::START);
        carried.push(Carried { state, infused, begins, ends, amount: part.amount });
    }
    carried
}

/// Doses that come again in every cycle, with their amounts, as equations ask for them.
struct Series<'a> {
    doses: &'a Doses,
    given: &'a [(f64, InCycle)],
    length: Instant,
}

impl Series<'_> {
    /// The last to begin by a time in the cycle, by time.
    fn begun(&self, at: Instant) -> Vec<Beginning> {
        let time = |begins: Instant| begins.ticks() * self.doses.time_per_tick;
        let beginning = |(amount, dose): &(f64, InCycle)| {
            let begins = dose.begins_after();
            let of_cycle_before = if begins > at { time(self.length) } else { 0.0 };
            let time = time(begins) - of_cycle_before;
            Beginning { known: Instant::START, time, state: dose.state, amount: *amount }
        };
        let mut begun: Vec<Beginning> = self.given.iter().map(beginning).collect();
        begun.sort_by(|a, b| a.time.total_cmp(&b.time));
        begun
    }

    /// What equations ask, at a time in the cycle: the doses before count as one.
    fn answer(&self, at: Instant, asked: (DoseValue, Dosed)) -> f64 {
        let mut begun = self.begun(at);
        begun.retain(|begun| asked.1.is_into(begun.state));
        answer(&begun[begun.len().saturating_sub(1)..], asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::schedule::DosePart;

    fn dose(given: f64, lag: f64, duration: f64) -> InCycle {
        let [given, lag, duration] = [given, lag, duration].map(hours);
        InCycle { given, state: 2, infused: 1, part: DosePart { lag, duration, amount: 5.0 } }
    }

    fn hours(hours: f64) -> Instant {
        Instant::of_ticks(3600.0 * hours).unwrap_or_default()
    }

    /// Begin and end, hours.
    fn left(given: f64, lag: f64, duration: f64) -> Vec<[f64; 2]> {
        let carried = carried(&dose(given, lag, duration), hours(24.0));
        carried.iter().map(|of| [of.begins, of.ends].map(|at| at.ticks() / 3600.0)).collect()
    }

    #[test]
    fn what_is_left_of_doses_before_enters_later() {
        assert_eq!(left(0.0, 0.0, 24.0), Vec::<[f64; 2]>::new());
        assert_eq!(left(0.0, 0.0, 60.0), [[0.0, 36.0], [0.0, 12.0]]);
        assert_eq!(left(12.0, 0.0, 18.0), [[0.0, 6.0]]);
        assert_eq!(left(12.0, 13.0, 0.0), [[1.0, 1.0]]);
        assert_eq!(left(12.0, 11.0, 0.0), Vec::<[f64; 2]>::new());
        assert_eq!(left(0.0, 24.0, 0.0), [[0.0, 0.0]]);
        assert_eq!(left(0.0, 50.0, 3.0), [[26.0, 29.0], [2.0, 5.0]]);
    }
}
