//! The linear systems of an implicit method.

use serde::Serialize;

use crate::engine::method::Rosenbrock;
use crate::engine::program::{self, Lowered};
use crate::engine::sparse_lu::most_growth;
use crate::model::graph::NodeId;

use super::names::Names;
use super::wgsl::{literal, literals, statements};

/// What the template of the method knows of it.
#[derive(Serialize)]
pub(super) struct Implicit {
    /// Names of what a factorisation keeps.
    factors: Vec<String>,
    linearise: Vec<String>,
    solve: Vec<String>,
    solve_stage: Vec<String>,
    /// One over the diagonal of the method.
    per_gamma: String,
    stages: Vec<Stage>,
    /// Weights of every `U` in the change of a state.
    solution: Vec<String>,
    /// Of each `U`: its weight in the change of a state, and in the three terms that correct it.
    interpolant: Vec<[String; 4]>,
    slope_weights: Vec<String>,
    most_growth: String,
}

/// One stage.
#[derive(Serialize)]
struct Stage {
    node: String,
    /// Weights of the earlier stages in its state; none where that is the state of the stage before plus
    /// its `U`.
    weights: Vec<String>,
    /// Whether it needs every state, for the solution goes on from there.
    whole: bool,
    coupling: Vec<String>,
    /// Weight of the derivative by time, if it has one.
    slope: Option<String>,
}

impl Implicit {
    pub(super) fn new(
        lowered: &Lowered,
        implicit: &program::Implicit,
        tableau: &Rosenbrock,
        names: &Names,
    ) -> Self {
        let solution: Vec<f64> = (0..tableau.stages()).map(|stage| tableau.solution(stage)).collect();
        let written = |roots: &[(String, NodeId)]| statements(&lowered.graph, &names.vocabulary, roots);
        let of_states = |variable: &str, roots: &[NodeId]| -> Vec<(String, NodeId)> {
            let targets = names.states.iter().map(|name| format!("{variable}.{name}"));
            targets.zip(roots.iter().copied()).collect()
        };
        let factorisation = &implicit.factorisation;
        let factors: Vec<String> = (0..factorisation.kept.len()).map(|i| format!("f{i}")).collect();
        let mut start = of_states("k1", &lowered.derivatives);
        start.extend(factors.iter().map(|name| format!("factors.{name}")).zip(factorisation.kept.clone()));
        start.push(("growth".into(), factorisation.growth));
        let slopes = names.states.iter().zip(&implicit.jacobian.time);
        start.extend(slopes.filter_map(|(name, slope)| Some((format!("slope.{name}"), (*slope)?))));
        Self {
            factors,
            linearise: written(&start),
            solve: written(&of_states("result", &implicit.solve)),
            solve_stage: written(&of_states("result", &implicit.stage)),
            per_gamma: literal(1.0 / tableau.gamma),
            stages: (0..tableau.stages()).map(|stage| Stage::new(tableau, stage)).collect(),
            solution: literals(&solution),
            interpolant: (0..tableau.stages())
                .map(|j| {
                    let [first, second, third] = tableau.interpolant.map(|row| row[j]);
                    [solution[j], first, second, third].map(literal)
                })
                .collect(),
            slope_weights: literals(tableau.d),
            most_growth: literal(most_growth(f32::EPSILON.into())),
        }
    }
}

impl Stage {
    fn new(tableau: &Rosenbrock, stage: usize) -> Self {
        let coupling = stage.checked_sub(1).map_or(&[][..], |row| tableau.coupling[row]);
        let slope = tableau.d[stage];
        Self {
            node: literal(tableau.c[stage]),
            weights: literals(tableau.weights(stage).unwrap_or_default()),
            whole: tableau.is_whole(stage),
            coupling: literals(coupling),
            slope: (slope != 0.0).then(|| literal(slope)),
        }
    }
}
