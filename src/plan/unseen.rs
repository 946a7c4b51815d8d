//! Whether visits see what doses do: a statistic that is read at visits misses a peak that rises and falls between
//! two of them. Where no visit lies between a dose and the next, none can be seen, and the cohort file must say
//! that this is meant.

use std::collections::BTreeSet;

use crate::cohort::{self, Arm, Cohort, Course, ReadOn, Taken, Ticks, quantity};
use crate::diagnostic::Problem;
use crate::model::graph::{NodeId, Symbol};

use super::PlanError;
use super::program::VisitProgram;

impl VisitProgram<'_> {
    /// Refuses a statistic over time of what follows doses where it is read at visits, the file does not say so,
    /// and no visit lies between two doses. `of` is what it reads.
    pub(super) fn refuse_unseen(&mut self, endpoint: &cohort::Endpoint, of: &[NodeId]) {
        let is_over_time = !matches!(endpoint.statistic.of, Taken::At(..));
        if endpoint.is_on_said || endpoint.on != ReadOn::Visits || !is_over_time {
            return;
        }
        let Some([dose, next]) = unseen(self.cohort, endpoint.window) else { return };
        if self.follows_doses(of) {
            let error = PlanError::Unseen {
                of: endpoint.of.value.clone(),
                from: quantity::time_text(dose),
                to: quantity::time_text(next),
                with_error: endpoint.with_error,
            };
            self.problems.push(Problem::at(error, self.cohort.place(&endpoint.of.span)));
        }
    }

    /// Whether expressions depend on states that receive doses, be it through others. What is known at visits
    /// only has no course between them.
    fn follows_doses(&self, of: &[NodeId]) -> bool {
        let into = || self.cohort.regimen.courses().flat_map(|course| &course.into);
        let mut roots = of.to_vec();
        let mut seen = BTreeSet::new();
        while !roots.is_empty() {
            let reachable = self.graph.reachable(&roots);
            roots.clear();
            for symbol in reachable.into_iter().filter_map(|id| self.graph.as_symbol(id)) {
                match symbol {
                    Symbol::Accumulated(_) | Symbol::Treatment(..) => return false,
                    Symbol::State(i) if seen.insert(i) => {
                        roots.extend(self.model.states.get(i as usize).map(|state| state.derivative));
                    }
                    _ => {}
                }
            }
        }
        let dosed = |state: &u32| {
            let name = self.model.states.get(*state as usize).map(|state| &state.name);
            into().any(|into| Some(&into.value) == name)
        };
        seen.iter().any(dosed)
    }
}

/// The first dose within a window that is followed by no visit before the next dose, or before the window's end,
/// and when that is; none where nothing is given.
fn unseen(cohort: &Cohort, [first, last]: [Ticks; 2]) -> Option<[Ticks; 2]> {
    let is_seen =
        |[from, to]: [Ticks; 2]| cohort.visits.times.iter().any(|&visit| from < visit && visit < to);
    let of_arm = |arm: &Arm| {
        let is_given = |course: &&Course| !course.is_nothing();
        let given = arm.courses.iter().filter(is_given).flat_map(|course| course.times.iter().copied());
        let times: BTreeSet<Ticks> = given.collect();
        let ends = times.iter().skip(1).copied().chain([cohort.visits.until]);
        let between = times.iter().zip(ends).map(|(&dose, next)| [dose.max(first), next.min(last)]);
        between.into_iter().find(|&[from, to]| from < to && !is_seen([from, to]))
    };
    cohort.regimen.arms.iter().find_map(of_arm)
}
