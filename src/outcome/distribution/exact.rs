//! The exact confidence interval of a proportion, of as many patients as there are.
//!
//! Its ends are the proportions at which as many events or more, or as many or fewer, have half the probability outside the
//! interval (Clopper and Pearson, Biometrika 26 (1934) 404-413). These are found by Newton's method for the logarithm of the
//! tail, a concave function of that of the proportion, or of its rest: behind the first step it comes from one side. A
//! tail is its first term, the probability of just so many events (Loader, Fast and Accurate Computation of Binomial
//! Probabilities, 2000), times the sum of what the others are of it, all of them positive: so no digit is lost, whether
//! events are few or patients are millions.

use std::f64::consts::{PI, TAU};

/// Steps that it takes at most; three or four, as a rule.
const MOST_STEPS: u32 = 100;

/// The lower end for `events` of `n`, at least one of them and not all, from a first guess: `probability` is that of so
/// many events or more there.
pub(super) fn lower_end(events: u64, n: u64, probability: f64, guess: f64) -> f64 {
    end([events, n - events], probability, [guess, 1.0 - guess])[0]
}

/// The upper end: `probability` is that of so many events or fewer there, as many or more of the others.
pub(super) fn upper_end(events: u64, n: u64, probability: f64, guess: f64) -> f64 {
    end([n - events, events], probability, [1.0 - guess, guess])[1]
}

/// The proportions of `own` and of `rest` at which as many or more of `own` have a probability. Both are carried along, so
/// that neither loses a digit where it is small.
fn end([own, rest]: [u64; 2], probability: f64, guess: [f64; 2]) -> [f64; 2] {
    let [own, rest] = [own, rest].map(|count| count as f64);
    let [mut p, mut q] = guess;
    for _ in 0..MOST_STEPS {
        let others = tail(rest, own, p / q);
        let difference = probability.ln() - ln_term([own, rest], [p, q]) - others.ln();
        // The slope of the tail's logarithm in that of `p`; the first step may go too far from a bad guess.
        let step = (difference * others / own).clamp(-1.0, 1.0);
        q -= p * step.exp_m1();
        p *= step.exp();
        // What is left is some fifth of this, by the curvature of the tail of a normal distribution.
        if step * step * (own / q).sqrt() * (p / q).max(1.0) < f64::EPSILON {
            break;
        }
    }
    [p, q]
}

/// The sum of a tail over its first term, of which `left` can be of the other kind, and `there` are of its own: each term
/// is the one before times the odds and how many are left, over how many are there.
fn tail(left: f64, there: f64, odds: f64) -> f64 {
    let (mut sum, mut term, mut i) = (1.0, 1.0, 0.0);
    while i < left {
        let ratio = odds * (left - i) / (there + i + 1.0);
        term *= ratio;
        sum += term;
        i += 1.0;
        // Ratios fall: what is left is less than a geometric series.
        if term < f64::EPSILON * (1.0 - ratio) * sum {
            break;
        }
    }
    sum
}

/// The logarithm of the probability of `k` events and `rest` others, neither of them 0, at their proportions.
fn ln_term([k, rest]: [f64; 2], [p, q]: [f64; 2]) -> f64 {
    let n = k + rest;
    let around = deviance(k, n * p) + deviance(rest, n * q);
    stirling_error(n) - stirling_error(k) - stirling_error(rest) - around + 0.5 * (n / (TAU * k * rest)).ln()
}

/// `x ln(x / m) + m - x`, without loss where the two are close: by the series of Loader, section 2.
fn deviance(x: f64, m: f64) -> f64 {
    let (difference, sum) = (x - m, x + m);
    if difference.abs() > 0.1 * sum {
        return x * (x / m).ln() - difference;
    }
    let v = difference / sum;
    let (mut total, mut power) = (difference * v, 2.0 * x * v);
    for odd in (3..).step_by(2) {
        power *= v * v;
        let next = total + power / f64::from(odd);
        if next == total {
            break;
        }
        total = next;
    }
    total
}

/// `ln n!` less Stirling's formula `ln(2 pi n) / 2 + n ln n - n`.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        let factorial: f64 = (1..=n as u32).map(f64::from).product();
        return factorial.ln() - (0.5 * (2.0 * PI * n).ln() + n * n.ln() - n);
    }
    let square = n * n;
    // Abramowitz and Stegun 6.1.41.
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    series.iter().rev().fold(0.0, |sum, factor| sum / square + factor) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of the binomial distribution, each term by products of fractions.
    fn at_least(events: u64, n: u64, p: f64) -> f64 {
        let term = |k: u64| {
            let choices: f64 = (0..k).map(|i| (n - i) as f64 / (k - i) as f64).product();
            choices * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
        };
        (events..=n).map(term).sum()
    }

    #[test]
    fn ends_have_the_probability_that_is_asked_for() {
        for n in [2, 3, 10, 47, 100] {
            for events in 1..n {
                for guess in [0.01, 0.5, 0.9] {
                    let low = lower_end(events, n, 0.025, guess);
                    assert!((at_least(events, n, low) / 0.025 - 1.0).abs() < 1e-12, "{events} {n} {guess}");
                    let high = upper_end(events, n, 0.025, guess);
                    // As many or fewer events are as many or more others.
                    let found = at_least(n - events, n, 1.0 - high);
                    assert!((found / 0.025 - 1.0).abs() < 1e-11, "{events} {n} {guess}: {found}");
                }
            }
        }
    }

    /// `ln n!` of 15 and 16, on either side of where the series begins.
    #[test]
    fn factorials() {
        for (n, factorial) in [(1.0, 1.0), (15.0, 1_307_674_368_000.0), (16.0, 20_922_789_888_000.0_f64)] {
            let ln = stirling_error(n) + 0.5 * (2.0 * PI * n).ln() + n * n.ln() - n;
            assert!((ln - factorial.ln()).abs() < 1e-14 * factorial.ln().max(1.0), "{n}: {ln}");
        }
    }
}
