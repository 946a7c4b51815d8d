//! Expressions of a plan as a model would write them.

use super::Plan;
use crate::hash::HashMap;
use crate::model::graph::{Binary, Node, NodeId, Symbol, Unary};

/// Operands are written out in an expression, and theirs, up to so many.
const DEPTH: usize = 3;

impl Plan {
    /// An expression as a model would write it, with the names that it gives to parts of it.
    pub fn text(&self, of: NodeId) -> String {
        let named = self.names.iter().map(|(node, name)| (*node, name.as_str()));
        let names = named.rev().filter(|&(node, _)| node != of).collect();
        Words { plan: self, names }.operation(of, DEPTH).0
    }
}

/// How strongly an operation binds its operands, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Word,
}

struct Words<'a> {
    plan: &'a Plan,
    names: HashMap<NodeId, &'a str>,
}

impl Words<'_> {
    fn operand(&self, of: NodeId, depth: usize, least: Binds) -> String {
        if let Some(&name) = self.names.get(&of) {
            return name.to_owned();
        }
        match depth.checked_sub(1) {
            None if self.is_operation(of) => "...".to_owned(),
            depth => {
                let (text, binds) = self.operation(of, depth.unwrap_or(0));
                if binds < least { format!("({text})") } else { text }
            }
        }
    }

    fn is_operation(&self, of: NodeId) -> bool {
        !matches!(self.plan.graph.node(of), Node::Constant(_) | Node::Symbol(_))
    }

    fn operation(&self, of: NodeId, depth: usize) -> (String, Binds) {
        let call = |name: &str, of: &[NodeId]| {
            let arguments: Vec<String> = of.iter().map(|&of| self.operand(of, depth, Binds::Or)).collect();
            (format!("{name}({})", arguments.join(", ")), Binds::Word)
        };
        match self.plan.graph.node(of) {
            Node::Constant(bits) => (f64::from_bits(bits).to_string(), Binds::Word),
            Node::Symbol(symbol) => (self.symbol(symbol), Binds::Word),
            Node::Unary(Unary::Negate, a) => {
                (format!("-{}", self.operand(a, depth, Binds::Sign)), Binds::Sign)
            }
            Node::Unary(Unary::Not, a) => (format!("!{}", self.operand(a, depth, Binds::Sign)), Binds::Sign),
            Node::Unary(function, a) => call(function_name(function), &[a]),
            Node::Binary(Binary::Min, a, b) => call("min", &[a, b]),
            Node::Binary(Binary::Max, a, b) => call("max", &[a, b]),
            Node::Binary(operator, a, b) => {
                let (sign, binds, right) = infix(operator);
                let left = if binds == Binds::Power { Binds::Word } else { binds };
                let [a, b] = [self.operand(a, depth, left), self.operand(b, depth, right)];
                (format!("{a}{sign}{b}"), binds)
            }
            Node::Select { when, then, otherwise } => call("ifelse", &[when, then, otherwise]),
            Node::Quantile { score, of: [a, b], .. } => call("quantile", &[score, a, b]),
        }
    }

    fn symbol(&self, symbol: Symbol) -> String {
        match symbol {
            Symbol::State(i) => {
                self.plan.states.get(i as usize).map_or("a state", |state| &state.name).to_owned()
            }
            Symbol::Time | Symbol::SegmentTime => "t".to_owned(),
            _ => "...".to_owned(),
        }
    }
}

fn function_name(function: Unary) -> &'static str {
    match function {
        Unary::Negate => "-",
        Unary::Not => "!",
        Unary::Abs => "abs",
        Unary::Sqrt => "sqrt",
        Unary::Exp => "exp",
        Unary::Log => "log",
        Unary::Log10 => "log10",
        Unary::Log2 => "log2",
        Unary::Expm1 => "expm1",
        Unary::Log1p => "log1p",
        Unary::Tanh => "tanh",
        Unary::Sin => "sin",
        Unary::Cos => "cos",
        Unary::Atan => "atan",
        Unary::Floor => "floor",
        Unary::Ceil => "ceiling",
    }
}

/// An operator, how strongly it binds, and how strongly its right operand must.
fn infix(operator: Binary) -> (&'static str, Binds, Binds) {
    match operator {
        Binary::Or => (" | ", Binds::Or, Binds::Or),
        Binary::And => (" & ", Binds::And, Binds::And),
        Binary::Less => (" < ", Binds::Comparison, Binds::Sum),
        Binary::LessEqual => (" <= ", Binds::Comparison, Binds::Sum),
        Binary::Equal => (" == ", Binds::Comparison, Binds::Sum),
        Binary::Add => (" + ", Binds::Sum, Binds::Sum),
        Binary::Sub => (" - ", Binds::Sum, Binds::Product),
        Binary::Mul => (" * ", Binds::Product, Binds::Product),
        Binary::Div => (" / ", Binds::Product, Binds::Sign),
        Binary::Pow => ("^", Binds::Power, Binds::Power),
        Binary::Min | Binary::Max => (", ", Binds::Or, Binds::Or),
    }
}
