//! Random effects of occasions: given by the data, and drawn.

use super::*;

fn folder() -> PathBuf {
    root().join("tests/data/occasions")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Effects of patients and of occasions as columns: what scipy computes.
#[test]
fn effects_that_are_given() {
    let place = Place::new(&read("model.R"), &read("data.csv"), "", TIGHT);
    let (run, _) = place.run("run");
    let got = column(&run, Set::Observations, "Cc");
    let expected = read("expected.csv");
    let expected: Vec<f64> =
        expected.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse().unwrap()).collect();
    assert_eq!(got.len(), expected.len());
    for (row, (got, expected)) in got.into_iter().zip(expected).enumerate() {
        assert_close(got, expected, 1e-6, &format!("row {row}"));
    }
    assert_eq!(column(&run, Set::Observations, "occasion")[..4], [1.0, 1.0, 1.0, 2.0]);
}

/// Drawn effects are the same within an occasion and others on another, of the model's size: the standard error of a
/// standard deviation of 4,000 is 1.1 %.
#[test]
fn effects_that_are_drawn() {
    const N: usize = 2_000;
    let model = MODEL
        .replace("etacl ~ 0.09", "etacl ~ 0.0001\n    iovcl ~ 0.09 | visit")
        .replace("etacl) * WT / 70", "etacl + iovcl)");
    let model = model
        .replace("  covariateData <- list(WT = list(description = \"Body weight\", units = \"kg\"))\n", "");
    // Each occasion begins anew, so that its concentrations are its clearance's alone.
    let data = "ID,TIME,AMT,EVID,VISIT\n1,0,100,1,1\n1,1,.,0,1\n1,4,.,0,1\n1,10,100,4,2\n1,14,.,0,2\n";
    let place = Place::new(&model, data, &format!("replicates = {N}"), TIGHT);
    let (run, _) = place.run("run");
    let got = column(&run, Set::Observations, "Cc");
    // log clearance from the decay of 2 mg/L in 50 L.
    let log_clearance = |cc: f64, hours: f64| (-(cc / 2.0).ln() / hours * 50.0).ln();
    let mut first = Vec::new();
    let mut second = Vec::new();
    for readings in got.chunks(3) {
        let [early, late] = [log_clearance(readings[0], 1.0), log_clearance(readings[1], 4.0)];
        assert!((early - late).abs() < 1e-6, "{early} {late}");
        first.push(late - 5.0_f64.ln());
        second.push(log_clearance(readings[2], 4.0) - 5.0_f64.ln());
    }
    let all = [first.clone(), second.clone()].concat();
    let sd = (all.iter().map(|x| x * x).sum::<f64>() / all.len() as f64).sqrt();
    assert!((sd / 0.3 - 1.0).abs() < 0.045, "{sd}");
    let together: f64 = first.iter().zip(&second).map(|(a, b)| a * b).sum::<f64>() / (N as f64 * sd * sd);
    assert!(together.abs() < 0.09, "{together}");
}

#[test]
fn a_data_set_without_occasions_is_refused() {
    let data = read("data.csv").replace(",OCC,", ",OCCUR,");
    let place = Place::new(&read("model.R"), &data, "", "");
    let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
    assert!(problems.to_string().contains("data.csv has no column OCC"), "{problems}");
    let named = "columns = { occ = \"OCCUR\" }";
    let place = Place::new(&read("model.R"), &data, named, "");
    Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap();
    let place = Place::new(&read("model.R"), &read("data.csv").replace(",depot,2,", ",depot,.,"), "", "");
    let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
    assert!(problems.to_string().contains("column OCC: the record belongs to no occasion"), "{problems}");
}
