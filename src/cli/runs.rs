//! `vpop runs`: what lies in a folder of results.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::readable::count;
use crate::store::{Listing, Named, Said, list};

use super::fail;
use super::run::RUNS;
use super::streams::{answer, answer_json};
use super::table::table;

/// What `vpop runs` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A folder with results, or results themselves.
    #[arg(default_value = RUNS)]
    folder: PathBuf,
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// Lists the results.
pub fn main(options: &Options) -> ExitCode {
    let found = match list(&options.folder) {
        Ok(found) => found,
        Err(error) => return fail(&error.into(), options.json),
    };
    if options.json {
        return answer_json(&found.iter().map(object).collect::<Vec<_>>(), ExitCode::SUCCESS);
    }
    if found.is_empty() {
        let said = format!("no results lie in {}", options.folder.display());
        return answer(said, ExitCode::SUCCESS);
    }
    let header = ["folder", "what", "of", "patients, arms; scenarios; designs", "seed", "finished", "vpop"];
    answer(table(header, found.iter().map(row), header.len()..), ExitCode::SUCCESS)
}

fn row(listing: &Listing) -> [String; 7] {
    let folder = listing.path.display().to_string();
    let what = listing.what.to_owned();
    let Some(said) = &listing.said else {
        let state = if listing.is_finished { "damaged: `vpop check` says where" } else { "interrupted" };
        let blank = || "-".to_owned();
        return [folder, what, blank(), blank(), blank(), state.into(), blank()];
    };
    let scenario = said.scenario.as_ref().map_or(String::new(), |scenario| format!(", {scenario}"));
    [
        folder,
        what,
        format!("{}{scenario}", said.name),
        size(said),
        said.seed.to_string(),
        said.created.clone(),
        said.vpop.clone(),
    ]
}

/// How much was asked, in words.
fn size(said: &Said) -> String {
    let names = |named: &[Named]| named.iter().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", ");
    match (said.patients, said.replicates) {
        (Some(patients), _) => format!("{} patients: {}", count(patients), said.arms.join(", ")),
        (None, Some(trials)) => format!("{} trials of each: {}", count(trials), names(&said.designs)),
        (None, None) => format!("scenarios: {}", names(&said.scenarios)),
    }
}

fn object(listing: &Listing) -> Value {
    let names = |named: &[Named]| named.iter().map(|of| of.name.clone()).collect::<Vec<_>>();
    let said = listing.said.as_ref();
    json!({
        "folder": listing.path,
        "holds": listing.what,
        "finished": listing.is_finished,
        "name": said.map(|said| &said.name),
        "scenario": said.and_then(|said| said.scenario.as_ref()),
        "patients": said.and_then(|said| said.patients),
        "arms": said.map(|said| &said.arms),
        "scenarios": said.map(|said| names(&said.scenarios)),
        "designs": said.map(|said| names(&said.designs)),
        "replicates": said.and_then(|said| said.replicates),
        "seed": said.map(|said| said.seed),
        "created": said.map(|said| &said.created),
        "vpop": said.map(|said| &said.vpop),
    })
}
