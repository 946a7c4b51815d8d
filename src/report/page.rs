//! The page: a verdict, the figures, what it all rests on, and where it comes from.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::assumptions::Tagged;
use super::error::ReportError;
use super::figure::{Figure, Sheet};
use crate::diagnostic::Problems;
use crate::store::{FileSummary, InputHash, NoticeSummary};

const TEMPLATE: &str = include_str!("page.html");

/// What a page says besides its figures.
#[derive(Debug, Default, Serialize)]
pub(super) struct Content {
    /// Version of the program that made the results.
    pub(super) vpop: String,
    /// What downloads are called after.
    pub(super) name: String,
    pub(super) title: String,
    /// What the results are, in a sentence or two.
    pub(super) lead: String,
    pub(super) verdict: Verdict,
    /// What was done, in short: names and values.
    pub(super) facts: Vec<[String; 2]>,
    pub(super) notices: Vec<NoticeSummary>,
    /// What it rests on; `None` where the page is not the place to say it.
    pub(super) assumptions: Option<Vec<Tagged>>,
    /// Of the model.
    pub(super) reference: Option<String>,
    /// By what it was made, when.
    pub(super) made: String,
    pub(super) inputs: Vec<InputHash>,
    pub(super) files: Vec<FileSummary>,
}

/// What to think of the results: whether they are well, in a few words, and a sentence each.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verdict {
    pub(super) is_well: bool,
    pub(super) heading: String,
    pub(super) sentences: Vec<String>,
}

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
    content: &'a Content,
    figures: Vec<Shown<'a>>,
}

/// Fills the page.
pub(super) fn html(content: Content, figures: &[(&str, Figure)]) -> Result<String, Problems> {
    let shown = figures.iter().map(|(name, figure)| Shown {
        name,
        title: &figure.title,
        says: &figure.says,
        svg: &figure.svg,
        sheet: &figure.sheet,
        csv: data_url(&figure.sheet.csv()),
    });
    let page = Page { content: &content, figures: shown.collect() };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let made = environment
        .add_template("page.html", TEMPLATE)
        .and_then(|()| environment.get_template("page.html")?.render(Serde(&page)));
    made.map_err(|error| ReportError::Page { reason: error.to_string() }.into())
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
