//! What happens to a patient at a dose, for patients of a run and for assumed probabilities.

use crate::population::stream::Draws;

/// What happens to a patient at a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fate {
    /// When all is known of the patient that a design asks for, days after the first dose: at the
    /// dose-limiting toxicity, when the patient leaves, or at the end of the window.
    pub known_day: f64,
    /// Whether there was a dose-limiting toxicity, or the patient stayed to the end of the window.
    pub evaluable: bool,
    /// Whether there was a dose-limiting toxicity.
    pub dlt: bool,
    /// Its causes: bit `i` is cause `i`.
    pub causes: u64,
    /// Whether there was a moderate toxicity, where it is asked for.
    pub moderate: bool,
    /// Whether a second dose was given.
    pub second_dose: bool,
    /// Whether the tumour responded.
    pub response: bool,
}

/// Whom a trial can enrol.
pub trait Candidates: Sync {
    /// One of them.
    type Patient: Copy;

    /// The next to arrive, not one of those before.
    fn draw(&self, draws: &mut Draws, before: &[Self::Patient]) -> Self::Patient;

    /// What happens to a patient at a dose, by its position.
    fn fate(&self, patient: Self::Patient, dose: usize) -> Fate;

    /// Probability of a dose-limiting toxicity at each dose, of all candidates who are evaluable there.
    fn toxicity(&self) -> Vec<f64>;
}

/// The patients of a run.
#[derive(Debug, Clone)]
pub struct FromRun {
    /// `[patient][dose]`, whole rows.
    pub fates: Vec<Fate>,
    /// Doses.
    pub doses: usize,
}

impl FromRun {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.fates.len() / self.doses
    }
}

impl Candidates for FromRun {
    type Patient = usize;

    fn draw(&self, draws: &mut Draws, before: &[usize]) -> usize {
        loop {
            let patient = (draws.uniform() * self.count() as f64) as usize;
            if !before.contains(&patient) {
                return patient;
            }
        }
    }

    fn fate(&self, patient: usize, dose: usize) -> Fate {
        self.fates[patient * self.doses + dose]
    }

    fn toxicity(&self) -> Vec<f64> {
        let rate = |dose: usize| {
            let at_dose = self.fates.iter().skip(dose).step_by(self.doses);
            let evaluable = at_dose.filter(|fate| fate.evaluable);
            let [dlts, all] =
                evaluable.fold([0_u64; 2], |[dlts, all], fate| [dlts + u64::from(fate.dlt), all + 1]);
            dlts as f64 / all as f64
        };
        (0..self.doses).map(rate).collect()
    }
}

/// Patients who differ in nothing but their tolerance, uniform between 0 and 1: one has a dose-limiting
/// toxicity at each dose whose assumed probability is above it, and the earlier the further.
#[derive(Debug, Clone)]
pub struct Assumed {
    /// Probability of a dose-limiting toxicity at each dose.
    pub toxicity: Vec<f64>,
    /// End of the window, days after the first dose.
    pub window: f64,
}

impl Candidates for Assumed {
    type Patient = f64;

    fn draw(&self, draws: &mut Draws, _: &[f64]) -> f64 {
        draws.uniform()
    }

    fn fate(&self, tolerance: f64, dose: usize) -> Fate {
        let probability = self.toxicity[dose];
        let dlt = tolerance < probability;
        // Given a toxicity, tolerance / probability is uniform, and so is the day.
        let known_day = if dlt { self.window * (tolerance / probability) } else { self.window };
        let causes = u64::from(dlt);
        Fate { known_day, evaluable: true, dlt, causes, moderate: dlt, second_dose: !dlt, response: false }
    }

    fn toxicity(&self) -> Vec<f64> {
        self.toxicity.clone()
    }
}
