//! The names that a cohort file's expressions may use: what the model says of a patient.

use crate::model::Model;
use crate::model::expression::Scope;
use crate::model::graph::{Graph, NodeId, Symbol};

/// Names of the model (assigned names, states, time) and covariates of the cohort.
pub(super) struct ModelScope<'a> {
    pub(super) model: &'a Model,
    /// In `Symbol::Covariate` order.
    pub(super) covariates: &'a [String],
    /// Whether names with a residual line mean the observation instead of the prediction.
    pub(super) with_error: bool,
}

impl Scope for ModelScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        if self.with_error
            && let Some(residual) = self.model.residuals.iter().find(|r| r.name == name)
        {
            return Some(residual.observed);
        }
        if let Some(variable) = self.model.variables.iter().find(|v| v.name == name) {
            return Some(variable.node);
        }
        if let Some(i) = self.model.states.iter().position(|s| s.name == name) {
            return Some(graph.symbol(Symbol::State(i as u32)));
        }
        if let Some(i) = self.covariates.iter().position(|c| c == name) {
            return Some(graph.symbol(Symbol::Covariate(i as u32)));
        }
        matches!(name, "time" | "t").then(|| graph.symbol(Symbol::Time))
    }

    fn known(&self) -> Vec<String> {
        let variables = self.model.variables.iter().map(|v| v.name.clone());
        let states = self.model.states.iter().map(|s| s.name.clone());
        variables.chain(states).chain(self.covariates.iter().cloned()).collect()
    }
}

/// The file's own parameter values, as constants.
pub(super) struct ParameterScope<'a>(pub(super) &'a Model);

impl Scope for ParameterScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let parameter = self.0.parameters.iter().find(|p| p.name == name)?;
        Some(graph.constant(parameter.value))
    }

    fn known(&self) -> Vec<String> {
        self.0.parameters.iter().map(|p| p.name.clone()).collect()
    }
}
