//! The page: a verdict, the figures, what it all rests on, and where it comes from.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::assumptions::{Tagged, assumptions};
use super::error::ReportError;
use super::facts::Facts;
use super::figure::{Figure, Sheet};
use crate::diagnostic::Problems;
use crate::engine::audit::Check;
use crate::readable::{bytes, count, duration};
use crate::store::{Manifest, Timing};

const TEMPLATE: &str = include_str!("page.html");

/// A figure as the page shows it.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    title: &'a str,
    says: &'a str,
    svg: &'a str,
    sheet: &'a Sheet,
    csv: String,
}

/// What the page is filled with.
#[derive(Serialize)]
struct Page<'a> {
    manifest: &'a Manifest,
    description: Option<&'a str>,
    figures: Vec<Shown<'a>>,
    verdict: Verdict,
    patients: String,
    patient_arms: String,
    failed: String,
    took: String,
    size: String,
    assumptions: Vec<Tagged>,
}

/// Fills the page.
pub(super) fn html(facts: &Facts, figures: &[(&str, Figure)]) -> Result<String, Problems> {
    let shown: Vec<Shown<'_>> = figures
        .iter()
        .map(|(name, figure)| Shown {
            name,
            title: &figure.title,
            says: &figure.says,
            svg: &figure.svg,
            sheet: &figure.sheet,
            csv: data_url(&figure.sheet.csv()),
        })
        .collect();
    let manifest = &facts.manifest;
    let all = &manifest.outcomes.all;
    let page = Page {
        manifest,
        description: facts.job.cohort.description.as_deref(),
        figures: shown,
        verdict: verdict(facts),
        patients: count(manifest.patients),
        patient_arms: count(all.patients),
        failed: count(all.failed()),
        took: duration(Timing::total(&manifest.timings)),
        size: bytes(manifest.files.iter().map(|file| file.bytes).sum()),
        assumptions: assumptions(facts)?,
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let made = environment
        .add_template("page.html", TEMPLATE)
        .and_then(|()| environment.get_template("page.html")?.render(Serde(&page)));
    made.map_err(|error| ReportError::Page { reason: error.to_string() }.into())
}

/// What to think of the run, a sentence each; whether it is well.
#[derive(Serialize)]
struct Verdict {
    is_well: bool,
    sentences: Vec<String>,
}

fn verdict(facts: &Facts) -> Verdict {
    let manifest = &facts.manifest;
    let mut sentences = Vec::new();
    let failed = manifest.outcomes.all.failed();
    sentences.push(if failed == 0 {
        "Every patient could be solved in every arm.".to_owned()
    } else {
        format!("{} patients in an arm could not be solved: they are in no figure.", count(failed))
    });
    for audit in &manifest.audit {
        let outcome = if audit.holds {
            "agrees with the run within what is promised"
        } else {
            "is further from the run than is promised"
        };
        let again = match audit.check {
            Check::Engine => "by the CPU in f64",
            Check::Integration => "more closely by another method",
        };
        let sample = count(audit.patient_arms);
        sentences.push(format!("A sample of {sample} patient-arms, solved again {again}, {outcome}."));
    }
    if manifest.audit.is_empty() {
        sentences.push("Nothing was solved again to check it: the audit was not asked for.".into());
    }
    let warnings = manifest.notices.iter().filter(|notice| notice.weight == "warning").count();
    if warnings > 0 {
        sentences.push(format!("{warnings} warnings were given before it was run: see below."));
    }
    Verdict { is_well: !manifest.failed(), sentences }
}

/// Text as an address that holds it.
fn data_url(text: &str) -> String {
    let mut url = String::from("data:text/csv;charset=utf-8,");
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => url.push(byte.into()),
            _ => url += &format!("%{byte:02X}"),
        }
    }
    url
}
