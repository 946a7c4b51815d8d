//! Statistics of outcomes in each arm: of numbers their means and quantiles, of times and grades the proportions
//! too.

use super::curve::Curve;
use crate::cohort::columns;
use crate::outcome::distribution::{self, Endpoint, EndpointKind, Sample, Z, mean, standard_deviation};
use crate::outcome::distribution::{quantile, wilson_interval};
use crate::table::Table;

/// The quantiles that are followed, with their names.
const QUANTILES: [(f64, &str); 3] = [(0.05, "p5"), (0.5, "p50"), (0.95, "p95")];

/// A statistic of an outcome in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    /// Column of the outcomes.
    pub outcome: String,
    /// Label of the arm.
    pub arm: String,
    /// Its dose.
    pub dose: f64,
    /// `mean`, `geometric_mean`, `p50`, `proportion`, `proportion_ge_3`, ...
    pub name: String,
    /// Unit of the value.
    pub unit: String,
    /// Patients that it is of.
    pub n: u64,
    /// Its value; NaN where there is none.
    pub value: f64,
    /// Its 95 % interval from the sampling of patients; NaN where there is none.
    pub interval: [f64; 2],
}

/// What is counted and summarised of the outcomes of a scenario.
#[derive(Debug, Clone, Default)]
pub(super) struct Summarised {
    /// Outcomes that are yes or no.
    pub(super) curves: Vec<Curve>,
    /// All others but labels, whose proportions are outcomes of their own.
    pub(super) statistics: Vec<Statistic>,
}

/// Whether an outcome has statistics: it is no yes or no, which is a curve, and no label.
pub(super) fn has_statistics(endpoint: &Endpoint) -> bool {
    matches!(endpoint.kind, EndpointKind::Number | EndpointKind::FirstTime | EndpointKind::Grade)
}

/// The statistics of an outcome in an arm, given by label and dose.
pub(super) fn statistics(endpoint: &Endpoint, arm: (&str, f64), sample: &Sample) -> Vec<Statistic> {
    let statistic = |name: &str, n: usize, value: f64, interval: [f64; 2]| Statistic {
        outcome: endpoint.meta.name.clone(),
        arm: arm.0.to_owned(),
        dose: arm.1,
        name: name.to_owned(),
        unit: endpoint.meta.unit.clone(),
        n: n as u64,
        value,
        interval,
    };
    let mut found = Vec::new();
    for (title, proportion) in distribution::of_all(endpoint, sample) {
        if !title.is_proportion || !title.name.starts_with("proportion") {
            continue;
        }
        let (n, value) = (proportion.n, proportion.value);
        let interval = wilson_interval((value * n as f64).round() as u64, n);
        let interval = [interval.low, interval.high];
        found.push(Statistic { unit: "1".into(), ..statistic(&title.name, n as usize, value, interval) });
    }
    if endpoint.kind == EndpointKind::Grade {
        return found;
    }
    let pairs = sample.values.iter().zip(&sample.finished);
    let mut values: Vec<f64> =
        pairs.filter(|(v, finished)| **finished && !v.is_nan()).map(|(v, _)| *v).collect();
    let n = values.len();
    let (centre, interval) = mean_with_interval(&values);
    found.push(statistic("mean", n, centre, interval));
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let (centre, interval) = mean_with_interval(&logarithms);
    found.push(statistic("geometric_mean", n, centre.exp(), interval.map(f64::exp)));
    values.sort_unstable_by(f64::total_cmp);
    found.extend(
        QUANTILES.map(|(p, name)| statistic(name, n, quantile(&values, p), quantile_interval(&values, p))),
    );
    found
}

/// The mean with its interval.
fn mean_with_interval(values: &[f64]) -> (f64, [f64; 2]) {
    let (centre, half) = (mean(values), Z * standard_deviation(values) / (values.len() as f64).sqrt());
    // A logarithm of 0 or less: there is no geometric mean.
    if centre.is_finite() { (centre, [centre - half, centre + half]) } else { (f64::NAN, [f64::NAN; 2]) }
}

/// The interval of a quantile of sorted values: the values between whose ranks it lies with 95 %, by the normal
/// approximation of the binomial (Conover, Practical Nonparametric Statistics, 1999, section 3.2); NaN where there
/// are too few.
fn quantile_interval(sorted: &[f64], probability: f64) -> [f64; 2] {
    let n = sorted.len() as f64;
    let half = Z * (n * probability * (1.0 - probability)).sqrt();
    let ranks = [(n * probability - half).ceil(), (n * probability + half).ceil()];
    ranks.map(|rank| if (1.0..=n).contains(&rank) { sorted[rank as usize - 1] } else { f64::NAN })
}

/// The outcomes of one endpoint in one arm, from tables of patients in order.
pub(super) fn sample(tables: &[Table], endpoint: &Endpoint, arm: usize, arms: usize) -> Sample {
    let column = |name: &str| numbers(tables, name);
    let of_arm = |values: Vec<f64>| values.into_iter().skip(arm).step_by(arms.max(1));
    // The first label of the status is that of patients who reached the end.
    let finished = of_arm(column(columns::STATUS)).map(|status| status == 0.0).collect();
    Sample { values: of_arm(column(&endpoint.meta.name)).collect(), finished, among: Vec::new() }
}

/// A column of tables one after the other, as numbers; empty if it is not there.
pub(super) fn numbers(tables: &[Table], name: &str) -> Vec<f64> {
    let columns = tables.iter().filter_map(|table| table.column(name));
    columns.flat_map(|column| column.values.numbers()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ColumnMeta;

    fn found(kind: EndpointKind, values: &[f64]) -> Vec<Statistic> {
        let endpoint = Endpoint { meta: ColumnMeta::new("auc", "area", "mg/L * day"), kind };
        let sample = Sample {
            values: values.to_vec(),
            finished: values.iter().map(|value| *value != -1.0).collect(),
            among: Vec::new(),
        };
        statistics(&endpoint, ("1 mg", 1.0), &sample)
    }

    fn value(found: &[Statistic], name: &str) -> (u64, f64) {
        found.iter().find(|s| s.name == name).map_or((0, f64::NAN), |s| (s.n, s.value))
    }

    /// By hand: 1, 10 and 100, and one who failed.
    #[test]
    fn statistics_of_numbers() {
        let found = found(EndpointKind::Number, &[10.0, 1.0, -1.0, 100.0]);
        assert_eq!(value(&found, "mean"), (3, 37.0));
        assert!((value(&found, "geometric_mean").1 - 10.0).abs() < 1e-12);
        assert_eq!(value(&found, "p50"), (3, 10.0));
        assert_eq!(found[0].unit, "mg/L * day");
    }

    /// A geometric mean of 0 is none.
    #[test]
    fn nothing_of_zero() {
        assert!(value(&found(EndpointKind::Number, &[0.0, 1.0]), "geometric_mean").1.is_nan());
    }

    /// It happened in two of three who reached the end.
    #[test]
    fn times_have_proportions() {
        let found = found(EndpointKind::FirstTime, &[3.0, f64::NAN, 5.0, -1.0]);
        assert_eq!(value(&found, "proportion"), (3, 2.0 / 3.0));
        assert_eq!(value(&found, "p50"), (2, 4.0));
        assert_eq!(found[0].unit, "1");
    }

    /// The 95 % interval of the median of 1 to 100 runs from the 41st to the 60th value.
    #[test]
    fn intervals_of_quantiles() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile_interval(&sorted, 0.5), [41.0, 60.0]);
        assert!(quantile_interval(&sorted[..10], 0.05)[0].is_nan());
    }
}
