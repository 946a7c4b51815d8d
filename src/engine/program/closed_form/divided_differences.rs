//! Divided differences of the exponential function `e^(a t)` by `a`, at exponents that may be equal or nearly so.
//!
//! Where the exponents are apart, a difference of two differences over the distance of the outermost exponents; else the
//! power series about the first of them, whose terms have one sign (A. McCurdy, K. C. Ng, B. N. Parlett, Accurate
//! computation of divided differences of the exponential function, Mathematics of Computation 43 (1984) 501-528,
//! doi:10.1090/S0025-5718-1984-0758198-0).

use crate::model::graph::{NodeId, Unary};

use super::algebra::Algebra;

/// Exponents whose distance times the time is below this are close: a difference of differences of order n would lose
/// up to n! units in the last place.
const CLOSE: f64 = 1.0;
/// Terms of the series: what follows is below 1/18! of the first.
const TERMS: usize = 18;
/// `(1 - e^-x) / x` is 1 below this.
const NO_DISTANCE: f64 = 1e-20;

/// For each number of exponents, from the first, their divided difference after a time. Exponents in increasing order
/// make every part of it positive.
pub(super) fn divided_differences(
    algebra: &mut Algebra<'_>,
    exponents: &[NodeId],
    time: NodeId,
) -> Vec<NodeId> {
    // Of a single one, of each two neighbours, and so on.
    let exponential = |&exponent: &NodeId| {
        let product = algebra.mul(exponent, time);
        algebra.unary(Unary::Exp, product)
    };
    let exponentials: Vec<NodeId> = exponents.iter().map(exponential).collect();
    let mut firsts: Vec<NodeId> = exponentials.first().copied().into_iter().collect();
    let mut differences = exponentials.clone();
    for order in 1..exponents.len() {
        let wider = exponents.windows(order + 1).enumerate().map(|(i, among)| {
            let distance = algebra.sub(among[order], among[0]);
            if order == 1 {
                first_order(algebra, distance, exponentials[i + 1], time)
            } else {
                let close = series(algebra, among, exponentials[i], time);
                let apart = algebra.sub(differences[i + 1], differences[i]);
                let [one, bound] = [1.0, CLOSE].map(|value| algebra.number(value));
                let per_distance = algebra.div(one, distance);
                let apart = algebra.mul(apart, per_distance);
                let reach = algebra.mul(distance, time);
                let reach = algebra.unary(Unary::Abs, reach);
                algebra.if_less(reach, bound, close, apart)
            }
        });
        differences = wider.collect();
        firsts.push(differences[0]);
    }
    firsts
}

/// `(e^(b t) - e^(a t)) / (b - a)`, by `e^(b t) (1 - e^(-(b - a) t)) / (b - a)`.
fn first_order(algebra: &mut Algebra<'_>, distance: NodeId, later: NodeId, time: NodeId) -> NodeId {
    let [one, none] = [1.0, NO_DISTANCE].map(|value| algebra.number(value));
    let reach = algebra.mul(distance, time);
    let minus = algebra.unary(Unary::Negate, reach);
    let lost = algebra.unary(Unary::Expm1, minus);
    let lost = algebra.unary(Unary::Negate, lost);
    let per_distance = algebra.div(one, distance);
    let apart = algebra.mul(lost, per_distance);
    let size = algebra.unary(Unary::Abs, reach);
    let factor = algebra.if_less(size, none, time, apart);
    algebra.mul(later, factor)
}

/// The power series about the first exponent: `t^n e^(a t)` times the sum over m of the complete homogeneous symmetric
/// polynomial of degree m in the distances of the others times `t`, over `(m + n)!`.
fn series(algebra: &mut Algebra<'_>, among: &[NodeId], first: NodeId, time: NodeId) -> NodeId {
    let order = among.len() - 1;
    let mut reaches = Vec::with_capacity(order);
    for &exponent in &among[1..] {
        let distance = algebra.sub(exponent, among[0]);
        reaches.push(algebra.mul(distance, time));
    }
    let mut factorial: f64 = (1..=order).map(|i| i as f64).product();
    let mut polynomials = vec![algebra.number(1.0); order];
    let mut sum = algebra.number(1.0 / factorial);
    for degree in 1..TERMS {
        let mut narrower = algebra.number(0.0);
        for (polynomial, &reach) in polynomials.iter_mut().zip(&reaches) {
            let product = algebra.mul(reach, *polynomial);
            *polynomial = algebra.add(product, narrower);
            narrower = *polynomial;
        }
        factorial *= (degree + order) as f64;
        let term = algebra.times(narrower, 1.0 / factorial);
        sum = algebra.add(sum, term);
    }
    let scaled = algebra.mul(sum, first);
    (0..order).fold(scaled, |product, _| algebra.mul(product, time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::{Graph, Symbol};

    /// The divided difference of `e^x` at some places, after a time of 1.
    fn difference(exponents: &[f64]) -> f64 {
        let mut graph = Graph::default();
        let symbols = (0..exponents.len() as u32).map(|i| graph.symbol(Symbol::Covariate(i)));
        let symbols: Vec<NodeId> = symbols.collect();
        let time = graph.symbol(Symbol::Elapsed);
        let all = divided_differences(&mut Algebra(&mut graph), &symbols, time);
        let value = |symbol| match symbol {
            Symbol::Covariate(i) => exponents[i as usize],
            _ => 1.0,
        };
        graph.evaluate(&[all[exponents.len() - 1]], value)[0]
    }

    /// The same by Gauss-Legendre quadrature of Hermite and Genocchi's integral over the simplex, which has no
    /// difference in it: exponents are close enough for 12 points in each dimension.
    fn integral(exponents: &[f64]) -> f64 {
        const NODES: [(f64, f64); 6] = [
            (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
            (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
            (0.587_317_954_286_617_5, 0.203_167_426_723_065_93),
            (0.769_902_674_194_304_7, 0.160_078_328_543_346_22),
            (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
            (0.981_560_634_246_719_2, 0.047_175_336_386_511_83),
        ];
        match exponents {
            [] => 0.0,
            [a] => a.exp(),
            // Of the first n - 1 with the last two drawn together: integral over s in 0 to 1 of s^(n-2) ...
            _ => {
                let (rest, last) = exponents.split_at(exponents.len() - 1);
                let order = rest.len() as i32;
                let at = |s: f64| {
                    let moved: Vec<f64> = rest.iter().map(|a| last[0] + s * (a - last[0])).collect();
                    s.powi(order - 1) * integral(&moved)
                };
                let pairs = NODES.iter().flat_map(|&(x, w)| [(0.5 + 0.5 * x, w), (0.5 - 0.5 * x, w)]);
                pairs.map(|(s, w)| 0.5 * w * at(s)).sum()
            }
        }
    }

    #[test]
    fn differences_are_accurate_however_close_exponents_are() {
        for exponents in [
            vec![-1.0],
            vec![-2.0, -2.0],
            vec![-2.0, -2.0 + 1e-9],
            vec![-2.0, -0.1],
            vec![-1.0, -1.0, -1.0],
            vec![-1.0 - 1e-7, -1.0, -1.0 + 1e-12],
            vec![-3.0, -3.0, -0.2],
            vec![-3.0, -2.0, -2.0],
            vec![-2.1, -1.5, -1.2],
            vec![-1.1, -0.5, -0.2, 0.0],
            vec![-4.0, -1.1, -1.0, 0.0],
            vec![-2.0, -2.0, -1.0, 0.0, 0.0],
            vec![-0.9, -0.5, -0.3, -0.1, 0.0, 0.0],
            vec![-1e-9, -1e-12, 0.0, 0.0],
            vec![-3.5, -2.6, -1.7, -0.8, 0.0, 0.0],
        ] {
            let (got, expected) = (difference(&exponents), integral(&exponents));
            assert!((got / expected - 1.0).abs() < 1e-13, "{exponents:?}: {got}, {expected}");
        }
    }

    #[test]
    fn what_is_far_apart_is_what_it_is() {
        // (e^c / (c-a)(c-b)) + ..., of which the last alone counts.
        let got = difference(&[-5000.0, -60.0, -1.0]);
        assert!((got / ((-1.0_f64).exp() / (4999.0 * 59.0)) - 1.0).abs() < 1e-14, "{got}");
    }
}
