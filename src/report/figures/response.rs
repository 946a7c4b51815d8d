//! Outcomes against exposures, with a logistic curve.

use super::super::facts::{Facts, solved};
use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, colour};
use super::super::rows::{self, Row, numbers};
use super::percent;
use crate::cohort::ALL;
use crate::cohort::columns::STATUS;
use crate::diagnostic::Problems;
use crate::outcome::distribution::Z;
use crate::readable::number;
use crate::store::{Set, Summary};

/// Newton's steps at most, and the change of the logit that ends them.
const STEPS: usize = 25;
const CLOSE: f64 = 1e-8;

/// A logistic regression of an outcome on the logarithm of an exposure: logit p = a + b ln x.
#[derive(Debug, Clone, Copy)]
struct Logistic {
    a: f64,
    b: f64,
    /// Variances of a and b, and their covariance, from the information matrix.
    variance: [f64; 3],
}

impl Logistic {
    /// Probability and its 95 % interval at an exposure.
    fn at(&self, exposure: f64) -> [f64; 3] {
        let x = exposure.ln();
        let [of_a, of_b, of_both] = self.variance;
        let half = Z * (of_a + 2.0 * x * of_both + x * x * of_b).max(0.0).sqrt();
        let logit = self.a + self.b * x;
        [logit, logit - half, logit + half].map(|logit| 1.0 / (1.0 + (-logit).exp()))
    }
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let entries = &facts.job.cohort.exposure_response;
    let mut sheet = Sheet::new([
        "outcome",
        "exposure",
        "unit",
        "group",
        "from",
        "median",
        "to",
        "n",
        "with it",
        "%",
        "95 % interval",
    ]);
    let mut panels = Vec::new();
    for entry in entries {
        let (exposure, outcome) = (&entry.exposure.value, &entry.outcome.value);
        let points = groups(facts, exposure, outcome, &mut sheet)?;
        let unit = facts.endpoint(exposure).map_or("", |(_, endpoint)| endpoint.meta.unit.as_str());
        let mut marks = Vec::new();
        let ends = points
            .iter()
            .map(|point| point[0])
            .fold([f64::INFINITY, 0.0_f64], |[low, high], x| [low.min(x), high.max(x)]);
        if let Some(fit) = fit(facts, exposure, outcome)?.filter(|_| ends[1] > ends[0] && ends[0] > 0.0) {
            let grid = (0..=60).map(|i| ends[0] * (ends[1] / ends[0]).powf(f64::from(i) / 60.0));
            let curve: Vec<[f64; 4]> = grid
                .map(|x| {
                    let [p, low, high] = fit.at(x);
                    [x, 100.0 * p, 100.0 * low, 100.0 * high]
                })
                .collect();
            let band = curve.iter().map(|&[x, _, low, high]| [x, low, high]).collect();
            marks.push(Mark::Band { points: band, colour: colour(0), opacity: 0.2 });
            let line = curve.iter().map(|&[x, p, ..]| [x, p]).collect();
            marks.push(Mark::Line { points: line, colour: colour(0), name: "logistic curve".into() });
        }
        marks.push(Mark::Points {
            points,
            colour: colour(1),
            name: "groups, 95 % interval".into(),
            size: 4.0,
        });
        let axes = Axes {
            x: format!("{exposure}, {unit}"),
            y: format!("patients with {outcome}, %"),
            range: Some([0.0, 100.0]),
            ..Axes::default()
        };
        panels.push((format!("{outcome} against {exposure}"), plot::marks(&axes, &marks)));
    }
    let says = "How often an outcome occurs in groups of patients by increasing exposure, all arms together, with 95 % \
                intervals, and a logistic regression on the logarithm of the exposure of every patient, with its 95 % \
                band. Patients of several doses are in it: a curve is no proof that exposure is the cause."
        .to_owned();
    let svg = plot::panels(&panels);
    Ok((!panels.is_empty()).then(|| Figure { title: "Exposure and response".into(), says, svg, sheet }))
}

/// The groups of all arms together: exposure and per cent with its interval.
fn groups(
    facts: &Facts,
    exposure: &str,
    outcome: &str,
    sheet: &mut Sheet,
) -> Result<Vec<[f64; 4]>, Problems> {
    const NUMBERS: [&str; 9] = [
        "group",
        "exposure_low",
        "exposure_median",
        "exposure_high",
        "n",
        "events",
        "proportion",
        "wilson_low",
        "wilson_high",
    ];
    let file = Summary::ExposureResponse.path(&facts.path);
    let mut points = Vec::new();
    rows::each(&file, ["exposure", "outcome", "arm", "unit"], NUMBERS, |Row { labels, numbers }| {
        let [of_exposure, of_outcome, arm, unit] = labels;
        if [of_exposure, of_outcome, arm] != [exposure, outcome, ALL] {
            return;
        }
        let [group, low, median, high, n, events, share, least, most] = numbers;
        if n > 0.0 {
            points.push([median, 100.0 * share, 100.0 * least, 100.0 * most]);
        }
        let interval = format!("{} to {}", percent(least), percent(most));
        let own = [outcome.to_owned(), exposure.to_owned(), unit.to_owned(), format!("{group:.0}")];
        let cells = [
            number(low),
            number(median),
            number(high),
            format!("{n:.0}"),
            format!("{events:.0}"),
            percent(share),
            interval,
        ];
        sheet.row(own.into_iter().chain(cells));
    })?;
    Ok(points)
}

/// Fits the curve by Newton's method, a pass over the patients for each step; `None` where there is none, as of an
/// outcome that everyone or nobody has.
fn fit(facts: &Facts, exposure: &str, outcome: &str) -> Result<Option<Logistic>, Problems> {
    let mut fitted = Logistic { a: 0.0, b: 0.0, variance: [0.0; 3] };
    for _ in 0..STEPS {
        let mut gradient = [0.0; 2];
        let mut information = [0.0; 3];
        facts.scan(Set::Outcomes, &[STATUS, exposure, outcome], |rows| {
            let (solved, x, y) = (solved(rows), numbers(rows, exposure), numbers(rows, outcome));
            let known = (0..rows.rows()).filter(|&row| solved[row] && x[row] > 0.0 && !y[row].is_nan());
            for row in known {
                let x = x[row].ln();
                let p = 1.0 / (1.0 + (-(fitted.a + fitted.b * x)).exp());
                let (off, weight) = (f64::from(y[row] != 0.0) - p, p * (1.0 - p));
                gradient = [gradient[0] + off, gradient[1] + off * x];
                information =
                    [information[0] + weight, information[1] + weight * x * x, information[2] + weight * x];
            }
        })?;
        let [of_a, of_b, of_both] = information;
        let determinant = of_a * of_b - of_both * of_both;
        // What is no number is no information either.
        if determinant.is_nan() || determinant <= 1e-12 * of_a * of_b {
            return Ok(None);
        }
        fitted.variance = [of_b / determinant, of_a / determinant, -of_both / determinant];
        let step = [of_b * gradient[0] - of_both * gradient[1], of_a * gradient[1] - of_both * gradient[0]]
            .map(|x| x / determinant);
        fitted = Logistic { a: fitted.a + step[0], b: fitted.b + step[1], ..fitted };
        if !(fitted.a.is_finite() && fitted.b.is_finite()) || fitted.b.abs() > 50.0 {
            return Ok(None);
        }
        if step.iter().all(|step| step.abs() < CLOSE) {
            return Ok(Some(fitted));
        }
    }
    Ok(None)
}
