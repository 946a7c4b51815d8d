//! The choice of the method of a job, and of the scales of its states: solved for, in typical patients.

use thiserror::Error;

use crate::cohort::Ticks;
use crate::diagnostic::{Cause, Notice, Problem, Problems};
use crate::engine::between;
use crate::engine::cpu::Isa;
use crate::engine::method::NON_STIFF;
use crate::engine::method::closed_form::{MOST_COUPLED, MOST_STATES};
use crate::engine::pilot::{self, Choice, Reason};
use crate::engine::program::closed_form::{self, NotClosed};
use crate::engine::scale::{self, ScaleNotice};
use crate::engine::sizes::{self, Probe};
use crate::engine::{EngineError, Individuals};
use crate::model::State;
use crate::plan::{Method, Plan, PlannedState};

use super::draft::Draft;

/// How often scales are taken from typical patients, who are solved with them anew.
const SCALINGS: usize = 4;

/// Equations that `closed_form` does not solve.
#[derive(Debug, Error)]
pub enum ClosedFormError {
    /// A rate of change is of another form.
    #[error(
        "`closed_form` does not solve this model: the rate of change of `{state}` is not a sum of states times constants"
    )]
    NotLinear {
        /// The state.
        state: String,
    },
    /// Too many states act on others.
    #[error(
        "`closed_form` does not solve this model: {states} states act on others or on themselves, and it knows up to {MOST_STATES}"
    )]
    TooMany {
        /// How many.
        states: usize,
    },
    /// Too many states act on each other.
    #[error(
        "`closed_form` does not solve this model: `{state}` is one of {states} states that act on each other, and it knows up to {MOST_COUPLED}"
    )]
    Coupled {
        /// The first of them.
        state: String,
        /// How many.
        states: usize,
    },
    /// Three states act on each other in a circle.
    #[error(
        "`closed_form` does not solve this model: `{state}` is one of three states that act on each other in a circle"
    )]
    Circle {
        /// The first of them.
        state: String,
    },
}

impl Cause for ClosedFormError {
    fn help(&self) -> Option<String> {
        Some(
            "it is for linear equations whose rates are constant in a patient, as those of `linCmt()`; leave `method` \
             out to have the others integrated"
                .into(),
        )
    }
}

impl Draft {
    /// Whether the method that the cohort file asks for is one of these equations.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn check_method(&self) -> Result<(), Problems> {
        let Some(asked) =
            self.cohort.solver.method.as_ref().filter(|asked| asked.value == Method::ClosedForm)
        else {
            return Ok(());
        };
        let state = |state: usize| self.plan.states[state].name.clone();
        let cause = match closed_form::check(&self.plan) {
            Ok(()) => return Ok(()),
            Err(NotClosed::NotLinear { state: i }) => ClosedFormError::NotLinear { state: state(i) },
            Err(NotClosed::TooMany { states }) => ClosedFormError::TooMany { states },
            Err(NotClosed::Coupled { state: i, states }) => {
                ClosedFormError::Coupled { state: state(i), states }
            }
            Err(NotClosed::Circle { state: i }) => ClosedFormError::Circle { state: state(i) },
        };
        Err(Problems(vec![Problem::at(cause, self.cohort.place(&asked.span))]))
    }

    /// Solves typical patients with an instruction set and gives states without a scale of their own one that suits them;
    /// then takes the method, that which the cohort file asks for, else the one that is the least work in the first
    /// patients. What visits miss is noticed.
    ///
    /// # Errors
    /// The records of a data set cannot be read back.
    pub(super) fn solve_for_method(&mut self, isa: Isa) -> Result<Choice, Problems> {
        let mut patients = self.sampler.typical_patients(&self.plan.used_covariates());
        let individuals = match self.sampler.data() {
            Some(data) => {
                let ticks = sizes::times(&self.plan, self.end());
                self.subjects().typical_of_records(data, &mut patients, &ticks)?
            }
            None => self.subjects().values(&mut patients, isa)?,
        };
        if let Ok(sizes) = self.solve_for_scales(&individuals, isa) {
            self.notices.extend(self.scales(&sizes));
        }
        let choice = match &self.cohort.solver.method {
            Some(asked) => Choice::untried(asked.value, Reason::Asked),
            None => match self.pilot(isa) {
                Ok(pilot) => pilot::choose(&self.plan, &pilot, isa),
                // That patients cannot be drawn is said where they are needed.
                Err(_) => Choice::untried(NON_STIFF, Reason::Unknown),
            },
        };
        (self.plan.method, self.plan.switch_after) = (choice.method, choice.switch_after);
        if self.sampler.data().is_none() {
            // The first of the typical patients is at every median.
            self.notices.extend(self.solve_for_missed(&individuals.select(&[0]), isa));
        }
        Ok(choice)
    }

    /// The first patients of the population, whatever share of it is run, and however many of them: rows of a table and
    /// individuals of a data set apart, of whom no more are there.
    fn pilot(&self, isa: Isa) -> Result<Individuals, Problems> {
        let count = pilot::patients(self.plan.arms.len());
        let count = if self.sampler.is_endless() { count } else { count.min(self.cohort.patients) };
        let mut patients = self.sampler.sample(0..count)?;
        let individuals = self.subjects().values(&mut patients, isa)?;
        Ok(Individuals { trajectories: 0, ..individuals })
    }

    /// The end of the simulation: of the longest records of a data set.
    fn end(&self) -> Ticks {
        self.cohort.visits.until
    }

    /// Solves patients until every state has a scale that suits how large it becomes: those sizes. The first is solved
    /// alone where that tells that the scales suit: states become as large in the others together as in one.
    fn solve_for_scales(&mut self, individuals: &Individuals, isa: Isa) -> Result<Vec<f64>, EngineError> {
        let (end, states) = (self.end(), self.model.states.len());
        let mut probe = Probe::new(&self.plan, end, isa)?;
        // Areas may follow.
        let mut sizes = |plan: &Plan, individuals: &Individuals| {
            probe.sizes(plan, end, individuals).map(|sizes| sizes[..states].to_vec())
        };
        let of_first = sizes(&self.plan, &individuals.select(&[0]))?;
        let suits = |(state, &size): (&PlannedState, &f64)| size > 0.0 && scale::suits(state.atol, size);
        if self.plan.states.iter().zip(&of_first).all(suits) {
            return Ok(of_first);
        }
        let mut found = sizes(&self.plan, individuals)?;
        for _ in 0..SCALINGS {
            if !self.rescale(&found) {
                break;
            }
            found = sizes(&self.plan, individuals)?;
        }
        Ok(found)
    }

    /// Statistics for which nobody says where they are read, and of which visits miss much in a patient, who is solved.
    fn solve_for_missed(&self, typical: &Individuals, isa: Isa) -> Vec<Notice> {
        let unsaid = self.cohort.endpoints.iter().filter(|endpoint| !endpoint.is_on_said);
        let names: Vec<&str> = unsaid.clone().map(|endpoint| endpoint.name.value.as_str()).collect();
        let missed = between::missed(&self.plan, &names, typical, isa);
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
        for (i, &size) in sizes.iter().enumerate() {
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

    /// What should be known of the scales, states having become so large.
    fn scales(&self, sizes: &[f64]) -> Vec<Notice> {
        let of_state = |(i, &largest): (usize, &f64)| {
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
        scale::told(sizes.iter().enumerate().filter_map(of_state).collect())
    }
}
