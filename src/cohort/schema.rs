//! The JSON schema of cohort files, made from the types that read them.

use super::raw::CohortFile;

/// The JSON schema of cohort files, for editors: keys, types, choices and descriptions.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(CohortFile).to_value()
}
