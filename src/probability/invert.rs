//! Quantiles from distribution functions.

use super::Probability;

/// The point `t` where a distribution has the probability `target`.
///
/// Newton's method on the logarithm of the smaller tail, which is nearly straight where the
/// density is log-concave (gamma in `log x`, beta in `logit x`), within a bracket that falls back
/// to bisection. `tails(t)` gives both tails and the density with respect to `t`. The last step is
/// below 1e-9, so that what is left, its square, is below rounding.
pub(crate) fn invert(
    target: Probability,
    start: f64,
    bracket: [f64; 2],
    tails: impl Fn(f64) -> (Probability, f64),
) -> f64 {
    const STEP: f64 = 1e-9;
    // Bisection alone would be there after so many halvings of any bracket used here.
    const ITERATIONS: usize = 60;
    let [mut low, mut high] = bracket;
    let mut t = start.clamp(low, high);
    for _ in 0..ITERATIONS {
        let (p, density) = tails(t);
        let (excess, tail) = if target.below < target.above {
            ((p.below / target.below).ln(), p.below)
        } else {
            (-(p.above / target.above).ln(), p.above)
        };
        if excess > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let newton = t - excess * tail / density;
        // Also false when the tail has underflowed and the step is not a number.
        let next = if (low..=high).contains(&newton) { newton } else { 0.5 * (low + high) };
        let step = (next - t).abs();
        t = next;
        if step < STEP {
            break;
        }
    }
    t
}
