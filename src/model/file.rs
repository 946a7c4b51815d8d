//! Reading a model file: from its path or text to a checked [`Model`].

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Problem, Problems, Source};
use crate::file_kind::{self, FileKind};

use super::Model;
use super::errors::{FileError, Report};
use super::outline::Outline;
use super::{dimension, equations, ini, linear, metadata, parser, variances};

/// Reads and checks a model file.
///
/// # Errors
/// Everything that is wrong with it: an unreadable file, or all problems of its text at once.
pub fn load(path: &Path) -> Result<Model, Problems> {
    let bytes = std::fs::read(path)
        .map_err(|reason| Problem::new(FileError::Unreadable { path: path.to_owned(), reason }))?;
    file_kind::check(path, &bytes, FileKind::Model).map_err(Problem::new)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&b| b == b'\n').count() + 1;
        Problem::new(FileError::NotUtf8 { path: path.to_owned(), line })
    })?;
    parse(&Source::new(path.display().to_string(), text))
}

/// Reads and checks the text of a model file.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn parse(source: &Arc<Source>) -> Result<Model, Problems> {
    parse_given(source, &[])
}

/// The same with some assigned names as covariates: whoever uses one of them gets the patient's value, and not what the
/// model assigns.
///
/// # Errors
/// As of [`parse`].
pub fn parse_given(source: &Arc<Source>, given: &[String]) -> Result<Model, Problems> {
    let mut report = Report::new(source, 0..source.text.len());
    let statements = parser::statements(&source.text, &mut report);
    let Some(mut outline) = Outline::of(&statements, &mut report) else {
        return Err(report.into_problems());
    };
    let expanded = linear::expand(outline.model, &outline.names(), &mut report);
    if let Some(model) = &expanded {
        outline.model = model;
    }
    let about = metadata::read(&outline, &source.text, &mut report);
    let mut ini = ini::read(outline.ini, &mut report);
    let large = std::mem::take(&mut ini.large);
    let mut model = equations::read(source, &outline, &about, ini, given, &mut report);
    variances::check(&model, &large, &mut report);
    model.notices = report.take_notices();
    if report.count() == 0 {
        let analysis = dimension::analyse(&outline, &source.text, &about, &model);
        model.take_units(analysis);
    }
    report.finish(model)
}
