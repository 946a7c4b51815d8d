//! Exposures under two scenarios: geometric means of the ratios within patients, with 90 % intervals.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::super::facts::Facts as RunFacts;
use super::super::figure::{Figure, Sheet};
use super::super::figures::exposure::measures;
use super::super::plot::{self, Axes};
use super::super::rows::Row;
use super::Facts;
use crate::diagnostic::Problems;
use crate::outcome::distribution::{mean, standard_deviation};

/// Share of the interval, as is usual for ratios of exposures.
const SHARE: f64 = 0.9;
/// Ratios that are counted as higher and lower: the usual bounds of equivalence.
const BOUNDS: [f64; 2] = [0.8, 1.25];

/// The ratios of one measure in one arm.
struct Ratio {
    n: usize,
    /// Geometric mean with its interval.
    mean: [f64; 3],
    /// Share of patients below and above `BOUNDS`.
    beyond: [f64; 2],
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let mut sheet = Sheet::new([
        "measure",
        "scenario",
        "over",
        "arm",
        "n",
        "geometric mean ratio",
        "90 % interval",
        "below 0.8, of 100",
        "above 1.25, of 100",
    ]);
    let mut rows: Vec<(String, Vec<plot::Interval>)> = Vec::new();
    for [scenario, base] in pairs(facts)? {
        let (Some(of), Some(over)) = (facts.run(&scenario), facts.run(&base)) else { continue };
        for name in shared(of, over) {
            let (own, others) = (of.column(name)?, over.column(name)?);
            for (i, arm) in of.arms().iter().enumerate() {
                let Some(j) = over.arms().iter().position(|other| other == arm) else { continue };
                let Some(found) = ratio(&of_arm(of, &own, i), &of_arm(over, &others, j)) else { continue };
                let [centre, low, high] = found.mean;
                let names = [name, &scenario, &base, arm].map(String::from);
                let cells = [
                    found.n.to_string(),
                    format!("{centre:.3}"),
                    format!("{low:.3} to {high:.3}"),
                    format!("{:.1}", 100.0 * found.beyond[0]),
                    format!("{:.1}", 100.0 * found.beyond[1]),
                ];
                sheet.row(names.into_iter().chain(cells));
                let label = match base == facts.said.base {
                    true => format!("{scenario}, {arm}"),
                    false => format!("{scenario} over {base}, {arm}"),
                };
                match rows.iter_mut().find(|(known, _)| known == name) {
                    Some((_, rows)) => rows.push((label, found.mean)),
                    None => rows.push((name.to_owned(), vec![(label, found.mean)])),
                }
            }
        }
    }
    let panel = |(name, rows): (String, Vec<(String, [f64; 3])>)| {
        let ends = rows.iter().map(|(_, row)| [row[1], row[2]]);
        let holds = ends.fold(BOUNDS, |[low, high], end| [low.min(end[0]), high.max(end[1])]);
        let axes = Axes { x: "geometric mean ratio".into(), holds: Some(holds), ..Axes::default() };
        (name, plot::forest(&axes, &rows, Some(1.0)))
    };
    let panels: Vec<_> = rows.into_iter().map(panel).collect();
    let says = format!(
        "Exposure of the same patients under a scenario over that under {}: geometric means of the ratios within patients, \
         with 90 % intervals (Student's t on the logarithms). A patient without exposure under either is in no ratio.",
        facts.said.base
    );
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Ratios of exposure".into(), says, svg, sheet }))
}

/// Scenarios that are compared, and with which.
fn pairs(facts: &Facts) -> Result<Vec<[String; 2]>, Problems> {
    let mut pairs: Vec<[String; 2]> = Vec::new();
    facts.rows("differences", ["scenario", "base"], [], |Row { labels, .. }| {
        if pairs.iter().all(|pair| *pair != labels) {
            pairs.push(labels.map(String::from));
        }
    })?;
    Ok(pairs)
}

/// The measures of exposure that both runs have, in one unit.
fn shared<'a>(of: &'a RunFacts, over: &RunFacts) -> Vec<&'a str> {
    let unit =
        |run: &RunFacts, name: &str| run.endpoint(name).map(|(_, endpoint)| endpoint.meta.unit.clone());
    let mut names = measures(of);
    names.retain(|name| {
        let own = unit(of, name);
        own.is_some() && own == unit(over, name)
    });
    names
}

/// The values of an arm, of patients in order.
fn of_arm(run: &RunFacts, column: &[f64], arm: usize) -> Vec<f64> {
    column.iter().skip(arm).step_by(run.arms().len()).copied().collect()
}

/// The ratios of pairs that are both above 0; `None` where there are not two, or where most are not.
fn ratio(own: &[f64], others: &[f64]) -> Option<Ratio> {
    let is_known = |(a, b): &(&f64, &f64)| !a.is_nan() && !b.is_nan();
    let known: Vec<[f64; 2]> = own.iter().zip(others).filter(is_known).map(|(a, b)| [*a, *b]).collect();
    let positive = known.iter().filter(|pair| pair.iter().all(|value| *value > 0.0));
    let logarithms: Vec<f64> = positive.map(|[a, b]| (a / b).ln()).collect();
    let n = logarithms.len();
    // What is negative as often as not is no exposure.
    if n < 2 || 2 * n < known.len() {
        return None;
    }
    let (centre, sd) = (mean(&logarithms), standard_deviation(&logarithms));
    let t = StudentsT::new(0.0, 1.0, n as f64 - 1.0).ok()?.inverse_cdf(0.5 + SHARE / 2.0);
    let half = t * sd / (n as f64).sqrt();
    let share = |is_it: &dyn Fn(f64) -> bool| {
        logarithms.iter().filter(|ratio| is_it(**ratio)).count() as f64 / n as f64
    };
    let [low, high] = BOUNDS.map(f64::ln);
    Some(Ratio {
        n,
        mean: [centre, centre - half, centre + half].map(f64::exp),
        beyond: [share(&|ratio| ratio < low), share(&|ratio| ratio > high)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.t.interval(0.9, 3, mean, sem) of the logarithms of 1.1, 1.2, 0.9 and 1.3: geometric mean
    /// 1.1147820, 0.9254890 to 1.3427917.
    #[test]
    fn interval_of_four_ratios() {
        let found = ratio(&[11.0, 24.0, 9.0, 13.0, f64::NAN, 0.0], &[10.0, 20.0, 10.0, 10.0, 1.0, 1.0]);
        let found = found.map_or(([f64::NAN; 3], [f64::NAN; 2], 0), |of| (of.mean, of.beyond, of.n));
        for (found, expected) in found.0.iter().zip([1.114_782_0, 0.925_489_0, 1.342_791_7]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert_eq!((found.1, found.2), ([0.0, 0.25], 4));
    }
}
