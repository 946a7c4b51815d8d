//! What is followed between visits.

use crate::cohort::ReadOn;
use crate::model::graph::{Binary, Graph, Node, NodeId};
use crate::plan::{Accumulator, AccumulatorId, Plan, position_or_push};

use super::lowering::Lowering;

/// An accumulator that is read continuously, and what it follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follower {
    pub(crate) accumulator: AccumulatorId,
    /// Position in [`Lowered::curves`].
    pub(crate) curve: usize,
}

/// What continuous accumulators follow: of a condition `a < b`, which holds where it is above 0, `b - a`.
pub(super) fn curves(
    plan: &Plan,
    lowering: &mut Lowering<'_>,
    graph: &mut Graph,
) -> (Vec<NodeId>, Vec<Follower>) {
    let mut curves = Vec::new();
    let is_followed = |(_, accumulator): &(usize, &Accumulator)| accumulator.on == ReadOn::Continuous;
    let followed = plan.accumulators.iter().enumerate().filter(is_followed);
    let followers = followed.map(|(accumulator, &Accumulator { of, .. })| {
        let curve = match plan.graph.node(plan.observed[of.index()]) {
            Node::Binary(Binary::Less, a, b) => {
                let sides = lowering.nodes(graph, &[a, b]);
                graph.binary(Binary::Sub, sides[1], sides[0])
            }
            _ => lowering.nodes(graph, &[plan.observed[of.index()]])[0],
        };
        Follower { accumulator: AccumulatorId::new(accumulator), curve: position_or_push(&mut curves, curve) }
    });
    let followers = followers.collect();
    (curves, followers)
}
