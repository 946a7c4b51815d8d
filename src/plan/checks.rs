//! What must be finite: everything that is kept, decided on or followed, and what conditions in it compare.

use crate::cohort::ReadOn;
use crate::model::graph::{NodeId, Symbol};

use super::known::{Known, is_truth};
use super::observation::{During, ObservationWindow, ObservedAt};
use super::program::VisitProgram;
use super::{Accumulator, AccumulatorKind, ObservationTime, ObservedId};

/// Expressions that must be finite whenever they are read; a patient of whom one is not has no outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct FinitenessCheck {
    /// When.
    pub when: ObservationWindow,
    /// Which.
    pub of: Vec<ObservedId>,
}

/// An expression that must be finite.
#[derive(Clone, Copy)]
struct Need {
    of: NodeId,
    /// It need not be where this holds.
    unless: Option<NodeId>,
    when: ObservationWindow,
    /// What needs it.
    subject: ObservedId,
}

impl VisitProgram<'_> {
    /// Everything that must be finite over observation times; `followed` is what time courses hold.
    pub(super) fn checks(
        &mut self,
        times: &[ObservationTime],
        followed: &[ObservedId],
    ) -> Vec<FinitenessCheck> {
        let mut known = Known::default();
        let mut needs: Vec<Need> = Vec::new();
        for reader in self.readers(followed) {
            self.need(&mut known, reader, &mut needs);
        }
        // Windows with the same observations become one.
        for i in 0..needs.len() {
            let same = |need: &&Need| {
                covers(&need.when, &needs[i].when, times) && covers(&needs[i].when, &need.when, times)
            };
            needs[i].when = needs.iter().find(same).map_or(needs[i].when, |need| need.when);
        }
        let is_covered = |need: &Need, by: &Need| {
            by.of == need.of
                && (by.unless.is_none() || by.unless == need.unless)
                && covers(&by.when, &need.when, times)
        };
        // What is needed under no condition, and for long, makes others needless.
        needs.sort_by_key(|need| (need.unless.is_some(), need.when.during));
        let mut kept: Vec<Need> = Vec::new();
        for need in needs {
            if !kept.iter().any(|by| is_covered(&need, by)) {
                kept.retain(|other| !is_covered(other, &need));
                kept.push(need);
            }
        }
        self.observe_needs(kept)
    }

    /// What is read, when, and whether the value itself must be finite.
    fn readers(&self, followed: &[ObservedId]) -> Vec<(ObservedId, ObservationWindow, bool)> {
        let of_accumulator = |a: &Accumulator| {
            (a.of, a.observation(), a.on != ReadOn::Continuous || a.kind == AccumulatorKind::At)
        };
        let accumulated = self.readings.accumulators.iter().map(of_accumulator);
        let visits = |during| ObservationWindow { at: ObservedAt::Visits, window: self.whole(), during };
        let stops = self.protocol.stops.iter().map(|stop| {
            let during = match stop {
                stop if stop.leaves => During::OnStudy,
                stop if stop.at_dose => During::Dosing,
                _ => During::Treatment,
            };
            (stop.when, visits(during), true)
        });
        let holds = self.protocol.holds.iter();
        let holds = holds.flat_map(|hold| [hold.when, hold.again].into_iter().chain(hold.until));
        let changes = self.protocol.changes.iter().map(|change| change.when);
        let skips = self.protocol.skips.iter().map(|skip| skip.when);
        let infusions = self.protocol.infusions.iter().map(|infuse| infuse.when);
        let dosing =
            holds.chain(changes).chain(skips).chain(infusions).map(|of| (of, visits(During::Dosing), true));
        let during = if self.trajectories_on_study() { During::OnStudy } else { During::Run };
        let followed = followed.iter().map(|&of| {
            // Before the first visit after a dose nothing was seen since it.
            let at =
                if self.forgets(of) { ObservedAt::TrajectoriesAtVisits } else { ObservedAt::Trajectories };
            (of, ObservationWindow { at, window: self.whole(), during }, true)
        });
        let demands = self.protocol.demands.iter().map(|demand| (demand.when, visits(During::OnStudy), true));
        accumulated.chain(stops).chain(demands).chain(dosing).chain(followed).collect()
    }

    /// Whether an expression reads what begins anew with each dose.
    fn forgets(&self, observed: ObservedId) -> bool {
        let reachable = self.graph.reachable(&[self.readings.observed[observed.index()]]).into_iter();
        let mut symbols = reachable.filter_map(|id| self.graph.as_symbol(id));
        symbols.any(|symbol| match symbol {
            Symbol::Accumulated(i) => self.readings.accumulators[i as usize].since_dose.is_some(),
            _ => false,
        })
    }

    fn need(
        &mut self,
        known: &mut Known,
        reader: (ObservedId, ObservationWindow, bool),
        needs: &mut Vec<Need>,
    ) {
        let (subject, when, is_value) = reader;
        let root = self.readings.observed[subject.index()];
        let compared = known.needs(&mut self.graph, root);
        let mut always = compared.always;
        if is_value && !is_truth(&self.graph, root) && !known.doubts(&self.graph, root).is_empty() {
            always.insert(root);
        }
        needs.extend(always.into_iter().map(|of| Need { of, unless: None, when, subject }));
        let conditional = compared.unless.into_iter();
        needs.extend(conditional.map(|(of, unless)| Need { of, unless: Some(unless), when, subject }));
    }

    /// Observes what must be finite, by the occasion at which it must be.
    fn observe_needs(&mut self, needs: Vec<Need>) -> Vec<FinitenessCheck> {
        let mut checks: Vec<FinitenessCheck> = Vec::new();
        for Need { of, unless, when, subject } in needs {
            let zero = self.graph.constant(0.0);
            let node = unless.map_or(of, |unless| self.graph.select(unless, zero, of));
            let observed = self.readings.observe_for(node, of, subject);
            let found = checks.iter().position(|check| check.when == when).unwrap_or_else(|| {
                checks.push(FinitenessCheck { when, of: Vec::new() });
                checks.len() - 1
            });
            if !checks[found].of.contains(&observed) {
                checks[found].of.push(observed);
            }
        }
        checks
    }
}

/// Whether what is read on one occasion is always read on another.
fn covers(all: &ObservationWindow, some: &ObservationWindow, times: &[ObservationTime]) -> bool {
    let of_courses = |occasion: &ObservationWindow| {
        matches!(occasion.at, ObservedAt::Trajectories | ObservedAt::TrajectoriesAtVisits)
    };
    all.during <= some.during
        && (!of_courses(all) || of_courses(some))
        && times.iter().all(|point| !some.includes(point) || all.includes(point))
}
