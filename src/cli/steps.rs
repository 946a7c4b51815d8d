//! Where steps end and how long they may be, in words.

use crate::job::Job;
use crate::plan::{Landing, Plan};

/// The times at which the equations jump or bend; nothing if there are none.
pub(super) fn landings(plan: &Plan) -> Option<String> {
    let unit = &plan.time_unit;
    let number = |landing: &Landing| {
        Some((plan.graph.as_constant(landing.first)?, plan.graph.as_constant(landing.every)?))
    };
    let (mut once, mut often) = (Vec::new(), Vec::new());
    for (first, every) in plan.landings.iter().filter_map(number) {
        if every == 0.0 {
            once.push(first);
        } else {
            let from = first.rem_euclid(every);
            let from = if from == 0.0 { String::new() } else { format!(" from {} {unit} on", rounded(from)) };
            often.push(format!("every {} {unit}{from}", rounded(every)));
        }
    }
    once.sort_by(f64::total_cmp);
    let once: Vec<String> = once.into_iter().map(|time| rounded(time).to_string()).collect();
    let own = plan.landings.iter().filter(|landing| number(landing).is_none()).count();
    let mut parts = Vec::new();
    if !once.is_empty() {
        parts.push(format!("{} {unit}", once.join(", ")));
    }
    parts.extend(often);
    if own > 0 {
        parts.push(format!("{own} at times of each patient's own"));
    }
    (!parts.is_empty()).then(|| format!("{} (where the equations jump, bend or peak)", parts.join("; ")))
}

/// The largest step, and why it is this one; nothing if any will do.
pub(super) fn largest_step(job: &Job) -> Option<String> {
    let step = rounded(job.plan.max_step?);
    let why = match job.cohort.solver.max_step {
        Some(_) => "as asked for",
        None => {
            "the shortest time between visits, for the equations change smoothly with time; set max_step in [solver] \
             where something is over faster"
        }
    };
    Some(format!("{step} {} ({why})", job.plan.time_unit))
}

/// Rounded to nine decimals: without the digits that binary fractions add.
fn rounded(time: f64) -> f64 {
    (time * 1e9).round() / 1e9
}
