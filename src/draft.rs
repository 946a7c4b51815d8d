//! A cohort file to begin with, from a model alone: it runs at once, and what was guessed says so.

mod covariate;

use std::fmt::Write;
use std::path::Path;

use crate::model::graph::{NodeId, Stage};
use crate::model::{Model, State};
use crate::unit::Unit;

use covariate::guessed;

/// Letters of the name of a cohort that is made of a data set.
const LONGEST_NAME: usize = 100;
/// The most names that are followed.
const MOST_FOLLOWED: usize = 6;
/// States whose names begin so take doses, the first that there are.
const DOSED: [&str; 4] = ["depot", "abs", "gut", "central"];

/// The text of a cohort file for a model that the file finds at `path`.
pub fn cohort(model: &Model, path: &str) -> String {
    let mut text = format!(
        "# Made by `vpop new` of the model {}. What is marked as guessed is only there for the file to run: put in what \n\
         # is known of your patients and your trial.\n\n\
         name = {}\nmodel = {}\npatients = 100\n",
        model.name,
        quoted(&model.name),
        quoted(path)
    );
    for covariate in &model.covariates {
        let (value, how) = guessed(model, covariate);
        let _ = writeln!(text, "\n[population.{}]", key(&covariate.name));
        if let Some(description) = &covariate.description {
            let _ = writeln!(text, "description = {}", quoted(description));
        }
        if let Some(unit) = &covariate.unit {
            let _ = writeln!(text, "unit = {}", quoted(unit));
        }
        let _ = writeln!(text, "distribution = \"fixed\"\nvalue = {value:?}  # guessed: {how}");
    }
    text + &regimen(model) + &observed(model)
}

/// The text of a cohort file for a model and a data set that the file finds at these paths.
pub fn of_data(model: &Model, name: &str, model_path: &str, data: &DataFiles) -> String {
    let second = data.covariates.as_ref().map(|path| format!("covariate_file = {}\n", quoted(path)));
    format!(
        "# Made by `vpop` of the model {} and a data set.\n\n\
         name = {}\nmodel = {}\n\n\
         [data]\nfile = {}\n{}replicates = {}\n\
         covariates = \"locf\"  # what holds between two records; NONMEM has \"nocb\", and there is \"linear\"\n",
        model.name,
        quoted(name),
        quoted(model_path),
        quoted(&data.file),
        second.unwrap_or_default(),
        data.replicates,
    )
}

/// A data set, as a cohort file names it.
#[derive(Debug, Clone)]
pub struct DataFiles {
    /// Its path.
    pub file: String,
    /// That of a second table with covariates at times of their own.
    pub covariates: Option<String>,
    /// How often each individual is simulated.
    pub replicates: u32,
}

/// The name of a cohort that is made of a data set: the file's, as far as it can be the name of a folder.
pub(crate) fn name_of_data(data: &Path) -> String {
    let stem = data.file_stem().unwrap_or_default().to_string_lossy();
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = stem.chars().map(allowed).take(LONGEST_NAME).collect();
    let name = name.trim_start_matches(['_', '-', '.']).trim_end_matches('.');
    if name.is_empty() { "data".into() } else { name.into() }
}

/// A path as cohort files have it.
pub(crate) fn slashed(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Doses and visits.
fn regimen(model: &Model) -> String {
    let states = dosed(model);
    let names: Vec<String> = states.iter().map(|state| quoted(&state.name)).collect();
    let unit = Unit::known(&model.metadata.dosing_unit).filter(Unit::is_of_drug);
    let (arm, why) = match (&unit, states.is_empty()) {
        (Some(unit), false) => (format!("100 {unit}"), "guessed"),
        (None, false) => {
            ("0 mg".into(), "guessed: the model's dosing unit is no amount, so nothing is given")
        }
        (_, true) => ("0 mg".into(), "nothing is given: no state seems to take doses"),
    };
    let own = states.iter().any(|state| state.rate.is_some() || state.duration.is_some());
    let infusion = if own { "infusion = \"model\"\n" } else { "" };
    let time = match model.metadata.time_unit.as_str() {
        "hour" => "h",
        "minute" => "min",
        "second" => "s",
        other => other,
    };
    let [every, visits, end] = if time == "day" { [21, 1, 42] } else { [24, 1, 48] };
    format!(
        "\n[regimen]\narms = [{}]  # {why}\ninto = [{}]  # guessed by the names of the states\n{infusion}\
         every = \"{every} {time}\"  # guessed\ncycles = 2  # guessed\n\
         \n[visits]\nevery = \"{visits} {time}\"  # guessed\nuntil = \"{end} {time}\"  # guessed\n",
        quoted(&arm),
        names.join(", ")
    )
}

/// The states that doses seem to go into.
fn dosed(model: &Model) -> Vec<&State> {
    let begins = |state: &State, with: &str| state.name.to_lowercase().starts_with(with);
    for with in DOSED {
        let found: Vec<&State> = model.states.iter().filter(|state| begins(state, with)).collect();
        match found.as_slice() {
            [] => {}
            // Metabolites have a compartment of the name, too.
            [first, ..] if with == "central" => return vec![first],
            // A second depot takes its own share only if the model gives each a bioavailability.
            [first, ..] => {
                let shares = |state: &State| model.graph.as_constant(state.bioavailability) != Some(1.0);
                return if found.iter().all(|state| shares(state)) { found } else { vec![first] };
            }
        }
    }
    let with_property =
        |state: &&State| state.rate.is_some() || state.duration.is_some() || state.lag.is_some();
    model.states.iter().find(with_property).into_iter().collect()
}

/// Endpoints and time courses of what can be measured.
fn observed(model: &Model) -> String {
    let mut names = measured(model);
    names.truncate(MOST_FOLLOWED);
    let mut text = String::new();
    let observed = drawn(model);
    for (name, i) in names.iter().chain(&observed).zip(1..) {
        let endpoint = endpoint_name(name, i);
        let how = if names.contains(name) { "" } else { "observe = \"with_error\"\n" };
        let _ = write!(
            text,
            "\n[endpoints.{endpoint}]\nof = {}\nstatistic = \"max\"\non = \"visits\"\n{how}",
            quoted(name)
        );
    }
    if !names.is_empty() {
        let of: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let _ = write!(text, "\n[output.trajectories]\npatients = 10\nof = [{}]\n", of.join(", "));
    }
    text
}

/// A name for the largest value of what is the `i`-th: lower case, and no other letters.
fn endpoint_name(name: &str, i: usize) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let plain: String = name.chars().map(letter).collect();
    let words: Vec<&str> = plain.split('_').filter(|word| !word.is_empty()).collect();
    let plain = words.join("_");
    let is_name = plain.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name { format!("{plain}_max_{i}") } else { format!("observed_max_{i}") }
}

/// What has no value but what is observed of it.
fn drawn(model: &Model) -> Vec<&str> {
    let lines = model.residuals.iter().filter(|line| line.prediction.is_none());
    lines.map(|line| line.name.as_str()).take(MOST_FOLLOWED).collect()
}

/// What the model measures: what has a residual line, else what changes over time, else its states.
pub(crate) fn measured(model: &Model) -> Vec<&str> {
    let changes = |node: NodeId| model.graph.stage(node) == Stage::Dynamic && !model.asks_for_doses(node);
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let variables = model.variables.iter().filter(|v| changes(v.node) && is_name(&v.name));
    let variables: Vec<&str> = variables.map(|v| v.name.as_str()).collect();
    let states: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).filter(|s| is_name(s)).collect();
    let lines = model.residuals.iter().map(|line| line.name.as_str());
    let lines: Vec<&str> = lines.filter(|name| variables.contains(name) || states.contains(name)).collect();
    [lines, variables, states].into_iter().find(|names| !names.is_empty()).unwrap_or_default()
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted += "\\n",
            letter if letter.is_control() => quoted += " ",
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// A key of TOML.
fn key(name: &str) -> String {
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { name.into() } else { quoted(name) }
}
