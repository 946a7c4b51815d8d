//! The continual reassessment method: J. O'Quigley, M. Pepe and L. Fisher, Biometrics 46 (1990) 33-48, with one
//! parameter, a normal prior, and the posterior mean plugged in, as in Y. K. Cheung, "Dose Finding by the
//! Continual Reassessment Method", CRC Press 2011. No dose is skipped, and the dose does not go up right after
//! a cohort with more toxicity than the target (coherence: Y. K. Cheung, Biometrika 92 (2005) 863-873), or with
//! nobody evaluable.

use schemars::JsonSchema;
use serde::Deserialize;

use super::kind::{Checked, DesignFileText, DesignKind, Number, Scope, TARGET, Whole, probability, shipped};
use super::memo::Memo;
use super::posterior::{Cut, Grid, Line, Mass};
use super::skeleton::Curve;
use super::{Cohorts, Design, DesignError, DoseCohort, Tally, TrialData};
use crate::cohort::Spanned;
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, fraction, fraction_list};

/// Intercept and prior variance of the R package dfcrm.
const INTERCEPT: f64 = 3.0;
const VARIANCE: f64 = 1.34;
/// Half the width of the indifference interval.
const HALF_WIDTH: f64 = 0.05;

/// How far the grid reaches from the prior mean, in standard deviations, and its step.
const GRID: [f64; 2] = [10.0, 0.025];

/// What the method takes for granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// First dose and size.
    pub cohorts: Cohorts,
    /// Target probability of toxicity.
    pub target: f64,
    /// How toxicity rises with the dose.
    pub curve: Curve,
    /// Prior guess of toxicity at each dose, rising.
    pub skeleton: Vec<f64>,
    /// Prior variance of the parameter, whose mean is 0.
    pub variance: f64,
    /// The trial ends without a dose if toxicity at the lowest is above the target with a probability above
    /// this.
    pub stop_above: Option<f64>,
}

/// The continual reassessment method.
#[derive(Debug)]
pub struct Crm {
    settings: Settings,
    line: Line,
    grid: Grid,
    /// Parameters below it: toxicity at the lowest dose is above the target.
    too_toxic: Cut,
    memo: Memo<Estimate>,
}

/// What is believed of the parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Posterior mean.
    pub mean: f64,
    /// Posterior variance.
    pub variance: f64,
    /// Probability of toxicity at each dose, at the posterior mean.
    pub toxicity: Vec<f64>,
    /// Probability that toxicity at the lowest dose is above the target.
    pub lowest_above: f64,
}

impl Crm {
    /// The method with these settings.
    pub fn new(settings: Settings) -> Self {
        let Settings { curve, ref skeleton, .. } = settings;
        let sd = settings.variance.sqrt();
        let line = Line::around(0.0, GRID[0] * sd, GRID[1] * sd);
        let log_prior = line.values().map(|b| -0.5 * b * b / settings.variance).collect();
        let logs =
            |&guess: &f64| line.values().map(|b| curve.logs(libm::exp(b) * curve.scaled(guess))).collect();
        let grid = Grid::new(log_prior, skeleton.iter().map(logs).collect());
        let too_toxic = line.cut(curve.parameter(skeleton[0], settings.target));
        Self { line, grid, too_toxic, memo: Memo::new(), settings }
    }

    /// What is believed after what was seen.
    pub fn estimate(&self, tallies: &[Tally]) -> Estimate {
        let mass = self.grid.posterior(tallies);
        let moment = |of: &dyn Fn(f64) -> f64| -> f64 {
            self.line.values().zip(&mass).map(|(b, mass)| of(b) * mass).sum()
        };
        let mean = moment(&|b| b);
        let Settings { curve, ref skeleton, .. } = self.settings;
        let at_mean = |&guess: &f64| curve.probability(libm::exp(mean) * curve.scaled(guess));
        Estimate {
            mean,
            variance: moment(&|b| (b - mean) * (b - mean)),
            toxicity: skeleton.iter().map(at_mean).collect(),
            lowest_above: Mass::new(&mass).below(&self.too_toxic),
        }
    }

    /// The dose whose estimate is nearest to the target; none if even the lowest is too toxic.
    pub fn recommended(&self, tallies: &[Tally]) -> Option<usize> {
        let estimate = self.memo.get(tallies, |tallies| self.estimate(tallies));
        if self.settings.stop_above.is_some_and(|most| estimate.lowest_above > most) {
            return None;
        }
        let distance = |&dose: &usize| (estimate.toxicity[dose] - self.settings.target).abs();
        (0..tallies.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

impl Design for Crm {
    fn next(&self, seen: &TrialData) -> Option<DoseCohort> {
        let Some(current) = seen.current else {
            return self.settings.cohorts.at(self.settings.cohorts.start);
        };
        // A cohort of which nothing is known is no reason to go up.
        let may_rise = seen.last.evaluable > 0 && seen.last.rate() <= self.settings.target;
        let most = seen.highest_known().filter(|_| may_rise).map_or(current, |highest| highest + 1);
        self.settings.cohorts.at(self.recommended(&seen.tallies)?.min(most))
    }

    fn declare(&self, seen: &TrialData) -> Option<usize> {
        Some(self.recommended(&seen.tallies)?.min(seen.highest_known()?))
    }
}

/// Continual reassessment method.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct CrmTable {
    /// Target probability of toxicity. Default: 0.3.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    target: Option<Number>,
    /// How toxicity rises with the dose. Default: `"power"`.
    model: Option<CurveName>,
    /// Intercept of the logistic model. Default: 3.
    intercept: Option<Number>,
    /// Prior guess of toxicity at each dose, rising. Default: by the indifference interval.
    #[serde(default, deserialize_with = "fraction_list")]
    #[schemars(with = "Option<Vec<Fraction>>")]
    skeleton: Option<Spanned<Vec<Number>>>,
    /// Half the width of the indifference interval. Default: 0.05.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    half_width: Option<Number>,
    /// The dose that is the target's before anything is seen, 1 the lowest. Default: the one in the middle.
    prior_level: Option<Whole>,
    /// Prior variance of the parameter. Default: 1.34.
    variance: Option<Number>,
    /// The trial ends if toxicity of the lowest dose is above the target with a probability above this.
    /// Default: 0.95; 1 never.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    stop_above: Option<Number>,
}

/// How toxicity rises with the dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::escalation) enum CurveName {
    /// The prior guess to the power of `exp(b)`.
    Power,
    /// Logistic, with a fixed intercept and the slope `exp(b)`.
    Logistic,
}

impl DesignKind for Crm {
    type Table = CrmTable;
    const NAME: &'static str = "crm";
    const DOC: &'static str = "Continual reassessment method.";
    const STANDARD: &'static [DesignFileText] = &[shipped!("crm.toml")];

    fn check(table: &Spanned<CrmTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let (span, table) = (&table.span, &table.value);
        let doses = scope.doses.count();
        let target = probability("target", &table.target, TARGET, report)?;
        let intercept = match &table.intercept {
            Some(number) => report.finite("intercept", number)?,
            None => INTERCEPT,
        };
        let curve = match table.model {
            Some(CurveName::Logistic) => Curve::Logistic { intercept },
            Some(CurveName::Power) | None => Curve::Power,
        };
        let highest = if curve == Curve::Power { 1.0 } else { 1.0 / (1.0 + (-intercept).exp()) };
        let skeleton = match &table.skeleton {
            Some(list) => skeleton(list, doses, report)?,
            None => {
                let half_width = probability("half_width", &table.half_width, HALF_WIDTH, report)?;
                let most = target.min(1.0 - target);
                if let Some(number) = &table.half_width
                    && half_width >= most
                {
                    report.add(
                        &number.span,
                        DesignError::NotRising { key: "half_width", low: half_width, high: most },
                    );
                    return None;
                }
                let level = match &table.prior_level {
                    Some(level) => report.count("prior_level", level, [1, doses as u32])? as usize - 1,
                    None => doses / 2,
                };
                let skeleton = curve.skeleton(half_width.min(0.5 * most), target, level, doses);
                if !is_rising(&skeleton) {
                    report.add(span, DesignError::NoSkeleton { doses });
                    return None;
                }
                skeleton
            }
        };
        // Beyond it toxicity would rise with the parameter, below it fall.
        if let Some(&most) = skeleton.iter().chain([&target]).find(|&&guess| guess >= highest) {
            report.add(span, DesignError::Intercept { intercept, most });
            return None;
        }
        let variance = match &table.variance {
            Some(number) => report.positive("variance", number)?,
            None => VARIANCE,
        };
        let stop_above = match &table.stop_above {
            Some(number) => Some(report.within("stop_above", number, [0.0, 1.0])?),
            None => Some(0.95),
        };
        let settings = Settings { cohorts: scope.cohorts, target, curve, skeleton, variance, stop_above };
        Some(Checked::of(Self::new(settings)))
    }
}

/// Whether probabilities rise strictly, and none is 0 or 1.
fn is_rising(probabilities: &[f64]) -> bool {
    let is_inside = probabilities.iter().all(|&p| p > 0.0 && p < 1.0);
    is_inside && probabilities.windows(2).all(|pair| pair[0] < pair[1])
}

/// A skeleton as it is given: one for each dose, rising.
fn skeleton(list: &Spanned<Vec<Number>>, doses: usize, report: &mut Report) -> Option<Vec<f64>> {
    if list.value.len() != doses {
        report.add(&list.span, DesignError::SkeletonLength { found: list.value.len(), doses });
        return None;
    }
    let mut guesses: Vec<f64> = Vec::new();
    for number in &list.value {
        let guess = probability("skeleton", &Some(number.clone()), number.value, report)?;
        if let Some(&low) = guesses.last().filter(|&&before| before >= guess) {
            report.add(&number.span, DesignError::NotRising { key: "skeleton", low, high: guess });
            return None;
        }
        guesses.push(guess);
    }
    Some(guesses)
}
