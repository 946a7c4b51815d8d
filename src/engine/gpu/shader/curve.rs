//! What is followed between visits, for the shader.

use serde::Serialize;

use crate::accumulator::{Description, OnCurve, Row, TABLE};
use crate::engine::curve::{BEYOND, CLOSE_F32, MOST_EVALUATIONS, PIECES, WIDTHS_F32};
use crate::engine::program::Lowered;
use crate::model::graph::NodeId;

use super::names::Names;
use super::wgsl::{literal, statements};

/// The curves of a plan, and how they are followed.
#[derive(Serialize)]
pub(super) struct Curves {
    names: Vec<String>,
    /// Their values.
    lines: Vec<String>,
    /// The kinds that take parts of steps.
    parts: Vec<Parts>,
    pieces: usize,
    beyond: String,
    widths: [String; 2],
    evaluations: usize,
    close: String,
}

/// A kind of accumulator that takes parts of steps.
#[derive(Serialize)]
struct Parts {
    name: &'static str,
    /// In capitals, as its constants are called.
    constant: String,
    /// Whether it takes where the curve is as its window begins.
    from_start: bool,
}

impl Parts {
    /// `None` for another kind.
    fn new(description: &Description) -> Option<Self> {
        let OnCurve::Parts(rows) = &description.on_curve else { return None };
        let (name, from_start) = (description.name, rows.position(Row::Last).is_some());
        Some(Self { name, constant: name.to_uppercase(), from_start })
    }
}

impl Curves {
    /// `None` if nothing is followed.
    pub(super) fn new(lowered: &Lowered, names: &Names) -> Option<Self> {
        if lowered.followers.is_empty() {
            return None;
        }
        let targets = names.curves.iter().map(|name| format!("result.{name}"));
        let roots: Vec<(String, NodeId)> = targets.zip(lowered.curves.iter().copied()).collect();
        Some(Self {
            names: names.curves.clone(),
            lines: statements(&lowered.graph, &names.vocabulary, &roots),
            parts: TABLE.iter().filter_map(Parts::new).collect(),
            pieces: PIECES,
            beyond: literal(BEYOND),
            widths: WIDTHS_F32.map(literal),
            evaluations: MOST_EVALUATIONS,
            close: literal(CLOSE_F32),
        })
    }
}
