//! Constants of the way to a steady state, the same on every engine.

/// Cycles after which there is no steady state.
pub(crate) const MOST_CYCLES: u32 = 10_000;
/// Two ratios of moves that differ by less are the same.
pub(crate) const SAME_RATIO: f64 = 1e-3;
/// Ratios from which on a cycle takes too little of the way.
pub(crate) const SLOW: f64 = 0.3;
/// Ratios up to which it does not matter how well they are known.
pub(crate) const CLEAR: f64 = 0.99;
/// How far beyond rounding a ratio above that must be from 1, for moves that are always the same are no way to anywhere.
pub(crate) const CERTAIN: f64 = 30.0;

/// What may lie ahead, in units of the error that a step may make, where numbers have this resolution: in f32 rounding
/// moves states by about a tenth of that.
pub(crate) fn ahead(epsilon: f64) -> f64 {
    if epsilon > 1e-12 { 0.3 } else { 0.05 }
}
