//! `vpop compare`: the same virtual patients under every scenario of a cohort file.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::compare::manifest::Comparison;
use crate::compare::spec::ComparisonSpec;
use crate::compare::{Settings, compare};
use crate::diagnostic::Problems;
use crate::engine::selection::OnFailure;
use crate::readable::count;

use super::comparison::text;
use super::engine::{EngineOptions, announce};
use super::progress::progress_bar;
use super::run::RUNS;
use super::signals::{self, Stopping};
use super::streams::{answer, answer_json, tell};
use super::{CohortOptions, DONE_WITH_FAILURES, fail, problems};

/// What `vpop compare` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    cohort: CohortOptions,
    #[command(flatten)]
    engine: EngineOptions,
    /// The comparison's folder [default: runs/ and the cohort's name and `-compare`].
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// These scenarios alone, and what they are compared with.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Replace a comparison that is already there, which stays until the new one is finished. An interrupted one is
    /// gone on with in any case: finished runs are taken as they are, and an interrupted one is resumed.
    #[arg(long)]
    force: bool,
}

/// Compares the scenarios of a cohort file.
pub fn main(options: &Options) -> ExitCode {
    options.cohort.start_threads();
    match execute(options) {
        Ok((output, comparison)) => report(options, &output, &comparison),
        Err(problems) => fail(&problems, options.cohort.json),
    }
}

fn execute(options: &Options) -> Result<(PathBuf, Comparison), Problems> {
    let CohortOptions { cohort, .. } = &options.cohort;
    let spec = ComparisonSpec::load(cohort, &options.cohort.changes(), &options.scenarios)?;
    let default = || PathBuf::from(RUNS).join(format!("{}-compare", spec.name()));
    problems::warn(spec.scenarios.iter().flat_map(|scenario| &scenario.job.notices));
    let output = options.output.clone().unwrap_or_else(default);
    let isa = options.cohort.isa();
    let stop = signals::asked_first("give the same command again: it goes on from there");
    let settings = Settings { output: output.clone(), replace: options.force, isa, stop };
    let mut stopping = Stopping::new(&settings.stop, "the part that is being written is finished first");
    let devices = options.engine.look();
    let mut announced = None;
    let stages = spec.stages();
    tell_of_replicates(options, &spec);
    let bar = progress_bar("patient-arms");
    bar.set_length(stages.iter().map(|(_, size)| size).sum());
    let comparison = compare(
        &spec,
        &settings,
        &mut |program| {
            let selected = options.engine.open(&devices, program, isa, OnFailure::Fallback)?;
            let name = selected.engine.name();
            if announced.as_ref() != Some(&name) {
                announce(&selected);
                announced = Some(name);
            }
            Ok(selected)
        },
        &mut |stage, done, all| {
            bar.set_message(stage.to_owned());
            bar.set_position(solved(&stages, stage, done as f64 / all.max(1) as f64));
            bar.suspend(|| stopping.tell_once());
        },
    );
    bar.finish_and_clear();
    Ok((output, comparison?))
}

/// Patients in an arm that are solved when a share of a stage is; all earlier ones are.
fn solved(stages: &[(String, u64)], stage: &str, share: f64) -> u64 {
    let (mut before, mut own) = (0, 0);
    for (name, size) in stages {
        if name == stage {
            own = *size;
            break;
        }
        before += size;
    }
    before + (share * own as f64) as u64
}

/// Says whom replicates are solved in, where another number of patients is asked for.
fn tell_of_replicates(options: &Options, spec: &ComparisonSpec) {
    let asked = options.cohort.patients;
    if let (Some(asked), Some(uncertainty)) = (asked, &spec.uncertainty)
        && uncertainty.patients < asked
    {
        tell(format_args!(
            "note: `--patients` acts on the scenarios; replicates keep the first {} patients of each, as [uncertainty] says",
            count(uncertainty.patients)
        ));
    }
}

fn report(options: &Options, output: &std::path::Path, comparison: &Comparison) -> ExitCode {
    let status = if comparison.failed() { ExitCode::from(DONE_WITH_FAILURES) } else { ExitCode::SUCCESS };
    if options.cohort.json {
        answer_json(comparison, status)
    } else {
        answer(text(output, comparison), status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_add_up() {
        let stages = [("base".to_owned(), 100), ("other".into(), 300), ("base, replicates".into(), 600)];
        assert_eq!(solved(&stages, "base", 0.5), 50);
        assert_eq!(solved(&stages, "other", 0.0), 100);
        assert_eq!(solved(&stages, "base, replicates", 1.0), 1_000);
    }
}
