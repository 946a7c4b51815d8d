//! The audit as a person reads it.

use std::fmt;

use super::{Case, EndpointSummary, Quantiles, Summary};
use crate::engine::audit::{Check, Promise};

/// Endpoints that are named of those that differ by more than is promised.
const MOST_NAMED: usize = 8;

impl Summary {
    /// What was compared, and the endpoints with the largest differences, at most so many.
    pub fn table(&self, most: usize) -> String {
        let mut lines = vec![format!("{}; relative differences", self.title())];
        let rows: Vec<_> = self.by_difference().take(most).collect();
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
                100.0 * self.promise.largest
            ));
        }
        lines.join("\n")
    }

    /// What was found, in a line.
    pub fn line(&self) -> String {
        let largest = self.by_difference().next();
        let largest = largest.map_or(String::new(), |(name, differences)| {
            format!("; the largest relative difference {:.1e} ({name})", differences.max)
        });
        format!("{}{largest}\n  {}", self.title(), self.verdict())
    }

    /// Whether it is what is promised, in a sentence; if not, what is not.
    pub fn verdict(&self) -> String {
        let unsolved = if self.unsolved == 0 {
            String::new()
        } else {
            format!("; {} patient-arms that the run did not solve are not among them", self.unsolved)
        };
        if self.patient_arms == 0 && self.unsolved == 0 {
            return "there was nothing to compare: the run has no endpoint".into();
        }
        if self.patient_arms == 0 {
            let solver = if self.check == Check::Engine { "device" } else { "run" };
            return format!("the {solver} solved no patient-arm of the sample: there was nothing to compare");
        }
        let promised = promised(self.promise);
        if self.holds {
            return format!("the differences are within what is promised ({promised}){unsolved}");
        }
        let mut text = format!("the differences are MORE THAN IS PROMISED ({promised}){unsolved}");
        if self.failed > 0 {
            text += &format!("; {} patient-arms were solved by one side only", self.failed);
        }
        let failing = self.endpoints.iter().filter(|e| !e.holds).map(|e| e.endpoint.as_str());
        let failing: Vec<&str> = failing.collect();
        if !failing.is_empty() {
            let (named, more) = failing.split_at(failing.len().min(MOST_NAMED));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            text += &format!("; endpoints: {}{more}", named.join(", "));
        }
        if let Some(case) = &self.worst {
            text += &format!("; the worst: {case}");
        }
        text
    }

    /// What to do about differences that are more than is promised.
    pub fn help(&self) -> &'static str {
        match self.check {
            Check::Engine => "do not use these results: solve on the CPU with `--backend cpu --force`",
            Check::Integration => {
                "do not use these results: other steps than the run's give other numbers. Give a smaller `rtol` in \
                 [solver] (the default is 1e-6); a `max_step` there, where something in the equations lasts a short time \
                 only; a `scale` to states that are far from 1, in [solver.scale], and to an endpoint that is as \
                 good as 0"
            }
        }
    }

    fn title(&self) -> String {
        let Self { check, method, rtol, patient_arms, .. } = self;
        let how = match check {
            Check::Engine => "on the CPU in f64".to_owned(),
            Check::Integration => {
                format!("more closely (f64, {method}, rtol {rtol:e}, other and shorter steps)")
            }
        };
        format!("{} check: {patient_arms} patient-arms solved again {how}", check.name())
    }

    /// Endpoints with the quantiles of their differences, the largest first.
    fn by_difference(&self) -> impl Iterator<Item = (&str, Quantiles)> {
        let mut worst: Vec<&EndpointSummary> = self.endpoints.iter().collect();
        worst.sort_by(|a, b| largest(b).total_cmp(&largest(a)));
        worst.into_iter().filter_map(|e| Some((e.endpoint.as_str(), e.differences?)))
    }

    /// Results of thresholds: all, those that differ, and those outside their bounds.
    fn thresholds(&self) -> [u64; 3] {
        self.endpoints
            .iter()
            .filter_map(|e| e.threshold)
            .fold([0; 3], |[n, differ, outside], t| [n + t.n, differ + t.differ, outside + t.outside])
    }
}

/// A promise in words.
fn promised(Promise { usual, share, largest }: Promise) -> String {
    let [usual, share, largest] = [usual, share, largest].map(|share| 100.0 * share);
    if usual == largest {
        format!("{largest} %")
    } else {
        format!("{usual} % in {share} % of the patient-arms, {largest} % in all")
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
        let number = |v: f64| {
            if v == 0.0 || (1e-3..1e6).contains(&v.abs()) { format!("{v:.6}") } else { format!("{v:.6e}") }
        };
        let [engine, reference] =
            [self.engine, self.reference].map(|value| value.map_or("none".into(), number));
        let Self { patient, arm, endpoint, .. } = self;
        write!(f, "{endpoint} of patient {patient} at {arm} is {engine} instead of {reference}")
    }
}
