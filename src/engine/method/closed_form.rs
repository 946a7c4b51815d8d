//! The solution of linear equations in closed form: how many equations it is written down for, and in which steps curves
//! are followed along it. Steps are not needed for its own sake: one leads to the end of a segment.

/// The most states that act on others.
pub(crate) const MOST_STATES: usize = 4;
/// The most states that act on each other.
pub(crate) const MOST_COUPLED: usize = 3;

/// The first step of a segment in which curves are followed, over the time constant of the fastest decay: a curve is
/// then as good as a polynomial of low degree in it.
pub(crate) const FIRST_STEP: f64 = 0.5;
/// The least rate of a decay that counts there, per model time.
pub(crate) const LEAST_RATE: f64 = 1e-30;
/// Later steps are so long as a share of the time since the segment began: whatever decays faster has decayed by then.
pub(crate) const GROWTH: f64 = 0.25;
