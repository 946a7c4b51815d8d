//! Faulty model files with what the user is told: one snapshot per file.

use std::fmt::Write;
use std::path::Path;

use vpop::diagnostic::{Problem, Problems};
use vpop::model::load;

/// `line:column: message` and the help, one problem after the other.
fn told(problems: &Problems) -> String {
    let mut text = String::new();
    for Problem { cause, place } in &problems.0 {
        if let Some(place) = place {
            let (line, column) = place.line_column();
            write!(text, "{line}:{column}: ").unwrap();
        }
        writeln!(text, "{cause}").unwrap();
        if let Some(help) = cause.help() {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

#[test]
fn every_faulty_model_is_told_precisely() {
    insta::glob!("../../faults/models", "*.R", |path| match load(path) {
        Ok(model) => panic!("{} was accepted", model.name),
        Err(problems) => insta::assert_snapshot!(told(&problems)),
    });
}

#[test]
fn a_missing_file_and_one_that_is_not_utf8_are_problems() {
    let missing = load(Path::new("tests/faults/models/not_there.R")).unwrap_err();
    let text = told(&missing);
    assert!(text.starts_with("cannot read the model file tests/faults/models/not_there.R: "), "{text}");

    let folder = std::env::temp_dir();
    let path = folder.join(format!("vpop-latin1-{}.R", std::process::id()));
    std::fs::write(&path, b"# first line\nx <- 'caf\xe9'\n").unwrap();
    let problems = load(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert!(told(&problems).contains("is not UTF-8 text: line 2 has other bytes"));
}
