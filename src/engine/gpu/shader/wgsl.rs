//! Expressions as WGSL: straight-line statements with the model's own names.
//!
//! Each node is written once: as a `let` if it has a name or is read more than once, else within the
//! expression that reads it. What is true or false stays a `bool` until a number is asked of it.
//! Functions whose arguments may lie outside their domain are calls of `shaders/math.wgsl`.

use wgpu::naga::keywords::wgsl::RESERVED;

use crate::hash::{HashMap, HashSet};
use crate::model::graph::{Binary, Graph, Node, NodeId, Unary};

/// An expression longer than this gets a name of its own.
const LONGEST: usize = 72;

/// Functions of which each of several drugs has its own, with its number behind a `_`.
const OF_DRUGS: &[&str] = &[
    "cycle",
    "days_held",
    "days_since_dose",
    "doses_given",
    "holds_so_far",
    "on_treatment",
    "reductions_so_far",
    "relative_dose",
    "skips_so_far",
];

/// Functions and variables that generated code refers to, and that no name may hide.
const TAKEN: &[&str] = &[
    "abs",
    "accumulated_days",
    "accumulated_time_of",
    "accumulated_value",
    "arc_tangent",
    "asked",
    "asked_before",
    "ceil",
    "cosine",
    "cycle",
    "days",
    "days_held",
    "days_since_dose",
    "dose",
    "doses_given",
    "exp",
    "exp_minus_1",
    "factors",
    "floor",
    "growth",
    "holds_so_far",
    "hyperbolic_tangent",
    "k1",
    "lane",
    "larger",
    "log_1_plus",
    "logarithm",
    "logarithm_10",
    "logarithm_2",
    "not_a_number",
    "on_study",
    "on_treatment",
    "p",
    "point",
    "power",
    "power_of_any_sign",
    "quantile",
    "rate",
    "reductions_so_far",
    "relative_dose",
    "residual_score",
    "result",
    "right",
    "seen",
    "select",
    "shift",
    "sine",
    "skips_so_far",
    "slope",
    "smaller",
    "square_root",
    "tick",
    "time",
    "x",
];

/// Names that are identifiers of WGSL, each given once.
#[derive(Debug, Default)]
pub(crate) struct Identifiers(HashSet<String>);

impl Identifiers {
    /// The name as an identifier: the same where WGSL allows it and it is free.
    pub(crate) fn make(&mut self, name: &str) -> String {
        let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        let mut text: String = letters.collect();
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            text.insert(0, 'v');
        }
        let is_of_drug = |text: &str| {
            let stem = text.rsplit_once('_').filter(|(_, drug)| drug.bytes().all(|c| c.is_ascii_digit()));
            stem.is_some_and(|(stem, _)| OF_DRUGS.contains(&stem))
        };
        let is_taken = |text: &str| TAKEN.contains(&text) || RESERVED.contains(&text) || is_of_drug(text);
        while is_taken(&text) || self.0.contains(&text) {
            text.push('_');
        }
        self.0.insert(text.clone());
        text
    }
}

/// What an expression may refer to.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// Nodes whose values are there before the statements run, as they are written: `x.central`.
    pub(crate) leaves: HashMap<NodeId, String>,
    /// Names for nodes in between.
    pub(crate) names: Vec<(NodeId, String)>,
}

/// Statements that compute each root and assign it to its target, one to a line.
///
/// # Panics
/// If a symbol is no leaf of the vocabulary.
pub(crate) fn statements(graph: &Graph, vocabulary: &Vocabulary, roots: &[(String, NodeId)]) -> Vec<String> {
    let mut writer = Writer::new(graph, vocabulary, roots);
    let mut nodes: Vec<NodeId> = writer.uses.keys().copied().collect();
    nodes.sort_unstable();
    for id in nodes {
        writer.write(id);
    }
    for (target, root) in roots {
        let value = writer.number(*root).text;
        writer.lines.push(format!("{target} = {value};"));
    }
    writer.lines
}

/// How tightly the outermost operation of a text binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Logic,
    Comparison,
    Sum,
    Product,
    Prefix,
    Whole,
}

/// A written expression.
#[derive(Debug, Clone)]
struct Text {
    text: String,
    binding: Binding,
    /// Whether it is a `bool`.
    truth: bool,
}

impl Text {
    fn whole(text: String) -> Self {
        Self { text, binding: Binding::Whole, truth: false }
    }

    /// In parentheses unless it binds at least so tightly.
    fn at_least(self, binding: Binding) -> String {
        if self.binding >= binding { self.text } else { format!("({})", self.text) }
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    uses: HashMap<NodeId, u32>,
    names: HashMap<NodeId, String>,
    identifiers: Identifiers,
    written: HashMap<NodeId, Text>,
    lines: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph, vocabulary: &Vocabulary, roots: &[(String, NodeId)]) -> Self {
        let written: Vec<NodeId> = roots.iter().map(|(_, root)| *root).collect();
        let uses = graph.uses(&written, |id| vocabulary.leaves.contains_key(&id));
        let mut identifiers = Identifiers::default();
        let mut names = HashMap::default();
        for (id, name) in &vocabulary.names {
            if uses.contains_key(id) && !names.contains_key(id) {
                names.insert(*id, identifiers.make(name));
            }
        }
        let leaves = vocabulary.leaves.iter();
        let written = leaves.map(|(&id, text)| (id, Text::whole(text.clone()))).collect();
        Self { graph, uses, names, identifiers, written, lines: Vec::new() }
    }

    fn write(&mut self, id: NodeId) {
        if self.written.contains_key(&id) {
            return;
        }
        let text = self.expression(id);
        let name = self.names.get(&id).cloned();
        let is_atom = matches!(self.graph.node(id), Node::Constant(_));
        let needs_name = name.is_some() || self.uses[&id] > 1 || text.text.len() > LONGEST;
        if is_atom || !needs_name {
            self.written.insert(id, text);
            return;
        }
        let name = name.unwrap_or_else(|| self.identifiers.make(&format!("v{}", id.index())));
        self.lines.push(format!("let {name} = {};", text.text));
        self.written.insert(id, Text { truth: text.truth, ..Text::whole(name) });
    }

    /// A node as a number.
    fn number(&self, id: NodeId) -> Text {
        let text = self.written[&id].clone();
        if text.truth { Text::whole(format!("select(0.0, 1.0, {})", text.text)) } else { text }
    }

    /// A node as a condition.
    fn condition(&self, id: NodeId) -> Text {
        let text = self.written[&id].clone();
        if text.truth {
            return text;
        }
        let text = format!("{} != 0.0", text.at_least(Binding::Sum));
        Text { text, binding: Binding::Comparison, truth: true }
    }

    fn expression(&self, id: NodeId) -> Text {
        match self.graph.node(id) {
            Node::Constant(bits) => constant(f64::from_bits(bits)),
            Node::Symbol(symbol) => unreachable!("{symbol:?} is no leaf of the vocabulary"),
            Node::Unary(op, a) => self.unary(op, a),
            Node::Binary(op, a, b) => self.binary(op, a, b),
            Node::Select { when, then, otherwise } => {
                let [then, otherwise] = [then, otherwise].map(|id| self.number(id).text);
                Text::whole(format!("select({otherwise}, {then}, {})", self.condition(when).text))
            }
            Node::Quantile { law, score, of } => {
                let [score, a, b] = [score, of[0], of[1]].map(|id| self.number(id).text);
                Text::whole(format!("quantile({}u, {score}, {a}, {b})", law.number()))
            }
        }
    }

    fn unary(&self, op: Unary, a: NodeId) -> Text {
        let function = match op {
            Unary::Negate => {
                let text = format!("-{}", self.number(a).at_least(Binding::Whole));
                return Text { text, binding: Binding::Prefix, truth: false };
            }
            Unary::Not => {
                let text = format!("!{}", self.condition(a).at_least(Binding::Whole));
                return Text { text, binding: Binding::Prefix, truth: true };
            }
            Unary::Abs => "abs",
            Unary::Sqrt => "square_root",
            Unary::Exp => "exp",
            Unary::Log => "logarithm",
            Unary::Log10 => "logarithm_10",
            Unary::Log2 => "logarithm_2",
            Unary::Expm1 => "exp_minus_1",
            Unary::Log1p => "log_1_plus",
            Unary::Tanh => "hyperbolic_tangent",
            Unary::Sin => "sine",
            Unary::Cos => "cosine",
            Unary::Atan => "arc_tangent",
            Unary::Floor => "floor",
            Unary::Ceil => "ceil",
        };
        Text::whole(format!("{function}({})", self.number(a).text))
    }

    fn binary(&self, op: Binary, a: NodeId, b: NodeId) -> Text {
        let call = |function: &str| {
            Text::whole(format!("{function}({}, {})", self.number(a).text, self.number(b).text))
        };
        match op {
            Binary::Add => self.infix("+", Binding::Sum, a, b),
            Binary::Sub => self.infix("-", Binding::Sum, a, b),
            Binary::Mul => self.infix("*", Binding::Product, a, b),
            Binary::Div => self.infix("/", Binding::Product, a, b),
            Binary::Pow => match self.graph.as_constant(b) {
                Some(exponent) if exponent.fract() != 0.0 => call("power"),
                _ => call("power_of_any_sign"),
            },
            Binary::Min => call("smaller"),
            Binary::Max => call("larger"),
            Binary::Less => self.comparison("<", a, b),
            Binary::LessEqual => self.comparison("<=", a, b),
            Binary::Equal => self.comparison("==", a, b),
            // Not `&&` and `||`, which branch.
            Binary::And => self.logic("&", a, b),
            Binary::Or => self.logic("|", a, b),
        }
    }

    /// An operation of numbers, in the order of the graph: the right side keeps its parentheses.
    fn infix(&self, symbol: &str, binding: Binding, a: NodeId, b: NodeId) -> Text {
        let tighter = if binding == Binding::Sum { Binding::Product } else { Binding::Prefix };
        let (a, b) = (self.number(a).at_least(binding), self.number(b).at_least(tighter));
        Text { text: format!("{a} {symbol} {b}"), binding, truth: false }
    }

    fn comparison(&self, symbol: &str, a: NodeId, b: NodeId) -> Text {
        let [a, b] = [a, b].map(|id| self.number(id).at_least(Binding::Sum));
        Text { text: format!("{a} {symbol} {b}"), binding: Binding::Comparison, truth: true }
    }

    fn logic(&self, symbol: &str, a: NodeId, b: NodeId) -> Text {
        let [a, b] = [a, b].map(|id| self.condition(id).at_least(Binding::Prefix));
        Text { text: format!("{a} {symbol} {b}"), binding: Binding::Logic, truth: true }
    }
}

fn constant(value: f64) -> Text {
    let text = literal(value);
    let binding = if text.starts_with('-') { Binding::Prefix } else { Binding::Whole };
    Text { text, binding, truth: false }
}

/// A number as WGSL writes an `f32`: what is too large for one is its largest, what is too small is 0.
pub(crate) fn literal(value: f64) -> String {
    if value.is_nan() {
        return "not_a_number()".into();
    }
    let value = (value as f32).clamp(f32::MIN, f32::MAX);
    let value = if value.is_subnormal() { 0.0 } else { value };
    format!("{value:?}")
}

/// Numbers as WGSL writes them.
pub(crate) fn literals(values: &[f64]) -> Vec<String> {
    values.iter().copied().map(literal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::Symbol;

    fn lines(build: impl Fn(&mut Graph, [NodeId; 3]) -> NodeId) -> Vec<String> {
        let mut graph = Graph::default();
        let [a, b, c] = [0, 1, 2].map(|i| graph.symbol(Symbol::State(i)));
        let root = build(&mut graph, [a, b, c]);
        let leaves = [(a, "x.a".into()), (b, "x.b".into()), (c, "x.c".into())];
        let vocabulary = Vocabulary { leaves: leaves.into_iter().collect(), names: vec![] };
        statements(&graph, &vocabulary, &[("y".into(), root)])
    }

    #[test]
    fn parentheses_keep_the_order_of_the_graph() {
        let text = lines(|g, [a, b, c]| {
            let difference = g.binary(Binary::Sub, b, c);
            let outer = g.binary(Binary::Sub, a, difference);
            g.binary(Binary::Mul, outer, c)
        });
        assert_eq!(text, ["y = x.c * (x.a - (x.b - x.c));"]);
        let text = lines(|g, [a, b, c]| {
            let product = g.binary(Binary::Mul, b, c);
            let quotient = g.binary(Binary::Div, a, product);
            g.unary(Unary::Negate, quotient)
        });
        assert_eq!(text, ["y = -(x.a / (x.b * x.c));"]);
    }

    #[test]
    fn what_is_read_twice_is_written_once() {
        let text = lines(|g, [a, b, _]| {
            let sum = g.binary(Binary::Add, a, b);
            let e = g.unary(Unary::Exp, sum);
            g.binary(Binary::Div, e, sum)
        });
        assert_eq!(text, ["let v3 = x.a + x.b;", "y = exp(v3) / v3;"]);
    }

    #[test]
    fn conditions_are_bools_until_a_number_is_asked_for() {
        let text = lines(|g, [a, b, c]| {
            let less = g.binary(Binary::Less, a, b);
            let both = g.binary(Binary::And, less, c);
            g.select(both, a, less)
        });
        assert_eq!(
            text,
            ["let v3 = x.a < x.b;", "y = select(select(0.0, 1.0, v3), x.a, (x.c != 0.0) & v3);"]
        );
    }

    #[test]
    fn names_are_identifiers_and_hide_nothing() {
        let mut identifiers = Identifiers::default();
        let made = ["Ctab", "fn", "exp", "a.b", "a_b", ".x", "Ctab"].map(|name| identifiers.make(name));
        assert_eq!(made, ["Ctab", "fn_", "exp_", "a_b", "a_b_", "v_x", "Ctab_"]);
    }

    #[test]
    fn numbers_fit_an_f32() {
        assert_eq!(literal(0.1), "0.1");
        assert_eq!(literal(-3.0), "-3.0");
        assert_eq!(literal(1e300), "3.4028235e38");
        assert_eq!(literal(1e-300), "0.0");
        assert_eq!(literal(f64::NAN), "not_a_number()");
    }
}
