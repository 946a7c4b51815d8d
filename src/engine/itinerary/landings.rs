//! The times at which equations switch, among the stops of an itinerary: for engines that do not find them on the way.

use crate::engine::instant::Instant;
use crate::engine::program::Lowered;

use super::{Action, Itinerary, Stop};

/// The most such times that are listed for a patient.
pub(crate) const MOST_LANDINGS: usize = 1024;

impl Itinerary {
    /// The same with a stop at every landing; none if there are more than [`MOST_LANDINGS`], or if they come on the way to
    /// the steady state of an infusion without end, which may be of any length. `columns` hold `[column][row]`, and
    /// `first_row` is the patient's first.
    pub(crate) fn with_landings(
        mut self,
        lowered: &Lowered,
        columns: &[Vec<f64>],
        first_row: usize,
    ) -> Option<Self> {
        if lowered.landings.is_empty() {
            return Some(self);
        }
        let source = Source { lowered, columns, first_row };
        let mut listed = Vec::new();
        let (mut row, mut from) = (0, Instant::START);
        for &Stop { at, action } in &self.stops {
            match action {
                Action::Values(next) => {
                    source.list(self.origin, row, [from, at], &mut listed)?;
                    (row, from) = (next, at);
                }
                Action::Settle(cycle) => {
                    let cycle = &mut self.cycles[cycle];
                    let base = self.origin + at.ticks() * lowered.doses.time_per_tick;
                    let mut own = Vec::new();
                    source.list(base, row, [Instant::START, cycle.length], &mut own)?;
                    if cycle.doubles && source.ever_comes(base, row) {
                        return None;
                    }
                    cycle.stops = merged(own, &cycle.stops);
                }
                _ => {}
            }
        }
        let end = self.stops.last().map_or(Instant::START, |stop| stop.at);
        source.list(self.origin, row, [from, end], &mut listed)?;
        self.stops = merged(listed, &self.stops);
        Some(self)
    }
}

/// Two lists by time, of one time the first before the second.
fn merged(first: Vec<Stop>, second: &[Stop]) -> Vec<Stop> {
    let mut all = [&first[..], second].concat();
    all.sort_by_key(|stop| stop.at);
    all
}

/// What landings come from.
struct Source<'a> {
    lowered: &'a Lowered,
    columns: &'a [Vec<f64>],
    first_row: usize,
}

impl Source<'_> {
    /// Lists the landings after a time, up to another, both counted from `base`, by the individual values of a row.
    fn list(&self, base: f64, row: usize, [from, to]: [Instant; 2], listed: &mut Vec<Stop>) -> Option<()> {
        let time_per_tick = self.lowered.doses.time_per_tick;
        let time = base + from.ticks() * time_per_tick;
        for landing in &self.lowered.landings {
            let coming = landing.coming_from(time, self.columns, self.first_row + row, time_per_tick);
            let mut coming = coming.later(from);
            coming.pass(from);
            while coming.next <= to {
                if listed.len() == MOST_LANDINGS {
                    return None;
                }
                listed.push(Stop { at: coming.next, action: Action::Land { jumps: landing.jumps } });
                coming.pass(coming.next);
            }
        }
        Some(())
    }

    /// Whether any landing comes at a time or later.
    fn ever_comes(&self, time: f64, row: usize) -> bool {
        let time_per_tick = self.lowered.doses.time_per_tick;
        self.lowered.landings.iter().any(|landing| {
            let coming = landing.coming_from(time, self.columns, self.first_row + row, time_per_tick);
            coming.next != Instant::NEVER
        })
    }
}
