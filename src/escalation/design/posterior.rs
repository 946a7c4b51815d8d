//! Posteriors by quadrature on a fixed grid: the same answer on every machine, and no sampling error.
//!
//! Sums over equidistant nodes of a smooth density that has died away at both ends converge faster than any
//! power of the step (the trapezoidal rule). The mass below a point is the sum up to the node before it, with
//! the end corrections of Euler and Maclaurin, and the cubic of Hermite between nodes.

use super::Tally;

/// Equidistant values of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    first: f64,
    step: f64,
    nodes: usize,
}

impl Line {
    /// From a centre so far to both sides, in steps of at most this size.
    pub(super) fn around(centre: f64, reach: f64, step: f64) -> Self {
        let half = (reach / step).ceil();
        Self { first: centre - reach, step: reach / half, nodes: 2 * half as usize + 1 }
    }

    pub(super) fn nodes(self) -> usize {
        self.nodes
    }

    pub(super) fn values(self) -> impl Iterator<Item = f64> {
        (0..self.nodes).map(move |i| self.first + self.step * i as f64)
    }

    /// Where a value cuts it; one beyond an end, at the end.
    pub(super) fn cut(self, value: f64) -> Cut {
        let position = ((value - self.first) / self.step).clamp(0.0, (self.nodes - 1) as f64);
        let node = (position as usize).min(self.nodes - 2);
        let x = position - node as f64;
        let y = 1.0 - x;
        Cut {
            node,
            sums: [(1.0 + 2.0 * x) * y * y, x * x * (3.0 - 2.0 * x)],
            masses: [x * y * y, -x * x * y],
        }
    }
}

/// A place between two nodes of a line, and what it takes of sums and masses at them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    node: usize,
    sums: [f64; 2],
    masses: [f64; 2],
}

/// The mass of each node of a line, and the mass below it.
pub(super) struct Mass<'a> {
    of: &'a [f64],
    below: Vec<f64>,
}

impl<'a> Mass<'a> {
    pub(super) fn new(of: &'a [f64]) -> Self {
        let at = |i: usize, ahead: isize| {
            i.checked_add_signed(ahead).and_then(|i| of.get(i)).copied().unwrap_or(0.0)
        };
        let mut sum = 0.0;
        let below = (0..of.len()).map(|i| {
            sum += of[i];
            // The first two end corrections, h^2/12 of the slope and h^4/720 of the third derivative, with
            // differences over five nodes.
            let [near, far] = [1, 2].map(|ahead| at(i, ahead) - at(i, -ahead));
            sum - 0.5 * of[i] - (82.0 * near - 11.0 * far) / 1440.0
        });
        Self { below: below.collect(), of }
    }

    pub(super) fn below(&self, cut: &Cut) -> f64 {
        let take = |values: &[f64], [a, b]: [f64; 2]| a * values[cut.node] + b * values[cut.node + 1];
        take(&self.below, cut.sums) + take(self.of, cut.masses)
    }
}

/// The model of toxicity at the nodes of a grid.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// Logarithm of the prior density at each node, but for a constant.
    log_prior: Vec<f64>,
    /// Logarithms of the probabilities of a toxicity and of none: `[dose][node]`.
    log_likelihood: Vec<Vec<[f64; 2]>>,
}

impl Grid {
    /// A grid from its prior, and `log_likelihood` of each node at each of so many doses.
    pub(super) fn new(log_prior: Vec<f64>, log_likelihood: Vec<Vec<[f64; 2]>>) -> Self {
        Self { log_prior, log_likelihood }
    }

    /// The mass of each node after what was seen; all together 1.
    pub(super) fn posterior(&self, tallies: &[Tally]) -> Vec<f64> {
        let mut mass = self.log_prior.clone();
        for (tally, logs) in tallies.iter().zip(&self.log_likelihood).filter(|(tally, _)| tally.evaluable > 0)
        {
            let [toxic, not] = [tally.dlts, tally.evaluable - tally.dlts].map(f64::from);
            for (mass, [log_toxic, log_not]) in mass.iter_mut().zip(logs) {
                *mass += toxic * log_toxic + not * log_not;
            }
        }
        let largest = mass.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        mass.iter_mut().for_each(|mass| *mass = libm::exp(*mass - largest));
        let sum: f64 = mass.iter().sum();
        mass.iter_mut().for_each(|mass| *mass /= sum);
        mass
    }

    /// Mean probability of a toxicity at a dose.
    pub(super) fn mean_toxicity(&self, dose: usize, mass: &[f64]) -> f64 {
        self.log_likelihood[dose].iter().zip(mass).map(|([log, _], mass)| libm::exp(*log) * mass).sum()
    }
}

/// Logarithms of the probability with these log odds, and of its complement.
pub(super) fn logistic_logs(log_odds: f64) -> [f64; 2] {
    // log(1 + e^x) without overflow.
    let softplus = |x: f64| x.max(0.0) + libm::log1p(libm::exp(-x.abs()));
    [-softplus(-log_odds), -softplus(log_odds)]
}

/// Log odds of a probability.
pub(super) fn log_odds(probability: f64) -> f64 {
    libm::log(probability / (1.0 - probability))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A standard normal density; expected values: tables of its distribution function.
    #[test]
    fn masses_are_those_of_the_normal_distribution() {
        let line = Line::around(0.0, 8.0, 0.2);
        let grid = Grid::new(line.values().map(|z| -0.5 * z * z).collect(), Vec::new());
        let of = grid.posterior(&[]);
        let mass = Mass::new(&of);
        let cases = [
            (-9.0, 0.0),
            (-1.959963984540054, 0.025),
            (0.1, 0.539827837277029),
            (1.0, 0.841344746068543),
            (9.0, 1.0),
        ];
        for (z, expected) in cases {
            let below = mass.below(&line.cut(z));
            assert!((below - expected).abs() < 1e-5, "{z}: {below}");
        }
    }
}
