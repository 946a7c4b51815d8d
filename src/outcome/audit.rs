//! The audit of a run: how far its endpoints lie from the reference's, and whether that is what is promised.

mod table;
mod text;

pub use table::{VERDICT_LABELS, table};

use serde::{Deserialize, Serialize};

use super::distribution::quantile;
use crate::engine::audit::{Check, Comparison, Promise, Terms, Verdict, names};
use crate::plan::Plan;

/// What a check of a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What it was checked for.
    pub check: Check,
    /// How the reference integrated, on the CPU in f64.
    pub method: String,
    /// Its relative tolerance.
    pub rtol: f64,
    /// How far the run may be from it.
    pub promise: Promise,
    /// Patient-arms that were compared.
    pub patient_arms: u64,
    /// Patient-arms of the sample that the run did not solve, and that are not compared.
    pub unsolved: u64,
    /// Those that reached the end on one side only.
    pub failed: u64,
    /// Each endpoint, in order.
    pub endpoints: Vec<EndpointSummary>,
    /// The worst comparison, if any endpoint was compared.
    pub worst: Option<Case>,
    /// Whether everything lies within what is promised.
    pub holds: bool,
}

/// How one endpoint compares over the patient-arms that reached the end on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointSummary {
    /// Its column.
    pub endpoint: String,
    /// Patient-arms in which it has a value on one side only.
    pub missing: u64,
    /// Relative differences of values; none of an endpoint that is not compared, or comes of a
    /// threshold.
    pub differences: Option<Quantiles>,
    /// What comes of a threshold.
    pub threshold: Option<Threshold>,
    /// Whether it lies within what is promised.
    pub holds: bool,
}

/// Quantiles of `|engine - reference| / max(|reference|, scale)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Patient-arms.
    pub n: u64,
    /// Median.
    pub p50: f64,
    /// 90 %.
    pub p90: f64,
    /// 99 %.
    pub p99: f64,
    /// 99.9 %.
    pub p99_9: f64,
    /// The largest.
    pub max: f64,
}

/// Counts of what comes of a threshold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Patient-arms.
    pub n: u64,
    /// Those in which it differs.
    pub differ: u64,
    /// Those in which it lies outside its bounds: no value near the threshold explains it.
    pub outside: u64,
    /// The largest difference, in the endpoint's unit, where it has a value on both sides.
    pub largest: f64,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Index of the patient.
    pub patient: u64,
    /// Label of the arm.
    pub arm: String,
    /// Column of the endpoint.
    pub endpoint: String,
    /// The engine's value, if it has one.
    pub engine: Option<f64>,
    /// The reference's value, if it has one.
    pub reference: Option<f64>,
}

/// Comparisons, added up one after another.
#[derive(Debug)]
pub struct Differences {
    terms: Terms,
    arms: Vec<String>,
    endpoints: Vec<OfEndpoint>,
    compared: u64,
    unsolved: u64,
    failed: u64,
    worst: Option<Comparison>,
}

/// The comparisons of one endpoint.
#[derive(Debug)]
struct OfEndpoint {
    name: String,
    /// Of values.
    differences: Vec<f64>,
    threshold: Threshold,
    missing: u64,
    beyond: u64,
}

impl Differences {
    /// None yet, of a plan's endpoints.
    pub fn new(plan: &Plan, terms: Terms) -> Self {
        let endpoint = |name: &str| OfEndpoint {
            name: name.to_owned(),
            differences: Vec::new(),
            threshold: Threshold::default(),
            missing: 0,
            beyond: 0,
        };
        Self {
            terms,
            arms: plan.arms.iter().map(|arm| arm.label.clone()).collect(),
            endpoints: names(plan).into_iter().map(endpoint).collect(),
            compared: 0,
            unsolved: 0,
            failed: 0,
            worst: None,
        }
    }

    /// Adds a comparison; every endpoint of a patient-arm has one.
    pub fn add(&mut self, comparison: Comparison) {
        self.compared += u64::from(comparison.verdict != Verdict::Unsolved);
        self.unsolved += u64::from(comparison.verdict == Verdict::Unsolved);
        self.failed += u64::from(comparison.verdict == Verdict::Failed);
        self.endpoints[comparison.endpoint].add(&comparison);
        let rank = |c: &Comparison| (c.verdict, c.difference);
        if self.worst.is_none_or(|worst| rank(&comparison) > rank(&worst)) {
            self.worst = Some(comparison);
        }
    }

    /// What was found.
    pub fn summary(self) -> Summary {
        let per_item = self.endpoints.len().max(1) as u64;
        let worst = self.worst.filter(|worst| worst.verdict > Verdict::Unsolved);
        let worst = worst.map(|comparison| self.case(&comparison));
        let failed = self.failed / per_item;
        let Terms { check, method, rtol, promise, .. } = self.terms;
        let endpoints = self.endpoints.into_iter();
        let endpoints: Vec<_> = endpoints.map(|endpoint| endpoint.summary(promise)).collect();
        Summary {
            check,
            method: method.name().into(),
            rtol,
            promise,
            patient_arms: self.compared / per_item,
            unsolved: self.unsolved / per_item,
            failed,
            worst,
            holds: failed == 0 && endpoints.iter().all(|endpoint| endpoint.holds),
            endpoints,
        }
    }

    fn case(&self, comparison: &Comparison) -> Case {
        let number = |value: f64| value.is_finite().then_some(value);
        Case {
            patient: (comparison.item / self.arms.len()) as u64,
            arm: self.arms[comparison.item % self.arms.len()].clone(),
            endpoint: self.endpoints[comparison.endpoint].name.clone(),
            engine: number(comparison.engine),
            reference: number(comparison.reference),
        }
    }
}

impl OfEndpoint {
    fn add(&mut self, comparison: &Comparison) {
        match comparison.verdict {
            Verdict::NotCompared | Verdict::Unsolved | Verdict::Failed => {}
            Verdict::Missing => self.missing += 1,
            Verdict::Within | Verdict::Near => self.differences.push(comparison.difference),
            Verdict::Beyond => {
                self.differences.push(comparison.difference);
                self.beyond += 1;
            }
            Verdict::Same | Verdict::Differs | Verdict::Outside => {
                self.threshold.n += 1;
                self.threshold.differ += u64::from(comparison.verdict != Verdict::Same);
                self.threshold.outside += u64::from(comparison.verdict == Verdict::Outside);
                // `max` passes over what is not a number: a time that never comes.
                let difference = (comparison.engine - comparison.reference).abs();
                self.threshold.largest = self.threshold.largest.max(difference);
            }
        }
    }

    fn summary(mut self, promise: Promise) -> EndpointSummary {
        self.differences.sort_unstable_by(f64::total_cmp);
        let n = self.differences.len();
        let usual = self.differences.partition_point(|&d| d <= promise.usual);
        let usually = usual as f64 >= promise.share * n as f64;
        EndpointSummary {
            endpoint: self.name,
            missing: self.missing,
            differences: (n > 0).then(|| Quantiles::of(&self.differences)),
            threshold: (self.threshold.n > 0).then_some(self.threshold),
            holds: usually && self.missing + self.beyond + self.threshold.outside == 0,
        }
    }
}

impl Quantiles {
    /// Of sorted differences.
    fn of(sorted: &[f64]) -> Self {
        let [p50, p90, p99, p99_9, max] = [0.5, 0.9, 0.99, 0.999, 1.0].map(|p| quantile(sorted, p));
        Self { n: sorted.len() as u64, p50, p90, p99, p99_9, max }
    }
}
