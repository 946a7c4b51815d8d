//! What a step costs on a device, counted from the expressions: for a roofline, not for a clock.

use crate::engine::curve::PIECES;
use crate::engine::method::{Explicit, Rosenbrock, Tableau};
use crate::engine::program::{Implicit, Lowered, Program};
use crate::hash::HashSet;
use crate::model::graph::{Binary, Graph, Node, NodeId, Stage, Unary};

use super::layout::Layout;

/// The work of one attempted step of one patient, and the words that it lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Plain f32 instructions: sums, products, comparisons, selections; a multiply-add is one.
    pub plain: usize,
    /// Instructions of a special-function unit: reciprocals, roots, exponentials, logarithms.
    pub special: usize,
    /// Words that are live when the last stage is evaluated: the state before and after, what the stages
    /// before left, and the individual values. What exceeds the registers of an invocation (255 on most
    /// devices) goes to its private memory.
    pub live_words: usize,
    /// Words of an invocation's private memory that each visit reads and writes: its accumulators.
    pub visit_words: usize,
    /// Words of a patient in an arm that a dispatch reads, and writes back.
    pub state_words: usize,
    /// Words of an invocation's private memory.
    pub private_words: usize,
}

impl Cost {
    /// The cost of a plan.
    pub fn of(program: impl Into<Program>) -> Self {
        let program = program.into();
        let (plan, lowered) = (program.plan(), program.lowered());
        let layout = Layout::new(plan, lowered);
        let step = match (Tableau::of(plan.method), &lowered.implicit) {
            (Tableau::Rosenbrock(tableau), Some(systems)) => implicit(lowered, systems, tableau),
            (Tableau::Explicit(tableau), _) => explicit(lowered, tableau),
            (Tableau::ClosedForm, _) => closed_form(lowered),
            (Tableau::Rosenbrock(_), None) => unreachable!("the program of a plan is of its method"),
        };
        let states = layout.states;
        // The error's scale is two sizes, their maximum and a multiply-add, then a quotient and its square.
        let (error_plain, error_special) = (7, 1);
        let individual = layout.columns.len();
        let samples = lowered.curves.len() * (PIECES + 1);
        let seen = lowered.infused.len() + lowered.observed.len();
        let whole = layout.accumulator_rows + 2 * layout.areas + seen + samples;
        Self {
            plain: step.plain + states * error_plain,
            special: step.special + states * error_special,
            // All but one of the vectors of a step, which is not there before the last stage.
            live_words: (step.vectors - 1) * states + step.factors + individual,
            visit_words: 2 * layout.accumulator_rows,
            state_words: layout.solver_rows() + layout.accumulator_rows,
            private_words: step.vectors * states + step.factors + individual + whole + WALK,
        }
    }
}

/// Words of the walk through a patient's segments.
const WALK: usize = 32;

/// What a method does in a step, but for the error.
struct Step {
    plain: usize,
    special: usize,
    /// Vectors of one word for each state.
    vectors: usize,
    /// Words that a factorisation leaves.
    factors: usize,
}

/// Products of the weighted sums of a list of rows.
fn products(rows: &[&[f64]]) -> usize {
    rows.iter().map(|row| row.len()).sum()
}

fn explicit(lowered: &Lowered, tableau: &Explicit) -> Step {
    let (plain, special) = operations(&lowered.graph, &lowered.derivatives);
    let states = lowered.derivatives.len();
    // Stages 2 and on take the derivative of a sum of products, times the step, plus the state; the error is a sum of
    // products too.
    let stages = tableau.a.len();
    let sums = products(tableau.a) + stages + tableau.error.len();
    let vectors = 2 + tableau.stages();
    Step { plain: stages * plain + states * sums, special: stages * special, vectors, factors: 0 }
}

fn implicit(lowered: &Lowered, implicit: &Implicit, tableau: &Rosenbrock) -> Step {
    let stages = tableau.stages();
    let states = lowered.derivatives.len();
    let start = [lowered.derivatives.clone(), implicit.linearised()].concat();
    let (at_start, first) = (operations(&lowered.graph, &start), operations(&lowered.graph, &implicit.solve));
    let later = operations(&lowered.graph, &implicit.stage);
    // Stages 2 and on are taken at a sum of products plus the state, or at one sum more; their right-hand sides are
    // sums of products, times one over the step; the last `U` is added.
    let added = stages - 1;
    let sums = products(tableau.a) + added + products(tableau.coupling) + tableau.coupling.len() + 1;
    Step {
        plain: at_start.0 + first.0 + added * later.0 + states * sums,
        special: at_start.1 + first.1 + added * later.1 + 1,
        // The state before, at the stage and after, the derivatives by state and by time, and every `U`.
        vectors: 5 + stages,
        factors: implicit.factorisation.kept.len() + 1,
    }
}

fn closed_form(lowered: &Lowered) -> Step {
    let after = lowered.closed_form.as_ref().map_or(&[][..], |solution| &solution.after);
    let (plain, special) = operations(&lowered.graph, after);
    Step { plain, special, vectors: 2, factors: 0 }
}

/// Plain and special instructions of some expressions; what is known once per patient costs nothing.
fn operations(graph: &Graph, roots: &[NodeId]) -> (usize, usize) {
    let (mut seen, mut open) = (HashSet::default(), roots.to_vec());
    let (mut plain, mut special) = (0, 0);
    while let Some(id) = open.pop() {
        if graph.stage(id) == Stage::Dynamic && seen.insert(id) {
            let (p, s) = instructions(graph.node(id));
            plain += p;
            special += s;
            open.extend(graph.operands(id));
        }
    }
    (plain, special)
}

/// Plain and special instructions of one operation, as GPUs commonly build them.
fn instructions(node: Node) -> (usize, usize) {
    match node {
        Node::Constant(_) | Node::Symbol(_) => (0, 0),
        Node::Select { .. } => (1, 0),
        // A search of some steps, each of a continued fraction: at visits alone.
        Node::Quantile { .. } => (2000, 300),
        Node::Unary(op, _) => match op {
            Unary::Negate | Unary::Abs | Unary::Not | Unary::Floor | Unary::Ceil => (1, 0),
            // 2^(x log2 e); log2(x) ln 2.
            Unary::Exp | Unary::Log => (1, 1),
            Unary::Sqrt => (2, 1),
            // And whether it is whole.
            Unary::Log2 | Unary::Log10 => (6, 1),
            // The series and the function, of which one is taken.
            Unary::Expm1 => (9, 1),
            Unary::Log1p => (10, 2),
            Unary::Tanh => (13, 2),
            // Of either series, of which one is taken.
            Unary::Sin | Unary::Cos => (20, 0),
            Unary::Atan => (14, 2),
        },
        Node::Binary(op, _, _) => match op {
            // A reciprocal, and a product that corrects it.
            Binary::Div => (3, 1),
            // 2^(e log2 x)
            Binary::Pow => (4, 2),
            _ => (1, 0),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::Symbol;

    #[test]
    fn shared_and_individual_operations_count_once_and_not_at_all() {
        let mut graph = Graph::default();
        let [x, v] = [Symbol::State(0), Symbol::Covariate(0)].map(|symbol| graph.symbol(symbol));
        let individual = graph.unary(Unary::Exp, v);
        let shared = graph.binary(Binary::Mul, x, individual);
        let quotient = graph.binary(Binary::Div, shared, x);
        let root = graph.binary(Binary::Add, quotient, shared);
        // A product, a sum, and a quotient of 3 and 1.
        assert_eq!(operations(&graph, &[root, shared]), (5, 1));
    }
}
