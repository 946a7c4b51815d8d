//! Distributions on few points: a table of the distribution function.

/// Distribution function at consecutive whole numbers, the last one exactly 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps {
    cumulative: Vec<f64>,
}

impl Steps {
    /// From weights, which are divided by their sum. Not empty, not negative, not all 0.
    pub(super) fn new(weights: &[f64]) -> Self {
        let mut cumulative: Vec<f64> = weights
            .iter()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        let total = cumulative.last().copied().unwrap_or(1.0);
        for value in &mut cumulative {
            *value /= total;
        }
        Self { cumulative }
    }

    /// The quantile: the first position whose cumulative probability reaches `below`.
    pub(super) fn position(&self, below: f64) -> usize {
        self.cumulative.partition_point(|&cumulative| cumulative < below)
    }
}
