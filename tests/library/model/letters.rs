//! Expressions over five letters, read as a cohort file's are.

use vpop::diagnostic::{Place, Source};
use vpop::model::expression::{Functions, Scope, read};
use vpop::model::graph::{Binary, Graph, NodeId, Symbol};

/// Covariates `a`, `b`, ... in order, and a function `twice`.
pub(crate) struct Letters;

impl Scope for Letters {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let i = "abcde".find(name).filter(|_| name.len() == 1)?;
        Some(graph.symbol(Symbol::Covariate(i as u32)))
    }

    fn known(&self) -> Vec<String> {
        ["a", "b", "c", "d", "e"].map(String::from).into()
    }
}

impl Functions for Letters {
    fn call(
        &mut self,
        graph: &mut Graph,
        name: &str,
        arguments: &[NodeId],
    ) -> Option<Result<NodeId, String>> {
        match (name, arguments) {
            ("twice", &[x]) => Some(Ok(graph.binary(Binary::Add, x, x))),
            ("twice", _) => Some(Err("it doubles one value".into())),
            _ => None,
        }
    }
}

/// Their values.
pub(crate) const LETTERS: [f64; 5] = [2.0, 3.0, 0.5, 0.0, -1.5];

/// The value of an expression with `a = 2, b = 3, c = 0.5, d = 0, e = -1.5` and time 7; the
/// messages if it has none.
pub(crate) fn value(text: &str) -> Result<f64, String> {
    let source = Source::new("cohort.toml", text);
    let place = Place::new(&source, 0..text.len());
    let mut graph = Graph::default();
    let node = read(text, &place, &mut graph, &mut Letters).map_err(|problems| problems.to_string())?;
    Ok(graph.evaluate(&[node], |symbol| match symbol {
        Symbol::Covariate(i) => LETTERS[i as usize],
        _ => 7.0,
    })[0])
}
