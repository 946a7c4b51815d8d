//! Comparisons that allow for rounding.
//!
//! 1.5 times 1.2 is a little less than 1.8 in binary, and a creatinine of 1.8 is not above it. So values that
//! differ by no more than rounding from the limit they are compared with count as equal to it: they are at
//! least it and at most it, and neither above nor below. The R package admiral rounds both to 15 significant
//! digits for the same reason.

use super::graph::{Binary, Graph, NodeId, Stage, Symbol, TreatmentVariable, Unary};

/// A share of the limit: what rounding may come to where both sides are known before anything is integrated,
/// in f64 on every engine.
const OF_KNOWN: f64 = 1e-12;
/// The same of what changes on the way, which may be computed in f32: about 10 roundings.
const OF_CHANGING: f64 = 1e-6;

/// `a < b` or `a <= b` where a difference by rounding is none. The limit is the side that is known first, else
/// `b`. A limit of 0 is exact, and so are times and counts; other operations are as they are.
pub(crate) fn compare(graph: &mut Graph, op: Binary, a: NodeId, b: NodeId) -> NodeId {
    let sign = match op {
        Binary::Less => 1.0,
        Binary::LessEqual => -1.0,
        _ => return graph.binary(op, a, b),
    };
    let share = sign
        * match changing(graph, [a, b]) {
            Changing::Nothing => OF_KNOWN,
            Changing::Clock => return graph.binary(op, a, b),
            Changing::Values => OF_CHANGING,
        };
    if graph.stage(a) < graph.stage(b) {
        let limit = moved(graph, a, share);
        graph.binary(op, limit, b)
    } else {
        let limit = moved(graph, b, -share);
        graph.binary(op, a, limit)
    }
}

/// What changes while a patient is integrated.
enum Changing {
    Nothing,
    /// Times of visits and doses, and their numbers, which are whole.
    Clock,
    Values,
}

/// What of two expressions changes.
fn changing(graph: &Graph, sides: [NodeId; 2]) -> Changing {
    let symbols = graph.reachable(&sides).into_iter().filter_map(|id| graph.as_symbol(id));
    let mut changing = symbols.filter(|symbol| symbol.stage() == Stage::Dynamic).peekable();
    let is_clock = |symbol| {
        let is_value = matches!(symbol, Symbol::Treatment(TreatmentVariable::RelativeDose, _));
        !is_value && matches!(symbol, Symbol::Time | Symbol::Treatment(..))
    };
    if changing.peek().is_none() {
        Changing::Nothing
    } else if changing.all(is_clock) {
        Changing::Clock
    } else {
        Changing::Values
    }
}

/// A limit, further up by a share of its size.
fn moved(graph: &mut Graph, limit: NodeId, share: f64) -> NodeId {
    let size = graph.unary(Unary::Abs, limit);
    let share = graph.constant(share);
    let by = graph.binary(Binary::Mul, share, size);
    graph.binary(Binary::Add, limit, by)
}

/// Whether a number that is known is at least a limit, or differs from it by rounding.
pub(crate) fn is_at_least(value: f64, limit: f64) -> bool {
    value >= limit - OF_KNOWN * limit.abs()
}

#[cfg(test)]
mod tests {
    use super::super::graph::Symbol;
    use super::*;
    use crate::model::graph::OfDrugs;

    /// Below, at most, above, at least.
    fn compared(value: f64, limit: f64, symbol: Symbol) -> [f64; 4] {
        let mut graph = Graph::default();
        let (x, limit) = (graph.symbol(symbol), graph.constant(limit));
        let roots = [(Binary::Less, x, limit), (Binary::LessEqual, x, limit)]
            .into_iter()
            .chain([(Binary::Less, limit, x), (Binary::LessEqual, limit, x)])
            .map(|(op, a, b)| compare(&mut graph, op, a, b));
        let roots: Vec<NodeId> = roots.collect();
        graph.evaluate(&roots, |_| value).try_into().unwrap_or([f64::NAN; 4])
    }

    const BELOW: [f64; 4] = [1.0, 1.0, 0.0, 0.0];
    const AT: [f64; 4] = [0.0, 1.0, 0.0, 1.0];
    const ABOVE: [f64; 4] = [0.0, 0.0, 1.0, 1.0];

    #[test]
    fn a_difference_by_rounding_is_none() {
        for symbol in [Symbol::State(0), Symbol::Covariate(0)] {
            assert_eq!(compared(1.8, 1.5 * 1.2, symbol), AT);
            assert_eq!(compared(-1.8, -1.5 * 1.2, symbol), AT);
            assert_eq!(compared(1.80001, 1.5 * 1.2, symbol), ABOVE);
            assert_eq!(compared(-1.80001, -1.5 * 1.2, symbol), BELOW);
            assert_eq!(compared(74.9999, 75.0, symbol), BELOW);
            assert_eq!(compared(75.0001, 75.0, symbol), ABOVE);
            assert_eq!(compared(1e-300, 0.0, symbol), ABOVE);
            assert_eq!(compared(0.0, 0.0, symbol), AT);
        }
        // What an engine in f32 holds of 0.7 times 83.1, and dates that are known.
        assert_eq!(compared(f64::from(0.7_f32 * 83.1), 0.7 * 83.1, Symbol::State(0)), AT);
        assert_eq!(compared(20_210_102.0, 20_210_101.0, Symbol::Covariate(0)), ABOVE);
        assert_eq!(compared(f64::NAN, 1.0, Symbol::State(0)), [0.0; 4]);
    }

    /// Half of the value before: neither side is known beforehand.
    #[test]
    fn a_limit_may_change() {
        let mut graph = Graph::default();
        let (x, before) = (graph.symbol(Symbol::State(0)), graph.symbol(Symbol::State(1)));
        let share = graph.constant(0.7);
        let limit = graph.binary(Binary::Mul, share, before);
        let roots = [Binary::Less, Binary::LessEqual].map(|op| compare(&mut graph, op, x, limit));
        let at = |x: f64, before: f64| {
            graph.evaluate(&roots, |symbol| if symbol == Symbol::State(0) { x } else { before })
        };
        assert_eq!(at(83.1 - 0.3 * 83.1, 83.1), [0.0, 1.0]);
        assert_eq!(at(58.1699, 83.1), [1.0, 1.0]);
        assert_eq!(at(58.1701, 83.1), [0.0, 0.0]);
    }

    #[test]
    fn times_and_counts_are_exact() {
        for symbol in [
            Symbol::Time,
            Symbol::Treatment(TreatmentVariable::Day, OfDrugs::All),
            Symbol::Treatment(TreatmentVariable::Cycle, OfDrugs::All),
        ] {
            assert_eq!(compared(1e6, 1e6 + 1e-3, symbol), BELOW);
        }
        let relative_dose = Symbol::Treatment(TreatmentVariable::RelativeDose, OfDrugs::All);
        assert_eq!(compared(0.8 * 0.8, 0.64, relative_dose), AT);
    }

    #[test]
    fn known_numbers_are_compared_alike() {
        assert!(is_at_least(1.5 * 1.2, 1.8) && is_at_least(-1.8, -1.5 * 1.2) && is_at_least(0.0, 0.0));
        assert!(!is_at_least(1.799_999, 1.8) && !is_at_least(f64::NAN, 1.8));
    }
}
