//! The expression graph: the one copy of every equation.
//!
//! Nodes are hash-consed, so equal expressions are one node, and constants are folded as nodes
//! are made. Operands always come before the node that uses them, so a pass by increasing
//! [`NodeId`] is a topological order. Logical values are numbers: 1 for true, 0 for false, and
//! anything but 0 is true.

use crate::hash::{HashMap, HashSet};
use crate::probability::Law;
use crate::unit::Conversion;

/// Index of a node in its [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// Position in the graph's list of nodes.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A value that enters the graph from outside. Numbers index the model's own lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// Fixed effect: `Model::parameters[i]`.
    Parameter(u32),
    /// Random effect: the i-th of the model's omega blocks, in order.
    Effect(u32),
    /// Covariate: `Model::covariates[i]`.
    Covariate(u32),
    /// State: `Model::states[i]`.
    State(u32),
    /// Time since the first planned dose, in the model's time unit.
    Time,
    /// Time in the middle of the stretch between landings that is being integrated, in the model's time unit:
    /// constant from one [landing](crate::plan::Plan::landings) to the next, so that what is compared with it
    /// changes nowhere else.
    SegmentTime,
    /// Standard normal score of the i-th residual line, one per patient and visit.
    Residual(u32),
    /// What the plan's i-th accumulator has come to: an extreme, a value or an area as it is, a time or
    /// a duration in days, exact for whole days, and 1e30 for a time that never came. Read by an
    /// expression that a later accumulator keeps, it includes the present visit; else it is that of the
    /// visit before.
    Accumulated(u32),
    /// How far a patient's treatment has come, before what the present visit decides.
    Treatment(TreatmentVariable, OfDrugs),
    /// A value in the linear systems that an implicit method solves at every step.
    Linear(Linear),
    /// Time since the start of a step, in the model's time unit, where the state after it is known in closed form.
    Elapsed,
    /// What is known of the doses that have begun to enter, constant from one landing to the next.
    Dose(DoseValue, Dosed),
}

/// What is known of the doses that have begun to enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoseValue {
    /// When the last one began, model time; not a number before the first.
    Last,
    /// When the first one began, model time; not a number before it.
    First,
    /// The amount of the last one in the model's dosing unit, before `f(state)`; 0 before the first.
    Amount,
    /// How many there are.
    Count,
}

/// Where doses enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dosed {
    /// Anywhere.
    Any,
    /// The i-th state.
    State(u32),
}

impl Dosed {
    /// Whether a dose into a state is meant.
    pub(crate) fn is_into(self, state: usize) -> bool {
        match self {
            Self::Any => true,
            Self::State(i) => state == i as usize,
        }
    }
}

/// A value in the linear systems `(s I - J) x = b` of an implicit method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Linear {
    /// The shift `s`.
    Shift,
    /// The i-th value that the factorisation keeps for its solves.
    Factor(u32),
    /// The right-hand side's i-th entry.
    Right(u32),
}

/// With which drugs a patient is treated, of those that a plan has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfDrugs {
    /// Any of them.
    All,
    /// The i-th.
    One(u32),
}

/// How far a patient's treatment has come at a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TreatmentVariable {
    /// Days since the first planned dose, exact for whole days.
    Day,
    /// Doses given so far.
    DosesGiven,
    /// Doses so far that were held.
    Holds,
    /// Doses so far at which the dose was reduced.
    Reductions,
    /// Doses so far that were skipped.
    Skips,
    /// Number of the dose that is due, else of the last one given: 1 is the first.
    Cycle,
    /// Days since the last dose was given; 1e30 before the first.
    DaysSinceDose,
    /// Days for which the dose that is due has been held; 0 if none is due.
    DaysHeld,
    /// The present dose as a multiple of the arm's.
    RelativeDose,
    /// 1 until treatment has stopped, else 0.
    OnTreatment,
    /// 1 until the patient has left the trial, else 0.
    OnStudy,
}

impl Symbol {
    /// When a value of this kind is known.
    pub fn stage(self) -> Stage {
        match self {
            Self::Parameter(_) | Self::Effect(_) | Self::Covariate(_) => Stage::Patient,
            Self::State(_)
            | Self::Time
            | Self::SegmentTime
            | Self::Residual(_)
            | Self::Accumulated(_)
            | Self::Treatment(..)
            | Self::Linear(_)
            | Self::Elapsed
            | Self::Dose(..) => Stage::Dynamic,
        }
    }
}

/// When the value of a node is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Known before anything runs.
    Constant,
    /// Known once per patient: computed before integration, out of the right-hand side.
    Patient,
    /// Depends on time or state.
    Dynamic,
}

/// Functions of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `-x`
    Negate,
    /// `|x|`
    Abs,
    /// Square root.
    Sqrt,
    /// `e^x`
    Exp,
    /// Natural logarithm.
    Log,
    /// Logarithm to the base 10, whole at whole powers of it.
    Log10,
    /// Logarithm to the base 2, whole at whole powers of it.
    Log2,
    /// `e^x - 1`
    Expm1,
    /// `log(1 + x)`
    Log1p,
    /// Hyperbolic tangent.
    Tanh,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Angle of a tangent, between minus and plus a right angle.
    Atan,
    /// Largest integer not above.
    Floor,
    /// Smallest integer not below.
    Ceil,
    /// 1 if `x == 0`, else 0.
    Not,
}

/// Functions of two arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a ^ b`
    Pow,
    /// The smaller; not a number if one of them is not.
    Min,
    /// The larger; not a number if one of them is not.
    Max,
    /// 1 if `a < b`, else 0. `a > b` is `Less(b, a)`.
    Less,
    /// 1 if `a <= b`, else 0.
    LessEqual,
    /// 1 if equal, else 0.
    Equal,
    /// 1 if both are not 0, else 0.
    And,
    /// 1 if one is not 0, else 0.
    Or,
}

/// One expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// A number, by its bits so that nodes can be compared.
    Constant(u64),
    /// A value from outside.
    Symbol(Symbol),
    /// A function of one argument.
    Unary(Unary, NodeId),
    /// A function of two arguments.
    Binary(Binary, NodeId, NodeId),
    /// `when != 0 ? then : otherwise`; both sides are evaluated, one is taken.
    Select {
        /// The condition.
        when: NodeId,
        /// Value where the condition is not 0.
        then: NodeId,
        /// Value where it is 0.
        otherwise: NodeId,
    },
    /// The value of a distribution at a standard normal score.
    Quantile {
        /// The distribution.
        law: Law,
        /// The score.
        score: NodeId,
        /// Its parameters; of one that has a single one, the second is of no matter.
        of: [NodeId; 2],
    },
}

/// Hash-consed expressions.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    stages: Vec<Stage>,
    index: HashMap<Node, NodeId>,
}

impl Graph {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node, in topological order: the i-th has the id with index i.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.nodes.iter().copied()
    }

    /// Their ids, in the same order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The expression behind an id.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.index()]
    }

    /// When the value of a node is known.
    pub fn stage(&self, id: NodeId) -> Stage {
        self.stages[id.index()]
    }

    /// The number, if the node is one.
    pub fn as_constant(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// The symbol, if the node is one.
    pub fn as_symbol(&self, id: NodeId) -> Option<Symbol> {
        match self.node(id) {
            Node::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> NodeId {
        // -0.0 and 0.0 are one number here, so that `x - 0` folds alike for both.
        let value = if value == 0.0 { 0.0 } else { value };
        self.intern(Node::Constant(value.to_bits()))
    }

    /// A value from outside.
    pub fn symbol(&mut self, symbol: Symbol) -> NodeId {
        self.intern(Node::Symbol(symbol))
    }

    /// A function of one argument, folded where possible.
    pub fn unary(&mut self, op: Unary, a: NodeId) -> NodeId {
        if let Some(x) = self.as_constant(a) {
            return self.constant(op.apply(x));
        }
        match (op, self.node(a)) {
            (Unary::Negate, Node::Unary(Unary::Negate, inner)) => inner,
            // exp(log(x)) is x only where x > 0, so it stays as written.
            _ => self.intern(Node::Unary(op, a)),
        }
    }

    /// A function of two arguments, folded where the result is the same number for every finite
    /// argument.
    pub fn binary(&mut self, op: Binary, a: NodeId, b: NodeId) -> NodeId {
        let (x, y) = (self.as_constant(a), self.as_constant(b));
        if let (Some(x), Some(y)) = (x, y) {
            return self.constant(op.apply(x, y));
        }
        match (op, x, y) {
            (Binary::Add, Some(0.0), _) | (Binary::Mul, Some(1.0), _) => return b,
            (Binary::Add | Binary::Sub, _, Some(0.0)) => return a,
            (Binary::Mul | Binary::Div | Binary::Pow, _, Some(1.0)) => return a,
            (Binary::Sub, Some(0.0), _) => return self.unary(Unary::Negate, b),
            (Binary::Mul, Some(0.0), _) | (Binary::Mul, _, Some(0.0)) => return self.constant(0.0),
            (Binary::Pow, _, Some(0.0)) => return self.constant(1.0),
            (Binary::Pow, _, Some(0.5)) => return self.unary(Unary::Sqrt, a),
            (Binary::Pow, _, Some(2.0)) => return self.binary(Binary::Mul, a, a),
            (Binary::Pow, _, Some(-1.0)) => {
                let one = self.constant(1.0);
                return self.binary(Binary::Div, one, a);
            }
            _ => {}
        }
        if a == b && matches!(op, Binary::Min | Binary::Max) {
            return a;
        }
        let (a, b) = if op.commutes() && b < a { (b, a) } else { (a, b) };
        self.intern(Node::Binary(op, a, b))
    }

    /// A number in one unit as one in another.
    pub(crate) fn converted(&mut self, number: NodeId, conversion: Conversion) -> NodeId {
        if conversion.is_none() {
            return number;
        }
        let [times, over] = [conversion.times, conversion.over].map(|factor| self.constant(factor));
        let product = self.binary(Binary::Mul, number, times);
        self.binary(Binary::Div, product, over)
    }

    /// `when != 0 ? then : otherwise`, folded where the condition is known.
    pub fn select(&mut self, when: NodeId, then: NodeId, otherwise: NodeId) -> NodeId {
        match self.as_constant(when) {
            Some(0.0) => otherwise,
            Some(_) => then,
            None if then == otherwise => then,
            None => self.intern(Node::Select { when, then, otherwise }),
        }
    }

    /// The value of a distribution at a standard normal score, folded where everything is known.
    pub fn quantile(&mut self, law: Law, score: NodeId, of: [NodeId; 2]) -> NodeId {
        match [score, of[0], of[1]].map(|id| self.as_constant(id)) {
            [Some(score), Some(a), Some(b)] => self.constant(law.quantile(score, a, b)),
            _ => self.intern(Node::Quantile { law, score, of }),
        }
    }

    /// A node, of this graph or another, made here of other operands.
    pub fn remake(&mut self, node: Node, operand: impl Fn(NodeId) -> NodeId) -> NodeId {
        match node {
            Node::Constant(bits) => self.constant(f64::from_bits(bits)),
            Node::Symbol(symbol) => self.symbol(symbol),
            Node::Unary(op, a) => self.unary(op, operand(a)),
            Node::Binary(op, a, b) => self.binary(op, operand(a), operand(b)),
            Node::Select { when, then, otherwise } => {
                self.select(operand(when), operand(then), operand(otherwise))
            }
            Node::Quantile { law, score, of } => self.quantile(law, operand(score), of.map(operand)),
        }
    }

    /// The operands of a node, in order.
    pub fn operands(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        let list = match self.node(id) {
            Node::Constant(_) | Node::Symbol(_) => [None; 3],
            Node::Unary(_, a) => [Some(a), None, None],
            Node::Binary(_, a, b) => [Some(a), Some(b), None],
            Node::Select { when, then, otherwise } => [Some(when), Some(then), Some(otherwise)],
            Node::Quantile { score, of: [a, b], .. } => [Some(score), Some(a), Some(b)],
        };
        list.into_iter().flatten()
    }

    /// Every node that `roots` need, themselves included, in topological order.
    pub fn reachable(&self, roots: &[NodeId]) -> Vec<NodeId> {
        let mut needed = vec![false; self.nodes.len()];
        for root in roots {
            needed[root.index()] = true;
        }
        for i in (0..self.nodes.len()).rev() {
            if needed[i] {
                for operand in self.operands(NodeId(i as u32)) {
                    needed[operand.index()] = true;
                }
            }
        }
        (0..self.nodes.len() as u32).map(NodeId).filter(|id| needed[id.index()]).collect()
    }

    /// The nodes at which the evaluation of `roots` begins, in order: symbols, constants, and what is `known`.
    pub fn leaves(&self, roots: &[NodeId], known: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let (mut seen, mut open, mut leaves) = (HashSet::default(), roots.to_vec(), Vec::new());
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                if known(id) || matches!(self.node(id), Node::Constant(_) | Node::Symbol(_)) {
                    leaves.push(id);
                } else {
                    open.extend(self.operands(id));
                }
            }
        }
        leaves.sort_unstable();
        leaves
    }

    /// How often each node that `roots` need is read, themselves included; what `known` nodes need is not counted.
    pub fn uses(&self, roots: &[NodeId], known: impl Fn(NodeId) -> bool) -> HashMap<NodeId, u32> {
        let (mut uses, mut open) = (HashMap::default(), roots.to_vec());
        while let Some(id) = open.pop() {
            let count = uses.entry(id).or_insert(0);
            *count += 1;
            if *count == 1 && !known(id) {
                open.extend(self.operands(id));
            }
        }
        uses
    }

    /// The values of `roots`, from the values of the symbols: the plain scalar meaning of the
    /// graph, with the platform's functions.
    pub fn evaluate(&self, roots: &[NodeId], value: impl Fn(Symbol) -> f64) -> Vec<f64> {
        let values = self.values(roots, |_| None, value);
        roots.iter().map(|root| values[root]).collect()
    }

    /// The values of `roots` and of all that they need, from those of the symbols and of the nodes that are `known`.
    pub(crate) fn values(
        &self,
        roots: &[NodeId],
        known: impl Fn(NodeId) -> Option<f64>,
        value: impl Fn(Symbol) -> f64,
    ) -> HashMap<NodeId, f64> {
        let mut values = HashMap::default();
        for id in self.reachable(roots) {
            let computed = || match self.node(id) {
                Node::Constant(bits) => f64::from_bits(bits),
                Node::Symbol(symbol) => value(symbol),
                Node::Unary(op, a) => op.apply(values[&a]),
                Node::Binary(op, a, b) => op.apply(values[&a], values[&b]),
                Node::Select { when, then, otherwise } => {
                    if values[&when] != 0.0 {
                        values[&then]
                    } else {
                        values[&otherwise]
                    }
                }
                Node::Quantile { law, score, of: [a, b] } => {
                    law.quantile(values[&score], values[&a], values[&b])
                }
            };
            let v = known(id).unwrap_or_else(computed);
            values.insert(id, v);
        }
        values
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(&id) = self.index.get(&node) {
            return id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        let stage = match node {
            Node::Constant(_) => Stage::Constant,
            Node::Symbol(symbol) => symbol.stage(),
            _ => self.operands(id).map(|o| self.stage(o)).max().unwrap_or(Stage::Constant),
        };
        self.stages.push(stage);
        self.index.insert(node, id);
        id
    }
}

impl Unary {
    /// The function's value.
    #[inline]
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Negate => -x,
            Self::Abs => x.abs(),
            Self::Sqrt => x.sqrt(),
            Self::Exp => x.exp(),
            Self::Log => x.ln(),
            Self::Log10 => x.log10(),
            Self::Log2 => x.log2(),
            Self::Expm1 => x.exp_m1(),
            Self::Log1p => x.ln_1p(),
            Self::Tanh => x.tanh(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Atan => x.atan(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Not => f64::from(x == 0.0),
        }
    }
}

impl Binary {
    /// The function's value.
    #[inline]
    pub fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Pow => a.powf(b),
            Self::Min if a < b || a.is_nan() => a,
            Self::Max if a > b || a.is_nan() => a,
            Self::Min | Self::Max => b,
            Self::Less => f64::from(a < b),
            Self::LessEqual => f64::from(a <= b),
            Self::Equal => f64::from(a == b),
            Self::And => f64::from(a != 0.0 && b != 0.0),
            Self::Or => f64::from(a != 0.0 || b != 0.0),
        }
    }

    fn commutes(self) -> bool {
        matches!(self, Self::Add | Self::Mul | Self::Min | Self::Max | Self::Equal | Self::And | Self::Or)
    }
}
