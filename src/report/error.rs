//! What a report cannot do.

use std::path::Path;

use thiserror::Error;

use crate::diagnostic::{Cause, did_you_mean};

/// Why there is no report or figure.
#[derive(Debug, Error)]
pub enum ReportError {
    /// No figure has the name.
    #[error("there is no figure `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// What may be meant.
        help: String,
    },
    /// The results have nothing for the figure.
    #[error("there is nothing to show in the figure `{name}`")]
    Nothing {
        /// The figure.
        name: String,
    },
    /// A picture that is none of vectors.
    #[error("`{file}` is no picture of vectors: figures are written as SVG")]
    Raster {
        /// The file.
        file: String,
        /// Commands that make it of one.
        commands: Vec<String>,
    },
    /// The page could not be filled.
    #[error("the report could not be made: {reason}")]
    Page {
        /// Why.
        reason: String,
    },
}

impl ReportError {
    /// A picture of pixels, which is made of one of vectors.
    pub(crate) fn raster(folder: &Path, figure: &str, file: &Path) -> Self {
        let vectors = file.with_extension("svg");
        let [folder, vectors, file] = [folder, &vectors, file].map(|path| path.display().to_string());
        let commands = vec![
            format!("vpop plot {folder} {figure} -o {vectors}"),
            format!("rsvg-convert --dpi-x 300 --dpi-y 300 --zoom 3 {vectors} -o {file}"),
            format!("inkscape {vectors} --export-dpi=300 --export-filename={file}"),
        ];
        Self::Raster { file, commands }
    }

    /// A name that none of these figures has.
    pub(super) fn unknown(name: &str, known: &[&str]) -> Self {
        let all = || format!("there are {}", known.join(", "));
        Self::Unknown {
            name: name.to_owned(),
            help: did_you_mean(name, known.iter().copied()).unwrap_or_else(all),
        }
    }
}

impl Cause for ReportError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { help, .. } => Some(help.clone()),
            Self::Nothing { .. } => Some("`vpop report` shows the figures that there are".into()),
            Self::Raster { .. } => {
                Some("write it as SVG, and turn that into pixels with librsvg or Inkscape:".into())
            }
            Self::Page { .. } => None,
        }
    }

    fn commands(&self) -> &[String] {
        match self {
            Self::Raster { commands, .. } => commands,
            _ => &[],
        }
    }
}
