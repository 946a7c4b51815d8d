//! Units of a cohort file and its model that are of two kinds are refused; others are written in the model's.

use vpop::diagnostic::{Source, Weight};
use vpop::engine::Engine;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::job::Job;

const MODEL: &str = r#"
m <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  covariateData <- list(WT = list(units = "kg"), SCORE = list(units = "points"))
  compartmentData <- list(central = list(units = "nmol"))
  outputData <- list(hb = list(units = "g/L"), Cc = list(units = "nM"), sld = list(units = "mg"))
  ini({ k <- 0.1 })
  model({
    d/dt(central) <- -k * central
    Cc <- central / 10
    hb <- 100 + 0 * SCORE
    sld <- 3 * WT
    nothing <- k * 2
  })
}
"#;

fn text(weight: &str, rest: &str) -> String {
    let (tables, arms) = rest.split_once("===").unwrap_or((rest, "100 mg"));
    format!(
        "name = \"units\"\nmodel = \"m.R\"\npatients = 3\n[population.WT]\ndistribution = \"uniform\"\nlow = 100\nhigh = 200\n\
         {weight}\n[population.SCORE]\ndistribution = \"fixed\"\nvalue = 1\nunit = \"marks\"\n[regimen]\narms = [\"{arms}\"]\n\
         into = [\"central\"]\n[visits]\nuntil = \"10 day\"\n{tables}"
    )
}

fn job(weight: &str, rest: &str) -> Result<Job, Vec<String>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/units.toml");
    let job = Job::from_texts(&Source::new(file, text(weight, rest)), &Source::new("m.R", MODEL));
    job.map_err(|problems| problems.0.iter().map(|problem| problem.cause.to_string()).collect())
}

#[track_caller]
fn assert_refused(weight: &str, rest: &str, right: &str) {
    let found = job(weight, rest).map(|_| ()).unwrap_err();
    assert_eq!(found, [right], "{weight}{rest}");
}

#[test]
fn two_kinds_are_refused() {
    let endpoint = |keys: &str| format!("[endpoints.x]\nof = \"hb\"\nstatistic = {keys}\n");
    assert_refused(
        "unit = \"cm\"",
        "",
        "covariate `WT` is in cm, and the model takes it in kg: these are of two kinds",
    );
    assert_refused(
        "",
        "[population.derived]\nBSA = { expression = \"bsa_mosteller(WT, WT)\", unit = \"m2\" }\n",
        "`bsa_mosteller`: `bsa_mosteller` takes HT in cm, and what is given is in kg, which is of another kind",
    );
    assert_refused(
        "",
        "[population.derived]\nCRCL = { expression = \"cockcroft_gault(50, WT, 1, 0)\", unit = \"mL/min/1.73 m2\" }\n",
        "`CRCL` is said to be in mL/min/1.73 m2, and its expression is in mL/min: these are of two kinds",
    );
    assert_refused(
        "",
        &endpoint("\"max\"\nunit = \"h\""),
        "`hb` is in g/L, and `x` takes it in h: these are of two kinds",
    );
    assert_refused(
        "",
        &endpoint("\"time_below\"\nthreshold = \"75 1e9/L\""),
        "`75 1e9/L` is in 1e9/L, and `hb` takes it in g/L: these are of two kinds",
    );
    assert_refused(
        "",
        "[endpoints.x]\nof = \"nothing\"\nstatistic = \"time_below\"\nthreshold = \"75 1e9/L\"\n",
        "`75 1e9/L` has a unit, and that of `nothing` is not known",
    );
    assert_refused(
        "",
        &endpoint("\"time_below\"\nthreshold = \"nothing\"\nunit = \"g/dL\""),
        "it is not known in which unit `nothing` is, and `hb` is converted",
    );
    assert_refused(
        "",
        "[grades]\ntables = [\"tables/ctcae_v4_03.toml\"]\n[grades.terms]\nanaemia = \"central\"\n",
        "`central` is in nmol, and `anaemia` takes it in g/dL: these are of two kinds",
    );
    assert_refused(
        "",
        "[response]\nof = \"sld\"\nevery = \"5 day\"\n",
        "`sld` is in mg, and `response` takes it in mm: these are of two kinds",
    );
    assert_refused("", "===100 nmol", "the dose is in nmol, the model takes mg");
}

#[test]
fn patients_are_written_in_the_units_of_the_model() {
    let job =
        job("unit = \"lb\"\nbetween = [150, 200]", "[subgroups]\nheavy = { of = \"WT\", cuts = [180] }\n")
            .unwrap();
    let (patients, _) = job.individuals(0..50.min(job.cohort.patients), Isa::baseline()).unwrap();
    let weight = patients.columns.iter().find(|column| column.meta.name == "WT").unwrap();
    assert_eq!(weight.meta.unit, "kg");
    let [low, high] = [150.0, 200.0].map(|pounds| pounds * 0.453_592_37);
    assert!(weight.values.numbers().iter().all(|kg| (low..=high).contains(kg)), "{:?}", weight.values);
    assert_eq!(
        weight.values.numbers(),
        patients.covariates[1 - usize::from(job.model.covariates[0].name == "WT")]
    );
    assert_eq!(
        said(&job, Weight::Note)[0],
        "covariate `WT` is given in lb, and converted to kg for the model and in `patients/`"
    );
}

/// Messages about units.
fn said(job: &Job, weight: Weight) -> Vec<&str> {
    let of_units = job.notices.iter().filter(|notice| notice.weight == weight);
    of_units.map(|notice| notice.message.as_str()).filter(|message| message.contains(" in ")).collect()
}

#[test]
fn what_may_be_wrong_is_said() {
    let job = job("", "").unwrap();
    assert_eq!(
        said(&job, Weight::Warning),
        [
            "doses in mg go into `central`, which is in nmol, and the model has no `f(central)`",
            "covariate `SCORE` is in `marks`, and the model takes it in `points`: it is not known whether these are the same"
        ]
    );
}

#[test]
fn doses_of_all_arms_are_in_one_unit() {
    let job = job("", "===100 mg\", \"0.2 g\", \"300000 ug").unwrap();
    let doses: Vec<(f64, &str)> = job.plan.arms.iter().map(|arm| (arm.dose, arm.unit.as_str())).collect();
    assert_eq!(doses, [(100.0, "mg"), (200.0, "mg"), (300.0, "mg")]);
}

/// Equal numbers are one node of the graph: `ka` is 1 per hour, and a threshold of 1 is in the unit of what it is of; a limit
/// that is the name of a number is in that number's own unit.
#[test]
fn a_number_has_no_unit_of_another_that_is_equal() {
    let model = r#"
m <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  outputData <- list(Cc = list(units = "mg/L"), ka = list(units = "1/h"), ic50 = list(units = "ug/L"))
  ini({ k <- 0.5 })
  model({
    ka <- 1
    ic50 <- 1
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - k * central
    Cc <- central / 10
  })
}
"#;
    let above = |threshold: &str| {
        let cohort = format!(
            "name = \"equal\"\nmodel = \"m.R\"\npatients = 1\n[regimen]\narms = [\"100 mg\"]\ninto = [\"central\"]\n\
             infusion = \"bolus\"\ntimes = [\"0 h\"]\n[visits]\nevery = \"1 h\"\nuntil = \"48 h\"\n[endpoints.x]\nof = \"Cc\"\n\
             statistic = \"time_above\"\non = \"continuous\"\nthreshold = {threshold}\n"
        );
        let job = Job::from_texts(&Source::new("c.toml", cohort), &Source::new("m.R", model));
        let job = job.unwrap_or_else(|problems| panic!("{problems}"));
        let solution =
            Cpu::new(&job.plan, Isa::detect()).solve(&job.typical(Isa::detect()).unwrap()).unwrap();
        solution.endpoint(job.plan.endpoints[0].value, 0)
    };
    // 10 mg/L fall by half a power of e per hour.
    for (threshold, limit) in [("1", 1.0_f64), ("\"1\"", 1.0), ("\"ic50\"", 1e-3), ("\"500 ug/L\"", 0.5)] {
        let right = (10.0 / limit).ln() / 0.5;
        assert!((above(threshold) / right - 1.0).abs() < 1e-5, "{threshold}: {} {right}", above(threshold));
    }
}
