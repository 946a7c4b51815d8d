//! The solution of linear equations in closed form.
//!
//! Where the rate of change of every state is a sum of states times individual constants, plus inputs that are constant
//! from one landing to the next, the state after a time is known: for `x' = A x` it is `e^(A t) x`. With the eigenvalues
//! `a, b, c, ...` of A, whichever of them are equal, that is Newton's interpolation of `e^(x t)`:
//!
//! ```text
//! e^(A t) = [a] + [a, b] (A - a) + [a, b, c] (A - a)(A - b) + ...
//! ```
//!
//! with the divided differences `[a, b, ...]` of `e^(x t)` at them (C. Moler, C. Van Loan, Nineteen Dubious Ways to Compute
//! the Exponential of a Matrix, Twenty-Five Years Later, SIAM Review 45 (2003) 3-49, method 12,
//! doi:10.1137/S00361445024180). Of rates between compartments, and from the fastest to the slowest, every term of it is
//! positive, so that nothing cancels. Inputs are states that do not change, and states that act on none, as areas, only
//! add up: either is an eigenvalue 0 more. States that have nothing to do with each other are systems of their own, each
//! with its own eigenvalues.
//!
//! The products of matrices are individual values, computed once per patient in f64, whatever the device; a step takes
//! the exponentials.

mod affine;
mod algebra;
mod divided_differences;
mod eigenvalues;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::components::components;
use crate::engine::method::closed_form::{FIRST_STEP, LEAST_RATE, MOST_COUPLED, MOST_STATES};
use crate::model::graph::{Graph, NodeId, Symbol, Unary};
use crate::plan::Plan;

use affine::{Affine, affine};
use algebra::Algebra;
use divided_differences::divided_differences;
use eigenvalues::{eigenvalues, sorted};

/// The state after a time, as expressions of `Symbol::Elapsed`, of the state before, and of the inputs.
#[derive(Debug)]
pub(crate) struct ClosedForm {
    /// Each state.
    pub(crate) after: Vec<NodeId>,
    /// What is added to a state that acts on none.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "compensated sums are a device's"))]
    pub(crate) added: Vec<Option<NodeId>>,
    /// The first step of a segment in which curves are followed, if anything decays.
    pub(crate) first_step: Option<NodeId>,
}

/// Whether the equations of a plan have a solution in closed form.
///
/// # Errors
/// Why they have none.
pub(crate) fn check(plan: &Plan) -> Result<(), NotClosed> {
    let derivatives: Vec<NodeId> = plan.states.iter().map(|state| state.derivative).collect();
    let rows = affine(&mut plan.graph.clone(), &derivatives);
    System::new(rows.map_err(|state| NotClosed::NotLinear { state })?).map(|_| ())
}

/// Why equations have no solution in closed form, by the positions of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotClosed {
    /// The rate of change of a state is no sum of states times individual constants.
    NotLinear { state: usize },
    /// So many states act on others.
    TooMany { states: usize },
    /// A state is one of so many that act on each other.
    Coupled { state: usize, states: usize },
    /// A state is one of three that act on each other in a circle.
    Circle { state: usize },
}

/// Factors by the numbers of what they are factors of: states, inputs in the numbering of states, what no state has a
/// part in.
type Row = BTreeMap<usize, NodeId>;

impl ClosedForm {
    /// The solution of equations, in whose graph the states that follow them are inputs.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn new(graph: &mut Graph, derivatives: &[NodeId]) -> Result<Self, NotClosed> {
        let rows = affine(graph, derivatives).map_err(|state| NotClosed::NotLinear { state })?;
        let system = System::new(rows)?;
        let mut algebra = Algebra(graph);
        let elapsed = algebra.0.symbol(Symbol::Elapsed);
        let zero = algebra.number(0.0);
        let mut changes = vec![zero; system.rows.len()];
        let mut fastest = Vec::new();
        for part in system.parts() {
            let decays = part.decays(&mut algebra);
            fastest.extend(decays.first());
            for (state, change) in part.changes(&mut algebra, decays, elapsed) {
                changes[state] = algebra.add(changes[state], change);
            }
        }
        let after = changes.iter().enumerate().map(|(i, &change)| match system.acts[i] {
            true => change,
            false => {
                let before = algebra.0.symbol(Symbol::State(i as u32));
                algebra.add(before, change)
            }
        });
        let after = after.collect();
        let added = changes.iter().zip(&system.acts).map(|(&change, &acts)| (!acts).then_some(change));
        Ok(Self { after, added: added.collect(), first_step: first_step(&mut algebra, &fastest) })
    }

    /// Every expression of it.
    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        self.after.iter().copied().chain(self.first_step).collect()
    }
}

/// The first step with which curves are followed, by the fastest decays, if anything decays.
fn first_step(algebra: &mut Algebra<'_>, fastest: &[NodeId]) -> Option<NodeId> {
    let [share, least] = [FIRST_STEP, LEAST_RATE].map(|value| algebra.number(value));
    let rate = fastest.iter().fold(least, |rate, &decay| {
        let size = algebra.unary(Unary::Abs, decay);
        algebra.max(rate, size)
    });
    (!fastest.is_empty()).then(|| algebra.div(share, rate))
}

/// Linear equations.
struct System {
    /// By state.
    rows: Vec<Row>,
    /// Which states act on others, or on themselves.
    acts: Vec<bool>,
    /// Those that do, in groups of which each acts on the others of its own.
    blocks: Vec<Vec<usize>>,
    /// The number of what no state has a part in.
    constant: usize,
}

impl System {
    fn new(affine: Vec<Affine>) -> Result<Self, NotClosed> {
        let n = affine.len();
        let last = affine.iter().filter_map(|row| row.terms.keys().next_back());
        let constant = last.max().map_or(n, |last| n.max(last + 1));
        let row = |Affine { mut terms, rest }: Affine| {
            terms.extend(rest.map(|rest| (constant, rest)));
            terms
        };
        let rows: Vec<Row> = affine.into_iter().map(row).collect();
        let read: BTreeSet<usize> = rows.iter().flat_map(BTreeMap::keys).copied().collect();
        let acts: Vec<bool> = (0..n).map(|i| read.contains(&i)).collect();
        let states = acts.iter().filter(|&&acts| acts).count();
        if states > MOST_STATES {
            return Err(NotClosed::TooMany { states });
        }
        let columns = rows.iter().map(|row| row.keys().copied().filter(|&j| j < n).collect());
        let of = components(&columns.collect::<Vec<_>>());
        let mut blocks = vec![Vec::new(); n];
        (0..n).filter(|&i| acts[i]).for_each(|i| blocks[of[i]].push(i));
        blocks.retain(|block| !block.is_empty());
        let system = Self { rows, acts, blocks, constant };
        system.blocks.iter().try_for_each(|block| system.check(block))?;
        Ok(system)
    }

    /// Whether the eigenvalues of states that act on each other are written down: three in a circle may have complex
    /// ones, whatever their rates.
    fn check(&self, block: &[usize]) -> Result<(), NotClosed> {
        let states = block.len();
        let has = |i: usize, j: usize| self.rows[i].contains_key(&j);
        let joined = |i: usize, j: usize| has(i, j) || has(j, i);
        match *block {
            [state, _, _, _, ..] if states > MOST_COUPLED => Err(NotClosed::Coupled { state, states }),
            [a, b, c] if joined(a, b) && joined(b, c) && joined(c, a) => Err(NotClosed::Circle { state: a }),
            _ => Ok(()),
        }
    }

    /// The equations in parts that have nothing to do with each other, so that none has eigenvalues of another: states
    /// that act on others, and what they add to those that act on none. What inputs add to these is a part of its own.
    fn parts(&self) -> Vec<Self> {
        let n = self.rows.len();
        let mut joined = vec![Vec::new(); n];
        for i in (0..n).filter(|&i| self.acts[i]) {
            for &j in self.rows[i].keys().filter(|&&j| j < n) {
                joined[i].push(j);
                joined[j].push(i);
            }
        }
        let of = components(&joined);
        let of_part = |number: Option<usize>| {
            let is_own = |i: usize| self.acts.get(i) == Some(&true) && Some(of[i]) == number;
            let row = |(i, row): (usize, &Row)| match self.acts[i] {
                true if !is_own(i) => Row::new(),
                true => row.clone(),
                false => row
                    .iter()
                    .filter(|&(&j, _)| is_own(j) || j >= n && number.is_none())
                    .map(|(&j, &factor)| (j, factor))
                    .collect(),
            };
            let rows = self.rows.iter().enumerate().map(row).collect();
            let acts = (0..n).map(is_own).collect();
            let blocks = self.blocks.iter().filter(|block| is_own(block[0])).cloned().collect();
            Self { rows, acts, blocks, constant: self.constant }
        };
        let numbers: BTreeSet<usize> = (0..n).filter(|&i| self.acts[i]).map(|i| of[i]).collect();
        numbers.into_iter().map(Some).chain([None]).map(of_part).collect()
    }

    /// The states that act on others after a time, and what is added to those that act on none; of a part only its own.
    fn changes(
        &self,
        algebra: &mut Algebra<'_>,
        decays: Vec<NodeId>,
        elapsed: NodeId,
    ) -> Vec<(usize, NodeId)> {
        let zeros = usize::from(self.has_sinks()) + usize::from(self.has_inputs());
        let exponents = [decays, vec![algebra.number(0.0); zeros]].concat();
        let differences = divided_differences(algebra, &exponents, elapsed);
        let products = self.products(algebra, &exponents);
        self.own().map(|i| (i, self.sum(algebra, i, &products, &differences))).collect()
    }

    /// The states that it says anything of.
    fn own(&self) -> impl Iterator<Item = usize> {
        (0..self.rows.len()).filter(|&i| self.acts[i] || !self.rows[i].is_empty())
    }

    fn has_sinks(&self) -> bool {
        self.rows.iter().zip(&self.acts).any(|(row, acts)| !acts && !row.is_empty())
    }

    fn has_inputs(&self) -> bool {
        self.rows.iter().any(|row| row.keys().next_back().is_some_and(|&last| last >= self.rows.len()))
    }

    /// The eigenvalues of the states that act on others, the fastest decay first.
    fn decays(&self, algebra: &mut Algebra<'_>) -> Vec<NodeId> {
        let zero = algebra.number(0.0);
        let entry = |&i: &usize, j: &usize| self.rows[i].get(j).copied().unwrap_or(zero);
        let mut decays = Vec::new();
        for block in &self.blocks {
            let rows: Vec<Vec<NodeId>> =
                block.iter().map(|i| block.iter().map(|j| entry(i, j)).collect()).collect();
            decays.extend(eigenvalues(algebra, &rows));
        }
        sorted(algebra, decays)
    }

    /// `1`, `A - a`, `(A - a)(A - b)`, and so on, each by its rows.
    fn products(&self, algebra: &mut Algebra<'_>, exponents: &[NodeId]) -> Vec<BTreeMap<usize, Row>> {
        let one = algebra.number(1.0);
        let own = self.own().map(|i| (i, Row::from([(i, one)])));
        let mut products = vec![own.collect::<BTreeMap<_, _>>()];
        for &exponent in exponents {
            let last = &products[products.len() - 1];
            products.push(last.iter().map(|(&i, row)| (i, self.times(algebra, row, exponent))).collect());
        }
        products
    }

    /// A row times `A - exponent`.
    fn times(&self, algebra: &mut Algebra<'_>, row: &Row, exponent: NodeId) -> Row {
        let mut product = Row::new();
        for (&i, &factor) in row {
            for (&j, &entry) in self.rows.get(i).into_iter().flatten() {
                let term = algebra.mul(factor, entry);
                let sum = product.get(&j).map_or(term, |&sum| algebra.add(sum, term));
                product.insert(j, sum);
            }
        }
        for (&i, &factor) in row {
            let zero = algebra.number(0.0);
            let term = algebra.mul(factor, exponent);
            let sum = algebra.sub(product.get(&i).copied().unwrap_or(zero), term);
            product.insert(i, sum);
        }
        product.retain(|_, entry| !algebra.is_zero(*entry));
        product
    }

    /// A state after a time, or what is added to one that acts on none.
    fn sum(
        &self,
        algebra: &mut Algebra<'_>,
        state: usize,
        products: &[BTreeMap<usize, Row>],
        differences: &[NodeId],
    ) -> NodeId {
        let mut total = algebra.number(0.0);
        for (order, (product, &difference)) in products.iter().zip(differences).enumerate() {
            let row = product[&state].iter().filter(|&(&from, _)| order < self.orders(state, from));
            let mut sum = algebra.number(0.0);
            for (&from, &factor) in row {
                let term = if from == self.constant {
                    factor
                } else {
                    let from = algebra.0.symbol(Symbol::State(from as u32));
                    algebra.mul(factor, from)
                };
                sum = algebra.add(sum, term);
            }
            let term = algebra.mul(sum, difference);
            total = algebra.add(total, term);
        }
        total
    }

    /// In how many orders of Newton's interpolation something has a part in a state: by the theorem of Cayley and Hamilton
    /// in as many as there are eigenvalues on the way.
    fn orders(&self, state: usize, from: usize) -> usize {
        let decays = self.acts.iter().filter(|&&acts| acts).count();
        match self.acts.get(from) {
            // What acts on none has no part in others, and is no part of what is added to it.
            Some(false) => 0,
            acts => decays + usize::from(!self.acts[state]) + usize::from(acts.is_none()),
        }
    }
}
