//! The steady state of a dose that is given again and again: what happens from one dose to the next.

use crate::engine::instant::Instant;
use crate::engine::schedule::DosePart;

use super::{Action, Stop};

/// How long an infusion without end is looked at first, ticks: an hour. Every further time is twice as long.
const FIRST_LOOK: u32 = 3600;

/// What happens from one dose to the next once all of them are alike, counted from when a dose is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cycle {
    /// The time from one dose to the next.
    pub(crate) length: Instant,
    /// Whether it may be twice as long every time: nothing happens in it.
    pub(crate) doubles: bool,
    /// What happens, by time.
    pub(crate) stops: Vec<Stop>,
    /// Whether what it comes to is added to what there is, which it else replaces.
    pub(crate) adds: bool,
}

impl Cycle {
    /// That of a constant rate.
    pub(super) fn without_end(infused: usize, rate: f64, adds: bool) -> Self {
        let stops = vec![Stop { at: Instant::START, action: Action::Rate { infused, rate } }];
        Self { length: Instant::of_tick(FIRST_LOOK), doubles: true, stops, adds }
    }

    /// That of a dose that begins to enter before the next is given.
    pub(super) fn of_dose(state: usize, infused: usize, part: DosePart, length: Instant, adds: bool) -> Self {
        let stops = if part.is_at_once() {
            vec![Stop { at: part.lag, action: Action::Enter { state, amount: part.amount } }]
        } else {
            rates(infused, part, length)
        };
        Self { length, doubles: false, stops, adds }
    }

    /// Adds what equations ask of doses: `asked` says it by the doses that have begun, the last at this model time, from
    /// the beginning of the cycle on and from where the dose begins to enter.
    pub(super) fn ask(&mut self, begins: Option<Instant>, asked: impl Fn(bool) -> Vec<f64>) {
        let later = begins.filter(|&begins| begins > Instant::START);
        let times = [Some((Instant::START, later.is_none())), later.map(|begins| (begins, true))];
        for (at, has_begun) in times.into_iter().flatten() {
            let values = asked(has_begun).into_iter().enumerate();
            self.stops.extend(
                values.map(|(position, value)| Stop { at, action: Action::Asked { position, value } }),
            );
        }
        // Of one time, what is asked comes last.
        self.stops.sort_by_key(|stop| stop.at);
    }
}

/// The rates over a cycle of infusions that may outlast it.
fn rates(infused: usize, part: DosePart, length: Instant) -> Vec<Stop> {
    let (whole, rest) = part.duration.divided_by(length);
    // Of the infusion that lasts for a part of the cycle; it may go on in the next.
    let ends = part.lag.later(rest);
    let wraps = ends.minus(length).filter(|over| *over > Instant::START);
    let rate_at = |at: Instant| {
        let runs = (part.lag <= at && at < ends) || wraps.is_some_and(|until| at < until);
        part.amount * (whole as f64 + f64::from(u8::from(runs)))
    };
    let mut times = vec![Instant::START, part.lag, wraps.unwrap_or(ends)];
    times.retain(|&time| time < length);
    times.sort();
    times.dedup();
    times.into_iter().map(|at| Stop { at, action: Action::Rate { infused, rate: rate_at(at) } }).collect()
}
