//! The solution in closed form.

use serde::Serialize;

use crate::engine::method::closed_form::GROWTH;
use crate::engine::program::{self, Lowered};
use crate::model::graph::NodeId;
use crate::plan::Plan;

use super::names::Names;
use super::wgsl::{literal, statements};

/// What the template of the method knows of it.
#[derive(Serialize)]
pub(super) struct ClosedForm {
    lines: Vec<String>,
    /// The first step of a segment, if curves are followed.
    first_step: Option<String>,
    growth: String,
}

impl ClosedForm {
    pub(super) fn new(plan: &Plan, lowered: &Lowered, solution: &program::ClosedForm, names: &Names) -> Self {
        let targets = names.states.iter().map(|name| format!("result.{name}"));
        let value = |i: usize| match solution.added[i] {
            Some(added) if plan.states[i].atol.is_infinite() => added,
            _ => solution.after[i],
        };
        let lines: Vec<(String, NodeId)> = targets.zip((0..plan.states.len()).map(value)).collect();
        let is_followed = !lowered.curves.is_empty();
        let first_step = solution.first_step.filter(|_| is_followed);
        let written = |id| match lowered.graph.as_constant(id) {
            Some(number) => literal(number),
            None => names.vocabulary.leaves[&id].clone(),
        };
        Self {
            lines: statements(&lowered.graph, &names.vocabulary, &lines),
            first_step: first_step.map(written),
            growth: literal(GROWTH),
        }
    }
}
