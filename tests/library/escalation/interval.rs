//! Exact enumeration of every trial of an interval design, written apart from the designs, in the order of
//! `get.oc` of the R package BOIN: a cohort; elimination; the early stop; the move. Doses are selected as by its
//! `select.mtd`.

use std::collections::BTreeMap;

use vpop::escalation::design::decision_table::Move;

/// What decides in such a trial.
pub(crate) struct Interval<'a> {
    /// The decision after so many toxicities of so many patients.
    pub(crate) decide: &'a dyn Fn(u32, u32) -> Move,
    pub(crate) target: f64,
    pub(crate) cohorts: u32,
    pub(crate) size: u32,
    /// `n.earlystop`.
    pub(crate) early_stop: u32,
}

/// What comes of all trials.
pub(crate) struct Expected {
    /// Probability that each dose is selected.
    pub(crate) selected: Vec<f64>,
    pub(crate) none: f64,
    /// Patients at each dose.
    pub(crate) patients: Vec<f64>,
}

/// Toxicities and patients at each dose, and the present dose.
type State = (Vec<[u32; 2]>, usize);

impl Interval<'_> {
    /// Every trial, with these probabilities of toxicity.
    pub(crate) fn expected(&self, toxicity: &[f64]) -> Expected {
        let doses = toxicity.len();
        let mut all = Expected { selected: vec![0.0; doses], none: 0.0, patients: vec![0.0; doses] };
        let mut going_on = BTreeMap::from([((vec![[0; 2]; doses], 0), 1.0)]);
        for cohort in 1..=self.cohorts {
            let mut next: BTreeMap<State, f64> = BTreeMap::new();
            for ((counts, dose), probability) in going_on {
                for dlts in 0..=self.size {
                    let mut counts = counts.clone();
                    counts[dose][0] += dlts;
                    counts[dose][1] += self.size;
                    let probability = probability * binomial(dlts, self.size, toxicity[dose]);
                    match self.next(&counts, dose).filter(|_| cohort < self.cohorts) {
                        Some(dose) => *next.entry((counts, dose)).or_default() += probability,
                        None => self.end(&counts, probability, &mut all),
                    }
                }
            }
            going_on = next;
        }
        all
    }

    fn after(&self, [dlts, patients]: [u32; 2]) -> Move {
        if patients == 0 { Move::Stay } else { (self.decide)(dlts, patients) }
    }

    fn is_eliminated(&self, counts: &[[u32; 2]], dose: usize) -> bool {
        counts[..=dose].iter().any(|&counts| self.after(counts) == Move::Eliminate)
    }

    /// The next dose; none ends the trial.
    fn next(&self, counts: &[[u32; 2]], dose: usize) -> Option<usize> {
        let decision = self.after(counts[dose]);
        if dose == 0 && decision == Move::Eliminate {
            return None;
        }
        let goes_up = decision == Move::Escalate;
        let goes_down = matches!(decision, Move::DeEscalate | Move::Eliminate);
        let has_above = dose + 1 < counts.len() && !self.is_eliminated(counts, dose + 1);
        let is_kept = !goes_up && !goes_down || goes_down && dose == 0 || goes_up && !has_above;
        if counts[dose][1] >= self.early_stop && is_kept {
            return None;
        }
        Some(if goes_up && has_above {
            dose + 1
        } else if goes_down && dose > 0 {
            dose - 1
        } else {
            dose
        })
    }

    fn end(&self, counts: &[[u32; 2]], probability: f64, all: &mut Expected) {
        for (patients, counts) in all.patients.iter_mut().zip(counts) {
            *patients += probability * f64::from(counts[1]);
        }
        *self.select(counts).map_or(&mut all.none, |dose| &mut all.selected[dose]) += probability;
    }

    /// The dose of the isotonic estimate nearest to the target, by the formula of the largest of the smallest
    /// means.
    fn select(&self, counts: &[[u32; 2]]) -> Option<usize> {
        let open = (0..counts.len()).filter(|&dose| counts[dose][1] > 0 && !self.is_eliminated(counts, dose));
        let open: Vec<usize> = open.collect();
        let points: Vec<[f64; 2]> = open
            .iter()
            .map(|&dose| {
                let [y, n] = counts[dose].map(f64::from);
                let (a, b) = (y + 0.05, n - y + 0.05);
                [a / (a + b), (a + b) * (a + b) * (a + b + 1.0) / (a * b)]
            })
            .collect();
        let mean = |from: usize, to: usize| {
            let sum = |of: &dyn Fn(&[f64; 2]) -> f64| points[from..=to].iter().map(of).sum::<f64>();
            sum(&|point| point[0] * point[1]) / sum(&|point| point[1])
        };
        let estimate = |i: usize| {
            let smallest = |from: usize| (i..points.len()).map(|to| mean(from, to)).fold(1.0, f64::min);
            (0..=i).map(smallest).fold(0.0, f64::max)
        };
        let distance = |i: usize| (estimate(i) + 1e-10 * (i + 1) as f64 - self.target).abs();
        (0..open.len()).min_by(|&i, &j| distance(i).total_cmp(&distance(j))).map(|i| open[i])
    }
}

fn binomial(successes: u32, trials: u32, probability: f64) -> f64 {
    let ways = (0..successes).fold(1.0, |ways, i| ways * f64::from(trials - i) / f64::from(i + 1));
    ways * probability.powi(successes as i32) * (1.0 - probability).powi((trials - successes) as i32)
}
