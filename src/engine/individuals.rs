//! Individual values: the plan's slots for each patient.

use std::collections::HashMap;

use crate::model::graph::{Graph, Node, Symbol};
use crate::plan::Plan;
use crate::population::Patients;

use super::Individuals;
use super::cpu::Isa;
use super::cpu::columns::Columns;
use super::program::rebuild;

/// Computes the plan's slots from covariates, random effects and parameters, in f64.
///
/// `residuals` is empty and no time course is kept: both are the caller's to fill in.
pub fn individuals(plan: &Plan, patients: &Patients, isa: Isa) -> Individuals {
    let mut graph = Graph::default();
    let roots = rebuild(&plan.graph, &plan.slots, &mut graph, &mut HashMap::new(), |target, id| {
        match plan.graph.node(id) {
            Node::Symbol(Symbol::Parameter(i)) => Some(target.constant(plan.parameters[i as usize])),
            _ => None,
        }
    });
    let (inputs, columns): (Vec<_>, Vec<&[f64]>) = graph
        .leaves(&roots, |_| false)
        .into_iter()
        .filter_map(|id| match graph.node(id) {
            Node::Symbol(Symbol::Covariate(i)) => Some((id, patients.covariates[i as usize].as_slice())),
            Node::Symbol(Symbol::Effect(i)) => Some((id, patients.effects[i as usize].as_slice())),
            _ => None,
        })
        .unzip();
    let slots = Columns::new(&graph, &inputs, &roots).run(isa, &columns, 0..patients.count);
    Individuals {
        count: patients.count,
        slots,
        residuals: Vec::new(),
        trajectories: 0,
        fixed_doses: None,
        longest_steps: None,
    }
}

impl Individuals {
    /// Some of the patients, by their positions. Time courses are kept for none of them.
    pub fn select(&self, patients: &[usize]) -> Self {
        let slots = self.slots.iter().map(|slot| patients.iter().map(|&p| slot[p]).collect());
        Self {
            count: patients.len(),
            slots: slots.collect(),
            residuals: self.rows(&self.residuals, patients),
            trajectories: 0,
            fixed_doses: self.fixed_doses.as_deref().map(|doses| self.rows(doses, patients)),
            longest_steps: self.longest_steps.as_deref().map(|steps| self.rows(steps, patients)),
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

    /// Those of some patients of values that every patient has as many of.
    fn rows<V: Copy>(&self, values: &[V], patients: &[usize]) -> Vec<V> {
        let width = values.len() / self.count.max(1);
        patients.iter().flat_map(|&p| &values[p * width..(p + 1) * width]).copied().collect()
    }
}
