//! The documents: every path that they name exists, and links lead to files. What the pages of the book show is run by
//! `tests/readers/test_docs.py`, and their links to headings are checked by `tests/readers/test_book.py`.

use std::fs;
use std::path::{Path, PathBuf};

/// Documents beside the pages of the book.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "tests/README.md"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// What stands in backquotes and is a path within the repository, `*` and what is made by a run apart.
fn named(text: &str) -> Vec<&str> {
    let tops = [
        "src/",
        "tests/",
        "shaders/",
        "docs/",
        "cohorts/",
        "designs/",
        "models/",
        "examples/",
        "python/",
        "bench/",
        "fuzz/",
        ".ci/",
    ];
    let quoted = text.split('`').skip(1).step_by(2);
    let first = quoted.filter_map(|quoted| quoted.split_whitespace().next());
    first.filter(|path| tops.iter().any(|top| path.starts_with(top)) && !path.contains('*')).collect()
}

/// Targets of links within the repository.
fn linked(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let within = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    within.filter_map(|target| target.split('#').next()).collect()
}

/// All documents: those beside the book, and its pages.
fn documents() -> Vec<PathBuf> {
    let pages = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    DOCUMENTS.map(|document| root().join(document)).into_iter().chain(pages).collect()
}

#[test]
fn paths_that_are_named_exist() {
    let mut count = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for path in named(&text) {
            assert!(root().join(path).exists(), "{} names `{path}`", document.display());
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let folder = document.parent().unwrap_or(Path::new(""));
        for target in linked(&fs::read_to_string(&document).unwrap()) {
            assert!(folder.join(target).exists(), "{} links to `{target}`", document.display());
        }
    }
}

fn is_of(binary: &str, module: &str) -> bool {
    ["", "/mod"].iter().any(|within| root().join(format!("tests/{binary}/{module}{within}.rs")).exists())
}

/// Every module of the tests has a line in their map.
#[test]
fn the_map_of_the_tests_is_whole() {
    let map = text("tests/README.md");
    for binary in ["library", "engine", "jobs", "gpu"] {
        let main = text(&format!("tests/{binary}/main.rs"));
        let modules = main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        let shared = ["adapter", "common", "device", "folders", "strict"];
        for module in modules.filter(|module| !shared.contains(module) && is_of(binary, module)) {
            assert!(
                map.contains(&format!("| `{module}` |")),
                "tests/README.md has no line for {binary}/{module}"
            );
        }
    }
}
