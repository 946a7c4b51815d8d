//! From expressions to a [`Program`]: which instructions, in which order, in which registers.

use crate::hash::{HashMap, HashSet};
use crate::model::graph::{Binary, Graph, Node, NodeId, Unary};

use super::program::{Instruction, Op, Register};

/// Instructions and the registers they need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Program {
    /// In order of execution.
    pub(crate) code: Vec<Instruction>,
    /// First register that is not used.
    pub(crate) end: Register,
}

/// Registers in a row that a program finds or leaves elsewhere: their number, the first, and the first of the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    pub(crate) count: usize,
    pub(crate) from: Register,
    pub(crate) to: Register,
}

impl Program {
    /// The same of other registers, which it does not use otherwise.
    pub(crate) fn moved(&self, moves: &[Moved]) -> Self {
        let place = |register: Register| {
            let within = |moved: &Moved| {
                let at = register.checked_sub(moved.from)?;
                (usize::from(at) < moved.count).then_some(moved.to + at)
            };
            moves.iter().find_map(within).unwrap_or(register)
        };
        let elsewhere = |&Instruction { op, to, from }: &Instruction| Instruction {
            op,
            to: place(to),
            from: from.map(place),
        };
        Self { code: self.code.iter().map(elsewhere).collect(), end: self.end }
    }
}

/// Where a program finds and leaves its values.
pub(crate) struct Places<'a> {
    /// The registers of the nodes whose values are there before the program runs: every one of
    /// [`Graph::leaves`].
    pub(crate) known: &'a HashMap<NodeId, Register>,
    /// The register of each root's value. None of them is a leaf's.
    pub(crate) outputs: &'a [Register],
    /// First register free for values in between.
    pub(crate) scratch: Register,
}

/// Compiles the values of `roots`.
pub(crate) fn compile(graph: &Graph, roots: &[NodeId], places: &Places<'_>) -> Program {
    let selection = Selection::new(graph, roots, places.known);
    let order = selection.order(roots);
    allocate(&selection, &order, roots, places)
}

/// The nodes below `roots` that are not known, each with how often it is read.
struct Selection<'a> {
    graph: &'a Graph,
    known: &'a HashMap<NodeId, Register>,
    uses: HashMap<NodeId, u32>,
}

impl<'a> Selection<'a> {
    fn new(graph: &'a Graph, roots: &[NodeId], known: &'a HashMap<NodeId, Register>) -> Self {
        let uses = graph.uses(roots, |id| known.contains_key(&id));
        Self { graph, known, uses }
    }

    /// The operands of `id` if it is `op` and can be made part of the only instruction that reads it.
    fn inside(&self, id: NodeId, op: Binary) -> Option<(NodeId, NodeId)> {
        match self.graph.node(id) {
            Node::Binary(found, a, b)
                if found == op && self.uses[&id] == 1 && !self.known.contains_key(&id) =>
            {
                Some((a, b))
            }
            _ => None,
        }
    }

    /// The instruction that computes a node, and its operands.
    fn instruction(&self, id: NodeId) -> (Op, Vec<NodeId>) {
        match self.graph.node(id) {
            Node::Unary(op, a) => (unary(op), vec![a]),
            Node::Select { when, then, otherwise } => (Op::Select, vec![when, then, otherwise]),
            Node::Quantile { law, score, of: [a, b] } => (Op::Quantile(law), vec![score, a, b]),
            Node::Binary(op, a, b) => self.binary(op, a, b),
            Node::Constant(_) | Node::Symbol(_) => unreachable!("every symbol and constant is a leaf"),
        }
    }

    fn binary(&self, op: Binary, a: NodeId, b: NodeId) -> (Op, Vec<NodeId>) {
        let plain = match op {
            Binary::Add => {
                if let Some((x, y)) = self.inside(b, Binary::Mul) {
                    return (Op::MulAdd, vec![x, y, a]);
                }
                if let Some((x, y)) = self.inside(a, Binary::Mul) {
                    return (Op::MulAdd, vec![x, y, b]);
                }
                Op::Add
            }
            Binary::Sub => {
                if let Some((x, y)) = self.inside(b, Binary::Mul) {
                    return (Op::NegMulAdd, vec![x, y, a]);
                }
                if let Some((x, y)) = self.inside(a, Binary::Mul) {
                    return (Op::MulSub, vec![x, y, b]);
                }
                Op::Sub
            }
            Binary::Mul if a == b => return (Op::Square, vec![a]),
            Binary::Mul => {
                for (sum, other) in [(a, b), (b, a)] {
                    if let Some((x, y)) = self.inside(sum, Binary::Sub) {
                        return (Op::SubMul, vec![x, y, other]);
                    }
                    if let Some((x, y)) = self.inside(sum, Binary::Add) {
                        return (Op::AddMul, vec![x, y, other]);
                    }
                }
                Op::Mul
            }
            Binary::Pow => match self.graph.as_constant(b) {
                Some(exponent) if exponent.fract() != 0.0 => Op::Power,
                _ => Op::Pow,
            },
            Binary::Div => Op::Div,
            Binary::Min => Op::Min,
            Binary::Max => Op::Max,
            Binary::Less => Op::Less,
            Binary::LessEqual => Op::LessEqual,
            Binary::Equal => Op::Equal,
            Binary::And => Op::And,
            Binary::Or => Op::Or,
        };
        (plain, vec![a, b])
    }

    /// Nodes to compute, each after its operands and soon before it is read: depth first.
    fn order(&self, roots: &[NodeId]) -> Vec<(NodeId, Op, Vec<NodeId>)> {
        let mut order = Vec::new();
        let mut done = HashSet::default();
        for &root in roots {
            let mut open = vec![root];
            while let Some(&id) = open.last() {
                if done.contains(&id) || self.known.contains_key(&id) {
                    open.pop();
                    continue;
                }
                let (op, operands) = self.instruction(id);
                let before = open.len();
                open.extend(
                    operands
                        .iter()
                        .rev()
                        .copied()
                        .filter(|operand| !done.contains(operand) && !self.known.contains_key(operand)),
                );
                if open.len() == before {
                    done.insert(id);
                    order.push((id, op, operands));
                    open.pop();
                }
            }
        }
        order
    }
}

fn unary(op: Unary) -> Op {
    match op {
        Unary::Negate => Op::Negate,
        Unary::Abs => Op::Abs,
        Unary::Sqrt => Op::Sqrt,
        Unary::Exp => Op::Exp,
        Unary::Log => Op::Log,
        Unary::Log10 => Op::Log10,
        Unary::Log2 => Op::Log2,
        Unary::Expm1 => Op::Expm1,
        Unary::Log1p => Op::Log1p,
        Unary::Tanh => Op::Tanh,
        Unary::Sin => Op::Sin,
        Unary::Cos => Op::Cos,
        Unary::Atan => Op::Atan,
        Unary::Floor => Op::Floor,
        Unary::Ceil => Op::Ceil,
        Unary::Not => Op::Not,
    }
}

/// Gives every value a register; one is free again after the last instruction that reads it.
fn allocate(
    selection: &Selection<'_>,
    order: &[(NodeId, Op, Vec<NodeId>)],
    roots: &[NodeId],
    places: &Places<'_>,
) -> Program {
    let mut last_read = HashMap::default();
    for (position, (_, _, operands)) in order.iter().enumerate() {
        for &operand in operands {
            last_read.insert(operand, position);
        }
    }
    let mut homes: HashMap<NodeId, Register> = HashMap::default();
    for (root, &output) in roots.iter().zip(places.outputs) {
        homes.entry(*root).or_insert(output);
    }
    let mut free = Vec::new();
    let mut end = places.scratch;
    let mut code = Vec::with_capacity(order.len());
    let mut temporary: HashMap<NodeId, Register> = HashMap::default();
    for (position, (id, op, operands)) in order.iter().enumerate() {
        let to = homes.get(id).copied().unwrap_or_else(|| {
            let register = free.pop().unwrap_or_else(|| {
                end += 1;
                end - 1
            });
            temporary.insert(*id, register);
            register
        });
        let found = |id: &NodeId| {
            selection
                .known
                .get(id)
                .copied()
                .or_else(|| temporary.get(id).copied())
                .unwrap_or_else(|| homes[id])
        };
        let registers: Vec<Register> = operands.iter().map(found).collect();
        let at = |i: usize| registers.get(i).copied().unwrap_or(registers[0]);
        code.push(Instruction { op: *op, to, from: [at(0), at(1), at(2)] });
        for operand in operands {
            if last_read[operand] == position
                && let Some(register) = temporary.remove(operand)
            {
                free.push(register);
            }
        }
    }
    for (root, &output) in roots.iter().zip(places.outputs) {
        let home = selection.known.get(root).copied().unwrap_or_else(|| homes[root]);
        if home != output {
            code.push(Instruction { op: Op::Copy, to: output, from: [home; 3] });
        }
    }
    Program { code, end }
}

#[cfg(test)]
mod tests {
    use super::super::program::{Block, run};
    use super::*;
    use crate::isa::Plain;
    use crate::model::graph::Symbol;

    /// States 0..4 in registers 0..4, outputs from 4 on.
    fn execute(graph: &Graph, roots: &[NodeId], states: [f64; 4]) -> (Program, Vec<f64>) {
        let outputs: Vec<Register> = (4..4 + roots.len() as Register).collect();
        let known = graph
            .leaves(roots, |_| false)
            .into_iter()
            .filter_map(|id| match graph.node(id) {
                Node::Symbol(Symbol::State(i)) => Some((id, i as Register)),
                _ => None,
            })
            .collect();
        let scratch = 4 + roots.len() as Register;
        let program = compile(graph, roots, &Places { known: &known, outputs: &outputs, scratch });
        let mut registers = vec![Block::splat(f64::NAN); usize::from(program.end)];
        for (register, value) in registers.iter_mut().zip(states) {
            *register = Block::splat(value);
        }
        run::<f64, Plain>(&program.code, &mut registers);
        let values = outputs.iter().map(|&o| registers[usize::from(o)].0[0]).collect();
        (program, values)
    }

    #[test]
    fn products_and_sums_are_fused() {
        let mut g = Graph::default();
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| g.symbol(Symbol::State(i)));
        let ab = g.binary(Binary::Mul, a, b);
        let sum = g.binary(Binary::Add, ab, c);
        let difference = g.binary(Binary::Sub, c, d);
        let scaled = g.binary(Binary::Mul, difference, a);
        let (program, values) = execute(&g, &[sum, scaled], [2.0, 3.0, 5.0, 7.0]);
        assert_eq!(values, [11.0, -4.0]);
        let ops: Vec<Op> = program.code.iter().map(|i| i.op).collect();
        assert_eq!(ops, [Op::MulAdd, Op::SubMul]);
    }

    #[test]
    fn roots_may_be_leaves_or_shared_or_used_by_others() {
        let mut g = Graph::default();
        let [a, b] = [0, 1].map(|i| g.symbol(Symbol::State(i)));
        let ab = g.binary(Binary::Mul, a, b);
        let sum = g.binary(Binary::Add, ab, a);
        let (_, values) = execute(&g, &[ab, a, ab, sum], [2.0, 3.0, 0.0, 0.0]);
        assert_eq!(values, [6.0, 2.0, 6.0, 8.0]);
    }

    /// What is compiled for some registers and moved is what is compiled for the others.
    #[test]
    fn programs_are_the_same_elsewhere() {
        let mut g = Graph::default();
        let states = [0, 1, 2].map(|i| g.symbol(Symbol::State(i)));
        let [a, b, c] = states;
        let ratio = g.binary(Binary::Div, a, b);
        let power = g.unary(Unary::Exp, ratio);
        let sum = g.binary(Binary::Add, power, c);
        let two = g.constant(2.0);
        let twice = g.binary(Binary::Mul, two, sum);
        let roots = [twice, sum, twice, two, a];
        let at = |state: Register, output: Register| {
            let known = states.into_iter().zip(state..).chain([(two, 39)]).collect();
            let outputs: Vec<Register> = (output..output + 5).collect();
            compile(&g, &roots, &Places { known: &known, outputs: &outputs, scratch: 40 })
        };
        // The states to where the results were, too.
        for (state, output) in [(0, 10), (10, 20), (5, 0), (20, 30)] {
            let moves = [Moved { count: 3, from: 0, to: state }, Moved { count: 5, from: 10, to: output }];
            assert_eq!(at(0, 10).moved(&moves), at(state, output));
        }
    }

    #[test]
    fn no_instruction_writes_what_it_reads_and_registers_are_reused() {
        let mut g = Graph::default();
        let mut x = g.symbol(Symbol::State(0));
        let y = g.symbol(Symbol::State(1));
        for _ in 0..50 {
            let e = g.unary(Unary::Exp, x);
            x = g.binary(Binary::Div, e, y);
        }
        let (program, _) = execute(&g, &[x], [0.0; 4]);
        assert!(program.code.iter().all(|i| !i.from.contains(&i.to)));
        assert!(program.end <= 5 + 2, "{}", program.end);
    }
}
