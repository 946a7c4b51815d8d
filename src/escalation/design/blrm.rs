//! The Bayesian logistic regression model with escalation with overdose control: B. Neuenschwander, M. Branson
//! and T. Gsponer, "Critical aspects of the Bayesian approach to phase I cancer trials", Statistics in Medicine
//! 27 (2008) 2420-2439; overdose control after J. Babb, A. Rogatko and S. Zacks, Statistics in Medicine 17
//! (1998) 1103-1120.
//!
//! `logit(p) = a + e^b log(dose / reference)`, with a normal prior on `(a, b)`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::doses::ROUNDING;
use super::kind::{
    Checked, DesignFileText, DesignKind, Number, Scope, Text, Whole, count, interval, probability, shipped,
};
use super::memo::Memo;
use super::posterior::{Cut, Grid, Line, Mass, log_odds, logistic_logs};
use super::{Cohorts, Design, DesignError, DoseCohort, Tally, TrialData};
use crate::cohort::report::Report;
use crate::cohort::value::{Fraction, Pair, fraction, fraction_pair};
use crate::cohort::{Spanned, quantity};

/// Prior of the logistic regression: a toxicity of a third at the reference dose, hardly informative.
const MEAN: [f64; 2] = [-0.7, 0.0];
const SD: [f64; 2] = [2.0, 1.0];
/// What a prior may be: wider ones say nothing that these do not, and need ever larger grids.
const MEANS: [f64; 2] = [-20.0, 20.0];
const SDS: [f64; 2] = [0.01, 10.0];
/// Toxicity that is wanted, and the probability of an overdose that is too much: Neuenschwander et al. (2008).
const INTERVAL: [f64; 2] = [0.16, 0.33];
const OVERDOSE: f64 = 0.25;

/// How far the grid reaches from the prior mean, in standard deviations.
const REACH: f64 = 7.0;
/// Its step along `b`, in its own unit or in standard deviations, whichever is less.
const STEP_B: f64 = 0.2;
/// Its step along `a`, in log odds or in standard deviations, whichever is less: along it masses are cut.
const STEP_A: f64 = 0.1;

/// What the model takes for granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// First dose and size.
    pub cohorts: Cohorts,
    /// The doses, rising, all above 0.
    pub doses: Vec<f64>,
    /// The reference dose, in their unit.
    pub reference: f64,
    /// Prior mean of `a` and `b`.
    pub mean: [f64; 2],
    /// Prior standard deviations.
    pub sd: [f64; 2],
    /// Prior correlation.
    pub correlation: f64,
    /// Toxicity that is wanted: above the first, up to the second.
    pub interval: [f64; 2],
    /// No dose is given whose toxicity is above the interval with at least this probability.
    pub overdose: f64,
    /// The largest increase over the highest dose given so far, as a multiple of it.
    pub largest_increase: Option<f64>,
    /// When the trial may end before its last patient.
    pub precise: Option<Precise>,
}

/// When a dose is known well enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precise {
    /// Evaluable patients at it, at least.
    pub patients: u32,
    /// Probability that its toxicity lies in the interval, at least.
    pub probability: f64,
}

/// The Bayesian logistic regression model.
#[derive(Debug)]
pub struct Blrm {
    settings: Settings,
    rows: Vec<Row>,
    grid: Grid,
    memo: Memo<Vec<Belief>>,
}

/// Values of `a` at one of `b`, and where the ends of the interval cut them: `[dose][end]`.
#[derive(Debug)]
struct Row {
    line: Line,
    cuts: Vec<[Cut; 2]>,
}

/// What is believed of toxicity at a dose.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Belief {
    /// Probability that it lies in the interval.
    pub target: f64,
    /// Probability that it lies above.
    pub over: f64,
}

impl Blrm {
    /// The model with these settings.
    pub fn new(settings: Settings) -> Self {
        let [mean_a, mean_b] = settings.mean;
        let [sd_a, sd_b] = settings.sd;
        let positions: Vec<f64> =
            settings.doses.iter().map(|dose| libm::log(dose / settings.reference)).collect();
        let ends = settings.interval.map(log_odds);
        let mut rows = Vec::new();
        let mut log_prior = Vec::new();
        let mut logs = vec![Vec::new(); positions.len()];
        for z_b in Line::around(0.0, REACH, STEP_B.min(STEP_B / sd_b)).values() {
            // A cut in `a` lies at log odds less the slope times the position of the dose.
            let slope = libm::exp(mean_b + sd_b * z_b);
            let line = Line::around(mean_a, REACH * sd_a, STEP_A.min(STEP_A * sd_a));
            for a in line.values() {
                log_prior.push(log_density((a - mean_a) / sd_a, z_b, settings.correlation));
                for (logs, position) in logs.iter_mut().zip(&positions) {
                    logs.push(logistic_logs(a + slope * position));
                }
            }
            let cuts = positions.iter().map(|position| ends.map(|end| line.cut(end - slope * position)));
            rows.push(Row { cuts: cuts.collect(), line });
        }
        Self { rows, grid: Grid::new(log_prior, logs), memo: Memo::new(), settings }
    }

    /// What is believed of each dose after what was seen.
    pub fn beliefs(&self, tallies: &[Tally]) -> Vec<Belief> {
        let mass = self.grid.posterior(tallies);
        let mut beliefs = vec![Belief::default(); tallies.len()];
        let mut rest = mass.as_slice();
        for row in &self.rows {
            let (of_row, after) = rest.split_at(row.line.nodes());
            rest = after;
            let all: f64 = of_row.iter().sum();
            let mass = Mass::new(of_row);
            for (belief, cuts) in beliefs.iter_mut().zip(&row.cuts) {
                let [low, high] = cuts.each_ref().map(|cut| mass.below(cut));
                belief.target += high - low;
                belief.over += all - high;
            }
        }
        beliefs
    }

    /// Mean probability of a toxicity at each dose after what was seen.
    pub fn mean_toxicity(&self, tallies: &[Tally]) -> Vec<f64> {
        let mass = self.grid.posterior(tallies);
        (0..tallies.len()).map(|dose| self.grid.mean_toxicity(dose, &mass)).collect()
    }

    /// The lowest dose, but for the highest, that no other can follow: the increase would be too large.
    pub fn too_steep(&self) -> Option<usize> {
        (0..self.settings.doses.len() - 1).find(|&dose| self.highest_after(dose) == dose)
    }

    /// The dose most likely in the interval, among those up to one that are not likely above it; with what is
    /// believed of it.
    fn recommended(&self, seen: &TrialData, highest: usize) -> Option<(usize, Belief)> {
        let beliefs = self.memo.get(&seen.tallies, |tallies| self.beliefs(tallies));
        let allowed = beliefs.iter().copied().enumerate().take(highest + 1);
        let safe = allowed.filter(|(_, belief)| belief.over < self.settings.overdose);
        safe.max_by(|(_, a), (_, b)| a.target.total_cmp(&b.target))
    }

    /// The highest dose that may follow one.
    fn highest_after(&self, dose: usize) -> usize {
        let Settings { doses, largest_increase, .. } = &self.settings;
        let is_small = largest_increase.is_none_or(|most| {
            doses.get(dose + 1).is_some_and(|next| next / doses[dose] - 1.0 <= most * (1.0 + ROUNDING))
        });
        if is_small { dose + 1 } else { dose }
    }
}

/// Logarithm of the bivariate normal density with these scores, but for a constant.
fn log_density(z_a: f64, z_b: f64, correlation: f64) -> f64 {
    let square = z_a * z_a - 2.0 * correlation * z_a * z_b + z_b * z_b;
    -0.5 * square / (1.0 - correlation * correlation)
}

impl Design for Blrm {
    fn next(&self, seen: &TrialData) -> Option<DoseCohort> {
        let Settings { cohorts, precise, .. } = &self.settings;
        let Some(current) = seen.current else { return cohorts.at(cohorts.start) };
        let highest = seen.highest_known().map_or(current, |known| self.highest_after(known));
        let (dose, belief) = self.recommended(seen, highest)?;
        let is_precise = precise.is_some_and(|enough| {
            seen.tallies[dose].evaluable >= enough.patients && belief.target >= enough.probability
        });
        if is_precise { None } else { cohorts.at(dose) }
    }

    fn declare(&self, seen: &TrialData) -> Option<usize> {
        Some(self.recommended(seen, seen.highest_known()?)?.0)
    }
}

/// Bayesian logistic regression model with overdose control.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct BlrmTable {
    /// The reference dose, at which the log odds of toxicity are `a`. Default: the dose in the middle.
    reference: Option<Text>,
    /// Prior means of `a` and of `b`, the logarithm of the slope. Default: `[-0.7, 0.0]`.
    mean: Option<Spanned<Pair<f64>>>,
    /// Their standard deviations. Default: `[2.0, 1.0]`.
    sd: Option<Spanned<Pair<f64>>>,
    /// Their correlation. Default: 0.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    correlation: Option<Number>,
    /// Toxicity that is wanted. Default: `[0.16, 0.33]`.
    #[serde(default, deserialize_with = "fraction_pair")]
    #[schemars(with = "Option<[Fraction; 2]>")]
    interval: Option<Spanned<Pair<f64>>>,
    /// No dose is given whose toxicity is above the interval with at least this probability. Default: 0.25.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    overdose: Option<Number>,
    /// The largest increase of the dose over the highest given so far, in percent. Default: no limit but the
    /// next dose.
    largest_increase: Option<Number>,
    /// When a dose is known well enough to end the trial. Default: never.
    precise: Option<PreciseTable>,
}

/// When a dose is known well enough.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::escalation) struct PreciseTable {
    /// Evaluable patients at it, at least. Default: 6.
    patients: Option<Whole>,
    /// Probability that its toxicity is the wanted one, at least. Default: 0.5.
    #[serde(default, deserialize_with = "fraction")]
    #[schemars(with = "Option<Fraction>")]
    probability: Option<Number>,
}

impl DesignKind for Blrm {
    type Table = BlrmTable;
    const NAME: &'static str = "blrm";
    const DOC: &'static str = "Bayesian logistic regression model with overdose control.";
    const STANDARD: &'static [DesignFileText] = &[shipped!("blrm.toml")];
    const NEEDS_DOSES: bool = true;

    fn check(table: &Spanned<BlrmTable>, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
        let (span, table) = (&table.span, &table.value);
        if !scope.doses.are_known() {
            report.add(span, DesignError::NeedsDoses { design: Self::NAME });
            return None;
        }
        let doses = scope.doses.amounts.clone();
        let reference = match &table.reference {
            Some(text) => reference(text, scope, report)?,
            None => doses[doses.len() / 2],
        };
        let mean = table.mean.as_ref().map_or(MEAN, |pair| pair.value.0);
        let sd = table.sd.as_ref().map_or(SD, |pair| pair.value.0);
        for (key, pair) in [("mean", &table.mean), ("sd", &table.sd)] {
            for value in pair.iter().flat_map(|pair| pair.value.0) {
                let number = Spanned { value, span: pair.as_ref()?.span.clone() };
                report.within(key, &number, if key == "sd" { SDS } else { MEANS })?;
            }
        }
        let correlation = match &table.correlation {
            Some(number) => report.within("correlation", number, [-0.99, 0.99])?,
            None => 0.0,
        };
        let largest_increase = match &table.largest_increase {
            Some(number) => Some(report.positive("largest_increase", number)? / 100.0),
            None => None,
        };
        let precise = match &table.precise {
            Some(precise) => Some(Precise {
                patients: count("patients", &precise.patients, 6, report)?,
                probability: probability("probability", &precise.probability, 0.5, report)?,
            }),
            None => None,
        };
        let blrm = Self::new(Settings {
            cohorts: scope.cohorts,
            doses,
            reference,
            mean,
            sd,
            correlation,
            interval: interval("interval", table.interval.as_ref(), INTERVAL, report)?,
            overdose: probability("overdose", &table.overdose, OVERDOSE, report)?,
            largest_increase,
            precise,
        });
        if let (Some(most), Some(from)) = (&table.largest_increase, blrm.too_steep()) {
            let [from, to] = [from, from + 1].map(|dose| scope.doses.labels[dose].clone());
            report.add(&most.span, DesignError::TooSteep { from, to, most: most.value });
        }
        Some(Checked::of(blrm))
    }
}

/// A dose, in the unit of the trial's.
fn reference(text: &Text, scope: &Scope<'_>, report: &mut Report) -> Option<f64> {
    let dose = report.quantity(text, quantity::dose)?;
    match scope.doses.amount_of(&dose).filter(|&amount| amount > 0.0) {
        Some(amount) => Some(amount),
        None => {
            let cause = DesignError::OtherKind { dose: dose.text, unit: scope.doses.unit() };
            report.add(&text.span, cause);
            None
        }
    }
}
