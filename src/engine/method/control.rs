//! What decides the size of steps, whatever the method and the engine.
//!
//! A proportional-integral controller (Hairer, Wanner, Solving Ordinary Differential Equations II, section IV.2) on the
//! root mean square over states of `error / (atol_i + rtol max(|x_i|, |x_i new|))`.

/// A method's exponents: on the error of a step, and on that of the step before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exponents {
    pub(crate) proportional: f64,
    pub(crate) integral: f64,
}

/// A step aims at this fraction of the size that would just be accepted.
pub(crate) const SAFETY: f64 = 0.9;
/// Limits on the change of the step size from one attempt to the next.
pub(crate) const SHRINK: f64 = 0.2;
pub(crate) const GROW: f64 = 10.0;
/// Mean squares of errors below this count as this.
pub(crate) const LEAST_ERROR: f64 = 1e-20;
/// Logarithm of the smallest error that the next step's controller remembers: 1e-4.
pub(crate) const LEAST_REMEMBERED: f64 = -9.210_340_371_976_182;
/// A step this close below what is left of the segment is stretched to its end.
pub(crate) const STRETCH: f64 = 1.01;

/// The first step after a start or a jump of the state changes it by about this share of its size.
pub(crate) const INITIAL_CHANGE: f64 = 0.01;
/// No first step is chosen shorter than this share of its segment.
pub(crate) const LEAST_INITIAL_SHARE: f64 = 1e-6;
/// Where equations change smoothly with time, the first step is this share of its segment: what begins there may show
/// in no derivative yet.
pub(crate) const ONSET: f64 = 1e-6;
/// A step is too small below so many times the resolution of time.
pub(crate) const LEAST_STEP: f64 = 4.0;
