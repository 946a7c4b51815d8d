//! The continual reassessment method: J. O'Quigley, M. Pepe and L. Fisher, Biometrics 46 (1990) 33-48, with one
//! parameter, a normal prior, and the posterior mean plugged in, as in Y. K. Cheung, "Dose Finding by the
//! Continual Reassessment Method", CRC Press 2011. No dose is skipped, and the dose does not go up right after
//! a cohort with more toxicity than the target (coherence: Y. K. Cheung, Biometrika 92 (2005) 863-873), or with
//! nobody evaluable.

use super::memo::Memo;
use super::posterior::{Cut, Grid, Line, Mass};
use super::skeleton::Curve;
use super::{Cohort, Cohorts, Design, Seen, Tally};

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
    fn next(&self, seen: &Seen) -> Option<Cohort> {
        let Some(current) = seen.current else {
            return self.settings.cohorts.at(self.settings.cohorts.start);
        };
        // A cohort of which nothing is known is no reason to go up.
        let may_rise = seen.last.evaluable > 0 && seen.last.rate() <= self.settings.target;
        let most = seen.highest_known().filter(|_| may_rise).map_or(current, |highest| highest + 1);
        self.settings.cohorts.at(self.recommended(&seen.tallies)?.min(most))
    }

    fn declare(&self, seen: &Seen) -> Option<usize> {
        Some(self.recommended(&seen.tallies)?.min(seen.highest_known()?))
    }
}
