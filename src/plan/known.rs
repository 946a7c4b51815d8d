//! What must be finite for an expression to be known.
//!
//! A comparison with something that is not a number does not hold, and that would pass for an answer: what it
//! compares must be finite. As in R, where `FALSE & NA` is `FALSE`, the sides of `&` and `|` need not be where the
//! other side decides, and the branches of `ifelse` that are not taken need not be.

use std::collections::BTreeSet;

use crate::hash::HashMap;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol, Unary};

/// What an expression compares that may not be finite.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Needs {
    /// What must be finite.
    pub(super) always: BTreeSet<NodeId>,
    /// What must be, unless a condition holds.
    pub(super) unless: Vec<(NodeId, NodeId)>,
}

impl Needs {
    fn both(self, other: &Self) -> Self {
        let mut all = self;
        all.always.extend(&other.always);
        all.add(&other.unless);
        all
    }

    fn add(&mut self, unless: &[(NodeId, NodeId)]) {
        for need in unless {
            if !self.always.contains(&need.0) && !self.unless.contains(need) {
                self.unless.push(*need);
            }
        }
    }

    /// All of them, unless a condition holds.
    fn unless(&self, graph: &mut Graph, condition: NodeId) -> Vec<(NodeId, NodeId)> {
        let always = self.always.iter().map(|&of| (of, condition));
        let others = self.unless.iter().map(|&(of, other)| (of, graph.binary(Binary::Or, other, condition)));
        let others: Vec<_> = others.collect();
        always.chain(others).collect()
    }

    /// Of two expressions either of which may not matter, on a condition each. What both need is needed.
    fn either(graph: &mut Graph, [a, b]: [(&Self, NodeId); 2]) -> Self {
        let mut needs =
            Self { always: a.0.always.intersection(&b.0.always).copied().collect(), unless: Vec::new() };
        for (of, condition) in [a, b] {
            let unless = of.unless(graph, condition);
            needs.add(&unless);
        }
        needs
    }
}

/// The needs of some expressions, by expression.
#[derive(Default)]
pub(super) struct Known {
    needs: HashMap<NodeId, Needs>,
    /// Whether a value is finite whatever the patient.
    sure: HashMap<NodeId, bool>,
}

impl Known {
    /// What an expression compares.
    pub(super) fn needs(&mut self, graph: &mut Graph, root: NodeId) -> Needs {
        for id in graph.reachable(&[root]) {
            if !self.needs.contains_key(&id) {
                let is_sure = self.is_sure_of(graph, id);
                self.sure.insert(id, is_sure);
                let needs = self.of(graph, id);
                self.needs.insert(id, needs);
            }
        }
        self.needs[&root].clone()
    }

    /// What must be finite for a value, of which [`Known::needs`] was asked, to be so.
    pub(super) fn doubts(&self, graph: &Graph, of: NodeId) -> BTreeSet<NodeId> {
        let mut doubts = BTreeSet::new();
        let mut open = vec![of];
        while let Some(id) = open.pop() {
            match graph.node(id) {
                _ if self.sure[&id] => {}
                Node::Unary(Unary::Negate | Unary::Abs | Unary::Floor | Unary::Ceil, a) => open.push(a),
                Node::Binary(Binary::Add | Binary::Sub | Binary::Min | Binary::Max, a, b) => {
                    open.extend([a, b])
                }
                Node::Binary(Binary::Mul, a, b) if graph.as_constant(a).is_some() => open.push(b),
                Node::Binary(Binary::Mul | Binary::Div, a, b)
                    if graph.as_constant(b).is_some_and(|b| b != 0.0) =>
                {
                    open.push(a);
                }
                _ => _ = doubts.insert(id),
            }
        }
        doubts
    }

    fn of(&self, graph: &mut Graph, id: NodeId) -> Needs {
        match graph.node(id) {
            Node::Constant(_) | Node::Symbol(_) => Needs::default(),
            Node::Unary(Unary::Not, a) => self.of_truth(graph, a),
            Node::Unary(_, a) => self.needs[&a].clone(),
            Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, a, b) => {
                let mut needs = self.needs[&a].clone().both(&self.needs[&b]);
                for side in [a, b] {
                    needs.always.extend(self.doubts(graph, side));
                }
                let always = &needs.always;
                needs.unless.retain(|(of, _)| !always.contains(of));
                needs
            }
            Node::Binary(op @ (Binary::And | Binary::Or), a, b) => {
                let sides = [a, b].map(|side| self.of_truth(graph, side));
                // A side does not matter where the other decides.
                let decides = [b, a].map(|side| is_known(graph, side, op == Binary::Or));
                Needs::either(graph, [(&sides[0], decides[0]), (&sides[1], decides[1])])
            }
            Node::Binary(_, a, b) => self.needs[&a].clone().both(&self.needs[&b]),
            Node::Quantile { score, of: [a, b], .. } => {
                self.needs[&score].clone().both(&self.needs[&a]).both(&self.needs[&b])
            }
            Node::Select { when, then, otherwise } => {
                let not_taken = [is_known(graph, when, false), is_known(graph, when, true)];
                let branches = [then, otherwise].map(|branch| self.needs[&branch].clone());
                let branches =
                    Needs::either(graph, [(&branches[0], not_taken[0]), (&branches[1], not_taken[1])]);
                self.of_truth(graph, when).both(&branches)
            }
        }
    }

    /// Of an expression that is true or false: a number as such must be one.
    fn of_truth(&self, graph: &Graph, of: NodeId) -> Needs {
        let mut needs = self.needs[&of].clone();
        if !is_truth(graph, of) {
            needs.always.extend(self.doubts(graph, of));
        }
        needs
    }

    fn is_sure_of(&self, graph: &Graph, id: NodeId) -> bool {
        match graph.node(id) {
            Node::Constant(bits) => f64::from_bits(bits).is_finite(),
            // Covariates were checked; what was kept over visits was finite.
            Node::Symbol(symbol) => {
                !matches!(symbol, Symbol::State(_) | Symbol::Linear(_) | Symbol::Dose(..))
            }
            Node::Unary(Unary::Not, _) => true,
            Node::Unary(Unary::Negate | Unary::Abs | Unary::Floor | Unary::Ceil, a) => self.sure[&a],
            Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or, ..) => {
                true
            }
            Node::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Min | Binary::Max, a, b) => {
                self.sure[&a] && self.sure[&b]
            }
            Node::Select { then, otherwise, .. } => self.sure[&then] && self.sure[&otherwise],
            // An effect or a covariate may still be too large for it, but a constant is seen at once.
            Node::Unary(..) | Node::Binary(..) | Node::Quantile { .. } => graph.stage(id) == Stage::Constant,
        }
    }
}

/// Whether an expression is 1 or 0.
pub(crate) fn is_truth(graph: &Graph, id: NodeId) -> bool {
    use Binary::{And, Equal, Less, LessEqual, Or};
    match graph.node(id) {
        Node::Constant(_) | Node::Unary(Unary::Not, _) => true,
        Node::Binary(op, ..) => matches!(op, Less | LessEqual | Equal | And | Or),
        Node::Symbol(_) | Node::Unary(..) | Node::Select { .. } | Node::Quantile { .. } => false,
    }
}

/// Whether a condition is known to hold, or (`holds` false) known not to: neither where what decides is not a
/// number.
fn is_known(graph: &mut Graph, condition: NodeId, holds: bool) -> NodeId {
    match graph.node(condition) {
        Node::Unary(Unary::Not, a) => is_known(graph, a, !holds),
        Node::Binary(op @ (Binary::And | Binary::Or), a, b) => {
            let [a, b] = [a, b].map(|side| is_known(graph, side, holds));
            let op = match (op, holds) {
                (op, true) => op,
                (Binary::And, false) => Binary::Or,
                (_, false) => Binary::And,
            };
            graph.binary(op, a, b)
        }
        Node::Binary(Binary::Less, a, b) if !holds => graph.binary(Binary::LessEqual, b, a),
        Node::Binary(Binary::LessEqual, a, b) if !holds => graph.binary(Binary::Less, b, a),
        Node::Binary(Binary::Equal, a, b) if !holds => {
            let [less, more] = [[a, b], [b, a]].map(|[a, b]| graph.binary(Binary::Less, a, b));
            graph.binary(Binary::Or, less, more)
        }
        _ if is_truth(graph, condition) && holds => condition,
        _ if is_truth(graph, condition) => graph.unary(Unary::Not, condition),
        _ => {
            let zero = graph.constant(0.0);
            let equal = graph.binary(Binary::Equal, condition, zero);
            is_known(graph, equal, !holds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph with the states `x` and `y`.
    struct Case {
        graph: Graph,
        x: NodeId,
        y: NodeId,
        three: NodeId,
    }

    fn case() -> Case {
        let mut graph = Graph::default();
        let [x, y] = [0, 1].map(|i| graph.symbol(Symbol::State(i)));
        let three = graph.constant(3.0);
        Case { graph, x, y, three }
    }

    impl Case {
        /// Whether what an expression compares is finite where it must be.
        fn is_known(&mut self, root: NodeId, x: f64, y: f64) -> bool {
            let needs = Known::default().needs(&mut self.graph, root);
            let value = |graph: &Graph, id| {
                graph.evaluate(&[id], |symbol| if symbol == Symbol::State(0) { x } else { y })[0]
            };
            let always = needs.always.iter().all(|&of| value(&self.graph, of).is_finite());
            let mut unless = needs.unless.iter();
            always
                && unless.all(|&(of, c)| value(&self.graph, c) != 0.0 || value(&self.graph, of).is_finite())
        }

        fn below(&mut self, of: NodeId) -> NodeId {
            self.graph.binary(Binary::Less, of, self.three)
        }
    }

    const NAN: f64 = f64::NAN;

    #[test]
    fn what_is_compared_must_be_finite() {
        let mut case = case();
        let root = case.below(case.x);
        for (x, known) in [(1.0, true), (NAN, false), (f64::INFINITY, false), (f64::NEG_INFINITY, false)] {
            assert_eq!(case.is_known(root, x, 0.0), known, "{x}");
        }
        let not = case.graph.unary(Unary::Not, root);
        let number = case.graph.binary(Binary::Add, not, case.three);
        assert!(!case.is_known(number, NAN, 0.0));
    }

    #[test]
    fn a_side_that_decides_alone_is_enough() {
        let mut case = case();
        let sides = [case.x, case.y].map(|of| case.below(of));
        for (op, decides) in [(Binary::And, 5.0), (Binary::Or, 1.0)] {
            let root = case.graph.binary(op, sides[0], sides[1]);
            assert!(case.is_known(root, NAN, decides) && case.is_known(root, decides, NAN));
            assert!(!case.is_known(root, NAN, 6.0 - decides) && !case.is_known(root, NAN, NAN));
            let denied = case.graph.unary(Unary::Not, root);
            let both = case.graph.binary(Binary::And, denied, sides[0]);
            assert!(!case.is_known(both, NAN, NAN));
        }
    }

    #[test]
    fn what_both_sides_compare_is_needed_whatever_decides() {
        let mut case = case();
        let low = case.below(case.x);
        let high = case.graph.binary(Binary::Less, case.three, case.x);
        let root = case.graph.binary(Binary::Or, low, high);
        let needs = Known::default().needs(&mut case.graph, root);
        assert_eq!((needs.always, needs.unless), (BTreeSet::from([case.x]), Vec::new()));
    }

    #[test]
    fn a_branch_that_is_not_taken_is_not_looked_at() {
        let mut case = case();
        let zero = case.graph.constant(0.0);
        let is_positive = case.graph.binary(Binary::Less, zero, case.x);
        let log = case.graph.unary(Unary::Log, case.x);
        let small = case.below(log);
        let root = case.graph.select(is_positive, small, zero);
        assert!(case.is_known(root, -1.0, 0.0) && case.is_known(root, 1.0, 0.0));
        assert!(!case.is_known(root, NAN, 0.0));
    }

    #[test]
    fn what_is_finite_anyhow_is_not_looked_at() {
        let mut case = case();
        let day = case.graph.symbol(Symbol::Time);
        let twice = case.graph.binary(Binary::Add, day, case.three);
        let root = case.below(twice);
        assert_eq!(Known::default().needs(&mut case.graph, root), Needs::default());
        // Of `3 x - y` it is enough to look at `x` and `y`.
        let product = case.graph.binary(Binary::Mul, case.three, case.x);
        let difference = case.graph.binary(Binary::Sub, product, case.y);
        let root = case.below(difference);
        assert_eq!(Known::default().needs(&mut case.graph, root).always, BTreeSet::from([case.x, case.y]));
        // A constant that is no number is.
        let wrong = case.graph.constant(NAN);
        let root = case.graph.binary(Binary::Less, case.x, wrong);
        assert_eq!(Known::default().needs(&mut case.graph, root).always, BTreeSet::from([case.x, wrong]));
    }
}
