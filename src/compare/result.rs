//! The results of one scenario.

use super::curve::Curve;
use super::measure::Measured;
use super::statistic::Statistic;

/// What a scenario shows: once where nothing is uncertain, and under each replicate.
#[derive(Debug, Clone, Default)]
pub(super) struct ScenarioResult {
    pub(super) curves: Vec<Curve>,
    pub(super) statistics: Vec<Statistic>,
    pub(super) measured: Vec<Measured>,
}
