//! Data sets: what is read of them, and what is refused.

use std::fmt::Write;
use std::path::Path;

use vpop::cohort::{self, Cohort};
use vpop::dataset::{Dataset, Dose, Event, Input, SteadyState};
use vpop::diagnostic::{Problems, Source};
use vpop::model::{self, Model};

mod items;
mod streaming;

const MODEL: &str = "tests/faults/datasets/model.R";

/// A cohort with a data set, and more of its table.
fn cohort(file: &Path, more: &str) -> Cohort {
    let text = format!("name = \"data\"\nmodel = \"model.R\"\n[data]\nfile = '{}'\n{more}", file.display());
    cohort::parse(&Source::new("cohort.toml", text), Path::new("")).unwrap_or_else(|error| panic!("{error}"))
}

fn open(file: &Path, more: &str) -> Result<Dataset, Problems> {
    let model = model::load(Path::new(MODEL)).unwrap();
    open_with(file, more, &model)
}

fn open_with(file: &Path, more: &str, model: &Model) -> Result<Dataset, Problems> {
    let dataset = Dataset::open(&cohort(file, more), model)?.unwrap();
    Ok(std::sync::Arc::into_inner(dataset).unwrap())
}

/// A data set of a text, in a folder of its own.
fn read(text: &str, more: &str) -> Result<Dataset, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.csv");
    std::fs::write(&file, text).unwrap();
    open(&file, more)
}

/// Every problem and what to do about it.
fn told(problems: &Problems) -> String {
    let mut text = String::new();
    for problem in &problems.0 {
        writeln!(text, "{}", problem.cause).unwrap();
        writeln!(text, "  help: {}", problem.cause.help().unwrap()).unwrap();
    }
    text
}

#[test]
fn faulty_files_are_explained() {
    insta::glob!("../../faults/datasets", "*.csv", |path| {
        let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        match open(path, "") {
            Err(problems) => insta::assert_snapshot!(told(&problems)),
            Ok(_) => panic!("nothing is wrong with {}", path.display()),
        }
    });
}
