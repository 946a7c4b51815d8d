//! Models and populations for the choice of the method: each made from a number, of a family by turns, with rates over
//! many orders of magnitude, in populations that are drawn or rows of a table, of whom some may be extreme.

use std::fmt::Write;
use std::path::Path;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use vpop::diagnostic::Source;
use vpop::job::Job;

/// A family of models: its name, fixed effects with the range of each, equations in `X0` (dosed) and others. `K` is the
/// patient's factor of the fastest rate, 1 in ordinary ones.
type Family = (&'static str, &'static [(&'static str, [f64; 2])], &'static str);

const FAMILIES: [Family; 6] = [
    (
        "binding",
        &[
            ("kel", [0.05, 0.5]),
            ("kon", [0.05, 50.0]),
            ("koff", [0.05, 5.0]),
            ("kdeg", [0.05, 2.0]),
            ("kint", [0.1, 3.0]),
        ],
        "X1(0) <- 10
    bound <- kon * K * X0 * X1 - koff * K * X2
    d/dt(X0) <- -kel * X0 - bound
    d/dt(X1) <- kdeg * (10 - X1) - bound
    d/dt(X2) <- bound - kint * X2",
    ),
    (
        "turnover",
        &[
            ("vmax", [1.0, 50.0]),
            ("km", [0.5, 20.0]),
            ("kin", [0.5, 5.0]),
            ("kout", [0.05, 50.0]),
            ("ic50", [0.5, 20.0]),
        ],
        "X1(0) <- kin / kout
    d/dt(X0) <- -vmax * X0 / (km + X0)
    d/dt(X1) <- kin * (1 - X0^1.5 / (ic50^1.5 + X0^1.5)) * K - kout * K * X1
    d/dt(X2) <- 0.1 * (X1 - X2)",
    ),
    (
        "transit",
        &[
            ("ktr", [0.5, 100.0]),
            ("vmax", [1.0, 50.0]),
            ("km", [0.5, 20.0]),
            ("q", [0.1, 20.0]),
            ("ke0", [0.05, 2.0]),
        ],
        "d/dt(X0) <- -ktr * K * X0
    d/dt(X1) <- ktr * K * (X0 - X1)
    d/dt(X2) <- ktr * K * (X1 - X2)
    d/dt(X3) <- ktr * K * (X2 - X3)
    d/dt(X4) <- ktr * K * X3 - vmax * X4 / (km + X4) - q * (X4 - X5)
    d/dt(X5) <- q * (X4 - X5)
    d/dt(X6) <- ke0 * (X4 - X6)",
    ),
    (
        "tumour",
        &[
            ("cl", [0.1, 5.0]),
            ("kg", [0.02, 0.3]),
            ("kill", [0.001, 0.1]),
            ("k1", [0.1, 30.0]),
            ("payload", [1.0, 100.0]),
        ],
        "X2(0) <- 1
    weight <- X2 + X3 + X4
    d/dt(X0) <- -cl * X0
    d/dt(X1) <- cl * X0 - payload * K * X1
    d/dt(X2) <- kg * X2 / (1 + (kg * weight / 0.5)^20)^0.05 - kill * X0 * X2
    d/dt(X3) <- kill * X0 * X2 - k1 * K * X3
    d/dt(X4) <- k1 * K * (X3 - X4)",
    ),
    (
        "marrow",
        &[
            ("cl", [0.1, 10.0]),
            ("ktr", [0.2, 2.0]),
            ("slope", [0.001, 0.05]),
            ("gamma", [0.1, 0.3]),
            ("q", [0.1, 200.0]),
        ],
        "X2(0) <- 5
    X3(0) <- 5
    X4(0) <- 5
    X5(0) <- 5
    d/dt(X0) <- -cl * X0 - q * K * (X0 - X1)
    d/dt(X1) <- q * K * (X0 - X1)
    d/dt(X2) <- ktr * X2 * ((1 - slope * X0) * (5 / X5)^gamma - 1)
    d/dt(X3) <- ktr * (X2 - X3)
    d/dt(X4) <- ktr * (X3 - X4)
    d/dt(X5) <- ktr * (X4 - X5)",
    ),
    (
        "enzyme",
        &[
            ("vmax", [1.0, 200.0]),
            ("km", [0.05, 20.0]),
            ("ka", [0.5, 20.0]),
            ("kenz", [0.05, 1.0]),
            ("ind", [0.1, 5.0]),
        ],
        "X2(0) <- 1
    d/dt(X0) <- -ka * X0
    d/dt(X1) <- ka * X0 - vmax * K * X2 * X1 / (km + X1)
    d/dt(X2) <- kenz * (1 + ind * X1 / (1 + X1) - X2)",
    ),
];

/// Families of linear models, which have a solution in closed form.
const LINEAR: [Family; 6] = [
    (
        "one, oral",
        &[("ka", [0.2, 50.0]), ("ke", [0.05, 5.0])],
        "d/dt(X0) <- -ka * K * X0
    d/dt(X1) <- ka * K * X0 - ke * X1",
    ),
    (
        "two",
        &[("ke", [0.05, 5.0]), ("q", [0.05, 20.0]), ("back", [0.05, 5.0])],
        "d/dt(X0) <- -ke * X0 - q * K * X0 + back * X1
    d/dt(X1) <- q * K * X0 - back * X1",
    ),
    (
        "two, oral",
        &[("ka", [0.2, 50.0]), ("ke", [0.05, 5.0]), ("q", [0.05, 20.0]), ("back", [0.05, 5.0])],
        "d/dt(X0) <- -ka * K * X0
    d/dt(X1) <- ka * K * X0 - ke * X1 - q * X1 + back * X2
    d/dt(X2) <- q * X1 - back * X2
    d/dt(X3) <- X1",
    ),
    (
        "three, oral",
        &[
            ("ka", [0.2, 50.0]),
            ("ke", [0.05, 5.0]),
            ("q", [0.5, 20.0]),
            ("back", [0.5, 5.0]),
            ("deep", [0.01, 0.5]),
        ],
        "d/dt(X0) <- -ka * K * X0
    d/dt(X1) <- ka * K * X0 - ke * X1 - q * X1 + back * X2 - deep * X1 + 0.3 * deep * X3
    d/dt(X2) <- q * X1 - back * X2
    d/dt(X3) <- deep * X1 - 0.3 * deep * X3
    d/dt(X4) <- X1",
    ),
    (
        "transit",
        &[("ktr", [0.5, 100.0]), ("ke", [0.05, 5.0])],
        "d/dt(X0) <- -ktr * K * X0
    d/dt(X1) <- ktr * K * (X0 - X1)
    d/dt(X2) <- ktr * K * (X1 - X2)
    d/dt(X3) <- ktr * K * X2 - ke * X3
    d/dt(X4) <- ke * X3",
    ),
    (
        "effect",
        &[("ke", [0.05, 5.0]), ("ke0", [0.01, 50.0]), ("kin", [0.5, 5.0])],
        "X2(0) <- 1
    d/dt(X0) <- -ke * K * X0
    d/dt(X1) <- ke0 * (X0 - X1)
    d/dt(X2) <- kin - kin * X2
    d/dt(X3) <- X0 + X2",
    ),
];

/// The job of a number; a table that its patients are rows of is written into a folder.
pub(crate) fn job(number: u64, folder: &Path) -> (String, Job) {
    of_family(number, FAMILIES[number as usize % FAMILIES.len()], folder)
}

/// The same with linear equations.
pub(crate) fn linear(number: u64, folder: &Path) -> (String, Job) {
    of_family(number, LINEAR[number as usize % LINEAR.len()], folder)
}

#[expect(clippy::panic, reason = "tests")]
fn of_family(number: u64, (family, parameters, equations): Family, folder: &Path) -> (String, Job) {
    let random = &mut ChaCha8Rng::seed_from_u64(number);
    let (mut ini, mut individual) = (String::new(), String::new());
    for (i, (name, [low, high])) in parameters.iter().enumerate() {
        let value = random.random_range(low.ln()..high.ln());
        let _ = writeln!(ini, "    l{i} <- {value:.4}");
        let _ = writeln!(ini, "    eta{i} ~ {:.3}", random.random_range(0.01..0.15));
        let _ = writeln!(individual, "    {name} <- exp(l{i} + eta{i})");
    }
    let model = format!(
        "made <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\")\n  covariateData <- list(K = \
         list(description = \"Factor of rates\"))\n  ini({{\n{ini}  }})\n  model({{\n{individual}    {equations}\n  }})\n}}\n"
    );
    let [every, cycles] = [[7, 4], [1, 28], [14, 2], [21, 3]][random.random_range(0..4)];
    let doses = [[1.0, 100.0], [5.0, 50.0], [0.1, 10.0]][random.random_range(0..3)];
    let (kind, patients, population) = population(random, folder, number);
    let cohort = format!(
        "name = \"made\"\nmodel = \"made.R\"\npatients = {patients}\nseed = {number}\n{population}[regimen]\narms = \
         [\"{} mg\", \"{} mg\"]\ninto = [\"X0\"]\ninfusion = \"{}\"\nevery = \"{every} day\"\ncycles = {cycles}\n[visits]\n\
         every = \"1 day\"\n[endpoints.most]\nof = \"X0\"\nstatistic = \"max\"\non = \"{}\"\n[endpoints.least]\nof = \
         \"X1\"\nstatistic = \"min\"\non = \"visits\"\n",
        doses[0],
        doses[1],
        ["bolus", "1 h", "1 day"][random.random_range(0..3)],
        ["continuous", "visits"][random.random_range(0..2)],
    );
    let job =
        Job::from_texts(&Source::new("made.toml", cohort.as_str()), &Source::new("made.R", model.as_str()));
    let job = job.unwrap_or_else(|problems| panic!("{number}: {problems}\n{model}\n{cohort}"));
    (format!("{number} {family}, {kind}"), job)
}

/// Patients: what they are, how many, and their part of the cohort file.
fn population(random: &mut ChaCha8Rng, folder: &Path, number: u64) -> (&'static str, usize, String) {
    let extreme = 10_f64.powf(random.random_range(1.0..3.0));
    let table = |factors: Vec<f64>| {
        let rows: String = factors.iter().map(|factor| format!("{factor:.3}\n")).collect();
        let file = folder.join(format!("{number}.csv"));
        let written = std::fs::write(&file, format!("K\n{rows}"));
        assert!(written.is_ok(), "{written:?}");
        (factors.len(), format!("[population.rows]\nfile = {file:?}\nresample = false\n"))
    };
    match random.random_range(0..4) {
        0 => {
            let spread = "[population.K]\ndistribution = \"lognormal\"\nmedian = 1\ncv = 0.5\n";
            ("drawn", 200, spread.to_owned())
        }
        1 => {
            let spread =
                format!("[population.K]\ndistribution = \"loguniform\"\nlow = 1\nhigh = {extreme:.1}\n");
            ("spread", 200, spread)
        }
        2 => {
            let (rows, population) = table((0..40).map(|i| 1.0 + 0.1 * f64::from(i)).collect());
            ("table of 40", rows, population)
        }
        _ => {
            let every = random.random_range(5..20);
            let factor = |i: usize| if i % every == every - 1 { extreme } else { 1.0 };
            let (rows, population) = table((0..200).map(factor).collect());
            ("table with extremes", rows, population)
        }
    }
}

/// The target-mediated model with rows of a table of 40 as patients, whose weight is all that they differ in.
#[expect(clippy::panic, reason = "tests")]
pub(crate) fn binding_table(folder: &Path) -> Job {
    let file = folder.join("weights.csv");
    let rows: String = (0..40).map(|i| format!("{}\n", 50 + i)).collect();
    let written = std::fs::write(&file, format!("WT\n{rows}"));
    assert!(written.is_ok(), "{written:?}");
    let cohort = format!(
        "name = \"rows\"\nmodel = \"tmdd_two_compartment.R\"\npatients = 40\n[population.rows]\nfile = {file:?}\nunits.WT = \
         \"kg\"\nresample = false\n[regimen]\narms = [\"1 mg/kg\"]\ninto = [\"central\"]\nevery = \"14 day\"\ncycles = \
         2\n[endpoints.last]\nof = \"Cc\"\nstatistic = \"min\"\n"
    );
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/tmdd_two_compartment.R");
    let model =
        std::fs::read_to_string(&model).unwrap_or_else(|error| panic!("{}: {error}", model.display()));
    let job =
        Job::from_texts(&Source::new("rows.toml", cohort), &Source::new("tmdd_two_compartment.R", model));
    job.unwrap_or_else(|problems| panic!("{problems}"))
}
