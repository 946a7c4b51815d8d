//! Conditions that look back over visits, and how they may change while a dose waits.

use crate::accumulator::Trend;
use crate::hash::HashMap;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol, TreatmentVariable, Unary};

use super::Accumulator;

/// Whether a condition, or one of several of which any suffices, can come to hold and then cannot cease while a
/// dose waits, as `lowest_since_dose(x) < 100`.
pub(super) fn cannot_cease(graph: &Graph, accumulators: &[Accumulator], condition: NodeId) -> bool {
    let trends = trends(graph, accumulators, condition);
    let mut open = vec![condition];
    while let Some(id) = open.pop() {
        match graph.node(id) {
            _ if trends[&id] == Trend::RISES => return true,
            Node::Binary(Binary::Or, a, b) => open.extend([a, b]),
            _ => {}
        }
    }
    false
}

fn trends(graph: &Graph, accumulators: &[Accumulator], root: NodeId) -> HashMap<NodeId, Trend> {
    let mut trends: HashMap<NodeId, Trend> = HashMap::default();
    for id in graph.reachable(&[root]) {
        let of = |operand: NodeId| trends[&operand];
        let trend = match graph.node(id) {
            _ if graph.stage(id) < Stage::Dynamic => Trend::NONE,
            Node::Constant(_) => Trend::NONE,
            Node::Symbol(Symbol::Accumulated(i)) => accumulators[i as usize].kind.description().trend,
            Node::Symbol(Symbol::Treatment(course, _)) => of_course(course),
            Node::Symbol(Symbol::Time) => Trend::RISES,
            Node::Symbol(_) => Trend::ANY,
            Node::Unary(Unary::Negate | Unary::Not, a) => of(a).opposite(),
            Node::Unary(Unary::Abs, a) => of(a).any(),
            Node::Unary(_, a) => of(a),
            Node::Binary(op, a, b) => of_binary(op, of(a), of(b)),
            Node::Select { when, then, otherwise } => {
                let sides = of(then).and(of(otherwise));
                if of(when) == Trend::NONE { sides } else { Trend::ANY }
            }
            // The score is another at each visit.
            Node::Quantile { .. } => Trend::ANY,
        };
        trends.insert(id, trend);
    }
    trends
}

fn of_binary(op: Binary, a: Trend, b: Trend) -> Trend {
    match op {
        Binary::Add | Binary::Min | Binary::Max | Binary::And | Binary::Or => a.and(b),
        Binary::Sub => a.and(b.opposite()),
        Binary::Less | Binary::LessEqual => a.opposite().and(b),
        Binary::Mul | Binary::Div | Binary::Pow | Binary::Equal => a.and(b).any(),
    }
}

/// While a dose waits none is given.
fn of_course(course: TreatmentVariable) -> Trend {
    match course {
        TreatmentVariable::DosesGiven
        | TreatmentVariable::Holds
        | TreatmentVariable::Reductions
        | TreatmentVariable::Skips
        | TreatmentVariable::Cycle
        | TreatmentVariable::RelativeDose => Trend::NONE,
        TreatmentVariable::Day | TreatmentVariable::DaysSinceDose | TreatmentVariable::DaysHeld => {
            Trend::RISES
        }
        TreatmentVariable::OnTreatment | TreatmentVariable::OnStudy => Trend::FALLS,
    }
}

/// A condition, or its opposite if it is `denied`, in which what looks back over visits does not hold.
pub(super) fn without_memory(graph: &mut Graph, condition: NodeId, denied: bool) -> NodeId {
    match graph.node(condition) {
        Node::Unary(Unary::Not, a) => without_memory(graph, a, !denied),
        Node::Binary(op @ (Binary::And | Binary::Or), a, b) => {
            let [a, b] = [a, b].map(|side| without_memory(graph, side, denied));
            let op = match (op, denied) {
                (op, false) => op,
                (Binary::And, true) => Binary::Or,
                (_, true) => Binary::And,
            };
            graph.binary(op, a, b)
        }
        _ if remembers(graph, condition) => graph.constant(0.0),
        _ if denied => graph.unary(Unary::Not, condition),
        _ => condition,
    }
}

fn remembers(graph: &Graph, of: NodeId) -> bool {
    let mut symbols = graph.reachable(&[of]).into_iter().filter_map(|id| graph.as_symbol(id));
    symbols.any(|symbol| matches!(symbol, Symbol::Accumulated(_)))
}
