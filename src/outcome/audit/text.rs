//! The audit as a person reads it.

use std::fmt;

use super::{Case, EndpointSummary, Quantiles, Summary};
use crate::engine::audit::{LARGEST_DIFFERENCE, USUAL_DIFFERENCE, USUAL_SHARE};

impl Summary {
    /// What was compared, and the endpoints with the largest differences, at most so many.
    pub fn table(&self, most: usize) -> String {
        let mut lines = vec![format!(
            "audit: {} patient-arms solved again on the CPU in f64; relative differences",
            self.patient_arms
        )];
        let mut worst: Vec<&EndpointSummary> = self.endpoints.iter().collect();
        worst.sort_by(|a, b| largest(b).total_cmp(&largest(a)));
        let rows: Vec<_> =
            worst.iter().filter_map(|e| Some((&e.endpoint, e.differences?))).take(most).collect();
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max("endpoint".len());
        let cells = |name: &str, cells: [String; 5]| {
            let cells = cells.map(|cell| format!("{cell:>9}"));
            format!("  {name:width$}{}", cells.concat())
        };
        if !rows.is_empty() {
            lines.push(cells("endpoint", ["median", "90 %", "99 %", "99.9 %", "largest"].map(String::from)));
        }
        for (name, Quantiles { p50, p90, p99, p99_9, max, .. }) in rows {
            lines.push(cells(name, [p50, p90, p99, p99_9, max].map(|value| format!("{value:.1e}"))));
        }
        let [n, differ, outside] = self.thresholds();
        if n > 0 {
            lines.push(format!(
                "  results of thresholds: {differ} of {n} differ, {outside} of them with no value within \
                 {} % of the threshold",
                100.0 * LARGEST_DIFFERENCE
            ));
        }
        lines.join("\n")
    }

    /// Whether it is what is promised, in a sentence; if not, what is not.
    pub fn verdict(&self) -> String {
        if self.patient_arms == 0 {
            return "the device solved no patient-arm of the sample: there was nothing to compare".into();
        }
        let (usual, share, largest) =
            (100.0 * USUAL_DIFFERENCE, 100.0 * USUAL_SHARE, 100.0 * LARGEST_DIFFERENCE);
        let promised = format!("{usual} % in {share} % of the patient-arms, {largest} % in all");
        if self.holds {
            return format!("the differences are within what is promised ({promised})");
        }
        let mut text = format!("the differences are MORE THAN IS PROMISED ({promised})");
        if self.failed > 0 {
            text += &format!("; {} patient-arms were solved by one side only", self.failed);
        }
        let failing = self.endpoints.iter().filter(|e| !e.holds).map(|e| e.endpoint.as_str());
        let failing: Vec<&str> = failing.collect();
        if !failing.is_empty() {
            text += &format!("; endpoints: {}", failing.join(", "));
        }
        if let Some(case) = &self.worst {
            text += &format!("; the worst: {case}");
        }
        text
    }

    /// Results of thresholds: all, those that differ, and those outside their bounds.
    fn thresholds(&self) -> [u64; 3] {
        self.endpoints
            .iter()
            .filter_map(|e| e.threshold)
            .fold([0; 3], |[n, differ, outside], t| [n + t.n, differ + t.differ, outside + t.outside])
    }
}

/// The largest difference of an endpoint; below 0 if it has none.
fn largest(endpoint: &EndpointSummary) -> f64 {
    endpoint.differences.map_or(-1.0, |differences| differences.max)
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.table(usize::MAX), self.verdict())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [engine, reference] =
            [self.engine, self.reference].map(|value| value.map_or("none".into(), |v| format!("{v:.6}")));
        let Self { patient, arm, endpoint, .. } = self;
        write!(f, "{endpoint} of patient {patient} at {arm} is {engine} instead of {reference}")
    }
}
