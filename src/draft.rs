//! A cohort file to begin with, from a model alone: it runs at once, and what was guessed says so.

mod covariate;
mod dosed;
mod notes;
mod observed;
mod reached;
mod reference;
mod regimen;

use std::fmt::Write;
use std::path::Path;

use crate::model::Model;

use covariate::{Guess, guesses};
pub(crate) use observed::measured;

/// Letters of the name of a cohort that is made of a data set.
const LONGEST_NAME: usize = 100;

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
    let guesses = guesses(model);
    for (covariate, Guess { value, how }) in model.covariates.iter().zip(&guesses) {
        let _ = writeln!(text, "\n[population.{}]", key(&covariate.name));
        if let Some(description) = &covariate.description {
            let _ = writeln!(text, "description = {}", quoted(description));
        }
        if let Some(unit) = &covariate.unit {
            let _ = writeln!(text, "unit = {}", quoted(unit));
        }
        let _ = writeln!(text, "distribution = \"fixed\"\nvalue = {value:?}  # guessed: {how}");
    }
    let values: Vec<f64> = guesses.iter().map(|guess| guess.value).collect();
    text + &regimen::text(model, &values) + &observed::text(model)
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
