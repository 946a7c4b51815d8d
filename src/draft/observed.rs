//! Endpoints and time courses of what can be measured.

use std::fmt::Write;

use crate::model::Model;
use crate::model::graph::{NodeId, Stage};

use super::quoted;

/// The most names that are followed.
const MOST_FOLLOWED: usize = 6;
/// What stands in names and descriptions of what begins with 1 and falls, so that its largest value says nothing.
const SURVIVAL: &str = "surv";
/// The same as a whole word of a name.
const SURVIVAL_WORDS: [&str; 1] = ["sur"];

/// The tables of endpoints and time courses.
pub(super) fn text(model: &Model) -> String {
    let mut names = measured(model);
    names.truncate(MOST_FOLLOWED);
    let mut text = String::new();
    let observed = drawn(model);
    for (name, i) in names.iter().chain(&observed).zip(1..) {
        let statistic = if is_survival(model, name) { "min" } else { "max" };
        let endpoint = endpoint_name(name, statistic, i);
        let how = if names.contains(name) { "" } else { "observe = \"with_error\"\n" };
        let _ = write!(
            text,
            "\n[endpoints.{endpoint}]\nof = {}\nstatistic = \"{statistic}\"\non = \"visits\"\n{how}",
            quoted(name)
        );
    }
    if !names.is_empty() {
        let of: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let _ = write!(text, "\n[output.trajectories]\npatients = 10\nof = [{}]\n", of.join(", "));
    }
    text
}

/// A name for a statistic of what is the `i`-th: lower case, and no other letters.
fn endpoint_name(name: &str, statistic: &str, i: usize) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let plain: String = name.chars().map(letter).collect();
    let words: Vec<&str> = plain.split('_').filter(|word| !word.is_empty()).collect();
    let plain = words.join("_");
    let is_name = plain.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name { format!("{plain}_{statistic}_{i}") } else { format!("observed_{statistic}_{i}") }
}

/// Whether something is the share that survives.
fn is_survival(model: &Model, name: &str) -> bool {
    let description = model.variables.iter().find(|variable| variable.name == name);
    let description = description.and_then(|variable| variable.description.as_deref()).unwrap_or_default();
    let name = name.to_lowercase();
    let has_word = name.split(['_', '.']).any(|word| SURVIVAL_WORDS.contains(&word));
    has_word || [&name, &description.to_lowercase()].iter().any(|text| text.contains(SURVIVAL))
}

/// What has no value but what is observed of it.
fn drawn(model: &Model) -> Vec<&str> {
    let lines = model.residuals.iter().filter(|line| line.prediction.is_none());
    lines.map(|line| line.name.as_str()).take(MOST_FOLLOWED).collect()
}

/// What the model measures: what has a residual line, else what changes over time, else its states; of a model without
/// states, what differs between patients and nothing else is computed of.
pub(crate) fn measured(model: &Model) -> Vec<&str> {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let readable = || model.variables.iter().filter(|v| is_name(&v.name) && !model.asks_for_doses(v.node));
    let states: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).filter(|s| is_name(s)).collect();
    let has_value = |name: &&str| states.contains(name) || readable().any(|variable| variable.name == *name);
    let lines = model.residuals.iter().map(|line| line.name.as_str()).filter(has_value).collect();
    let of_stage = |stage: Stage| readable().filter(move |v| model.graph.stage(v.node) == stage);
    let changing = of_stage(Stage::Dynamic).map(|variable| variable.name.as_str()).collect();
    let last = || {
        let of_patients: Vec<_> = of_stage(Stage::Patient).collect();
        let is_last = |node: NodeId| {
            let others = of_patients.iter().filter(|other| other.node != node);
            !others.into_iter().any(|other| model.graph.reachable(&[other.node]).contains(&node))
        };
        of_patients.iter().filter(|v| is_last(v.node)).map(|v| v.name.as_str()).collect()
    };
    let first = [lines, changing, states.clone()].into_iter().find(|names: &Vec<&str>| !names.is_empty());
    first.unwrap_or_else(last)
}
