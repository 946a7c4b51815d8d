//! What is followed between visits, for the shader.

use serde::Serialize;

use crate::engine::curve::{BEYOND, CLOSE_F32, MOST_EVALUATIONS, PIECES, WIDTHS_F32};
use crate::engine::program::Lowered;
use crate::model::graph::NodeId;

use super::super::followers::{self, Kinds};
use super::names::Names;
use super::wgsl::{literal, statements};

/// The curves of a plan, and how they are followed.
#[derive(Serialize)]
pub(super) struct Curves {
    names: Vec<String>,
    /// Their values.
    lines: Vec<String>,
    kinds: Kinds,
    pieces: usize,
    beyond: String,
    widths: [String; 2],
    evaluations: usize,
    close: String,
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
            kinds: followers::KINDS,
            pieces: PIECES,
            beyond: literal(BEYOND),
            widths: WIDTHS_F32.map(literal),
            evaluations: MOST_EVALUATIONS,
            close: literal(CLOSE_F32),
        })
    }
}
