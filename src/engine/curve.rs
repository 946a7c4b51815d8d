//! How extremes and crossings are looked for between visits, on every engine.

/// Parts of a step between the points at which curves are evaluated.
pub(crate) const PIECES: usize = 4;

/// How far a curve may lie beyond its values there, in multiples of its largest second difference. A parabola lies at
/// most an eighth beyond.
pub(crate) const BEYOND: f64 = 0.25;

/// Half the widths of the parabolas that locate an extreme, one after the other, as fractions of the step, in f64. The
/// second is off by about a 50,000th of the step.
pub(crate) const WIDTHS: [f64; 2] = [1.0 / 16.0, 1.0 / 128.0];

/// The same in f32, in whose rounding a narrower one would drown.
pub(crate) const WIDTHS_F32: [f64; 2] = [1.0 / 16.0, 1.0 / 32.0];

/// By how much more than the values at the points, as a share of them, a parabola must promise for an extreme to be searched
/// for, in f64.
pub(crate) const NO_GAIN: f64 = 1e-13;

/// The most evaluations for one crossing. Every other one halves the interval, so that a jump is located to a
/// thousandth of a step; a smooth curve needs three to five.
pub(crate) const MOST_EVALUATIONS: usize = 20;

/// A crossing is located when the curve is this close to 0, as a fraction of its values at both ends, in f64.
pub(crate) const CLOSE: f64 = 1e-7;

/// The same in f32: its resolution.
pub(crate) const CLOSE_F32: f64 = 1e-6;
