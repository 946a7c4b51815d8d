//! Sparse factorisation of `W = s I - J` without pivoting at run time, written as expressions.
//!
//! Which entries of the Jacobian `J` are not 0 is known before anything runs, and so is everything that
//! depends on it alone: the order of elimination, the entries that fill in, and every operation. The
//! factorisation and the solves are therefore expressions of the graph that `J` itself is in, compiled
//! like the right-hand side.
//!
//! `W = L U` with ones on the diagonal of `U` (Crout): `L` holds the pivots, and its columns below them
//! are what elimination left, unscaled; rows of `U` are divided by their pivot. A state that only takes
//! from others has nothing to its pivot's right, so that chains cost their pivots alone, and the entries
//! of `L` that elimination did not touch stay what they are in `J`: often a number known per patient.
//!
//! Pivots are on the diagonal, in the order of least fill by Markowitz's count, `(r - 1) (c - 1)` with r
//! and c the numbers of entries in the pivot's row and column of what is left (Duff, Erisman, Reid, Direct
//! Methods for Sparse Matrices, 2nd edition, section 7.2). One whose place in `J` is empty is a pivot of `s` alone,
//! small where steps are long: it waits until elimination has filled it.
//!
//! For a system of compartments, whose columns of `J` sum to at most 0, elimination keeps columns
//! diagonally dominant, so that every pivot is at least `s` and nothing grows. Of others the growth is
//! watched, the largest `s / |pivot|`, and where a pivot is `s` alone, what its elimination adds to other
//! pivots over what they were: a step that could lose more than half of the digits of its numbers is
//! rejected ([`most_growth`]), and a smaller one has a larger `s`, which ends the growth.

use std::collections::BTreeMap;

use crate::model::derivative::Jacobian;
use crate::model::graph::{Binary, Graph, Linear, NodeId, Stage, Symbol, Unary};
use crate::plan::Plan;

/// The order of elimination and the entries of both factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// States in order of elimination.
    order: Vec<usize>,
    /// Below each pivot, in order of elimination: rows of `L` in its column.
    below: Vec<Vec<usize>>,
    /// Right of each pivot: columns of `U` in its row.
    right: Vec<Vec<usize>>,
    /// Whether each pivot is the shift alone, and others are eliminated by it.
    bare: Vec<bool>,
}

/// The factors as expressions, by row and column, by state; off the diagonal with the opposite sign.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    pattern: Pattern,
    /// Reciprocals of the pivots, by state.
    reciprocals: Vec<NodeId>,
    lower: BTreeMap<(usize, usize), NodeId>,
    upper: BTreeMap<(usize, usize), NodeId>,
    /// What bare pivots add to others, over what these were.
    additions: Vec<NodeId>,
}

/// The largest growth of a step that is accepted, in numbers of this resolution.
pub(crate) fn most_growth(epsilon: f64) -> f64 {
    1.0 / epsilon.sqrt()
}

/// Multiplications of a factorisation of a plan's equations: about as many values as it has.
pub(crate) fn size(plan: &Plan) -> usize {
    let mut graph = plan.graph.clone();
    let derivatives: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
    Pattern::new(&Jacobian::new(&mut graph, &derivatives)).factor_operations()
}

/// What a factorisation computes, and how solves read it.
#[derive(Debug, Clone)]
pub(crate) struct Factorisation {
    /// The values that solves need, to be kept as `Linear::Factor(i)`; then the growth.
    pub(crate) kept: Vec<NodeId>,
    /// The largest growth.
    pub(crate) growth: NodeId,
    /// The factors as solves read them.
    factors: Factors,
}

impl Pattern {
    /// The least fill for a matrix with these entries; the diagonal is always there.
    pub(crate) fn new(jacobian: &Jacobian) -> Self {
        let n = jacobian.rows.len();
        let mut full: Vec<Vec<bool>> = vec![vec![false; n]; n];
        for (row, entries) in jacobian.rows.iter().enumerate() {
            entries.iter().for_each(|&(column, _)| full[row][column] = true);
        }
        let mut left: Vec<usize> = (0..n).collect();
        let (mut order, mut below, mut right, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        while !left.is_empty() {
            let others = |pivot: usize| left.iter().copied().filter(move |&i| i != pivot);
            let in_column = |pivot: usize| others(pivot).filter(|&i| full[i][pivot]).collect::<Vec<_>>();
            let in_row = |pivot: usize| others(pivot).filter(|&i| full[pivot][i]).collect::<Vec<_>>();
            let cost = |&pivot: &usize| {
                let (column, row) = (in_column(pivot).len(), in_row(pivot).len());
                // Rows are scaled, columns are not: of two with the same fill, the shorter row.
                (column * row > 0 && !full[pivot][pivot], column * row, row, pivot)
            };
            let Some(pivot) = left.iter().copied().min_by_key(cost) else { break };
            let (column, row) = (in_column(pivot), in_row(pivot));
            bare.push(!full[pivot][pivot] && !column.is_empty() && !row.is_empty());
            for &i in &column {
                row.iter().for_each(|&j| full[i][j] = true);
            }
            left.retain(|&i| i != pivot);
            order.push(pivot);
            below.push(column);
            right.push(row);
        }
        Self { order, below, right, bare }
    }

    /// Multiplications of a factorisation, each with its addition where it has one, reciprocals included.
    fn factor_operations(&self) -> usize {
        let pivots = self.below.iter().zip(&self.right);
        pivots.map(|(below, right)| 1 + right.len() + below.len() * right.len()).sum()
    }

    /// Multiplications of a solve.
    #[cfg(test)]
    fn solve_operations(&self) -> usize {
        let pivots = self.below.iter().zip(&self.right);
        pivots.map(|(below, right)| 1 + right.len() + below.len()).sum()
    }
}

impl Factors {
    /// Factorises `s I - J` in the graph.
    fn new(graph: &mut Graph, jacobian: &Jacobian, pattern: Pattern) -> Self {
        let shift = graph.symbol(Symbol::Linear(Linear::Shift));
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        // Off the diagonal as in J, with the sign opposite to that in W: nothing needs to be negated.
        let mut entries = BTreeMap::new();
        for (row, list) in jacobian.rows.iter().enumerate() {
            entries.insert((row, row), shift);
            for &(column, node) in list {
                let entry = if row == column { graph.binary(Binary::Sub, shift, node) } else { node };
                entries.insert((row, column), entry);
            }
        }
        let mut reciprocals = vec![one; jacobian.rows.len()];
        let mut upper = BTreeMap::new();
        let mut additions = Vec::new();
        let pivots = pattern.order.iter().zip(&pattern.below).zip(&pattern.right).zip(&pattern.bare);
        for (((&pivot, below), right), &bare) in pivots {
            let reciprocal = graph.binary(Binary::Div, one, entries[&(pivot, pivot)]);
            reciprocals[pivot] = reciprocal;
            for &column in right {
                let scaled = graph.binary(Binary::Mul, entries[&(pivot, column)], reciprocal);
                upper.insert((pivot, column), scaled);
                for &row in below {
                    let product = graph.binary(Binary::Mul, entries[&(row, pivot)], scaled);
                    let entry = entries.get(&(row, column)).copied().unwrap_or(zero);
                    let op = if row == column { Binary::Sub } else { Binary::Add };
                    if bare && row == column {
                        additions.push(graph.binary(Binary::Div, product, entry));
                    }
                    entries.insert((row, column), graph.binary(op, entry, product));
                }
            }
        }
        let mut lower = BTreeMap::new();
        for (&pivot, below) in pattern.order.iter().zip(&pattern.below) {
            lower.extend(below.iter().map(|&row| ((row, pivot), entries[&(row, pivot)])));
        }
        Self { pattern, reciprocals, lower, upper, additions }
    }

    /// Every value, each once.
    fn values(&mut self) -> impl Iterator<Item = &mut NodeId> {
        self.reciprocals.iter_mut().chain(self.lower.values_mut()).chain(self.upper.values_mut())
    }

    /// The solution of `L U x = right`.
    fn solve(&self, graph: &mut Graph, right: &[NodeId]) -> Vec<NodeId> {
        let Pattern { order, below, right: beside, .. } = &self.pattern;
        let mut x = right.to_vec();
        for (&pivot, below) in order.iter().zip(below) {
            x[pivot] = graph.binary(Binary::Mul, x[pivot], self.reciprocals[pivot]);
            for &row in below {
                let product = graph.binary(Binary::Mul, self.lower[&(row, pivot)], x[pivot]);
                x[row] = graph.binary(Binary::Add, x[row], product);
            }
        }
        for (&pivot, beside) in order.iter().zip(beside).rev() {
            for &column in beside {
                let product = graph.binary(Binary::Mul, self.upper[&(pivot, column)], x[column]);
                x[pivot] = graph.binary(Binary::Add, x[pivot], product);
            }
        }
        x
    }
}

impl Factorisation {
    /// Factorises `s I - J` in the graph.
    pub(crate) fn new(graph: &mut Graph, jacobian: &Jacobian) -> Self {
        let mut factors = Factors::new(graph, jacobian, Pattern::new(jacobian));
        let growth = growth(graph, &factors);
        let mut kept: Vec<NodeId> = Vec::new();
        for value in factors.values() {
            if graph.stage(*value) < Stage::Dynamic {
                continue;
            }
            let position = kept.iter().position(|known| known == value).unwrap_or_else(|| {
                kept.push(*value);
                kept.len() - 1
            });
            *value = graph.symbol(Symbol::Linear(Linear::Factor(position as u32)));
        }
        Self { kept, growth, factors }
    }

    /// The solution for a right-hand side, from the values that were kept.
    pub(crate) fn solve(&self, graph: &mut Graph, right: &[NodeId]) -> Vec<NodeId> {
        self.factors.solve(graph, right)
    }
}

/// The largest of `s / |pivot|` and of what bare pivots add to others.
fn growth(graph: &mut Graph, factors: &Factors) -> NodeId {
    let mut largest = |values: &[NodeId]| {
        values.iter().fold(graph.constant(0.0), |largest, &value| {
            let size = graph.unary(Unary::Abs, value);
            graph.binary(Binary::Max, largest, size)
        })
    };
    let (reciprocal, addition) = (largest(&factors.reciprocals), largest(&factors.additions));
    let shift = graph.symbol(Symbol::Linear(Linear::Shift));
    let pivots = graph.binary(Binary::Mul, reciprocal, shift);
    graph.binary(Binary::Max, pivots, addition)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Jacobian whose entries are numbers.
    fn jacobian(graph: &mut Graph, dense: &[Vec<f64>]) -> Jacobian {
        let row = |row: &Vec<f64>, graph: &mut Graph| -> Vec<(usize, NodeId)> {
            let entries = row.iter().enumerate().filter(|(_, x)| **x != 0.0);
            entries.map(|(column, &x)| (column, graph.constant(x))).collect()
        };
        Jacobian { rows: dense.iter().map(|r| row(r, graph)).collect(), time: vec![None; dense.len()] }
    }

    /// The residual of the solution for a right-hand side of 1, 2, ..., and the growth.
    fn residual(dense: &[Vec<f64>], shift: f64) -> (f64, f64) {
        let mut graph = Graph::default();
        let jacobian = jacobian(&mut graph, dense);
        let factorisation = Factorisation::new(&mut graph, &jacobian);
        let right: Vec<NodeId> =
            (0..dense.len() as u32).map(|i| graph.symbol(Symbol::Linear(Linear::Right(i)))).collect();
        let roots = factorisation.solve(&mut graph, &right);
        let first = |symbol| if symbol == Symbol::Linear(Linear::Shift) { shift } else { f64::NAN };
        let kept = graph.evaluate(&factorisation.kept, first);
        let growth = graph.evaluate(&[factorisation.growth], first)[0];
        let x = graph.evaluate(&roots, |symbol| match symbol {
            Symbol::Linear(Linear::Factor(i)) => kept[i as usize],
            Symbol::Linear(Linear::Right(i)) => f64::from(i + 1),
            _ => f64::NAN,
        });
        let row = |i: usize| -> f64 {
            let product: f64 = dense[i].iter().zip(&x).map(|(a, x)| a * x).sum();
            shift * x[i] - product - (i + 1) as f64
        };
        ((0..dense.len()).map(|i| row(i).abs()).fold(0.0, f64::max), growth)
    }

    /// Random exchanges and losses, as between compartments.
    fn compartments(n: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut dense = vec![vec![0.0; n]; n];
        for (from, to) in (0..n).flat_map(|from| (0..n).map(move |to| (from, to))) {
            if from == to {
                dense[from][from] -= random();
            } else if random() < 3.0 / n as f64 {
                let rate = 10.0_f64.powf(6.0 * random() - 3.0);
                dense[to][from] += rate;
                dense[from][from] -= rate;
            }
        }
        dense
    }

    #[test]
    fn solves_systems_of_compartments_without_growth() {
        for seed in 0..50 {
            let dense = compartments(3 + seed as usize % 20, seed);
            for shift in [1e-3, 1.0, 1e4] {
                let (residual, growth) = residual(&dense, shift);
                assert!(residual < 1e-9, "{residual}");
                assert!(growth <= 1.0 + 1e-12, "{growth}");
            }
        }
    }

    #[test]
    fn a_shift_at_an_eigenvalue_grows() {
        let (_, growth) = residual(&[vec![2.0, 1.0], vec![0.0, -1.0]], 2.0);
        assert!(growth.is_infinite());
    }

    /// One state without a diagonal waits for the other. Two, an oscillator of frequency 100: its second pivot is
    /// `s + 100^2 / s`, to which `s` adds 100^2 / s^2 times itself, at s = 0.1 a million times.
    #[test]
    fn bare_pivots_wait_or_are_watched() {
        let (error, growth) = residual(&[vec![0.0, -1e6], vec![1e6, -1e6]], 1.0);
        assert!(error < 1e-6 && growth <= 1.0, "{error}, {growth}");
        let (_, growth) = residual(&[vec![0.0, 1.0], vec![-1e4, 0.0]], 0.1);
        assert!((growth - 1e6).abs() < 1e-6, "{growth}");
    }

    #[test]
    fn chains_do_not_fill() {
        let n = 12;
        let mut dense = vec![vec![0.0; n]; n];
        for i in 0..n {
            dense[i][i] = -1.0;
            if i > 0 {
                dense[i][i - 1] = 1.0;
            }
        }
        let mut graph = Graph::default();
        let jacobian = jacobian(&mut graph, &dense);
        let pattern = Pattern::new(&jacobian);
        assert_eq!((pattern.factor_operations(), pattern.solve_operations()), (n, 2 * n - 1));
        // One pivot for all of them, and nothing else that depends on the step.
        assert_eq!(Factorisation::new(&mut graph, &jacobian).kept.len(), 1);
    }

    #[test]
    fn an_arrow_is_eliminated_from_its_shaft() {
        let n = 10;
        let mut dense = vec![vec![0.0; n]; n];
        dense[0].fill(1.0);
        for (i, row) in dense.iter_mut().enumerate() {
            (row[0], row[i]) = (1.0, -1.0);
        }
        dense[0][0] = -20.0;
        let mut graph = Graph::default();
        let pattern = Pattern::new(&jacobian(&mut graph, &dense));
        assert_eq!(pattern.factor_operations(), 3 * (n - 1) + 1);
        assert!(residual(&dense, 0.5).0 < 1e-12);
    }

    /// Operations of the sparse and of the dense factorisation and solve, each with its multiplication and
    /// its addition: `2 n^3 / 3` and `2 n^2`.
    #[test]
    fn the_binding_model_costs_a_small_part_of_its_dense_system() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/aprutumab_ixadotin_binding.R");
        let model = crate::model::load(std::path::Path::new(path)).unwrap_or_else(|e| unreachable!("{e}"));
        let mut graph = model.graph.clone();
        let derivatives: Vec<NodeId> = model.states.iter().map(|state| state.derivative).collect();
        let jacobian = Jacobian::new(&mut graph, &derivatives);
        let pattern = Pattern::new(&jacobian);
        let n = derivatives.len();
        let sparse = [jacobian.entries(), 2 * pattern.factor_operations(), 2 * pattern.solve_operations()];
        assert_eq!((n, sparse), (35, [87, 170, 180]));
        assert!(100 * sparse[1] < 2 * n.pow(3) / 3);
    }
}
