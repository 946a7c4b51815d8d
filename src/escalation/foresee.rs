//! What virtual dose escalations will take, from a few of them.

use std::convert::Infallible;
use std::time::Instant;

use super::Trials;
use super::question::{Origin, Question, Request, Source};
use crate::diagnostic::Problems;

/// Trials of each design that are conducted to tell.
const TRIED: u64 = 48;
/// Probabilities of toxicity at the lowest and the highest dose of these.
const TOXICITY: [f64; 2] = [0.05, 0.5];

/// The standard designs, and the seconds that so many trials of each take on this machine.
///
/// # Errors
/// Doses that cannot be escalated.
pub fn foresee(doses: &[String], replicates: u64) -> Result<(usize, f64), Problems> {
    let [low, high] = TOXICITY;
    let last = doses.len().saturating_sub(1).max(1) as f64;
    let toxicity = (0..doses.len()).map(|dose| low + (high - low) * dose as f64 / last).collect();
    let question = Question::load(&Request {
        from: Origin::Assumed { toxicity, doses: Some(doses.to_vec()) },
        designs: Vec::new(),
        replicates: TRIED,
        seed: None,
        active_dose: None,
        comparison: None,
        patients_per_month: None,
    })?;
    let Source::Assumed(candidates) = &question.source else { return Ok((0, 0.0)) };
    let trials = Trials {
        candidates,
        doses: question.doses.count(),
        causes: 0,
        accrual: question.accrual,
        seed: question.seed,
        replicates: TRIED,
    };
    let started = Instant::now();
    for planned in &question.designs {
        let Ok(()) = trials.conduct(planned, |_, _| Ok::<_, Infallible>(()));
    }
    let each = started.elapsed().as_secs_f64() / TRIED as f64;
    Ok((question.designs.len(), each * replicates as f64))
}
