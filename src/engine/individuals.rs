//! Individual values: the plan's slots for each patient.

use std::ops::Range;

use crate::hash::HashMap;
use crate::model::graph::{Graph, Node, Symbol};
use crate::plan::Plan;
use crate::population::Patients;

use super::cpu::Isa;
use super::cpu::columns::Columns;
use super::program::rebuild;
use super::record_rows::RecordedPatients;
use super::{Individuals, Solution};

/// Computes the plan's slots from covariates, random effects and parameters, in f64.
///
/// `residuals` is empty and no time course is kept: both are the caller's to fill in.
pub fn individuals(plan: &Plan, patients: &Patients, isa: Isa) -> Individuals {
    let slots = slots(plan, &patients.covariates, &patients.effects, patients.count, isa);
    with_slots(patients.count, slots)
}

/// `[slot][row]` from `[covariate][row]` and `[effect][row]`.
fn slots<C: AsRef<[f64]>, E: AsRef<[f64]>>(
    plan: &Plan,
    covariates: &[C],
    effects: &[E],
    rows: usize,
    isa: Isa,
) -> Vec<Vec<f64>> {
    let mut graph = Graph::default();
    let roots =
        rebuild(&plan.graph, &plan.slots, &mut graph, &mut HashMap::default(), |target, id| {
            match plan.graph.node(id) {
                Node::Symbol(Symbol::Parameter(i)) => Some(target.constant(plan.parameters[i as usize])),
                _ => None,
            }
        });
    let (inputs, columns): (Vec<_>, Vec<&[f64]>) = graph
        .leaves(&roots, |_| false)
        .into_iter()
        .filter_map(|id| match graph.node(id) {
            Node::Symbol(Symbol::Covariate(i)) => Some((id, covariates[i as usize].as_ref())),
            Node::Symbol(Symbol::Effect(i)) => Some((id, effects[i as usize].as_ref())),
            _ => None,
        })
        .unzip();
    Columns::new(&graph, &inputs, &roots).run(isa, &columns, 0..rows)
}

/// Computes the plan's slots of patients of a data set, whose covariates, and random effects of occasions, may change
/// from record to record.
///
/// `residuals` is empty: it is the caller's to fill in.
pub fn recorded(plan: &Plan, patients: &RecordedPatients<'_>, isa: Isa) -> Individuals {
    let (records, covariates, effects) = patients.rows(plan);
    let count = patients.subjects.len();
    let rows = records.rows(0..count).len();
    let slots = slots(plan, &covariates, &effects, rows, isa);
    Individuals { records: Some(records), ..with_slots(count, slots) }
}

fn with_slots(count: usize, slots: Vec<Vec<f64>>) -> Individuals {
    Individuals {
        count,
        slots,
        residuals: Vec::new(),
        trajectories: 0,
        fixed_doses: None,
        longest_steps: None,
        left_out: None,
        records: None,
    }
}

impl Individuals {
    /// A slot of each patient: of patients of a data set, at their first records.
    pub fn at_first(&self, slot: usize) -> Vec<f64> {
        let values = &self.slots[slot];
        match &self.records {
            Some(records) => (0..self.count).map(|p| values[records.rows(p..p + 1).start]).collect(),
            None => values.clone(),
        }
    }

    /// Whether doses are given in place of those that the protocol decides on.
    pub(crate) fn has_fixed_doses(&self) -> bool {
        self.fixed_doses.as_ref().is_some_and(|doses| !doses.is_empty())
    }

    /// Some of the patients, by their positions. Time courses are kept for none of them.
    pub fn select(&self, patients: &[usize]) -> Self {
        let rows: Vec<usize> = patients.iter().flat_map(|&p| self.rows_of(p..p + 1)).collect();
        let slots = self.slots.iter().map(|slot| rows.iter().map(|&row| slot[row]).collect());
        Self {
            count: patients.len(),
            slots: slots.collect(),
            residuals: self.scores(patients),
            trajectories: 0,
            fixed_doses: self.fixed_doses.as_deref().map(|doses| self.rows(doses, patients)),
            longest_steps: self.longest_steps.as_deref().map(|steps| self.rows(steps, patients)),
            left_out: self.left_out.as_deref().map(|items| self.rows(items, patients)),
            records: self.records.as_ref().map(|records| records.select(patients)),
        }
    }

    /// The first so many patients, and the rest.
    #[cfg(feature = "gpu")]
    pub(crate) fn split(&self, at: usize) -> [Self; 2] {
        let (first, rest): (Vec<usize>, Vec<usize>) = (0..self.count).partition(|&patient| patient < at);
        let followed = self.trajectories.min(at);
        [
            Self { trajectories: followed, ..self.select(&first) },
            Self { trajectories: self.trajectories - followed, ..self.select(&rest) },
        ]
    }

    /// Where the individual values of consecutive patients are.
    pub(crate) fn rows_of(&self, patients: Range<usize>) -> Range<usize> {
        match &self.records {
            Some(records) => records.rows(patients),
            None => patients,
        }
    }

    /// Where the time course of an item is in a solution of these patients.
    pub(crate) fn course(&self, solution: &Solution, item: usize) -> Range<usize> {
        let values = solution.trajectories.len();
        match &self.records {
            Some(records) => {
                let observables = values / records.readings(0..self.count).len().max(1);
                let Range { start, end } = records.readings(item..item + 1);
                start * observables..end * observables
            }
            None => {
                let arms = solution.status.len() / self.count.max(1);
                let course = values / (self.trajectories * arms).max(1);
                item * course..(item + 1) * course
            }
        }
    }

    /// The residual scores of some patients.
    fn scores(&self, patients: &[usize]) -> Vec<f64> {
        let Some(records) = &self.records else { return self.rows(&self.residuals, patients) };
        let lines = self.residuals.len() / records.readings(0..self.count).len().max(1);
        let readings = patients.iter().flat_map(|&p| records.readings(p..p + 1));
        readings
            .flat_map(|reading| &self.residuals[reading * lines..(reading + 1) * lines])
            .copied()
            .collect()
    }

    /// Those of some patients of values that every patient has as many of.
    fn rows<V: Copy>(&self, values: &[V], patients: &[usize]) -> Vec<V> {
        let width = values.len() / self.count.max(1);
        patients.iter().flat_map(|&p| &values[p * width..(p + 1) * width]).copied().collect()
    }
}
