//! Cohorts whose patients begin at a steady state, and what they should come to: doses in a linear system superpose, and a
//! saturable one is that of 500 doses that are written out.

use vpop::engine::{Engine, Individuals, Solution, Status};
use vpop::job::{Changes, Job};

const MODEL: &str = r#"
linear <- function() {
  units <- list(time = "hour", dosing = "mg")
  ini({ ka <- 1.1; k <- 0.08; share <- 0.7 })
  model({
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - k * central
    f(depot) <- share
    alag(depot) <- 2.5
  })
}
"#;

/// A dose that is given again and again.
pub(crate) struct Series {
    /// Into the depot, else into the central compartment.
    pub(crate) is_oral: bool,
    pub(crate) amount: f64,
    /// How long it enters, h; at once if 0.
    pub(crate) over: f64,
    pub(crate) every: f64,
    /// The first from time 0 on, h, and how many of these there are.
    pub(crate) first: f64,
    pub(crate) doses: i32,
    /// Whether it was given before, too.
    pub(crate) is_steady: bool,
}

const fn series(amount: f64, over: f64, every: f64, first: f64, doses: i32) -> Series {
    Series { is_oral: false, amount, over, every, first, doses, is_steady: true }
}

const fn oral(amount: f64, every: f64, first: f64, doses: i32) -> Series {
    Series { is_oral: true, amount, over: 0.0, every, first, doses, is_steady: true }
}

/// What stands in a cohort file of doses, and the doses of each of its arms.
pub(crate) fn cases() -> Vec<(&'static str, Vec<Vec<Series>>)> {
    vec![
        (
            "[regimen]\ninto = [\"central\"]\narms = [\"100 mg into depot q12h x 5 at steady state\", \
             \"100 mg over 2 h q24h x 3 ss\", \"100 mg over 30 h q24h x 3 at steady-state\", \
             \"100 mg over 2 h q24h x 3\"]\n",
            vec![
                vec![oral(100.0, 12.0, 0.0, 5)],
                vec![series(100.0, 2.0, 24.0, 0.0, 3)],
                vec![series(100.0, 30.0, 24.0, 0.0, 3)],
                vec![Series { is_steady: false, ..series(100.0, 2.0, 24.0, 0.0, 3) }],
            ],
        ),
        (
            "[regimen]\ninto = [\"depot\"]\narms = [\"100 mg\"]\nevery = \"12 h\"\ncycles = 5\nsteady_state = true\n",
            vec![vec![oral(100.0, 12.0, 0.0, 5)]],
        ),
        (
            "[drugs.a]\ninto = [\"depot\"]\nsteady_state = true\n[drugs.b]\ninto = [\"central\"]\ninfusion = \"3 h\"\n\
             [[arms]]\nname = \"two\"\ndoses = [\"100 mg of a q12h x 4 after 10 h\", \
             { drug = \"b\", amount = \"60 mg\", every = \"8 h\", doses = 2, start = \"5 h\", steady_state = true }, \
             \"30 mg of b q24h x 2 after 24 h\"]\n",
            vec![vec![
                oral(100.0, 12.0, 10.0, 4),
                series(60.0, 3.0, 8.0, 5.0, 2),
                Series { is_steady: false, ..series(30.0, 3.0, 24.0, 24.0, 2) },
            ]],
        ),
        (
            // On days 1 and 2 of four.
            "[regimen]\ninto = [\"central\"]\narms = [\"10 mg bid on days 1, 2 of 4-day cycles for 1 cycle ss\"]\n",
            vec![vec![
                series(10.0, 0.0, 96.0, 0.0, 1),
                series(10.0, 0.0, 96.0, 12.0, 1),
                series(10.0, 0.0, 96.0, 24.0, 1),
                series(10.0, 0.0, 96.0, 36.0, 1),
            ]],
        ),
        (
            // 160 mg, of which 150 are given at most, in vials of 40; at 40 mg/h.
            "[population.WT]\ndistribution = \"fixed\"\nvalue = 80\n[drugs.a]\ninto = [\"central\"]\nrate = \"40 mg/h\"\n\
             cap = \"150 mg\"\nround = { to = \"40 mg\", how = \"down\" }\n[[arms]]\nname = \"limited\"\n\
             doses = [\"2 mg/kg q12h x 3 at steady state then 1 mg/kg q24h x 1\"]\n",
            vec![vec![
                series(120.0, 3.0, 12.0, 0.0, 3),
                Series { is_steady: false, ..series(80.0, 2.0, 24.0, 36.0, 1) },
            ]],
        ),
    ]
}

/// The job of a cohort: `more` stands before what is said of doses.
pub(crate) fn job(model: &str, doses: &str, until: &str, more: &str) -> Job {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.R"), model).unwrap();
    let (file, drawn) =
        (folder.path().join("cohort.toml"), "[population.NONE]\ndistribution = \"fixed\"\nvalue = 1\n");
    let text = format!(
        "name = \"steady\"\nmodel = \"model.R\"\npatients = 1\nseed = 1\n{drawn}{doses}\n[visits]\nevery = \"{until}\"\n\
         until = \"{until}\"\n[output.trajectories]\npatients = 1\nof = [\"central\"]\n{more}"
    );
    std::fs::write(&file, text).unwrap();
    Job::load(&file, &Changes::default()).unwrap_or_else(|problems| panic!("{doses}: {problems}"))
}

const TIGHT: &str = "[solver]\nrtol = 1e-11\natol = 1e-12\n";
const HOURLY: &str = "every = \"1 h\"\n";

/// The job of a case, solved by a method.
pub(crate) fn of_case(doses: &str, method: &str) -> Job {
    let areas = "[endpoints.area]\nof = \"central\"\nstatistic = \"auc\"\non = \"continuous\"\nwindow = [\"0 h\", \"12 h\"]\n\
         [endpoints.largest]\nof = \"central\"\nstatistic = \"max\"\non = \"continuous\"\n";
    job(MODEL, doses, "60 h", &format!("{HOURLY}{TIGHT}method = \"{method}\"\n{areas}"))
}

/// The amount in the central compartment, a time after a dose has begun to enter, h.
fn after(of: &Series, time: f64) -> f64 {
    let (ka, k, share) = (1.1, 0.08, 0.7);
    if time < 0.0 {
        return 0.0;
    }
    if of.is_oral {
        return share * of.amount * ka / (ka - k) * ((-k * time).exp() - (-ka * time).exp());
    }
    if of.over == 0.0 {
        return of.amount * (-k * time).exp();
    }
    let ended = (time - of.over).max(0.0);
    of.amount / of.over / k * ((-k * ended).exp() - (-k * time).exp())
}

/// The amount at a time, by superposition.
pub(crate) fn expected(doses: &[Series], time: f64) -> f64 {
    let of = |series: &Series| -> f64 {
        let first = if series.is_steady { -400 } else { 0 };
        let lag = if series.is_oral { 2.5 } else { 0.0 };
        let begins = |number: i32| series.first + lag + f64::from(number) * series.every;
        (first..series.doses).map(|number| after(series, time - begins(number))).sum()
    };
    doses.iter().map(of).sum()
}

pub(crate) fn solve(job: &Job, engine: &dyn Engine) -> Solution {
    let individuals: Individuals = job.typical(vpop::engine::cpu::Isa::detect()).unwrap();
    let individuals = Individuals { trajectories: 1, ..individuals };
    let solution = engine.solve(&individuals).unwrap();
    assert!(solution.status.iter().all(|&status| status == Status::Ok), "{:?}", solution.status);
    solution
}

/// What is wrong with the solutions of a case: values further from what they should be than a share of the largest.
pub(crate) fn check(doses: &str, arms: &[Vec<Series>], solution: &Solution, bound: f64) -> Vec<String> {
    let points = solution.trajectories.len() / arms.len();
    let mut faults = Vec::new();
    for (arm, series) in arms.iter().enumerate() {
        let course = &solution.trajectories[arm * points..(arm + 1) * points];
        // A reading at the time of a bolus is of what is there before it.
        let right: Vec<f64> = (0..points).map(|hour| expected(series, hour as f64 - 1e-10)).collect();
        let largest = right.iter().copied().fold(0.0, f64::max);
        for (hour, (found, right)) in course.iter().zip(&right).enumerate() {
            if (found - right).abs() > bound * largest {
                faults.push(format!("{doses} arm {arm} hour {hour}: {found}, and {right} expected"));
            }
        }
    }
    faults
}

/// A saturable system, read every 6 hours: its doses before time 0 as a word, and 500 of them written out.
pub(crate) fn saturable(asks: bool) -> [Job; 2] {
    let asked = if asks { " * (1 + 0.5 * exp(-tad(depot)))" } else { "" };
    let model = format!(
        "saturable <- function() {{\n units <- list(time = \"hour\", dosing = \"mg\")\n ini({{ vmax <- 12; km <- 30; ka <- 0.8 }})\n \
         model({{\n d/dt(depot) <- -ka * depot\n d/dt(central) <- ka * depot - vmax * central / (km + central){asked}\n \
         alag(depot) <- 2\n }})\n}}\n"
    );
    let of = |doses: &str, until: u32, more: &str| {
        job(
            &model,
            &format!("[regimen]\ninto = [\"depot\"]\narms = [\"{doses}\"]\n"),
            &format!("{until} h"),
            more,
        )
    };
    let more = "every = \"6 h\"\n[solver]\nrtol = 1e-10\natol = 1e-11\nmax_steps = 10000000\n";
    [of("100 mg q12h x 3 at steady state", 48, more), of("100 mg q12h x 503", 6048, more)]
}
