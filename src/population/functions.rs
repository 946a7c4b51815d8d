//! The functions that covariate expressions may call, and the names they may use.

use std::collections::HashMap;

use super::{body_size, renal, units};
use crate::model::expression::{Functions, Scope};
use crate::model::graph::{Graph, NodeId, Symbol};
use crate::unit::Unit;

/// A function that adds its formula to a graph.
struct Function {
    name: &'static str,
    /// What the arguments mean, and their units, in order.
    arguments: &'static [(&'static str, &'static str)],
    /// Unit of its value.
    unit: &'static str,
    build: fn(&mut Graph, &[NodeId]) -> NodeId,
}

/// Arguments with their units.
const SCR: (&str, &str) = ("SCR", "mg/dL");
const AGE: (&str, &str) = ("AGE", "year");
const SEXF: (&str, &str) = ("SEXF", "1");
const WT: (&str, &str) = ("WT", "kg");
const HT: (&str, &str) = ("HT", "cm");

const FUNCTIONS: [Function; 6] = [
    Function {
        name: "ckd_epi_2021_egfr",
        arguments: &[SCR, AGE, SEXF],
        unit: "mL/min/1.73 m2",
        build: |graph, a| renal::ckd_epi_2021_egfr(graph, a[0], a[1], a[2]),
    },
    Function {
        name: "ckd_epi_2021_creatinine",
        arguments: &[("EGFR", "mL/min/1.73 m2"), AGE, SEXF],
        unit: "mg/dL",
        build: |graph, a| renal::ckd_epi_2021_creatinine(graph, a[0], a[1], a[2]),
    },
    Function {
        name: "cockcroft_gault",
        arguments: &[AGE, WT, SCR, SEXF],
        unit: "mL/min",
        build: |graph, a| renal::cockcroft_gault(graph, a[0], a[1], a[2], a[3]),
    },
    Function {
        name: "bsa_mosteller",
        arguments: &[WT, HT],
        unit: "m2",
        build: |graph, a| body_size::bsa_mosteller(graph, a[0], a[1]),
    },
    Function {
        name: "bsa_dubois",
        arguments: &[WT, HT],
        unit: "m2",
        build: |graph, a| body_size::bsa_dubois(graph, a[0], a[1]),
    },
    Function {
        name: "bmi",
        arguments: &[WT, HT],
        unit: "kg/m2",
        build: |graph, a| body_size::bmi(graph, a[0], a[1]),
    },
];

/// A call of one of the functions of covariates, `None` if there is none of that name. An argument whose unit
/// is known is converted to the one that the function takes; else it is in that one already.
///
/// # Errors
/// What it takes, if these are not its arguments, or one of them is of another kind.
pub(crate) fn call(
    graph: &mut Graph,
    name: &str,
    arguments: &[NodeId],
    unit_of: &dyn Fn(&Graph, NodeId) -> Option<Unit>,
) -> Option<Result<NodeId, String>> {
    let function = FUNCTIONS.iter().find(|function| function.name == name)?;
    if arguments.len() != function.arguments.len() {
        let takes: Vec<String> =
            function.arguments.iter().map(|(argument, unit)| format!("{argument} ({unit})")).collect();
        return Some(Err(format!("`{name}` takes {}", takes.join(", "))));
    }
    let converted = arguments.iter().zip(function.arguments).map(|(&given, &(argument, unit))| {
        let Some(of) = unit_of(graph, given) else { return Ok(given) };
        let conversion = units::between(&of, &Unit::parse(unit), argument).ok_or_else(|| {
            format!(
                "`{name}` takes {argument} in {unit}, and what is given is in {of}, which is of another kind"
            )
        })?;
        Ok(graph.converted(given, conversion))
    });
    let converted: Result<Vec<NodeId>, String> = converted.collect();
    Some(converted.map(|arguments| (function.build)(graph, &arguments)))
}

/// The unit of the value of a function of covariates.
pub(super) fn unit(name: &str) -> Option<Unit> {
    FUNCTIONS.iter().find(|function| function.name == name).map(|function| Unit::parse(function.unit))
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
    /// As the cohort file gives them, by position.
    pub(super) units: &'a [Option<Unit>],
}

impl Scope for Covariates<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let position = *self.positions.get(name)?;
        self.numbers.push(position);
        Some(graph.symbol(Symbol::Covariate(position as u32)))
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
}

impl Functions for Covariates<'_> {
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
        let unit_of = |graph: &Graph, node: NodeId| match graph.as_symbol(node)? {
            Symbol::Covariate(position) => self.units.get(position as usize)?.clone(),
            _ => None,
        };
        call(graph, name, arguments, &unit_of)
    }

    fn functions(&self) -> Vec<&'static str> {
        FUNCTIONS.iter().map(|function| function.name).collect()
    }
}
