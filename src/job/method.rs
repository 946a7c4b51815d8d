//! The choice of the method of a job, and of the scales of its states: solved for, in typical patients.

use crate::cohort::Ticks;
use crate::diagnostic::{Notice, Problems};
use crate::engine::Individuals;
use crate::engine::between;
use crate::engine::cpu::Isa;
use crate::engine::method::NON_STIFF;
use crate::engine::scale::{self, ScaleNotice};
use crate::engine::stiffness::{self, Choice, Probe, Reason};
use crate::model::State;
use crate::plan::PlannedState;

use super::draft::Draft;

/// How often scales are taken from typical patients, who are solved with them anew.
const SCALINGS: usize = 4;

impl Draft {
    /// Solves typical patients: gives states without a scale of their own one that suits them, and takes the method,
    /// that which the cohort file asks for, else the one that suits the plan. Why it is this one; what visits miss is
    /// noticed.
    ///
    /// # Errors
    /// The records of a data set cannot be read back.
    pub(super) fn solve_for_method(&mut self) -> Result<Reason, Problems> {
        let mut patients = self.sampler.typical_patients(&self.plan.used_covariates());
        let individuals = match self.sampler.data() {
            Some(data) => {
                let ticks = stiffness::times(&self.plan, self.end());
                self.subjects().typical_of_records(data, &mut patients, &ticks)?
            }
            None => self.subjects().values(&mut patients, Isa::baseline())?,
        };
        let probe = self.solve_for_scales(&individuals);
        if let Ok(solved) = &probe {
            self.notices.extend(self.scales(&solved.sizes()[..self.model.states.len()]));
        }
        let choice = match (self.cohort.solver.method, probe) {
            (Some(method), _) => Choice { method, reason: Reason::Asked },
            (None, Ok(solved)) => solved.choice(&patients),
            (None, Err(reason)) => Choice { method: NON_STIFF, reason },
        };
        self.plan.method = choice.method;
        if self.sampler.data().is_none() {
            // The first of the typical patients is at every median.
            self.notices.extend(self.solve_for_missed(&individuals.select(&[0])));
        }
        Ok(choice.reason)
    }

    /// The end of the simulation: of the longest records of a data set.
    fn end(&self) -> Ticks {
        self.cohort.visits.until
    }

    /// Solves patients until every state has a scale that suits how large it becomes.
    fn solve_for_scales(&mut self, individuals: &Individuals) -> Result<Probe, Reason> {
        let mut probe = Probe::solve(&self.plan, self.end(), individuals)?;
        for _ in 0..SCALINGS {
            if !self.rescale(&probe.sizes()[..self.model.states.len()]) {
                break;
            }
            probe = probe.again(&self.plan, self.end(), individuals)?;
        }
        Ok(probe)
    }

    /// Statistics for which nobody says where they are read, and of which visits miss much in a patient, who is solved.
    fn solve_for_missed(&self, typical: &Individuals) -> Vec<Notice> {
        let unsaid = self.cohort.endpoints.iter().filter(|endpoint| !endpoint.is_on_said);
        let names: Vec<&str> = unsaid.clone().map(|endpoint| endpoint.name.value.as_str()).collect();
        let missed = between::missed(&self.plan, &names, typical);
        let place = |name: &str| {
            let endpoint = unsaid.clone().find(|endpoint| endpoint.name.value == name);
            endpoint.map(|endpoint| self.cohort.place(&endpoint.of.span))
        };
        missed.iter().map(|missed| Notice::warning(missed, place(&missed.endpoint))).collect()
    }

    /// Takes the scales of states that nobody gives from how large they become, where their tolerance does not suit
    /// that; whether any changed.
    fn rescale(&mut self, sizes: &[f64]) -> bool {
        let mut changed = false;
        for (i, size) in self.of_model(sizes) {
            let atol = self.cohort.solver.atol * scale::fitting(size);
            if !self.has_scale(i)
                && !scale::suits(self.plan.states[i].atol, size)
                && atol < self.plan.states[i].atol
            {
                self.plan.states[i].atol = atol;
                changed = true;
            }
        }
        changed
    }

    /// Whether the cohort or the model file gives the scale of a state.
    fn has_scale(&self, state: usize) -> bool {
        let State { name, scale, .. } = &self.model.states[state];
        *scale != 1.0 || self.cohort.solver.scale.iter().any(|(given, _)| given.value == *name)
    }

    /// Those of the model's states, which areas may follow.
    fn of_model(&self, sizes: &[f64]) -> Vec<(usize, f64)> {
        sizes.iter().copied().enumerate().take(self.model.states.len()).collect()
    }

    /// What should be known of the scales, states having become so large.
    fn scales(&self, sizes: &[f64]) -> Vec<Notice> {
        let of_state = |(i, largest): (usize, f64)| {
            let PlannedState { name, atol, .. } = &self.plan.states[i];
            let (state, atol) = (name.clone(), *atol);
            let scale = atol / self.cohort.solver.atol;
            if !scale::suits(atol, largest) {
                let said = self.cohort.solver.scale.iter().find(|(given, _)| given.value == *name);
                let place = said.map(|(given, _)| self.cohort.place(&given.span));
                return Some(Notice::warning(&ScaleNotice::TooLarge { state, largest, atol, scale }, place));
            }
            (!self.has_scale(i) && scale != 1.0)
                .then(|| Notice::note(&ScaleNotice::Guessed { state, largest, scale }, None))
        };
        scale::told(self.of_model(sizes).into_iter().filter_map(of_state).collect())
    }
}
