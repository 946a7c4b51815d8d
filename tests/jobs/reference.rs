//! Shipped models against published numbers, closed forms and an independent solver.

use crate::common::{assert_close, courses, endpoint, fixed, job, root, solve_typical};
use crate::strict::zip_equal;
use serde_json::Value;
use vpop::plan::Method;

/// Names of the reference file and of the model, with the least size that an error is measured by
/// (`None`: one hundredth of the arm's largest value).
const OBSERVABLES: [(&str, &str, Option<f64>); 11] = [
    ("adc_mg_per_l", "Cc", None),
    ("metabolite_nm", "metabolite", None),
    ("platelets", "platelets", None),
    ("haemoglobin", "haemoglobin", None),
    ("upcr", "upcr", None),
    ("egfr", "egfr", None),
    ("cornea", "cornea", None),
    ("alt", "alt", None),
    ("ast", "ast", None),
    // Percentage points.
    ("sld_change_pct", "sld_change_pct", Some(1.0)),
    ("payload_tumour_nm", "payload_tumour", None),
];

/// Covariates of the reference patient, under the reference file's names, which are the model's.
pub(crate) const COVARIATES: [&str; 13] =
    ["WT", "ALB", "SEXF", "EGFR", "LINES", "LIVMET", "PLT0", "ALT0", "AST0", "HB0", "UPCR0", "NREC", "FPOS"];

/// Largest error of the model's daily observables, over arms, days and observables.
fn largest_error(model: &str, method: Method, rtol: f64, atol: f64) -> f64 {
    let text = std::fs::read_to_string(root().join("tests/data/typical_patient.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let arms = reference["arms"].as_array().unwrap();
    let doses: Vec<String> = arms.iter().map(|arm| format!("\"{} mg/kg\"", arm["dose_mg_per_kg"])).collect();
    let covariates = COVARIATES.map(|name| (name, reference["parameters"][name].as_f64().unwrap()));
    let names: Vec<String> = OBSERVABLES.iter().map(|(_, name, _)| format!("\"{name}\"")).collect();
    let cohort = format!(
        r#"
name = "typical"
model = "MODELS/{model}"
patients = 1
seed = 1
{population}
{tumour}
[regimen]
arms = [{doses}]
into = ["Tc", "Pc"]
infusion = "1 h"
every = "21 day"
cycles = 3
[visits]
every = "1 day"
[endpoints.nadir]
of = "platelets"
statistic = "min"
[solver]
rtol = {rtol:e}
atol = {atol:e}
max_steps = 1_000_000
[output]
trajectories = {{ patients = 1, every = "1 day", of = [{names}] }}
"#,
        population = fixed(covariates),
        tumour = fixed([("TUMSZ", 80.0)]),
        doses = doses.join(", "),
        names = names.join(", "),
    );
    let mut job = job(&cohort);
    job.plan.method = method;
    let got = courses(&job, &solve_typical(&job));
    let mut largest: f64 = 0.0;
    for (arm, expected) in arms.iter().enumerate() {
        for (i, (reference_name, name, scale)) in OBSERVABLES.iter().enumerate() {
            let expected: Vec<f64> = expected["observables"][reference_name]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_f64().unwrap())
                .collect();
            let peak = expected.iter().fold(0.0f64, |peak, v| peak.max(v.abs()));
            let scale = scale.unwrap_or(1e-2 * peak);
            assert_eq!(got[arm][i].len(), expected.len(), "days of {name}");
            for (day, (&got, &expected)) in zip_equal(got[arm][i].iter(), &expected).enumerate() {
                let error = (got - expected).abs() / expected.abs().max(scale);
                assert!(error.is_finite(), "{name} on day {day} of arm {arm}: {got}");
                largest = largest.max(error);
            }
        }
    }
    largest
}

#[test]
fn full_binding_model_agrees_with_lsoda() {
    // The reference has 8 significant digits and its own error at rtol 1e-10.
    let error = largest_error("aprutumab_ixadotin_binding.R", Method::Rosenbrock, 1e-9, 1e-9);
    assert!(error <= 1e-6, "{error:e}");
}

#[test]
fn full_binding_model_at_default_tolerances() {
    let error = largest_error("aprutumab_ixadotin_binding.R", Method::Rosenbrock, 1e-6, 1e-6);
    assert!(error <= 1e-3, "{error:e}");
}

#[test]
fn quasi_steady_state_model_agrees_with_the_full_one() {
    // What remains is the approximation itself.
    let error = largest_error("aprutumab_ixadotin.R", Method::Tsit5, 1e-9, 1e-9);
    assert!(error <= 2e-4, "{error:e}");
}

#[test]
fn quasi_steady_state_model_at_default_tolerances() {
    let error = largest_error("aprutumab_ixadotin.R", Method::Tsit5, 1e-6, 1e-6);
    assert!(error <= 1e-3, "{error:e}");
}

#[test]
fn trastuzumab_emtansine_of_lu_2014() {
    // Closed form of the two-compartment infusion with the published typical values, 252 mg over
    // 90 min every 21 days.
    let job = job(r#"
name = "tdm1"
model = "MODELS/tdm1_lu_2014.R"
patients = 1
seed = 1
[regimen]
arms = ["252 mg"]
into = ["central"]
infusion = "90 min"
every = "21 day"
cycles = 4
[visits]
every = "1 day"
[endpoints.end_of_infusion]
of = "Cc"
statistic = "value"
at = "90 min"
[endpoints.day_7]
of = "Cc"
statistic = "value"
at = "7 day"
[endpoints.day_21]
of = "Cc"
statistic = "value"
at = "21 day"
[endpoints.auc_21]
of = "Cc"
statistic = "auc"
on = "continuous"
window = ["0 day", "21 day"]
[endpoints.trough_4]
of = "Cc"
statistic = "value"
at = "84 day"
[solver]
rtol = 1e-11
atol = 1e-11
"#);
    let solution = solve_typical(&job);
    for (name, expected) in [
        ("end_of_infusion", 78.890_934_71),
        ("day_7", 18.955_978_9),
        ("day_21", 1.613_204_211),
        ("auc_21", 363.614_748_9),
        ("trough_4", 1.654_273_34),
    ] {
        assert_close(endpoint(&job, &solution, name), expected, 2e-9, name);
    }
}

#[test]
fn paclitaxel_leukocytes_of_friberg_2002() {
    // 350 umol over 3 h; values of an independent solver at tight tolerance.
    let job = job(r#"
name = "paclitaxel"
model = "MODELS/friberg_2002_paclitaxel.R"
patients = 1
seed = 1
[regimen]
arms = ["350 umol"]
into = ["central"]
infusion = "3 h"
times = ["0 h"]
[visits]
every = "36 s"
until = "504 h"
[endpoints.end_of_infusion]
of = "Cc"
statistic = "value"
at = "3 h"
[endpoints.nadir]
of = "circ"
statistic = "min"
[endpoints.time_of_nadir]
of = "circ"
statistic = "time_of_min"
[endpoints.at_504_h]
of = "circ"
statistic = "value"
at = "504 h"
[solver]
rtol = 1e-10
atol = 1e-10
"#);
    let solution = solve_typical(&job);
    let value = |name: &str| endpoint(&job, &solution, name);
    assert_close(value("end_of_infusion"), 0.269_141_074, 4e-9, "Cc at 3 h");
    assert_close(value("nadir"), 3.051_570_74, 2e-8, "nadir");
    // Visits are 0.01 h apart.
    assert!((value("time_of_nadir") - 220.84).abs() <= 0.01, "{}", value("time_of_nadir"));
    assert_close(value("at_504_h"), 9.377_413_57, 2e-8, "504 h");
}
