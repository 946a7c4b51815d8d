//! Names of columns that are vpop's own, in every cohort file: no endpoint may have those of the outcomes, and
//! no covariate any.

/// Index of the patient.
pub const PATIENT: &str = "patient";
/// The arm.
pub const ARM: &str = "arm";
/// Its dose as a number.
pub const DOSE: &str = "dose";
/// Draws until the patient was eligible: a column of the patients.
pub const ATTEMPTS: &str = "attempts";
/// How the integration ended.
pub const STATUS: &str = "status";
/// What became infinite or not a number.
pub const NOT_FINITE: &str = "not_finite";
/// When it did.
pub const NOT_FINITE_DAY: &str = "not_finite_day";
/// What solved it.
pub const SOLVED_BY: &str = "solved_by";
/// The method by which it was solved.
pub const METHOD: &str = "method";
/// Accepted steps.
pub const STEPS: &str = "steps";
/// Rejected steps.
pub const REJECTED: &str = "rejected";
/// Whether there was a dose-limiting toxicity.
pub const DLT: &str = "dlt";
/// When the first was seen.
pub const DLT_DAY: &str = "dlt_day";
/// Whether the patient counts in the rate of dose-limiting toxicity.
pub const EVALUABLE: &str = "evaluable";
/// When the patient left the trial.
pub const LEFT_DAY: &str = "left_day";
/// By what.
pub const LEFT_CAUSE: &str = "left_cause";
/// When treatment ended.
pub const OFF_TREATMENT_DAY: &str = "off_treatment_day";
/// By what.
pub const OFF_TREATMENT_CAUSE: &str = "off_treatment_cause";
/// Best response of the tumour.
pub const BEST_RESPONSE: &str = "best_response";
/// When it was first seen.
pub const BEST_RESPONSE_DAY: &str = "best_response_day";
/// Whether it is complete or partial.
pub const RESPONSE: &str = "response";
/// Whether the disease was controlled.
pub const DISEASE_CONTROL: &str = "disease_control";
/// When progression was first seen.
pub const PROGRESSION_DAY: &str = "progression_day";
/// By what.
pub const PROGRESSION_CAUSE: &str = "progression_cause";
/// Doses given.
pub const DOSES_GIVEN: &str = "doses_given";
/// Amount given over amount planned.
pub const RELATIVE_DOSE: &str = "relative_dose";
/// The same per time.
pub const RELATIVE_DOSE_INTENSITY: &str = "relative_dose_intensity";

/// Those of which several drugs have one each.
pub const OF_DRUGS: [&str; 5] =
    [DOSES_GIVEN, RELATIVE_DOSE, RELATIVE_DOSE_INTENSITY, OFF_TREATMENT_DAY, OFF_TREATMENT_CAUSE];

/// All of them.
pub const OWN: [&str; 27] = [
    PATIENT,
    ARM,
    DOSE,
    ATTEMPTS,
    STATUS,
    NOT_FINITE,
    NOT_FINITE_DAY,
    SOLVED_BY,
    METHOD,
    STEPS,
    REJECTED,
    DLT,
    DLT_DAY,
    EVALUABLE,
    LEFT_DAY,
    LEFT_CAUSE,
    OFF_TREATMENT_DAY,
    OFF_TREATMENT_CAUSE,
    BEST_RESPONSE,
    BEST_RESPONSE_DAY,
    RESPONSE,
    DISEASE_CONTROL,
    PROGRESSION_DAY,
    PROGRESSION_CAUSE,
    DOSES_GIVEN,
    RELATIVE_DOSE,
    RELATIVE_DOSE_INTENSITY,
];

/// Time of a row of the time courses.
pub const TIME: &str = "time";

/// Whose the patient's records are, in a data set.
pub const ID: &str = "id";
/// Which simulation of the individual of a data set the patient is.
pub const REPLICATE: &str = "replicate";
/// Line or row of a record in the data set.
pub const ROW: &str = "row";
/// Kind of event of a record.
pub const EVID: &str = "evid";
/// What the data set has at a record.
pub const DV: &str = "dv";
/// Occasion of a record.
pub const OCCASION: &str = "occasion";
/// The columns that stand beside what is read at observations of a data set.
pub const OF_OBSERVATIONS: [&str; 8] = [PATIENT, ID, REPLICATE, ROW, TIME, EVID, OCCASION, DV];

/// Whether vpop writes a column of this name itself, in whatever case, beside covariates or what they are read with:
/// among the patients, the outcomes and the time courses. The ledger and the audit hold no covariates.
pub fn is_own(name: &str) -> bool {
    OWN.iter().chain(&[TIME]).any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether it is among the patients, or what their time courses are read by: no covariate can be called so, whatever a
/// model calls it.
pub fn is_of_patients(name: &str) -> bool {
    [PATIENT, ATTEMPTS, TIME].iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether there was a dose-limiting toxicity of a cause.
pub fn of_cause(cause: &str) -> String {
    format!("dlt_{cause}")
}

/// When a dose-limiting toxicity of a cause was first seen.
pub fn day_of_cause(cause: &str) -> String {
    format!("dlt_{cause}_day")
}

/// A column about one of several drugs.
pub fn of_drug(column: &str, drug: &str) -> String {
    format!("{column}_{drug}")
}

/// The worst grade of a term if it was worse than before the first dose, else 0: of the run, or in a window.
pub fn emergent_grade(term: &str, window: Option<&str>) -> String {
    let window = window.map_or(String::new(), |window| format!("_{window}"));
    format!("{term}_emergent_grade{window}")
}
