//! Bands over replicates, beside the estimate and its interval from the sampling of patients.

use serde::Serialize;

use crate::compare::crossing::Crossing;
use crate::compare::curve::CurvePoint;
use crate::compare::measure::Measured;
use crate::compare::result::ScenarioResult;
use crate::compare::statistic::Statistic;
use crate::outcome::distribution::quantile;

/// The quantiles over replicates that are written, in percent.
pub(super) const PERCENTS: [f64; 7] = [2.5, 5.0, 25.0, 50.0, 75.0, 95.0, 97.5];

/// What is known of a number when assumptions are uncertain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// Scenario.
    pub scenario: String,
    /// An outcome, or a measure.
    pub quantity: String,
    /// What is taken of an outcome, as `proportion` or `p50`; `value` of a measure.
    pub statistic: String,
    /// Unit of the value.
    pub unit: String,
    /// Label of the arm; none of a measure.
    pub arm: Option<String>,
    /// Dose of the arm; NaN of a measure.
    pub dose: f64,
    /// The value where nothing is uncertain.
    pub estimate: f64,
    /// Its interval from the sampling of patients.
    pub sampling: [f64; 2],
    /// The value where nothing is uncertain, of the replicates' patients alone.
    pub centre: f64,
    /// Replicates.
    pub replicates: u64,
    /// Replicates in which there is a value.
    pub reached: u64,
    /// Replicates of which not even the side is known on which the value lies: they are in no quantile.
    pub unknown: u64,
    /// Quantiles over replicates, at `PERCENTS`. A dose that a replicate does not reach counts as
    /// beyond all others, so a quantile may be missing: NaN.
    pub quantiles: [f64; 7],
}

/// The bands of a scenario, outcomes first, then measures. `centre` is what the replicates' patients show
/// where nothing is uncertain; `dose_unit` is that of all doses.
pub(super) fn bands(
    scenario: &str,
    dose_unit: &str,
    estimate: &ScenarioResult,
    centre: &ScenarioResult,
    replicates: &[ScenarioResult],
) -> Vec<Band> {
    let band = |quantity: &str, statistic: &str, unit: &str, values: Vec<f64>| {
        let unknown = values.iter().filter(|value| value.is_nan()).count() as u64;
        let reached = values.iter().filter(|value| value.is_finite()).count() as u64;
        Band {
            scenario: scenario.to_owned(),
            quantity: quantity.to_owned(),
            statistic: statistic.to_owned(),
            unit: unit.to_owned(),
            arm: None,
            dose: f64::NAN,
            estimate: f64::NAN,
            sampling: [f64::NAN; 2],
            centre: f64::NAN,
            replicates: values.len() as u64,
            reached,
            unknown,
            quantiles: quantiles(values),
        }
    };
    let mut bands = Vec::new();
    for (c, curve) in estimate.curves.iter().enumerate() {
        for (a, point) in curve.points.iter().enumerate() {
            let of = |result: &ScenarioResult| CurvePoint::proportion(&result.curves[c].points[a]);
            let interval = point.interval();
            bands.push(Band {
                arm: Some(point.arm.clone()),
                dose: point.dose,
                estimate: point.proportion(),
                sampling: [interval.low, interval.high],
                centre: of(centre),
                ..band(&curve.outcome, "proportion", "1", replicates.iter().map(of).collect())
            });
        }
    }
    for (s, statistic) in estimate.statistics.iter().enumerate() {
        let of = |result: &ScenarioResult| result.statistics[s].value;
        let Statistic { outcome, name, unit, .. } = statistic;
        bands.push(Band {
            arm: Some(statistic.arm.clone()),
            dose: statistic.dose,
            estimate: statistic.value,
            sampling: statistic.interval,
            centre: of(centre),
            ..band(outcome, name, unit, replicates.iter().map(of).collect())
        });
    }
    for (m, measured) in estimate.measured.iter().enumerate() {
        let of = |result: &ScenarioResult| signed(&result.measured[m]);
        bands.push(Band {
            estimate: measured.value,
            sampling: measured.interval,
            centre: centre.measured[m].value,
            ..band(
                &measured.measure.name(),
                "value",
                measured.measure.unit(dose_unit),
                replicates.iter().map(of).collect(),
            )
        });
    }
    bands
}

/// The value, or an infinity on the side where it must lie, or NaN if that is not known.
fn signed(measured: &Measured) -> f64 {
    match measured.crossing {
        Crossing::At(_) => measured.value,
        Crossing::BelowLowest => f64::NEG_INFINITY,
        Crossing::NotReached => f64::INFINITY,
        Crossing::Unknown => f64::NAN,
    }
}

/// Quantiles at `PERCENTS`; NaN where one is infinite.
fn quantiles(mut values: Vec<f64>) -> [f64; 7] {
    values.retain(|value| !value.is_nan());
    values.sort_unstable_by(f64::total_cmp);
    PERCENTS.map(|percent| {
        let value = quantile(&values, percent / 100.0);
        if value.is_finite() { value } else { f64::NAN }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::curve::Curve;
    use crate::compare::measure::Measure;

    /// Ten patients at 0 and 1 mg, none with the outcome at 0 and so many at 1.
    fn result(events: usize) -> ScenarioResult {
        let mut curve = Curve::new("dlt", [("0 mg", 0.0), ("1 mg", 1.0)]);
        (0..10).for_each(|i| curve.count(&[0.0, f64::from(i < events)]));
        let measured = vec![Measured::mtd(0.3, &curve)];
        ScenarioResult { curves: vec![curve], statistics: Vec::new(), measured }
    }

    /// By hand: of proportions 0.2, 0.4, 0.6, 0.8 and 1 the median is 0.6 and the quartiles are 0.4 and 0.8;
    /// 30 % is reached at 0.75, 0.5, 0.375, 0.3 and nowhere.
    #[test]
    fn quantiles_over_replicates() {
        let replicates: Vec<ScenarioResult> = [6, 2, 10, 4, 8].map(result).into();
        let bands = bands("patients", "mg", &result(5), &result(4), &replicates);
        let [low, high, mtd] = &bands[..] else { unreachable!("two arms, one measure") };
        assert_eq!((low.estimate, low.quantiles), (0.0, [0.0; 7]));
        assert_eq!((high.arm.as_deref(), high.estimate), (Some("1 mg"), 0.5));
        assert_eq!(high.quantiles[2..5], [0.4, 0.6, 0.8]);
        assert!(high.sampling[0] < 0.5 && high.sampling[1] > 0.5);
        assert_eq!((mtd.quantity.as_str(), mtd.replicates, mtd.reached), ("mtd_30", 5, 4));
        assert!((mtd.quantiles[3] - 0.5).abs() < 1e-15 && mtd.quantiles[6].is_nan());
        assert_eq!([low.unknown, mtd.unknown], [0, 0]);
        assert!((mtd.estimate - 0.6).abs() < 1e-15 && (mtd.centre - 0.75).abs() < 1e-15);
    }

    /// Of three replicates one has an index of 2, one lies above all that could be seen, one may be anywhere.
    #[test]
    fn what_is_unknown_is_in_no_quantile() {
        let index = |crossing| Measured {
            measure: Measure::Index(0.3),
            crossing,
            value: crossing.dose(),
            interval: [f64::NAN; 2],
            tried: [0.0, 1.0],
        };
        let result =
            |crossing| ScenarioResult { measured: vec![index(crossing)], ..ScenarioResult::default() };
        let replicates = [Crossing::At(2.0), Crossing::NotReached, Crossing::Unknown].map(result);
        let bands = bands("patients", "mg", &replicates[0], &replicates[0], &replicates);
        let band = &bands[0];
        assert_eq!((band.replicates, band.reached, band.unknown), (3, 1, 1));
        assert!(band.quantiles[3].is_nan(), "half way between 2 and beyond all others");
    }
}
