//! What a protocol decides, judged.
//!
//! A decision may differ where a value that decided lies near its cut-off. The reference therefore solves
//! its patients several times: as they are, and with every comparison of the visit program tightened and
//! loosened by a share of its threshold; where doses are held, also with what begins a hold
//! tightened and what ends it loosened, and the other way round. What an engine decided must lie between
//! what came of these.

use super::near;
use crate::accumulator::Quantity;
use crate::engine::Solution;
use crate::hash::{HashMap, HashSet};
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol, Unary};
use crate::plan::{Accumulator, Endpoint, EndpointFormula, EndpointKind, Plan};

/// The doses and endings of one patient-arm that are compared besides its endpoints. Times in model
/// time, none is NaN.
pub(super) const TIMELINE: [(&str, Value); 5] = [
    ("off_treatment_day", |timeline| timeline.time(timeline.ending().stopped.map(|stop| stop.tick))),
    ("left_day", |timeline| timeline.time(timeline.ending().left.map(|left| left.tick))),
    ("doses_given", |timeline| timeline.given().count() as f64),
    ("last_dose_day", |timeline| timeline.time(timeline.given().map(|(tick, _)| tick).max())),
    ("sum_of_relative_doses", |timeline| timeline.given().map(|(_, factor)| factor).sum()),
];

/// A number of the doses and endings of a patient-arm.
type Value = fn(&Timeline<'_>) -> f64;

/// The doses and endings of a patient-arm.
pub(super) struct Timeline<'a> {
    pub(super) solution: &'a Solution,
    pub(super) item: usize,
    pub(super) time_per_tick: f64,
}

impl Timeline<'_> {
    fn ending(&self) -> crate::engine::Endings {
        self.solution.endings[self.item]
    }

    fn given(&self) -> impl Iterator<Item = (u32, f64)> {
        let given = self.solution.doses_of(self.item).iter();
        given.filter_map(|dose| Some((dose.given?, dose.factor)))
    }

    fn time(&self, tick: Option<u32>) -> f64 {
        tick.map_or(f64::NAN, |tick| f64::from(tick) * self.time_per_tick)
    }
}

/// Whether an endpoint comes of decisions: it is a grade or a response, a time of the trial's while the patient
/// is in it, or reads what is accumulated or how far a treatment has come.
pub(super) fn is_decided(plan: &Plan, endpoint: &Endpoint) -> bool {
    let EndpointFormula::Of(at) = endpoint.value else { return false };
    let decided = |symbol| matches!(symbol, Symbol::Accumulated(_) | Symbol::Treatment(..));
    let Accumulator { kind, of, ends, on_study, .. } = plan.accumulators[at.index()];
    if kind.is_of_condition() && on_study && !ends {
        return true;
    }
    let observed = plan.observed[of.index()];
    let mut symbols = plan.graph.reachable(&[observed]).into_iter().filter_map(|id| plan.graph.as_symbol(id));
    matches!(endpoint.kind, EndpointKind::Grade | EndpointKind::Response) || symbols.any(decided)
}

/// Whether a plan decides on doses, or on when a patient leaves.
pub(super) fn has_timeline(plan: &Plan) -> bool {
    plan.protocol.is_adaptive() || !plan.protocol.stops.is_empty()
}

/// The plan with every comparison of its visit program tightened, and loosened, by a share of its threshold;
/// and with the ends of holds the other way than the rest.
pub(super) fn shifted_plans(plan: &Plan, share: f64) -> Vec<Plan> {
    let mut shares = vec![[share; 2], [-share; 2]];
    if !plan.protocol.holds.is_empty() {
        shares.extend([[share, -share], [-share, share]]);
    }
    shares.into_iter().map(|[share, of_ends]| with_shifted_comparisons(plan, share, of_ends)).collect()
}

/// The plan with every comparison of its visit program tightened (a share above 0) or loosened (below 0), and
/// those that end holds by a share of their own.
fn with_shifted_comparisons(plan: &Plan, share: f64, of_ends: f64) -> Plan {
    let exact = exact(plan);
    let mut shifted_plan = plan.clone();
    let graph = &mut shifted_plan.graph;
    let ends = shifted(graph, &plan.observed, &exact, of_ends);
    let mut observed = shifted(graph, &plan.observed, &exact, share);
    for hold in &plan.protocol.holds {
        if let Some(until) = hold.until {
            observed[until.index()] = ends[until.index()];
        }
    }
    shifted_plan.observed = observed;
    shifted_plan
}

/// Nodes that are the same on every engine unless a decision differs: what is known before integration,
/// conditions, times of visits, counts, and what is made of these, as grades are.
fn exact(plan: &Plan) -> HashSet<NodeId> {
    let mut exact = HashSet::default();
    // A list of observed expressions is in the order in which they read each other's accumulators.
    for &root in &plan.observed {
        for id in plan.graph.reachable(&[root]) {
            let is_exact = match plan.graph.node(id) {
                _ if plan.graph.stage(id) != Stage::Dynamic => true,
                Node::Symbol(Symbol::Time | Symbol::Treatment(..)) => true,
                Node::Symbol(Symbol::Accumulated(i)) => {
                    let Accumulator { kind, of, .. } = plan.accumulators[i as usize];
                    let is_value = kind.quantity() == Quantity::Value;
                    // Times and what comes of conditions are the same on every engine.
                    kind.is_of_condition()
                        || kind.quantity().is_time()
                        || is_value && exact.contains(&plan.observed[of.index()])
                }
                Node::Constant(_) | Node::Symbol(_) => false,
                Node::Unary(Unary::Not, _) => true,
                Node::Binary(
                    Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or,
                    ..,
                ) => true,
                _ => plan.graph.operands(id).all(|operand| exact.contains(&operand)),
            };
            if is_exact {
                exact.insert(id);
            }
        }
    }
    exact
}

fn shifted(graph: &mut Graph, roots: &[NodeId], exact: &HashSet<NodeId>, share: f64) -> Vec<NodeId> {
    let shift = Shift { scale: 0.0, share };
    let mut moved: HashMap<NodeId, NodeId> = HashMap::default();
    for id in graph.reachable(roots) {
        let node = match graph.node(id) {
            // What is known before integration is the same on every engine.
            _ if graph.stage(id) != Stage::Dynamic => id,
            Node::Constant(_) | Node::Symbol(_) => id,
            Node::Binary(op @ (Binary::Less | Binary::LessEqual), a, b)
                if !(exact.contains(&a) && exact.contains(&b)) =>
            {
                shift.compare(graph, op, moved[&a], moved[&b])
            }
            node => graph.remake(node, |operand| moved[&operand]),
        };
        moved.insert(id, node);
    }
    roots.iter().map(|root| moved[root]).collect()
}

/// How far comparisons are moved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    /// The least size of a threshold that counts.
    pub(super) scale: f64,
    /// By how much of the size: up, which tightens, or down, which loosens.
    pub(super) share: f64,
}

impl Shift {
    /// A comparison of `a` with `b`, with `a` moved.
    pub(super) fn compare(self, graph: &mut Graph, op: Binary, a: NodeId, b: NodeId) -> NodeId {
        // The threshold is the side that is known first.
        let threshold = if graph.stage(a) < graph.stage(b) { a } else { b };
        // A threshold of nothing has no size.
        let is_nothing = graph.as_constant(threshold) == Some(0.0);
        let scale = if is_nothing && self.scale == 0.0 { 1.0 } else { self.scale };
        let size = graph.unary(Unary::Abs, threshold);
        let scale = graph.constant(scale);
        let size = graph.binary(Binary::Max, size, scale);
        let share = graph.constant(self.share);
        let shift = graph.binary(Binary::Mul, share, size);
        let mut moved = graph.binary(Binary::Add, a, shift);
        // And counts by what they may be off.
        let difference = graph.binary(Binary::Sub, a, b);
        if let Some(spread) = near::spread(graph, difference) {
            let op = if self.share < 0.0 { Binary::Sub } else { Binary::Add };
            moved = graph.binary(op, moved, spread);
        }
        graph.binary(op, moved, b)
    }
}

/// The least and the most of some times or numbers; NaN is never, after all others.
pub(super) fn range(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let last = |value: f64| if value.is_nan() { f64::INFINITY } else { value };
    let never = |value: f64| if value == f64::INFINITY { f64::NAN } else { value };
    let wider = |[low, high]: [f64; 2], value: f64| [low.min(value), high.max(value)];
    values.map(last).fold([f64::INFINITY, f64::NEG_INFINITY], wider).map(never)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: f64 = f64::NAN;

    #[test]
    fn never_comes_last() {
        assert_eq!(range([3.0, 2.0, 5.0].into_iter()), [2.0, 5.0]);
        let [low, high] = range([3.0, NEVER, 2.0].into_iter());
        assert!(low == 2.0 && high.is_nan());
        assert!(range([NEVER; 3].into_iter()).iter().all(|value| value.is_nan()));
    }

    /// A grade: 1 below 75, 2 below 50.
    #[test]
    fn every_comparison_moves() {
        let mut graph = Graph::default();
        let x = graph.symbol(Symbol::State(0));
        let cuts = [75.0, 50.0].map(|cut| graph.constant(cut));
        let below = cuts.map(|cut| graph.binary(Binary::Less, x, cut));
        let grade = graph.binary(Binary::Add, below[0], below[1]);
        let [tight, loose] =
            [0.01, -0.01].map(|share| shifted(&mut graph, &[grade], &HashSet::default(), share)[0]);
        let grades = |value: f64| graph.evaluate(&[tight, grade, loose], |_| value);
        assert_eq!(grades(75.5), [0.0, 0.0, 1.0]);
        assert_eq!(grades(74.5), [0.0, 1.0, 1.0]);
        assert_eq!(grades(49.8), [1.0, 2.0, 2.0]);
        assert_eq!(grades(60.0), [1.0, 1.0, 1.0]);
    }
}
