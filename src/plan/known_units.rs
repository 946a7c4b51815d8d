//! The units of what has a name in a cohort file's expressions.

use crate::cohort::Cohort;
use crate::model::Model;
use crate::model::graph::{Binary, Graph, Node, NodeId, Symbol, Unary};
use crate::population::units;
use crate::unit::{Conversion, Unit};

/// What the names of a cohort file's expressions are in.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The covariates as the cohort file gives them: the model may have them in another unit.
    pub(super) covariates: Vec<NodeId>,
    known: Vec<(NodeId, Unit)>,
    /// Variables that are the same number for everyone. Equal numbers are one node of the graph, whatever they are in, so
    /// that their units go by their names.
    numbers: Vec<(String, Unit)>,
}

impl Units {
    /// The units of everything that has a name.
    pub(super) fn new(cohort: &Cohort, model: &Model, covariates: &[String], graph: &mut Graph) -> Self {
        let mut units = Self::default();
        let stated = |unit: &Option<String>| unit.as_deref().filter(|unit| !unit.is_empty()).map(Unit::parse);
        for variable in &model.variables {
            let unit = stated(&variable.unit);
            if graph.as_constant(variable.node).is_some() {
                units.numbers.extend(unit.map(|unit| (variable.name.clone(), unit)));
            } else {
                units.add(variable.node, unit);
            }
        }
        for (i, state) in (0..).zip(&model.states) {
            let node = graph.symbol(Symbol::State(i));
            units.add(node, stated(&state.unit));
        }
        for residual in &model.residuals {
            let unit = residual.prediction.and_then(|prediction| units.of(prediction).cloned());
            units.add(residual.observed, unit);
        }
        for (i, name) in (0..).zip(covariates) {
            let node = graph.symbol(Symbol::Covariate(i));
            let given = units::given(cohort, name);
            units.add(node, units::taken(model, name).or_else(|| given.clone()));
            // What does not convert is refused where patients are drawn.
            let to_model = units::to_model(cohort, model, name).unwrap_or(Conversion::NONE);
            let own = graph.converted(node, to_model.inverse());
            units.add(own, given);
            units.covariates.push(own);
        }
        units
    }

    fn add(&mut self, node: NodeId, unit: Option<Unit>) {
        self.known.extend(unit.map(|unit| (node, unit)));
    }

    /// The unit that an expression surely has: it is something that has a name, or the larger, the sum or a choice of such.
    /// Of a product nothing is sure, for a number in it may have any unit.
    pub(super) fn surely(&self, graph: &Graph, node: NodeId) -> Option<&Unit> {
        let of_either = |[a, b]: [NodeId; 2]| self.surely(graph, a).or_else(|| self.surely(graph, b));
        self.of(node).or_else(|| match graph.node(node) {
            Node::Binary(Binary::Add | Binary::Sub | Binary::Min | Binary::Max, a, b) => of_either([a, b]),
            Node::Unary(Unary::Negate | Unary::Abs, of) => self.surely(graph, of),
            Node::Select { then, otherwise, .. } => of_either([then, otherwise]),
            _ => None,
        })
    }

    /// The unit of a text and of what was read of it, if it is something that has a name.
    pub(super) fn of_text(&self, text: &str, node: NodeId) -> Option<&Unit> {
        let named = || self.numbers.iter().find(|(name, _)| name == text.trim()).map(|(_, unit)| unit);
        self.of(node).or_else(named)
    }

    /// The unit that a text surely has: see [`Self::surely`].
    pub(super) fn surely_of_text(&self, graph: &Graph, text: &str, node: NodeId) -> Option<&Unit> {
        self.surely(graph, node).or_else(|| self.of_text(text, node))
    }

    /// The unit of an expression, if it is something that has a name, and no number.
    pub(super) fn of(&self, node: NodeId) -> Option<&Unit> {
        self.known.iter().find(|(known, _)| *known == node).map(|(_, unit)| unit)
    }
}
