//! How equations depend on time: where they jump or bend, and whether they change smoothly.
//!
//! A step that passes over a jump of the equations, or over a pulse, sees nothing of it. So the times with which time
//! is compared are landings, and between landings every such comparison is decided once, by the time in the middle
//! ([`Symbol::SegmentTime`]): rounding of the time at a landing cannot take the wrong side. What changes smoothly may
//! have a narrow peak, as `exp(-((t - 100) / 0.5)^2)`: the middle of whatever is even about something is a landing too.

use crate::hash::{HashMap, HashSet};
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Symbol, Unary};

use super::time_form::{Form, Times};
use super::{Landing, position_or_push};

/// How expressions depend on time.
#[derive(Debug, Default)]
pub(super) struct OverTime {
    /// Where steps must end.
    pub(super) landings: Vec<Landing>,
    /// What each expression is made into, so that nothing in it jumps between landings.
    per_segment: HashMap<NodeId, Pair>,
    /// Expressions that change with time, and not as polynomials do; or may jump nobody knows when.
    smooth: HashSet<NodeId>,
}

/// An expression in which comparisons are decided for a segment.
#[derive(Debug, Clone, Copy)]
struct Pair {
    /// As it changes with time.
    now: NodeId,
    /// In the middle of the segment.
    middle: NodeId,
}

impl Pair {
    fn is_timed(self) -> bool {
        self.now != self.middle
    }
}

impl OverTime {
    /// Looks through expressions.
    pub(super) fn of(graph: &mut Graph, roots: &[NodeId]) -> Self {
        let mut walk = Walk { graph, forms: HashMap::default(), found: Self::default() };
        for id in walk.graph.reachable(roots) {
            walk.examine(id);
        }
        walk.found
    }

    /// What an expression is made into.
    pub(super) fn per_segment(&self, id: NodeId) -> NodeId {
        self.per_segment.get(&id).map_or(id, |pair| pair.now)
    }

    /// The names of what was made into something else.
    pub(super) fn renamed(&self, names: &[(NodeId, String)]) -> Vec<(NodeId, String)> {
        let other = names.iter().filter(|(id, _)| self.per_segment(*id) != *id);
        other.map(|(id, name)| (self.per_segment(*id), name.clone())).collect()
    }

    /// Whether something changes smoothly with time, so that steps must not be longer than what happens.
    pub(super) fn is_smooth(&self) -> bool {
        !self.smooth.is_empty()
    }

    /// Whether an expression does.
    pub(super) fn depends_smoothly(&self, graph: &Graph, root: NodeId) -> bool {
        self.is_smooth() && graph.reachable(&[root]).iter().any(|id| self.smooth.contains(id))
    }
}

/// The most polynomials that an expression is looked at as.
const MOST_FORMS: usize = 8;

pub(super) struct Walk<'a> {
    pub(super) graph: &'a mut Graph,
    /// Polynomials of time, one of which the expression is at any time.
    forms: HashMap<NodeId, Vec<Form>>,
    found: OverTime,
}

impl Walk<'_> {
    /// Looks at a node whose operands were looked at.
    fn examine(&mut self, id: NodeId) {
        let forms = self.forms_of(id).filter(|forms| forms.len() <= MOST_FORMS);
        self.forms.extend(forms.map(|forms| (id, forms)));
        let pair = match self.graph.node(id) {
            _ if self.graph.stage(id) < Stage::Dynamic => Pair { now: id, middle: id },
            Node::Symbol(Symbol::Time) => Pair { now: id, middle: self.graph.symbol(Symbol::SegmentTime) },
            Node::Constant(_) | Node::Symbol(_) => Pair { now: id, middle: id },
            Node::Unary(Unary::Floor | Unary::Ceil, a) => {
                let whole = vec![Form::whole(self.graph)];
                self.jumping(id, whole, |walk| walk.whole_numbers(a))
            }
            Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, a, b) => {
                let truth = truth(self.graph);
                self.jumping(id, truth, |walk| walk.meetings(a, b))
            }
            Node::Unary(Unary::Abs, a) => self.bent_at_zero(id, a),
            Node::Binary(Binary::Min | Binary::Max, a, b) => self.bent(id, a, b),
            Node::Unary(op, a) => self.smooth(id, is_curved(op).then_some(a)),
            Node::Binary(Binary::Pow, a, b) => self.smooth(id, [a, b]),
            Node::Binary(Binary::Div, _, b) => self.smooth(id, [b]),
            Node::Binary(Binary::Mul, a, b) if !self.forms.contains_key(&id) && self.are_timed(&[a, b]) => {
                self.smooth(id, [a, b])
            }
            Node::Binary(..) | Node::Select { .. } | Node::Quantile { .. } => self.remade(id),
        };
        self.found.per_segment.insert(id, pair);
    }

    /// A node as polynomials of time, one of which it is at any time; none if it is not, or only if it jumps at
    /// times that are known, see [`Walk::jumping`].
    fn forms_of(&mut self, id: NodeId) -> Option<Vec<Form>> {
        let graph = &mut *self.graph;
        let forms = |id: NodeId| self.forms.get(&id);
        Some(match graph.node(id) {
            _ if graph.stage(id) < Stage::Dynamic => vec![Form::constant(graph, id)],
            Node::Symbol(Symbol::Time) => vec![Form::time(graph)],
            Node::Unary(Unary::Negate, a) => negated(graph, forms(a)?),
            Node::Unary(Unary::Abs, a) => one_of([forms(a)?.clone(), negated(graph, forms(a)?)]),
            Node::Unary(Unary::Not, a) => forms(a).map(|_| truth(graph))?,
            Node::Binary(Binary::And | Binary::Or, a, b) => forms(a).and(forms(b)).map(|_| truth(graph))?,
            Node::Binary(Binary::Min | Binary::Max, a, b) => one_of([forms(a)?.clone(), forms(b)?.clone()]),
            Node::Binary(op @ (Binary::Add | Binary::Sub), a, b) => {
                each(forms(a)?, forms(b)?, |a, b| Some(a.joined(graph, op, b)))?
            }
            Node::Binary(Binary::Mul, a, b) => each(forms(a)?, forms(b)?, |a, b| a.times(graph, b))?,
            Node::Binary(Binary::Div, a, b) => each(forms(a)?, forms(b)?, |a, b| {
                let by = b.as_constant(graph)?;
                Some(a.scaled(graph, Binary::Div, by))
            })?,
            Node::Select { when, then, otherwise } => {
                forms(when)?;
                one_of([forms(then)?.clone(), forms(otherwise)?.clone()])
            }
            _ => return None,
        })
    }

    /// The polynomials of an expression.
    pub(super) fn forms(&self, id: NodeId) -> Option<Vec<Form>> {
        self.forms.get(&id).cloned()
    }

    fn is_timed(&self, id: NodeId) -> bool {
        self.found.per_segment[&id].is_timed()
    }

    fn are_timed(&self, ids: &[NodeId]) -> bool {
        ids.iter().all(|&id| self.is_timed(id))
    }

    /// The node made of what its operands were made into.
    fn remade(&mut self, id: NodeId) -> Pair {
        let node = self.graph.node(id);
        let per_segment = &self.found.per_segment;
        let now = self.graph.remake(node, |operand| per_segment[&operand].now);
        Pair { now, middle: self.graph.remake(node, |operand| per_segment[&operand].middle) }
    }

    /// A node that jumps at certain times, if they are known, and is one of `forms` between them.
    fn jumping(
        &mut self,
        id: NodeId,
        forms: Vec<Form>,
        times: impl FnOnce(&mut Self) -> Option<Vec<Times>>,
    ) -> Pair {
        let pair = self.remade(id);
        if !pair.is_timed() {
            return pair;
        }
        match times(self) {
            Some(times) => {
                self.add_landings(&times, true);
                self.forms.insert(id, forms);
                Pair { now: pair.middle, middle: pair.middle }
            }
            None => self.unknown(id, pair),
        }
    }

    fn whole_numbers(&mut self, a: NodeId) -> Option<Vec<Times>> {
        all(self.forms(a)?.iter().map(|form| form.whole_numbers(self.graph)))
    }

    /// The smaller or larger of two expressions: which it is, is decided for a segment.
    fn bent(&mut self, id: NodeId, a: NodeId, b: NodeId) -> Pair {
        let pair = self.remade(id);
        if !pair.is_timed() {
            return pair;
        }
        let Some(times) = self.meetings(a, b) else { return self.unknown(id, pair) };
        self.add_landings(&times, false);
        let [a, b] = [a, b].map(|id| self.found.per_segment[&id]);
        let is_less = self.graph.binary(Binary::Less, a.middle, b.middle);
        let [first, other] = match self.graph.node(id) {
            Node::Binary(Binary::Min, ..) => [a.now, b.now],
            _ => [b.now, a.now],
        };
        Pair { now: self.graph.select(is_less, first, other), ..pair }
    }

    fn bent_at_zero(&mut self, id: NodeId, a: NodeId) -> Pair {
        let pair = self.remade(id);
        if !pair.is_timed() {
            return pair;
        }
        let zero = self.graph.constant(0.0);
        let Some(times) = self.meetings(a, zero) else { return self.unknown(id, pair) };
        self.add_landings(&times, false);
        let Pair { now, middle } = self.found.per_segment[&a];
        let is_less = self.graph.binary(Binary::Less, middle, zero);
        let minus = self.graph.unary(Unary::Negate, now);
        Pair { now: self.graph.select(is_less, minus, now), ..pair }
    }

    /// A node that is not a polynomial of some of its operands, whose middles are landings.
    fn smooth(&mut self, id: NodeId, curved: impl IntoIterator<Item = NodeId>) -> Pair {
        for operand in curved {
            if self.is_timed(operand) {
                let forms = self.forms(operand).unwrap_or_default();
                let middles: Vec<Times> = forms.iter().filter_map(|form| form.middle(self.graph)).collect();
                self.add_landings(&middles, false);
                self.found.smooth.insert(id);
            }
        }
        self.remade(id)
    }

    /// A node that may jump or bend nobody knows when.
    fn unknown(&mut self, id: NodeId, pair: Pair) -> Pair {
        self.found.smooth.insert(id);
        pair
    }

    fn add_landings(&mut self, times: &[Times], jumps: bool) {
        for &Times { first, every } in times {
            let same = |landing: &Landing| (landing.first, landing.every) == (first, every);
            match self.found.landings.iter_mut().find(|landing| same(landing)) {
                Some(landing) => landing.jumps |= jumps,
                None => self.found.landings.push(Landing { first, every, jumps }),
            }
        }
    }
}

/// True or false, as numbers.
fn truth(graph: &mut Graph) -> Vec<Form> {
    [0.0, 1.0].map(|value| graph.constant(value)).map(|value| Form::constant(graph, value)).into()
}

fn negated(graph: &mut Graph, forms: &[Form]) -> Vec<Form> {
    let minus = graph.constant(-1.0);
    forms.iter().map(|form| form.scaled(graph, Binary::Mul, minus)).collect()
}

/// Every one of some polynomials, once.
fn one_of(several: impl IntoIterator<Item = Vec<Form>>) -> Vec<Form> {
    let mut forms = Vec::new();
    for form in several.into_iter().flatten() {
        position_or_push(&mut forms, form);
    }
    forms
}

/// What becomes of every polynomial with every other.
fn each(a: &[Form], b: &[Form], mut of: impl FnMut(&Form, &Form) -> Option<Form>) -> Option<Vec<Form>> {
    if a.len() * b.len() > MOST_FORMS {
        return None;
    }
    let mut forms = Vec::new();
    for a in a {
        for b in b {
            position_or_push(&mut forms, of(a, b)?);
        }
    }
    Some(forms)
}

/// The times of all, if all are known.
pub(super) fn all(times: impl IntoIterator<Item = Option<Vec<Times>>>) -> Option<Vec<Times>> {
    Some(times.into_iter().collect::<Option<Vec<_>>>()?.concat())
}

/// Whether a function is not made of straight pieces.
fn is_curved(op: Unary) -> bool {
    !matches!(op, Unary::Negate | Unary::Abs | Unary::Floor | Unary::Ceil | Unary::Not)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, Source};
    use crate::model::expression::{self, Functions, Scope};

    /// `p`, a value of the patient; `x`, a state.
    struct Names;

    impl Scope for Names {
        fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
            match name {
                "t" => Some(graph.symbol(Symbol::Time)),
                "p" => Some(graph.symbol(Symbol::Covariate(0))),
                "x" => Some(graph.symbol(Symbol::State(0))),
                _ => None,
            }
        }

        fn known(&self) -> Vec<String> {
            Vec::new()
        }
    }

    impl Functions for Names {}

    fn look(text: &str) -> (Graph, NodeId, OverTime) {
        let mut graph = Graph::default();
        let place = Place::new(&Source::new("test", text), 0..text.len());
        let root = expression::read(text, &place, &mut graph, &mut Names).unwrap();
        let over_time = OverTime::of(&mut graph, &[root]);
        (graph, root, over_time)
    }

    /// Whether what an expression is made into has its values, between landings.
    fn is_same(graph: &Graph, root: NodeId, per_segment: NodeId) -> bool {
        (0..400).map(|i| 0.0173 + 0.25 * f64::from(i)).all(|time| {
            let value = |symbol| match symbol {
                Symbol::Time | Symbol::SegmentTime => time,
                Symbol::State(_) => 3.7,
                _ => 12.3,
            };
            let values = graph.evaluate(&[root, per_segment], value);
            (values[0] - values[1]).abs() < 1e-12
        })
    }

    #[test]
    fn times_are_found_and_values_kept() {
        // First times and periods with the patient's value 12.3, whether they jump, and whether anything is smooth.
        type Case = (&'static str, &'static [(f64, f64, bool)], bool);
        let cases: [Case; 26] = [
            ("t + 2 * t^2 + x", &[], false),
            ("t >= 5", &[(5.0, 0.0, true)], false),
            ("2 * p - 3 * t < p", &[(4.1, 0.0, true)], false),
            ("max(0, t - p) * x", &[(12.3, 0.0, false)], false),
            ("abs(t - 5) + (t > 5)", &[(5.0, 0.0, true)], false),
            ("(t - 5)^2 < 4", &[(3.0, 0.0, true), (7.0, 0.0, true)], false),
            ("floor(t / 7)", &[(0.0, 7.0, true)], false),
            ("t - 24 * floor(t / 24) < 1", &[(0.0, 24.0, true), (1.0, 24.0, true)], false),
            ("floor(t / 2) == 3", &[(0.0, 2.0, true)], false),
            ("exp(-((t - p) / 0.5)^2)", &[(12.3, 0.0, false)], true),
            ("exp(-t^2 + 20 * t)", &[(10.0, 0.0, false)], true),
            ("exp(-0.1 * x) * t", &[], false),
            ("t > x", &[(0.0, 0.0, false)], true),
            ("exp(-t) < 0.5", &[(0.0, 0.0, false), (std::f64::consts::LN_2, 0.0, true)], true),
            ("t %% p < p / 3", &[(0.0, 12.3, true), (4.1, 12.3, true)], false),
            ("t / p >= 0.5", &[(6.15, 0.0, true)], false),
            ("(t - 3) / p > 0 & (t - 3) / p < 1", &[(3.0, 0.0, true), (15.3, 0.0, true)], false),
            ("abs(t - 33) < 0.5", &[(32.5, 0.0, true), (33.0, 0.0, false), (33.5, 0.0, true)], false),
            ("max(0, 1 - abs(t - 9))", &[(8.0, 0.0, false), (9.0, 0.0, false), (10.0, 0.0, false)], false),
            ("2 - 3 * (t > 4) * (t < 6) < 0", &[(4.0, 0.0, true), (6.0, 0.0, true)], false),
            ("40 * (sqrt(t) > 7)", &[(0.0, 0.0, false), (49.0, 0.0, true)], true),
            ("2 * log10(t + 1) - 1 > 1", &[(-1.0, 0.0, false), (9.0, 0.0, true)], true),
            ("1 / (t + 1) < 0.2", &[(-1.0, 0.0, true), (4.0, 0.0, true)], true),
            ("t^3 > 27", &[(-3.0, 0.0, true), (0.0, 0.0, true), (3.0, 0.0, true)], true),
            ("t^1.5", &[(0.0, 0.0, false)], true),
            ("ifelse(t < p, exp(-(t - 5) / 3), x)", &[(5.0, 0.0, false), (12.3, 0.0, true)], true),
        ];
        for (text, expected, is_smooth) in cases {
            let (graph, root, over_time) = look(text);
            let value = |id: NodeId| graph.evaluate(&[id], |_| 12.3)[0];
            let landing = |landing: &Landing| (value(landing.first), value(landing.every), landing.jumps);
            let mut found: Vec<_> = over_time.landings.iter().map(landing).collect();
            found.sort_by(|a, b| a.0.total_cmp(&b.0));
            let close = |(a, b): (&(f64, f64, bool), &(f64, f64, bool))| {
                (a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12 && a.2 == b.2
            };
            assert!(
                found.len() == expected.len() && found.iter().zip(expected).all(close),
                "{text}: {found:?}"
            );
            assert_eq!(over_time.is_smooth(), is_smooth, "{text}");
            assert!(is_same(&graph, root, over_time.per_segment(root)), "{text}");
        }
    }
}
