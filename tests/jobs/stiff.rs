//! Stiff models against independent solutions.

use crate::common::{courses, endpoint, fixed, job, root, solve_typical};
use crate::reference::COVARIATES;
use crate::strict::zip_equal;
use serde_json::Value;
use vpop::engine::Solution;
use vpop::job::Job;
use vpop::plan::Method;

fn reference(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("tests/data").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// A cohort that reads every state of a reference at its times, and is solved at tolerances.
fn cohort(reference: &Value, model: &str, regimen: &str, [rtol, atol]: [f64; 2]) -> String {
    let times: Vec<String> =
        numbers(&reference["seconds"]).iter().map(|seconds| format!("\"{seconds} s\"")).collect();
    let states: Vec<String> =
        reference["states"].as_array().unwrap().iter().map(ToString::to_string).collect();
    format!(
        r#"
name = "typical"
model = "MODELS/{model}"
patients = 1
seed = 1
{weight}
[regimen]
{regimen}
[visits]
times = [{times}]
[endpoints.last]
of = {first}
statistic = "min"
[solver]
rtol = {rtol:e}
atol = {atol:e}
[output]
trajectories = {{ patients = 1, of = [{states}] }}
"#,
        weight = if model.starts_with("tmdd") { fixed([("WT", 70.0)]) } else { String::new() },
        times = times.join(", "),
        first = states[0],
        states = states.join(", "),
    )
}

/// Largest difference in an arm after time 0, at which a visit comes before the dose: of a state's largest
/// value there.
fn largest_error(got: &[Vec<f64>], expected: &Value) -> f64 {
    let rows: Vec<Vec<f64>> = expected.as_array().unwrap().iter().map(numbers).collect();
    let errors = got.iter().enumerate().map(|(state, got)| {
        let most = rows.iter().map(|row| row[state].abs()).fold(0.0, f64::max);
        let differences = got.iter().zip(&rows).skip(1).map(|(got, row)| (got - row[state]).abs() / most);
        differences.fold(0.0, f64::max)
    });
    errors.fold(0.0, f64::max)
}

fn solved(cohort: &str) -> (Job, Solution) {
    let job = job(cohort);
    assert_eq!(job.plan.method, Method::Rosenbrock, "{}", job.reason);
    let solution = solve_typical(&job);
    (job, solution)
}

#[test]
fn the_dar_chain_is_its_matrix_exponential() {
    let reference = reference("dar_chain.json");
    let regimen = "arms = [\"1.19333 umol\"]\ninto = [\"A8\", \"A7\", \"A6\", \"A5\", \"A4\", \"A3\", \"A2\", \
                   \"A1\", \"A0\"]\ninfusion = \"bolus\"";
    for (tolerances, bound) in [([1e-11, 1e-11], 1e-8), ([1e-6, 1e-6], 1e-4)] {
        let (job, solution) = solved(&cohort(&reference, "tusamitamab_dar_chain.R", regimen, tolerances));
        let error = largest_error(&courses(&job, &solution)[0], &reference["values"]);
        assert!(error < bound, "{tolerances:?}: {error:e}");
    }
}

/// The largest concentrations of Pouzin 2022, table 7, for the shipped cohort's typical patient.
#[test]
fn the_dar_chain_reaches_its_published_concentrations() {
    let text = std::fs::read_to_string(root().join("cohorts/tusamitamab.toml")).unwrap();
    let (job, solution) = solved(&text.replace("../models", "MODELS"));
    for (name, published) in
        [("cmax_adc", 0.326), ("cmax_naked", 0.0249), ("cmax_dm4", 0.00208), ("cmax_medm4", 0.00610)]
    {
        let got = endpoint(&job, &solution, name);
        assert!((got / published - 1.0).abs() < 0.02, "{name}: {got}, {published}");
    }
}

#[test]
fn target_mediated_disposition_agrees_with_radau() {
    let reference = reference("tmdd.json");
    let arms = reference["arms"].as_array().unwrap();
    let doses: Vec<String> = arms.iter().map(|arm| format!("\"{} mg\"", arm["dose_mg"])).collect();
    let regimen = format!("arms = [{}]\ninto = [\"central\"]\ninfusion = \"bolus\"", doses.join(", "));
    for (tolerances, bound) in [([1e-11, 1e-13], 1e-8), ([1e-6, 1e-6], 1e-3)] {
        let (job, solution) = solved(&cohort(&reference, "tmdd_two_compartment.R", &regimen, tolerances));
        for (got, arm) in zip_equal(courses(&job, &solution).iter(), arms) {
            let error = largest_error(got, &arm["values"]);
            assert!(error < bound, "{} mg at {tolerances:?}: {error:e}", arm["dose_mg"]);
        }
    }
}

/// A tumour whose every cell carries a million receptors: the fastest binding that there is. The explicit
/// method, at tight tolerance, is the reference.
#[test]
fn the_most_receptors_are_solved() {
    let parameters = reference("typical_patient.json")["parameters"].clone();
    let covariates = COVARIATES.map(|name| match name {
        "NREC" => (name, 1e6),
        "FPOS" => (name, 1.0),
        _ => (name, parameters[name].as_f64().unwrap()),
    });
    let population = fixed(covariates) + &fixed([("TUMSZ", 80.0)]);
    let solve = |method: &str, [rtol, atol]: [f64; 2]| {
        let job = job(&format!(
            r#"
name = "receptors"
model = "MODELS/aprutumab_ixadotin_binding.R"
patients = 1
seed = 1
{population}
[regimen]
arms = ["0.2 mg/kg", "1.3 mg/kg"]
into = ["Tc", "Pc"]
infusion = "1 h"
every = "21 day"
cycles = 2
[visits]
every = "12 h"
[endpoints.nadir]
of = "platelets"
statistic = "min"
[solver]
method = "{method}"
rtol = {rtol:e}
atol = {atol:e}
max_steps = 10_000_000
[output]
trajectories = {{ patients = 1, of = ["Ct", "R", "AR", "Pt", "platelets", "upcr", "sld"] }}
"#
        ));
        courses(&job, &solve_typical(&job))
    };
    let tight = [1e-10, 1e-13];
    let expected = solve("tsit5", tight);
    for (tolerances, bound) in [(tight, 1e-6), ([1e-6, 1e-6], 1e-3)] {
        let got = solve("rosenbrock", tolerances);
        for (got, expected) in zip_equal(got.iter().flatten(), expected.iter().flatten()) {
            let most = expected.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
            for (got, expected) in zip_equal(got.iter(), expected) {
                let error = (got - expected).abs() / expected.abs().max(1e-2 * most);
                assert!(error < bound, "{tolerances:?}: {got}, {expected}");
            }
        }
    }
}

/// Doses at the times at which the equations would be looked at, were these equally far apart: one a day for 64
/// days. The explicit method needs some 1e5 steps; what is seen just before a dose alone would say 1e4.
#[test]
fn regular_doses_do_not_hide_stiffness() {
    let daily = |cycles: u32| {
        let cohort = format!(
            r#"
name = "daily"
model = "MODELS/tmdd_two_compartment.R"
patients = 5
seed = 1
[parameters]
lcl = "log(60)"
lq = "log(0.001)"
kon = 432
{weight}
[regimen]
arms = ["10 mg/kg"]
into = ["central"]
every = "1 day"
cycles = {cycles}
[endpoints.last]
of = "Cc"
statistic = "min"
on = "visits"
"#,
            weight = fixed([("WT", 70.0)])
        );
        job(&cohort)
    };
    for cycles in [16, 32, 61, 64] {
        let job = daily(cycles);
        assert_eq!(job.plan.method, Method::Rosenbrock, "{cycles} doses: {}", job.reason);
    }
}

/// Rows of a table beyond the last patient are nobody: what is missing in them tells nothing.
#[test]
fn rows_without_a_patient_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("weights.csv");
    let rows: String =
        (0..40).map(|i| if i < 10 { format!("{},1\n", 60 + i) } else { "NA,NA\n".into() }).collect();
    std::fs::write(&table, format!("A,B\n{rows}")).unwrap();
    let cohort = format!(
        r#"
name = "rows"
model = "MODELS/tmdd_two_compartment.R"
patients = 10
[population.rows]
file = {table:?}
columns = ["A", "B"]
resample = false
unused_rows = true
[population.derived]
WT = {{ expression = "A * B", unit = "kg" }}
[regimen]
arms = ["1 mg/kg"]
into = ["central"]
every = "14 day"
cycles = 2
[endpoints.last]
of = "Cc"
statistic = "min"
"#
    );
    let job = job(&cohort);
    assert_eq!(job.plan.method, Method::Rosenbrock, "{}", job.reason);
}
