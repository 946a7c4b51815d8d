//! The tables after virtual dose escalations.

use std::fmt::Write;
use std::path::Path;

use crate::escalation::evaluability::Shortfall;
use crate::escalation::manifest::{DesignSummary, Finished, Share, Value};

use crate::store::Timing;

use super::table::{Table, table};
use crate::readable::{count, duration, number};

/// The text after trials.
pub(super) fn text(output: &Path, finished: &Finished) -> String {
    let mut text = String::new();
    let total = Timing::total(&finished.timings);
    let _ = writeln!(
        text,
        "{}: {} trials by each of {} designs, seed {}, in {}",
        finished.name,
        count(finished.replicates),
        finished.designs.len(),
        finished.seed,
        duration(total)
    );
    let toxicity = finished.doses.iter().zip(&finished.toxicity);
    let toxicity = toxicity.map(|(dose, p)| format!("{dose} {} %", number(100.0 * p)));
    let _ = writeln!(text, "dose-limiting toxicity: {}", toxicity.collect::<Vec<_>>().join(", "));
    let _ = writeln!(
        text,
        "\ndeclared dose, % of trials (Monte-Carlo standard errors at most {} %)\n{}",
        number(100.0 * largest_error(finished)),
        declared(finished)
    );
    for (what, dose) in [("active", finished.active_dose), ("static", finished.static_dose)] {
        if let Some(dose) = dose {
            let _ = writeln!(text, "  {what} dose: {} {}", number(dose), finished.dose_unit);
        }
    }
    let _ = writeln!(
        text,
        "\npatients at each dose, with dose-limiting toxicities in brackets; means of a trial\n{}",
        patients(finished)
    );
    for design in finished.designs.iter().filter(|design| !design.evaluability.is_empty()) {
        let _ = writeln!(
            text,
            "\n{}: declared dose by what the evaluability rule asks for, % of trials\n{}",
            design.name,
            evaluability(finished, design)
        );
        let _ = writeln!(
            text,
            "\n{}: what each dose lacks under its own rule, the first of these, % of trials\n{}",
            design.name,
            shortfalls(finished, design)
        );
    }
    for note in &finished.notes {
        let _ = writeln!(text, "\nnote: {note}");
    }
    let path = output.display();
    let _ = write!(
        text,
        "\nwritten to {path}; every column is explained in {path}/columns.parquet\nsee it:   vpop report {path}"
    );
    text
}

fn find<'a>(design: &'a DesignSummary, measure: &str, arm: Option<&str>) -> Option<&'a Value> {
    design.characteristics.iter().find(|value| value.measure == measure && value.arm.as_deref() == arm)
}

fn mean(design: &DesignSummary, measure: &str, arm: Option<&str>) -> f64 {
    find(design, measure, arm).map_or(f64::NAN, |value| value.value)
}

fn percent(value: f64) -> String {
    if value.is_nan() { "-".into() } else { format!("{:.1}", 100.0 * value) }
}

/// The largest standard error of a share that the first table shows.
fn largest_error(finished: &Finished) -> f64 {
    let shares = finished.designs.iter().flat_map(|design| &design.characteristics);
    let shares = shares.filter(|value| value.measure.contains("declared"));
    shares.map(|value| value.standard_error).fold(0.0, f64::max)
}

fn declared(finished: &Finished) -> Table {
    let below: Vec<(&str, &str)> = [
        ("below active", "declared_below_active_dose", finished.active_dose),
        ("below static", "declared_below_static_dose", finished.static_dose),
    ]
    .into_iter()
    .filter(|(_, _, dose)| dose.is_some())
    .map(|(name, measure, _)| (name, measure))
    .collect();
    let header = ["design", "none"].into_iter().map(String::from);
    let header = header.chain(finished.doses.iter().cloned());
    let header = header.chain(below.iter().map(|(name, _)| (*name).to_owned())).chain(["overdose".into()]);
    let rows = finished.designs.iter().map(|design| {
        let doses = finished.doses.iter().map(|dose| mean(design, "declared", Some(dose)));
        let below = below.iter().map(|(_, measure)| mean(design, measure, None));
        let shares = [mean(design, "none_declared", None)].into_iter().chain(doses).chain(below);
        let shares = shares.chain([mean(design, "declared_overdose", None)]);
        [design.name.clone()].into_iter().chain(shares.map(percent)).collect::<Vec<_>>()
    });
    table(header, rows, 1..)
}

fn patients(finished: &Finished) -> Table {
    let header = ["design".to_owned()].into_iter().chain(finished.doses.iter().cloned());
    let header = header.chain(["all", "overdosed, %", "days"].map(String::from));
    let rows = finished.designs.iter().map(|design| {
        let cell = |arm: Option<&str>| {
            format!("{:.1} ({:.2})", mean(design, "treated", arm), mean(design, "dlts", arm))
        };
        let doses = finished.doses.iter().map(|dose| cell(Some(dose)));
        let overdosed = mean(design, "overdosed", None) / mean(design, "treated", None);
        let rest = [cell(None), percent(overdosed), format!("{:.0}", mean(design, "duration", None))];
        [design.name.clone()].into_iter().chain(doses).chain(rest).collect::<Vec<_>>()
    });
    table(header, rows, 1..)
}

/// A row for each rule: its own, and those next to it.
fn evaluability(finished: &Finished, design: &DesignSummary) -> Table {
    let declared: Vec<&Share> = design.evaluability.iter().filter(|share| share.what == "declared").collect();
    let mut rules: Vec<[u32; 2]> =
        declared.iter().map(|share| [share.evaluable, share.second_dose]).collect();
    rules.dedup();
    let header = ["evaluable", "second dose", "none"].map(String::from).into_iter();
    let rows = rules.into_iter().map(|rule| {
        let arms = [None].into_iter().chain(finished.doses.iter().map(|dose| Some(dose.as_str())));
        let shares = arms.map(|arm| {
            let is_it =
                |share: &&&Share| [share.evaluable, share.second_dose] == rule && share.arm.as_deref() == arm;
            percent(declared.iter().find(is_it).map_or(f64::NAN, |share| share.value))
        });
        let [evaluable, second] = rule.map(|n| if n == 0 { "-".into() } else { format!("at least {n}") });
        [evaluable, second].into_iter().chain(shares).collect::<Vec<_>>()
    });
    table(header.chain(finished.doses.iter().cloned()), rows, 2..)
}

/// What each dose lacks under the design's own rule, to be acceptable.
fn shortfalls(finished: &Finished, design: &DesignSummary) -> Table {
    let own = design.rule.map(|rule| [rule.evaluable, rule.second_dose]);
    let of_rule = |share: &&Share| own == Some([share.evaluable, share.second_dose]);
    let shares: Vec<&Share> = design.evaluability.iter().filter(of_rule).collect();
    let header = [String::new()].into_iter().chain(finished.doses.iter().cloned());
    let rows = Shortfall::ALL.into_iter().map(|shortfall| {
        let cells = finished.doses.iter().map(|dose| {
            let is_it = |share: &&&Share| share.what == shortfall.name() && share.arm.as_ref() == Some(dose);
            percent(shares.iter().find(is_it).map_or(f64::NAN, |share| share.value))
        });
        [shortfall.name().replace('_', " ")].into_iter().chain(cells).collect::<Vec<_>>()
    });
    table(header, rows, 1..)
}
