//! Reports of runs of every shipped cohort: complete pages that ask for nothing else.

use std::fs;
use std::path::Path;

use crate::common::{files, vpop};

/// The names of the figures on a page.
fn figures(page: &str) -> Vec<&str> {
    let sections = page.split("<section aria-labelledby=\"").skip(1);
    let names = sections.filter_map(|section| section.split_once('"')).map(|(name, _)| name);
    names.filter(|name| !["verdict", "assumptions", "provenance"].contains(name)).collect()
}

fn run(cohort: &Path, folder: &Path, more: &[&str]) {
    let arguments = ["run", cohort.to_str().unwrap(), "--backend", "cpu", "-o", folder.to_str().unwrap()];
    let said = vpop(&[&arguments[..], more].concat());
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

fn report(folder: &Path, page: &Path) -> String {
    let said = vpop(&["report", folder.to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    fs::read_to_string(page).unwrap()
}

#[test]
fn every_shipped_cohort_has_a_page() {
    let scratch = tempfile::tempdir().unwrap();
    for cohort in files("cohorts", "toml") {
        let name = cohort.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = scratch.path().join(&name);
        run(&cohort, &folder, &["--patients", "30"]);
        let page = report(&folder, &scratch.path().join(format!("{name}.html")));
        let found = figures(&page);
        let expected: &[&str] = match name.as_str() {
            "phase1" => &[
                "toxicity",
                "grades",
                "exposure",
                "courses",
                "exposure-response",
                "tumour",
                "survival",
                "dosing",
                "subgroups",
                "population",
            ],
            _ => &["exposure"],
        };
        assert!(expected.iter().all(|figure| found.contains(figure)), "{name}: {found:?}");
        // The numbers of a picture are numbers, and nothing is fetched.
        assert!(!page.contains("NaN") && !page.contains("inf\""), "{name}");
        let asks = page.contains("src=") || page.contains("href=\"http");
        assert!(!asks && !page.replace("url(#", "").contains("url("), "{name}");
        assert!(page.contains("The run is complete and holds."), "{name}");
    }
}

/// Arms, groups and names of a user may hold what HTML gives a meaning.
#[test]
fn what_a_user_wrote_is_text() {
    let scratch = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(crate::common::root().join("cohorts/quickstart.toml")).unwrap();
    let models = crate::common::root().join("models").display().to_string();
    let text = text.replace("../models", &models);
    let name = text.lines().find(|line| line.starts_with("name = ")).unwrap();
    let described = format!("{name}\ndescription = \"<script>alert(1)</script> & more\"");
    let other: Vec<&str> = text.lines().filter(|line| !line.starts_with("description")).collect();
    let cohort = scratch.path().join("cohort.toml");
    fs::write(&cohort, other.join("\n").replacen(name, &described, 1)).unwrap();
    let folder = scratch.path().join("run");
    run(&cohort, &folder, &["--patients", "20"]);
    let page = report(&folder, &scratch.path().join("page.html"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
}

#[test]
fn what_is_no_finished_run_has_no_page() {
    let scratch = tempfile::tempdir().unwrap();
    let page = scratch.path().join("page.html");
    let said = vpop(&["report", scratch.path().to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(2));
    assert!(!page.exists());
}
