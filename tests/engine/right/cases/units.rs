//! Units that the cohort file and the model both say: one patient, whose numbers follow by definition of the units.

use vpop::engine::Status;

use super::Case;

/// One compartment without elimination, 10 L, with what is measured of a patient.
const MODEL: &str = r#"
units <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  covariateData <- list(
    WT = list(description = "Body weight", units = "kg"),
    HB0 = list(description = "Haemoglobin", units = "g/L"),
    CREAT = list(description = "Creatinine", units = "umol/L"),
    AGE = list(description = "Age", units = "year")
  )
  compartmentData <- list(central = list(description = "Drug", units = "mg"))
  outputData <- list(
    Cc = list(description = "Concentration", units = "mg/L"),
    hb = list(description = "Haemoglobin", units = "g/L"),
    creatinine = list(description = "Creatinine", units = "umol/L"),
    platelets = list(description = "Platelets", units = "1/uL"),
    tumour = list(description = "Sum of diameters", units = "cm")
  )
  ini({ k <- 0 })
  model({
    d/dt(central) <- -k * central
    Cc <- central / 10
    weight <- WT
    age <- AGE
    hb <- HB0
    creatinine <- CREAT
    platelets <- 70000 + k
    tumour <- ifelse(t > 3, 5, 8)
  })
}
"#;

/// A cohort whose patient is given by some tables.
fn cohort(population: &str, regimen: &str, rest: &str) -> String {
    let patient =
        [("WT", "kg", 70.0), ("HB0", "g/L", 75.0), ("CREAT", "umol/L", 88.4), ("AGE", "year", 50.0)];
    let missing = patient.iter().filter(|(name, ..)| !population.contains(&format!("population.{name}]")));
    let default: String = missing
        .map(|(name, unit, value)| {
            format!("[population.{name}]\nunit = \"{unit}\"\ndistribution = \"fixed\"\nvalue = {value:?}\n")
        })
        .collect();
    format!(
        "name = \"units\"\nmodel = \"case.R\"\npatients = 1\nseed = 1\n{default}{population}\n[regimen]\n{regimen}\ninto = \
         [\"central\"]\ninfusion = \"bolus\"\n[visits]\nevery = \"1 day\"\nuntil = \"10 days\"\n{rest}"
    )
}

/// A fixed covariate in a unit.
fn fixed(name: &str, value: f64, unit: &str) -> String {
    format!("[population.{name}]\nunit = \"{unit}\"\ndistribution = \"fixed\"\nvalue = {value:?}\n")
}

const FLAT: &str = "arms = [\"100 mg\"]";

/// The value of an expression at day 1.
fn at_day_1(name: &str, of: &str) -> String {
    format!("[endpoints.{name}]\nof = \"{of}\"\nstatistic = \"value\"\nat = \"1 day\"\n")
}

fn case(
    name: &'static str,
    source: &'static str,
    cohort: String,
    values: Vec<(usize, &'static str, f64)>,
) -> Case {
    Case { name, source, model: MODEL.into(), cohort, status: Status::Ok, values, tolerance: 1e-12 }
}

/// Hours in the model, days in the regimen.
const HOURS: &str = r#"
hours <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({ cl <- 0.1; label("Clearance (L/h)"); v <- 10; label("Volume (L)") })
  model({ d/dt(central) <- -cl / v * central; Cc <- central / v })
}
"#;

pub(super) fn cases() -> Vec<Case> {
    [covariates(), functions(), doses(), measured(), times()].into_iter().flatten().collect()
}

fn covariates() -> Vec<Case> {
    vec![
        case(
            "a body weight in pounds",
            "1 lb is 0.45359237 kg",
            cohort(
                &fixed("WT", 150.0, "lb"),
                "arms = [\"2 mg/kg\"]",
                &[at_day_1("kg", "weight"), at_day_1("pounds", "WT"), at_day_1("c", "Cc")].concat(),
            ),
            // The model's weight is in kg, the cohort file's in its own unit.
            vec![(0, "kg", 68.038_855_5), (0, "pounds", 150.0), (0, "c", 13.607_771_1)],
        ),
        case(
            "haemoglobin in g/dL, creatinine in mg/dL, age in months",
            "1 g/dL is 10 g/L; 113.12 g/mol; 12 months to a year",
            cohort(
                &[fixed("HB0", 7.5, "g/dL"), fixed("CREAT", 1.0, "mg/dL"), fixed("AGE", 600.0, "months")]
                    .concat(),
                FLAT,
                &[at_day_1("hb", "hb"), at_day_1("creatinine", "creatinine"), at_day_1("age", "age")]
                    .concat(),
            ),
            vec![(0, "hb", 75.0), (0, "creatinine", 88.401_697_312_588_4), (0, "age", 50.0)],
        ),
    ]
}

fn functions() -> Vec<Case> {
    let height = fixed("HT", 1.75, "m");
    let surface = (70.0_f64 * 175.0 / 3_600.0).sqrt();
    vec![
        case(
            "a height in metres",
            "Mosteller: sqrt(70 kg x 175 cm / 3600)",
            cohort(
                &format!(
                    "{height}[population.derived]\nBSA = \"bsa_mosteller(WT, HT)\"\nBMI = \"bmi(WT, HT)\"\n"
                ),
                "arms = [\"100 mg/m^2\"]",
                &[at_day_1("bsa", "BSA"), at_day_1("bmi", "BMI"), at_day_1("c", "Cc")].concat(),
            ),
            vec![(0, "bsa", surface), (0, "bmi", 70.0 / 1.75_f64.powi(2)), (0, "c", 10.0 * surface)],
        ),
        case(
            "creatinine in umol/L into a function that takes mg/dL",
            "Cockcroft-Gault, a man: (140 - 50) 70 / (72 x 113.12 x 88.4 / 10000)",
            cohort(
                "[population.derived]\nCRCL = \"cockcroft_gault(AGE, WT, CREAT, 0)\"\n",
                FLAT,
                &at_day_1("crcl", "CRCL"),
            ),
            vec![(0, "crcl", 90.0 * 70.0 / (72.0 * 113.12 * 88.4 / 10_000.0))],
        ),
        case(
            "the value of a function in another unit",
            "1 mL/min is 1.44 L/day",
            cohort(
                "[population.derived]\nCRCL = { expression = \"cockcroft_gault(AGE, WT, CREAT, 0)\", unit = \"L/day\" }\n",
                FLAT,
                &at_day_1("crcl", "CRCL"),
            ),
            vec![(0, "crcl", 1.44 * 90.0 * 70.0 / (72.0 * 113.12 * 88.4 / 10_000.0))],
        ),
    ]
}

fn doses() -> Vec<Case> {
    vec![
        case(
            "arms in three units",
            "100, 200 and 300 mg in 10 L",
            cohort("", "arms = [\"100 mg\", \"0.2 g\", \"300000 \u{b5}g\"]", &at_day_1("c", "Cc")),
            vec![(0, "c", 10.0), (1, "c", 20.0), (2, "c", 30.0)],
        ),
        case(
            "doses by amount into a model by mass",
            "2 umol of 150 kDa are 300 mg",
            cohort("", "arms = [\"2 umol\"]\nmolecular_weight = \"150 kDa\"", &at_day_1("c", "Cc")),
            vec![(0, "c", 30.0)],
        ),
    ]
}

fn measured() -> Vec<Case> {
    let below = |name: &str, of: &str, threshold: &str| {
        format!(
            "[endpoints.{name}]\nof = \"{of}\"\nstatistic = \"time_below\"\nthreshold = \"{threshold}\"\n"
        )
    };
    vec![
        case(
            "grades of what is in other units than the table",
            "CTCAE v4.03: haemoglobin below 8.0 g/dL is grade 3, from 8.0 it is grade 2; creatinine above 3 and up to 6 times \
             the upper limit of 1.2 mg/dL is grade 3",
            cohort(
                &fixed("CREAT", 400.0, "umol/L"),
                FLAT,
                "[grades]\ntables = [\"tables/ctcae_v4_03.toml\"]\n[grades.terms]\nanaemia = \"hb\"\n\
                 creatinine_increased = \"creatinine\"\n[endpoints.n]\nof = \"hb\"\nstatistic = \"max\"\n",
            ),
            vec![(0, "anaemia_grade", 3.0), (0, "creatinine_increased_grade", 3.0)],
        ),
        case(
            "thresholds with units",
            "70000/uL are 70 1e9/L",
            cohort(
                "",
                FLAT,
                &[
                    below("above_75", "platelets", "75 1e9/L"),
                    below("above_65", "platelets", "65 x10^9/L"),
                    below("plain", "platelets", "75000"),
                ]
                .concat(),
            ),
            vec![(0, "above_75", 10.0), (0, "above_65", 0.0), (0, "plain", 10.0)],
        ),
        case(
            "endpoints in a unit of their own",
            "100 mg in 10 L are 10 mg/L = 10000 ng/mL; over 10 days 2400 mg h/L; nothing is there at the \
             first visit, before the dose",
            cohort(
                "",
                FLAT,
                "[endpoints.c]\nof = \"Cc\"\nstatistic = \"max\"\nunit = \"ng/mL\"\n\
                 [endpoints.area]\nof = \"Cc\"\nstatistic = \"auc\"\non = \"continuous\"\nunit = \"mg*h/L\"\n\
                 [endpoints.mean]\nof = \"Cc\"\nstatistic = \"mean\"\non = \"continuous\"\nunit = \"ng/mL\"\n\
                 [endpoints.area_of_ng]\nof = \"Cc\"\nstatistic = \"auc\"\non = \"continuous\"\nunit = \"ng/mL\"\n\
                 [endpoints.rises]\nof = \"Cc\"\nstatistic = \"crossings\"\nthreshold = \"9 mg/L\"\nunit = \"ng/mL\"\n\
                 [endpoints.above]\nof = \"Cc\"\nstatistic = \"time_above\"\nthreshold = 9000\nunit = \"ng/mL\"\n",
            ),
            vec![
                (0, "c", 10_000.0),
                (0, "area", 2_400.0),
                (0, "area_of_ng", 100_000.0),
                (0, "mean", 10_000.0),
                (0, "above", 9.0),
                (0, "rises", 1.0),
            ],
        ),
        case(
            "a tumour in centimetres",
            "RECIST 1.1: from 80 to 50 mm is a partial response (code 3), 4.5 cm less would not be complete",
            cohort("", FLAT, "[response]\nof = \"tumour\"\nscans = [\"5 days\"]\ncomplete_below = 10\n"),
            vec![(0, "response_5", 3.0)],
        ),
    ]
}

fn times() -> Vec<Case> {
    let run = |regimen: &str, until: &str, at: &str| {
        format!(
            "name = \"times\"\nmodel = \"case.R\"\npatients = 1\nseed = 1\n[regimen]\narms = [\"480 mg\"]\ninto = [\"central\"]\n\
             {regimen}\n[visits]\nevery = \"1 hour\"\nuntil = \"{until}\"\n[endpoints.c]\nof = \"Cc\"\nstatistic = \"value\"\n\
             at = \"{at}\"\n"
        )
    };
    let hours = |name, source, cohort, right: f64| Case {
        name,
        source,
        model: HOURS.into(),
        cohort,
        status: Status::Ok,
        values: vec![(0, "c", right)],
        tolerance: 1e-6,
    };
    let k: f64 = 0.01;
    vec![
        hours(
            "a rate by the day, a model by the hour",
            "R (1 - exp(-k t)) / CL with 20 mg/h, 24 h",
            run("rate = \"480 mg/day\"", "2 days", "24 hours"),
            200.0 * -(-k * 24.0).exp_m1(),
        ),
        hours(
            "doses by the week, a model by the hour",
            "two boluses, 168 h apart, 24 h after the second",
            run("every = \"1 week\"\ncycles = 2", "2 weeks", "8 days"),
            48.0 * ((-k * 192.0).exp() + (-k * 24.0).exp()),
        ),
        hours(
            "an infusion of 100 seconds",
            "R (1 - exp(-k T)) exp(-k (t - T)) / CL with 480 mg in T = 100/3600 h, at 1 h",
            run("infusion = \"100 sec\"", "1 day", "60 minutes"),
            480.0 * 36.0 / 0.1 * -(-k / 36.0).exp_m1() * (-k * (1.0 - 1.0 / 36.0)).exp(),
        ),
    ]
}
