//! The functions that covariate expressions may call, and the names they may use.

use std::collections::HashMap;

use super::{body_size, renal};
use crate::model::expression::Scope;
use crate::model::graph::{Graph, NodeId, Symbol};

/// A function that adds its formula to a graph.
struct Function {
    name: &'static str,
    /// What the arguments mean, in order.
    arguments: &'static [&'static str],
    build: fn(&mut Graph, &[NodeId]) -> NodeId,
}

const FUNCTIONS: [Function; 6] = [
    Function {
        name: "ckd_epi_2021_egfr",
        arguments: &["SCR (mg/dL)", "AGE (years)", "SEXF"],
        build: |graph, a| renal::ckd_epi_2021_egfr(graph, a[0], a[1], a[2]),
    },
    Function {
        name: "ckd_epi_2021_creatinine",
        arguments: &["EGFR (mL/min/1.73 m2)", "AGE (years)", "SEXF"],
        build: |graph, a| renal::ckd_epi_2021_creatinine(graph, a[0], a[1], a[2]),
    },
    Function {
        name: "cockcroft_gault",
        arguments: &["AGE (years)", "WT (kg)", "SCR (mg/dL)", "SEXF"],
        build: |graph, a| renal::cockcroft_gault(graph, a[0], a[1], a[2], a[3]),
    },
    Function {
        name: "bsa_mosteller",
        arguments: &["WT (kg)", "HT (cm)"],
        build: |graph, a| body_size::bsa_mosteller(graph, a[0], a[1]),
    },
    Function {
        name: "bsa_dubois",
        arguments: &["WT (kg)", "HT (cm)"],
        build: |graph, a| body_size::bsa_dubois(graph, a[0], a[1]),
    },
    Function {
        name: "bmi",
        arguments: &["WT (kg)", "HT (cm)"],
        build: |graph, a| body_size::bmi(graph, a[0], a[1]),
    },
];

/// A call of one of the functions of covariates, `None` if there is none of that name.
///
/// # Errors
/// What it takes, if these are not its arguments.
pub fn call(graph: &mut Graph, name: &str, arguments: &[NodeId]) -> Option<Result<NodeId, String>> {
    let function = FUNCTIONS.iter().find(|function| function.name == name)?;
    Some(if arguments.len() == function.arguments.len() {
        Ok((function.build)(graph, arguments))
    } else {
        Err(format!("`{name}` takes {}", function.arguments.join(", ")))
    })
}

/// Names of the functions of covariates.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// The covariates of a cohort: `Symbol::Covariate(i)` is the i-th name, here and in every
/// expression of the population.
pub(super) struct Covariates<'a> {
    pub(super) positions: &'a HashMap<String, usize>,
    /// Labels of the covariate at a position, if it is categorical.
    pub(super) labels: &'a dyn Fn(usize) -> Option<Vec<String>>,
    /// Positions of those that were read as numbers.
    pub(super) numbers: Vec<usize>,
}

impl Scope for Covariates<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let position = *self.positions.get(name)?;
        self.numbers.push(position);
        Some(graph.symbol(Symbol::Covariate(position as u32)))
    }

    fn category(&mut self, graph: &mut Graph, name: &str) -> Option<(NodeId, Vec<String>)> {
        let position = *self.positions.get(name)?;
        let labels = (self.labels)(position)?;
        Some((graph.symbol(Symbol::Covariate(position as u32)), labels))
    }

    fn call(
        &mut self,
        graph: &mut Graph,
        name: &str,
        arguments: &[NodeId],
    ) -> Option<Result<NodeId, String>> {
        call(graph, name, arguments)
    }

    fn known(&self) -> Vec<String> {
        let mut names: Vec<String> = self.positions.keys().cloned().collect();
        names.sort();
        names
    }

    fn absent(&self, _: &str) -> Option<String> {
        let reason = "only covariates of the cohort file can be used here, and it has none";
        self.positions.is_empty().then(|| reason.into())
    }

    fn functions(&self) -> Vec<&'static str> {
        FUNCTIONS.iter().map(|function| function.name).collect()
    }
}
