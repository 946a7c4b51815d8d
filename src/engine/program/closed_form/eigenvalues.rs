//! Eigenvalues of small blocks of rates, as expressions of them: real ones, else not a number.

use std::f64::consts::PI;

use crate::model::graph::{NodeId, Unary};

use super::algebra::Algebra;

/// Rounding of a sum of terms, over them: a square that is less negative is one of 0.
const ROUNDING: f64 = 1e-13;

/// Those of one, two or three states that act on each other, `[row][column]`.
pub(super) fn eigenvalues(algebra: &mut Algebra<'_>, block: &[Vec<NodeId>]) -> Vec<NodeId> {
    match block {
        [row] => vec![row[0]],
        [a, b] => of_two(algebra, [[a[0], a[1]], [b[0], b[1]]]).into(),
        _ => of_three(algebra, block).into(),
    }
}

/// The smaller and the larger of each neighbours, until all are in increasing order.
pub(super) fn sorted(algebra: &mut Algebra<'_>, mut values: Vec<NodeId>) -> Vec<NodeId> {
    for end in (1..values.len()).rev() {
        for i in 0..end {
            let (a, b) = (values[i], values[i + 1]);
            (values[i], values[i + 1]) = (algebra.min(a, b), algebra.max(a, b));
        }
    }
    values
}

fn of_two(algebra: &mut Algebra<'_>, [[a, b], [c, d]]: [[NodeId; 2]; 2]) -> [NodeId; 2] {
    let sum = algebra.add(a, d);
    let mean = algebra.times(sum, 0.5);
    let difference = algebra.sub(a, d);
    let half = algebra.times(difference, 0.5);
    let (square, coupling) = (algebra.square(half), algebra.mul(b, c));
    let square = algebra.add(square, coupling);
    let (first, second) = (algebra.mul(a, d), algebra.mul(b, c));
    let determinant = algebra.sub(first, second);
    roots(algebra, mean, square, determinant)
}

/// The roots of `x^2 - 2 mean x + product`, half of whose distance has the given square: the one of larger size without
/// cancellation, the other by the product.
fn roots(algebra: &mut Algebra<'_>, mean: NodeId, square: NodeId, product: NodeId) -> [NodeId; 2] {
    let zero = algebra.number(0.0);
    let size = algebra.square(mean);
    let least = algebra.times(size, ROUNDING);
    let square = algebra.nonnegative(square, least);
    let root = algebra.unary(Unary::Sqrt, square);
    let (below, above) = (algebra.sub(mean, root), algebra.add(mean, root));
    let larger = algebra.if_less(mean, zero, below, above);
    let other = algebra.div(product, larger);
    let size = algebra.unary(Unary::Abs, larger);
    // Both are 0.
    let other = algebra.if_less(zero, size, other, zero);
    [larger, other]
}

/// Decays of three states: the fastest by trigonometry, the others by what it leaves of the characteristic polynomial
/// `x^3 - s x^2 + p x - d` of the rates of decay.
fn of_three(algebra: &mut Algebra<'_>, block: &[Vec<NodeId>]) -> [NodeId; 3] {
    let minus = algebra.number(-1.0);
    let mut rate = |i: usize, j: usize| algebra.mul(block[i][j], minus);
    let m = [0, 1, 2].map(|i| [0, 1, 2].map(|j| rate(i, j)));
    let minor = |algebra: &mut Algebra<'_>, [i, j]: [usize; 2], [k, l]: [usize; 2]| {
        let (first, second) = (algebra.mul(m[i][k], m[j][l]), algebra.mul(m[i][l], m[j][k]));
        algebra.sub(first, second)
    };
    let sum = algebra.sum([m[0][0], m[1][1], m[2][2]]);
    let pairs = [[0, 1], [0, 2], [1, 2]].map(|pair| minor(algebra, pair, pair));
    let products = algebra.sum(pairs);
    let cofactors = [[1, 2], [0, 2], [0, 1]].map(|columns| minor(algebra, [1, 2], columns));
    let [first, second, third] = [0, 1, 2].map(|j: usize| algebra.mul(m[0][j], cofactors[j]));
    let determinant = algebra.sub(first, second);
    let determinant = algebra.add(determinant, third);

    // Only decays: of them each of these is positive.
    let mean = algebra.times(sum, 1.0 / 3.0);
    let zero = algebra.number(0.0);
    let mean = algebra.nonnegative(mean, zero);
    let squared = algebra.square(mean);
    let cubed = algebra.mul(squared, mean);
    let rounding = [squared, cubed].map(|size| algebra.times(size, ROUNDING));
    let products = algebra.nonnegative(products, rounding[0]);
    let determinant = algebra.nonnegative(determinant, rounding[1]);

    let fastest = fastest(algebra, mean, products, determinant);
    // x^2 - (p - d / x1) / x1 x + d / x1
    let product = algebra.div(determinant, fastest);
    let rest = algebra.sub(products, product);
    let rest = algebra.div(rest, fastest);
    let half = algebra.times(rest, 0.5);
    let square = algebra.square(half);
    let square = algebra.sub(square, product);
    let others = roots(algebra, half, square, product);
    [fastest, others[0], others[1]].map(|x| algebra.unary(Unary::Negate, x))
}

/// The largest root of `x^3 - 3 mean x^2 + p x - d`, all three being real (F. Viète's formula).
fn fastest(algebra: &mut Algebra<'_>, mean: NodeId, products: NodeId, determinant: NodeId) -> NodeId {
    let squared = algebra.square(mean);
    let cubed = algebra.mul(squared, mean);
    // Of y = x - mean: y^3 - 3 q y - 2 r.
    let third = algebra.times(products, 1.0 / 3.0);
    let q = algebra.sub(squared, third);
    let rounding = algebra.times(squared, ROUNDING);
    let q = algebra.nonnegative(q, rounding);
    let half = algebra.mul(mean, products);
    let half = algebra.sub(determinant, half);
    let half = algebra.times(half, 0.5);
    let r = algebra.add(cubed, half);
    let root = algebra.unary(Unary::Sqrt, q);
    let q_root = algebra.mul(q, root);
    // The discriminant, which is positive if all are real, but for the rounding of q and r.
    let (first, second) = (algebra.square(q_root), algebra.square(r));
    let discriminant = algebra.sub(first, second);
    let q_squared = algebra.square(q);
    let (of_q, size) = (algebra.mul(q_squared, squared), algebra.unary(Unary::Abs, r));
    let of_r = algebra.mul(size, cubed);
    let scale = algebra.add(of_q, of_r);
    let rounding = algebra.times(scale, ROUNDING);
    let discriminant = algebra.nonnegative(discriminant, rounding);
    let s = algebra.unary(Unary::Sqrt, discriminant);
    // Half the angle whose cosine is r / q^(3/2), by its tangent.
    let along = algebra.add(q_root, r);
    let tangent = algebra.div(s, along);
    let angle = algebra.unary(Unary::Atan, tangent);
    let (zero, straight) = (algebra.number(0.0), algebra.number(0.5 * PI));
    let angle = algebra.if_less(zero, along, angle, straight);
    let angle = algebra.times(angle, 2.0 / 3.0);
    let cosine = algebra.unary(Unary::Cos, angle);
    let offset = algebra.mul(root, cosine);
    let offset = algebra.times(offset, 2.0);
    let [least, nothing] = [-1.0, f64::NAN].map(|value| algebra.number(value));
    let root = algebra.add(mean, offset);
    algebra.if_less(least, discriminant, root, nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::{Graph, Symbol};

    /// The eigenvalues of a matrix by rows, in increasing order.
    fn of(rows: &[&[f64]]) -> Vec<f64> {
        let mut graph = Graph::default();
        let n = rows.len();
        let symbol = |graph: &mut Graph, i: usize| graph.symbol(Symbol::Covariate(i as u32));
        let block: Vec<Vec<NodeId>> =
            (0..n).map(|i| (0..n).map(|j| symbol(&mut graph, i * n + j)).collect()).collect();
        let mut algebra = Algebra(&mut graph);
        let found = eigenvalues(&mut algebra, &block);
        let found = sorted(&mut algebra, found);
        let entries = rows.concat();
        graph.evaluate(&found, |symbol| match symbol {
            Symbol::Covariate(i) => entries[i as usize],
            _ => f64::NAN,
        })
    }

    fn assert_close(got: &[f64], expected: &[f64], bound: f64) {
        assert_eq!(got.len(), expected.len());
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() <= bound * expected.abs(), "{got}, {expected}");
        }
    }

    #[test]
    fn two_states() {
        assert_close(&of(&[&[-3.0, 1.0], &[2.0, -2.0]]), &[-4.0, -1.0], 1e-15);
        // Rates of 1e-6 beside those of 1: the slow one is 1e-6 / 2 to first order.
        let slow = of(&[&[-1.000_001, 1.0], &[1.0, -1.0]]);
        assert_close(&slow, &[-2.000_000_500_000_125, -4.999_998_75e-7], 1e-9);
        assert_close(&of(&[&[-2.0, 0.0], &[5.0, -2.0]]), &[-2.0, -2.0], 1e-15);
        assert_close(&of(&[&[0.0, 0.0], &[0.0, 0.0]]), &[0.0, 0.0], 0.0);
        // Oscillations are not a matter of this.
        assert!(of(&[&[0.0, 1.0], &[-1.0, 0.0]]).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn three_states() {
        // Symmetric with known eigenvalues: -1, -2, -4 times a reflection.
        let rows: [&[f64]; 3] = [&[-1.0, 0.0, 0.0], &[0.0, -2.0, 0.0], &[0.0, 0.0, -4.0]];
        assert_close(&of(&rows), &[-4.0, -2.0, -1.0], 1e-14);
        // Diffusion between three compartments, of which the first is emptied at a rate of 1: roots of
        // x^3 + 5 x^2 + 6 x + 1, -4 cos^2 of pi / 7 and of its multiples by 2 and 3.
        let rows: [&[f64]; 3] = [&[-2.0, 1.0, 0.0], &[1.0, -2.0, 1.0], &[0.0, 1.0, -1.0]];
        let expected = [1.0, 2.0, 3.0].map(|k: f64| -4.0 * (k * PI / 7.0).cos().powi(2));
        assert_close(&of(&rows), &expected, 1e-14);
        // The same twice, and all the same.
        let rows: [&[f64]; 3] = [&[-2.0, 1.0, 1.0], &[1.0, -2.0, 1.0], &[1.0, 1.0, -2.0]];
        let got = of(&rows);
        assert_close(&got[..2], &[-3.0, -3.0], 1e-7);
        assert!(got[2].abs() < 1e-14, "{}", got[2]);
        let rows: [&[f64]; 3] = [&[-2.0, 0.0, 0.0], &[0.0, -2.0, 0.0], &[0.0, 0.0, -2.0]];
        assert_close(&of(&rows), &[-2.0, -2.0, -2.0], 1e-6);
        // A cycle in one direction.
        let rows: [&[f64]; 3] = [&[-1.0, 0.0, 1.0], &[1.0, -1.0, 0.0], &[0.0, 1.0, -1.0]];
        assert!(of(&rows).iter().any(|x| x.is_nan()));
    }
}
