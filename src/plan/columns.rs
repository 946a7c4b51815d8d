//! Names of columns: each once in its set, whatever its case, as SQL has it. Models do tell upper from lower
//! case: `wt <- WT / 64` is common.

use thiserror::Error;

use super::Plan;
use crate::cohort::columns;
use crate::diagnostic::Cause;
use crate::table::ColumnMeta;

/// A name of the model whose column is called otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` is the column `{column}` of {set}: `{other}` is another")]
pub struct Renamed {
    /// The set.
    pub set: &'static str,
    /// What it holds.
    pub name: String,
    /// The column.
    pub column: String,
    /// The column that is called so already.
    pub other: String,
}

impl Cause for Renamed {}

impl Plan {
    /// Gives individual parameters and time courses columns with names of their own, beside those of the
    /// patients' covariates; what had to be renamed. Of a data set the time courses are its observations.
    pub fn name_columns(&mut self, covariates: Vec<String>, of_data: bool) -> Vec<Renamed> {
        let mut renamed = Vec::new();
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let taken = [own(&[columns::PATIENT, columns::ATTEMPTS]), covariates].concat();
        let parameters = self.individual_parameters.iter_mut().map(|(meta, _)| meta);
        distinct("patients", taken, parameters, &mut renamed);
        let (set, taken) = if of_data {
            ("observations", own(&columns::OF_OBSERVATIONS))
        } else {
            ("trajectories", own(&[columns::PATIENT, columns::ARM, columns::DOSE, columns::TIME]))
        };
        distinct(set, taken, self.trajectory_columns.iter_mut(), &mut renamed);
        renamed
    }
}

/// Adds `_model` to what is called as a column before it.
fn distinct<'a>(
    set: &'static str,
    mut taken: Vec<String>,
    columns: impl Iterator<Item = &'a mut ColumnMeta>,
    renamed: &mut Vec<Renamed>,
) {
    for meta in columns {
        let same =
            |name: &str| taken.iter().find(|other| other.to_lowercase() == name.to_lowercase()).cloned();
        if let Some(other) = same(&meta.name) {
            let name = meta.name.clone();
            while same(&meta.name).is_some() {
                meta.name.push_str("_model");
            }
            meta.meaning = format!("{} (`{name}`; `{other}` is another column)", meta.meaning);
            renamed.push(Renamed { set, name, column: meta.name.clone(), other });
        }
        taken.push(meta.name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_but_for_case_are_one() {
        let mut columns =
            ["Ctot", "ctot", "time", "CTOT_model"].map(|name| ColumnMeta::new(name, "of x", "mg/L"));
        let mut renamed = Vec::new();
        distinct("trajectories", vec!["time".into()], columns.iter_mut(), &mut renamed);
        let names: Vec<&str> = columns.iter().map(|meta| meta.name.as_str()).collect();
        assert_eq!(names, ["Ctot", "ctot_model", "time_model", "CTOT_model_model"]);
        assert_eq!(columns[1].meaning, "of x (`ctot`; `Ctot` is another column)");
        assert_eq!(renamed.len(), 3);
        let second = &renamed[0];
        assert_eq!([&second.name, &second.column, &second.other], ["ctot", "ctot_model", "Ctot"]);
    }
}
