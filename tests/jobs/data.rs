//! Data sets as the source of doses, observation times and covariates: what is written of them, and that it is right.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::common::{assert_close, root, vpop};
use vpop::engine::audit::Check;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::job::{Changes, Job};
use vpop::merge::merge;
use vpop::run::{Finished, Settings, run};
use vpop::stop::Stop;
use vpop::store::{Existing, Set, Shard, part_files, read_numbers};

mod documented;
mod endpoints;
mod exported;
mod occasions;
mod second;

/// Clearance by weight, and a residual line.
const MODEL: &str = r#"
one <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  covariateData <- list(WT = list(description = "Body weight", units = "kg"))
  ini({
    lcl <- log(5); label("Clearance (L/hour)")
    lv <- log(50); label("Volume (L)")
    etacl ~ 0.09
    prop.sd <- 0.2
  })
  model({
    cl <- exp(lcl + etacl) * WT / 70
    v <- exp(lv)
    d/dt(central) <- -cl / v * central
    Cc <- central / v
    Cc ~ prop(prop.sd)
  })
}
"#;

/// A folder with a model, a data set and a cohort file, `more` in its table of data and `last` behind that.
struct Place(tempfile::TempDir);

impl Place {
    fn new(model: &str, data: &str, more: &str, last: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path("model.R"), model).unwrap();
        std::fs::write(place.path("data.csv"), data).unwrap();
        let cohort =
            format!("name = \"trial\"\nmodel = \"model.R\"\n[data]\nfile = \"data.csv\"\n{more}\n{last}\n");
        std::fs::write(place.path("cohort.toml"), cohort).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn job(&self) -> Job {
        Job::load(&self.path("cohort.toml"), &Changes::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Runs the cohort file into a folder.
    fn run(&self, folder: &str) -> (PathBuf, Finished) {
        let output = self.path(folder);
        let finished = run_into(&self.job(), &output, None);
        (output, finished)
    }
}

fn run_into(job: &Job, output: &Path, shard: Option<Shard>) -> Finished {
    let settings = Settings {
        output: output.to_owned(),
        existing: Existing::Refuse,
        shard,
        isa: Isa::detect(),
        checks: Check::of(true),
        stop: Stop::default(),
    };
    let engine = Cpu::new(&job.plan, Isa::detect());
    run(job, &settings, &engine, &mut |_, _| {}).unwrap_or_else(|problems| panic!("{problems}"))
}

fn column(folder: &Path, set: Set, name: &str) -> Vec<f64> {
    read_numbers(&part_files(folder, set).unwrap(), name, None).unwrap()
}

/// Equations solved so closely that differences are those of what is solved.
const TIGHT: &str = "[solver]\nrtol = 1e-11\natol = 1e-12\nmax_steps = 1000000";

/// The 30 patients of `tests/data/records`, whose concentrations rxode2 and scipy have computed: through files, from the
/// CSV to the Parquet.
#[test]
fn what_independent_solvers_compute() {
    let folder = root().join("tests/data/records");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let expected = read("expected.csv");
    let expected: Vec<Vec<f64>> = expected
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    for (covariates, of) in [("locf", 2), ("nocb", 3), ("linear", 4)] {
        let more = format!("covariates = \"{covariates}\"");
        let place = Place::new(&read("oral_renal.R"), &read("data.csv"), &more, TIGHT);
        let (run, _) = place.run("run");
        let [id, time, got] = ["id", "time", "Cc"].map(|name| column(&run, Set::Observations, name));
        assert_eq!(got.len(), expected.len());
        for (row, expected) in expected.iter().enumerate() {
            assert_eq!([id[row], time[row]], expected[..2]);
            assert_close(got[row], expected[of], 1e-6, &format!("{covariates}, row {row}"));
        }
    }
}

/// Boluses of 100 and 50 mg, the second after 10 h, when the weight changes: in closed form.
const TWO_DOSES: &str = "ID,TIME,AMT,EVID,WT,DV\n7,0,100,1,70,.\n7,4,.,0,70,1.5\n7,10,50,1,35,.\n7,10,.,2,35,.\n7,20,.,0,35,.\n\
                         a,2,100,1,140,.\na,5,.,0,140,.\n";

#[test]
fn a_row_for_each_reading() {
    let place = Place::new(MODEL, TWO_DOSES, "replicates = 2", &format!("random_effects = false\n{TIGHT}"));
    let text = std::fs::read_to_string(place.path("cohort.toml")).unwrap();
    // What belongs to no table stands first.
    let text = text.replace("random_effects = false\n", "");
    std::fs::write(place.path("cohort.toml"), format!("random_effects = false\n{text}")).unwrap();
    let (run, finished) = place.run("run");
    assert_eq!(finished.manifest.patients, 4);
    let of = |name: &str| column(&run, Set::Observations, name);
    assert_eq!(of("patient"), [0., 0., 0., 1., 1., 1., 2., 3.]);
    assert_eq!(of("replicate"), [0., 0., 0., 1., 1., 1., 0., 1.]);
    assert_eq!(of("row"), [3., 5., 6., 3., 5., 6., 8., 8.]);
    assert_eq!(of("time"), [4., 10., 20., 4., 10., 20., 5., 5.]);
    assert_eq!(of("evid"), [0., 2., 0., 0., 2., 0., 0., 0.]);
    let dv = of("dv");
    assert!(dv[0] == 1.5 && dv[1..3].iter().all(|dv| dv.is_nan()));
    let decay = |k: f64, hours: f64| (-k * hours).exp();
    // 5 L/h at 70 kg, in 50 L.
    let at_10 = 2.0 * decay(0.1, 10.0) + 1.0;
    let expected = [2.0 * decay(0.1, 4.0), at_10, at_10 * decay(0.05, 10.0)];
    let expected = [&expected[..], &expected, &[2.0 * decay(0.2, 3.0); 2]].concat();
    for (row, (got, expected)) in of("Cc").into_iter().zip(expected).enumerate() {
        assert_close(got, expected, 1e-9, &format!("row {row}"));
    }
    assert_eq!(column(&run, Set::Patients, "WT"), [70., 70., 140., 140.]);
}

/// Records at one time take effect in the order of the file: two observations before a dose at once, and three after it.
/// Compartments by name in any case, and one that is a residual line; MDV of an observation takes its DV away, not the
/// reading.
#[test]
fn observations_at_the_time_of_a_dose() {
    let data = "ID,TIME,AMT,EVID,CMT,MDV,DV,WT\n1,0,100,1,Central,1,.,70\n1,10,.,0,Cc,0,7,70\n1,10,.,0,central,1,7,70\n\
                1,10,50,1,CENTRAL,1,.,70\n1,10,.,0,cc,0,.,70\n1,10,.,2,1,1,.,70\n1,10,.,0,0,0,8,70\n1,14,.,0,2,0,9,70\n";
    let place = Place::new(&MODEL.replace("etacl ~ 0.09", "etacl <- 0"), data, "", TIGHT);
    let (run, _) = place.run("run");
    let before = 2.0 * (-1.0_f64).exp();
    let expected =
        [[before; 2].as_slice(), &[before + 1.0; 3], &[(before + 1.0) * (-0.4_f64).exp()]].concat();
    let got = column(&run, Set::Observations, "Cc");
    assert_eq!(got.len(), expected.len());
    for (row, (got, expected)) in got.into_iter().zip(expected).enumerate() {
        assert_close(got, expected, 1e-8, &format!("row {row}"));
    }
    let dv = column(&run, Set::Observations, "dv");
    assert_eq!(dv.iter().map(|dv| dv.is_nan()).collect::<Vec<_>>(), [false, true, true, true, false, false]);
}

/// Replicates of an individual have random effects of their own, and residual errors of the model's size: a normal
/// standard deviation has a standard error of `sd / sqrt(2 n)`, here 1.6 %.
#[test]
fn replicates_are_drawn_anew() {
    const N: usize = 2_000;
    let data = "ID,TIME,AMT,EVID,WT\n1,0,100,1,70\n1,1,.,0,70\n1,1,.,0,70\n";
    let place = Place::new(MODEL, data, &format!("replicates = {N}"), "");
    let (run, _) = place.run("run");
    let [cl, cc, sim] = [
        column(&run, Set::Patients, "cl"),
        column(&run, Set::Observations, "Cc"),
        column(&run, Set::Observations, "Cc_sim"),
    ];
    assert_eq!([cl.len(), cc.len()], [N, 2 * N]);
    let sd = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt()
    };
    let logs: Vec<f64> = cl.iter().map(|cl| cl.ln()).collect();
    assert!((sd(&logs) / 0.3 - 1.0).abs() < 0.06, "{}", sd(&logs));
    let errors: Vec<f64> = sim.iter().zip(&cc).map(|(sim, cc)| sim / cc - 1.0).collect();
    assert!((sd(&errors) / 0.2 - 1.0).abs() < 0.06, "{}", sd(&errors));
    // Two samples at one time have errors of their own.
    assert!(errors.chunks(2).all(|two| two[0] != two[1]));
    let products: f64 = errors.chunks(2).map(|two| two[0] * two[1]).sum::<f64>() / N as f64;
    assert!(products.abs() < 0.005, "{products}");
}

/// Columns called as random effects or individual parameters take the place of what would be drawn or computed.
#[test]
fn individual_values_are_taken() {
    let data =
        "ID,TIME,AMT,EVID,WT,etacl\n1,0,100,1,70,0.5\n1,10,.,0,70,0.5\n2,0,100,1,70,-0.5\n2,10,.,0,70,-0.5\n";
    let place = Place::new(MODEL, data, "replicates = 2", TIGHT);
    let (run, _) = place.run("run");
    let got = column(&run, Set::Observations, "Cc");
    for (got, effect) in got.iter().zip([0.5, 0.5, -0.5, -0.5_f64]) {
        assert_close(*got, 2.0 * (-effect.exp()).exp(), 1e-9, "effects");
    }
    // The model computes 5 WT / 70; the file says 10, then 2.5 from the second record on.
    let data = "ID,TIME,AMT,EVID,WT,cl\n1,0,100,1,70,10\n1,5,.,0,70,2.5\n1,10,.,0,70,2.5\n";
    let place = Place::new(MODEL, data, "", TIGHT);
    let (run, _) = place.run("run");
    let got = column(&run, Set::Observations, "Cc");
    let at_5 = 2.0 * (-1.0_f64).exp();
    assert_close(got[0], at_5, 1e-9, "parameter");
    assert_close(got[1], at_5 * (-0.25_f64).exp(), 1e-9, "parameter that changes");
    assert_eq!(column(&run, Set::Patients, "cl"), [10.0]);
}

/// Saturable elimination, a lag, and a state that follows the time since the dose.
const SINCE: &str = r#"
since <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({ vmax <- 20; km <- 3; v <- 40; ka <- 0.8 })
  model({
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - vmax * (central / v) / (km + central / v)
    alag(depot) <- 2
    Cc <- central / v
    d/dt(follows) <- 0.1 * (tad() - follows) + 0.001 * podo()
  })
}
"#;

/// What is known of doses is known on the way to a steady state, too: as after 500 doses that are written out.
#[test]
fn a_steady_state_is_that_of_many_doses() {
    let read = "1,0,0,2,1,0,0,0\n1,1,0,0,1,0,0,0\n1,6,0,0,1,0,0,0\n1,12,0,0,1,0,0,0\n1,30,0,0,1,0,0,0\n";
    let of = |dose: &str| {
        let data = format!("ID,TIME,AMT,EVID,CMT,II,ADDL,SS\n{dose}\n{read}");
        let place = Place::new(SINCE, &data, "of = [\"Cc\", \"follows\"]", TIGHT);
        let (run, _) = place.run("run");
        ["Cc", "follows"].map(|name| column(&run, Set::Observations, name))
    };
    let (settled, written_out) = (of("1,0,150,1,1,12,2,1"), of("1,-6000,150,1,1,12,502,0"));
    for (settled, written_out) in settled.iter().flatten().zip(written_out.iter().flatten()) {
        assert_close(*settled, *written_out, 1e-8, "settled and written out");
    }
}

/// A data set of many individuals with their own doses and times.
fn many(individuals: usize) -> String {
    let mut text = "ID,TIME,AMT,EVID,II,ADDL,WT\n".to_owned();
    for id in 1..=individuals {
        let (amount, weight) = (50 + id % 7 * 10, 50 + id % 40);
        writeln!(text, "{id},0,{amount},1,12,{},{weight}", id % 4).unwrap();
        for sample in 1..=3 + id % 5 {
            let time = 2 * sample + id % 3;
            writeln!(text, "{id},{time},.,0,.,.,{}", weight + sample / 3).unwrap();
        }
    }
    text
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = ["patients", "outcomes", "observations", "audit", "inputs"]
        .iter()
        .flat_map(|set| std::fs::read_dir(folder.join(set)).unwrap())
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Shards of a run of a data set become the run that was not cut, and one that is resumed is that run, too.
#[test]
fn shards_are_merged_and_runs_resumed() {
    let place = Place::new(MODEL, &many(700), "replicates = 60", "");
    let (whole, finished) = place.run("whole");
    assert_eq!(finished.manifest.patients, 42_000);
    assert_eq!(part_files(&whole, Set::Observations).unwrap().len(), 2);
    let job = place.job();
    let shards: Vec<PathBuf> = (1..=3)
        .map(|index| {
            let folder = place.path(&format!("shard-{index}"));
            run_into(&job, &folder, Some(Shard { index, of: 3 }));
            folder
        })
        .collect();
    let merged = place.path("merged");
    merge(&shards, &merged, Existing::Refuse, &Stop::default(), &mut |_, _| {}).unwrap();
    assert!(contents(&merged) == contents(&whole));
    // As if it had been killed before the second part was written.
    let cut = place.path("cut");
    run_into(&job, &cut, None);
    std::fs::remove_file(cut.join("manifest.json")).unwrap();
    let settings = Settings {
        output: cut.clone(),
        existing: Existing::Resume,
        shard: None,
        isa: Isa::detect(),
        checks: Check::of(true),
        stop: Stop::default(),
    };
    run(&job, &settings, &Cpu::new(&job.plan, Isa::detect()), &mut |_, _| {}).unwrap();
    assert!(contents(&cut) == contents(&whole));
}

/// Two commands: no cohort file is needed.
#[test]
fn a_model_and_a_data_set_are_run() {
    let place = Place::new(MODEL, TWO_DOSES, "", "");
    let (model, data) = (place.path("model.R"), place.path("data.csv"));
    let (model, data) = (model.to_str().unwrap(), data.to_str().unwrap());
    let output = place.path("run");
    let ran = vpop(&["run", model, data, "--replicates", "3", "-o", output.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(column(&output, Set::Observations, "Cc").len(), 12);
    let inputs = |name: &str| output.join("inputs").join(name).is_file();
    assert!(inputs("data.toml") && inputs("model.R") && inputs("data.csv"));
    let report = vpop(&["check", output.to_str().unwrap()]);
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stderr));
    let new = place.path("new.toml");
    let made = vpop(&["new", model, "--data", data, "-o", new.to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let checked = vpop(&["check", new.to_str().unwrap()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn faults_are_told_by_line_and_column() {
    let place = Place::new(MODEL, "ID,TIME,AMT,EVID,WT\n1,0,100,1,70\n1,5,.,0,.\n", "", "");
    let ran = vpop(&["check", place.path("cohort.toml").to_str().unwrap()]);
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(2), "{said}");
    let said = said.replace(|c: char| c.is_whitespace(), "");
    assert!(said.contains("data.csv,line3,columnWT:thecovariatehasnovalue"), "{said}");
}

/// What looks at visits cannot be asked of a data set, and more patients than it makes cannot be had.
#[test]
fn what_a_data_set_cannot_have_is_refused() {
    let place = Place::new(MODEL, TWO_DOSES, "", "[visits]\nevery = \"1 day\"");
    let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
    assert!(problems.to_string().contains("`visits` cannot stand beside [data]"), "{problems}");
    let place = Place::new(MODEL, TWO_DOSES, "replicates = 2", "");
    let more = Changes { patients: Some(5), ..Changes::default() };
    let problems = Job::load(&place.path("cohort.toml"), &more).unwrap_err();
    assert!(problems.to_string().contains("makes 4: 2 IDs, 2 times each"), "{problems}");
    let fewer = Changes { patients: Some(3), ..Changes::default() };
    assert_eq!(Job::load(&place.path("cohort.toml"), &fewer).unwrap().cohort.patients, 3);
}

/// A covariate that is computed once per patient cannot follow one that changes.
#[test]
fn what_changes_is_never_frozen() {
    let model = MODEL.replace("WT / 70", "BIG").replace(
        "WT = list(description = \"Body weight\", units = \"kg\")",
        "BIG = list(description = \"x\")",
    );
    let derived = "[population.derived]\nBIG = \"WT / 70\"";
    let place = Place::new(&model, TWO_DOSES, "keep = [\"WT\"]", derived);
    let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
    assert!(problems.to_string().contains("`BIG` is computed of `WT`, which changes"), "{problems}");
}
