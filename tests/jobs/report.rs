//! Reports of runs of every shipped cohort: complete pages that ask for nothing else.

use std::fs;
use std::path::Path;

use crate::common::{files, vpop};

/// The names of the figures on a page.
fn figures(page: &str) -> Vec<&str> {
    let sections = page.split("<section aria-labelledby=\"").skip(1);
    let names = sections.filter_map(|section| section.split_once('"')).map(|(name, _)| name);
    names.filter(|name| !["verdict", "assumptions", "provenance"].contains(name)).collect()
}

fn run(cohort: &Path, folder: &Path, more: &[&str]) {
    let arguments = ["run", cohort.to_str().unwrap(), "--backend", "cpu", "-o", folder.to_str().unwrap()];
    let said = vpop(&[&arguments[..], more].concat());
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

fn report(folder: &Path, page: &Path) -> String {
    let said = vpop(&["report", folder.to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    fs::read_to_string(page).unwrap()
}

#[test]
fn every_shipped_cohort_has_a_page() {
    let scratch = tempfile::tempdir().unwrap();
    for cohort in files("cohorts", "toml") {
        let name = cohort.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = scratch.path().join(&name);
        run(&cohort, &folder, &["--patients", "30"]);
        let page = report(&folder, &scratch.path().join(format!("{name}.html")));
        let found = figures(&page);
        let expected: &[&str] = match name.as_str() {
            "phase1" => &[
                "toxicity",
                "grades",
                "exposure",
                "exposure-in-subgroups",
                "courses",
                "exposure-response",
                "tumour",
                "spider",
                "survival",
                "dosing",
                "swimmer",
                "subgroups",
                "population",
            ],
            _ => &["exposure"],
        };
        assert!(expected.iter().all(|figure| found.contains(figure)), "{name}: {found:?}");
        // The numbers of a picture are numbers, and nothing is fetched.
        assert!(!page.contains("NaN") && !page.contains("inf\""), "{name}");
        let asks = page.contains("src=") || page.contains("href=\"http");
        assert!(!asks && !page.replace("url(#", "").contains("url("), "{name}");
        assert!(page.contains("The run is complete and holds."), "{name}");
    }
}

/// The rows of the numbers behind a figure, by their columns.
fn numbers(page: &str, figure: &str) -> Vec<Vec<String>> {
    let section = page.split_once(&format!("<section aria-labelledby=\"{figure}\">")).unwrap().1;
    let table = section.split_once("<tbody>").unwrap().1.split_once("</tbody>").unwrap().0;
    let cells = |row: &str| {
        let cells = row.split("<td>").skip(1).map(|cell| cell.split_once("</td>").unwrap().0.to_owned());
        cells.collect::<Vec<_>>()
    };
    table.split("<tr>").skip(1).map(cells).collect()
}

fn asks_for_nothing(page: &str) {
    let asks = page.contains("src=") || page.contains("href=\"http");
    assert!(!asks && !page.replace("url(#", "").contains("url("));
    assert!(!page.contains("NaN") && !page.contains("inf\""));
}

/// Half the volume: every concentration is twice that of the same patient, and nobody loses a toxicity.
#[test]
fn a_comparison_has_a_page() {
    let scratch = tempfile::tempdir().unwrap();
    let file = crate::compare::file(scratch.path()).display().to_string();
    let folder = scratch.path().join("comparison");
    let at = folder.display().to_string();
    let said = vpop(&["compare", &file, "-o", &at, "--backend", "cpu", "--patients", "300"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let page = report(&folder, &scratch.path().join("page.html"));
    let expected = ["curves", "patients-of-100", "exposure-ratios", "doses", "waterfall", "uncertainty"];
    assert_eq!(figures(&page), expected);
    asks_for_nothing(&page);
    assert!(page.contains("The runs of all scenarios are complete and hold."));

    let ratios = numbers(&page, "exposure-ratios");
    assert_eq!(ratios.len(), 40);
    for row in ratios {
        let expected = ["concentration", "small", "large"].map(String::from);
        assert_eq!(row[..3], expected, "{row:?}");
        assert_eq!(row[4..7], ["300", "2.000", "2.000 to 2.000"].map(String::from), "{row:?}");
    }
    let patients = numbers(&page, "patients-of-100");
    assert!(patients.iter().all(|row| row[9] == "0.0"), "{patients:?}");
    let gains = patients.iter().filter(|row| row[0] == "dlt").map(|row| row[8].parse::<f64>().unwrap());
    assert!(gains.fold(0.0, f64::max) > 50.0);
    let steps = numbers(&page, "waterfall");
    assert_eq!((steps.len(), steps[1][1].as_str()), (3, "half the volume"));
    // A scenario has a page of its own.
    report(&vpop::store::scenario_folder(&folder, "small"), &scratch.path().join("small.html"));
}

/// Trials by assumed probabilities, and over a run.
#[test]
fn trials_have_a_page() {
    let scratch = tempfile::tempdir().unwrap();
    let place = |name: &str| scratch.path().join(name).display().to_string();
    let done = |arguments: &[&str]| {
        let said = vpop(arguments);
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    };
    let doses = ["--true-dlt", "0.05,0.2,0.45", "--doses", "1 mg,2 mg,4 mg"];
    done(&[&["trial", "--replicates", "200", "-o", &place("assumed")], &doses[..]].concat());
    let page = report(&scratch.path().join("assumed"), &scratch.path().join("assumed.html"));
    let expected = ["selection", "brings", "patients", "duration", "ends", "paths", "decisions"];
    assert_eq!(figures(&page), expected);
    asks_for_nothing(&page);
    for row in numbers(&page, "selection") {
        let shares: Vec<f64> = row[2..6].iter().map(|share| share.parse().unwrap()).collect();
        assert!((shares.iter().sum::<f64>() - 100.0).abs() < 0.3, "{row:?}");
    }
    // Of three patients without a toxicity the next dose is safe: 3+3 by Storer (1989).
    let decisions = numbers(&page, "decisions");
    assert!(decisions.iter().any(|row| row[1..] == ["3", "0", "E"].map(String::from)), "{decisions:?}");

    let cohort = crate::common::root().join("cohorts/phase1.toml");
    run(&cohort, &scratch.path().join("run"), &["--patients", "200"]);
    done(&["trial", &place("run"), "--replicates", "50"]);
    let page = report(&scratch.path().join("run-trial"), &scratch.path().join("trial.html"));
    assert!(page.contains("Patients come from a run that is as it was written."));
    let brings = numbers(&page, "brings");
    assert!(brings.iter().all(|row| row.len() >= 7), "{brings:?}");
    fs::rename(scratch.path().join("run"), scratch.path().join("elsewhere")).unwrap();
    let page = report(&scratch.path().join("run-trial"), &scratch.path().join("alone.html"));
    assert!(page.contains("is not there any more"));
}

/// What is drawn of the population, and what is asked for, agree: of 20,000 patients of the quickstart, where only the
/// weight's own bounds screen anyone out.
#[test]
fn the_population_is_held_against_what_is_asked() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let cohort = crate::common::root().join("cohorts/quickstart.toml");
    let set = ["--set", "regimen.cycles=1", "--set", "regimen.arms=[\"1 mg/kg\"]"];
    run(&cohort, &folder, &[&["--patients", "2000"], &set[..]].concat());
    let page = report(&folder, &scratch.path().join("page.html"));
    let rows = numbers(&page, "population");
    let weight = rows.iter().find(|row| row[0] == "WT").unwrap();
    let asked = weight[9].split(' ').filter_map(|word| word.trim_end_matches(',').parse::<f64>().ok());
    let asked: Vec<f64> = asked.collect();
    // Lognormal about 70 with a CV of 20 %: sigma = sqrt(ln 1.04); the bounds cut off next to nothing below and 0.1 %
    // above.
    let sigma = 1.04_f64.ln().sqrt();
    for (found, z) in [(asked[0], 0.0), (asked[3], -1.6449), (asked[4], 1.6449)] {
        let expected = 70.0 * (sigma * z).exp();
        assert!((found / expected - 1.0).abs() < 0.01, "{found} {expected} {asked:?}");
    }
    let median: f64 = weight[6].parse().unwrap();
    assert!((median / 70.0 - 1.0).abs() < 0.02, "{median}");
}

#[test]
fn a_run_makes_its_page() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let cohort = crate::common::root().join("cohorts/quickstart.toml");
    run(&cohort, &folder, &["--patients", "20", "--report"]);
    assert!(fs::read_to_string(scratch.path().join("run-report.html")).unwrap().contains("exposure"));
    let plot = |file: &str, more: &[&str]| {
        let file = scratch.path().join(file).display().to_string();
        vpop(&[&["plot", folder.to_str().unwrap(), "exposure", "-o", &file], more].concat())
    };
    assert_eq!(plot("slide.png", &["--width", "1000"]).status.code(), Some(0));
    let bytes = fs::read(scratch.path().join("slide.png")).unwrap();
    // The signature, and the width in the header (ISO/IEC 15948).
    assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(bytes[16..20], 1000_u32.to_be_bytes());
    let said = plot("slide.jpg", &[]);
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("`.svg` or `.png`"));
    assert!(!scratch.path().join("slide.jpg").exists());
}

/// Arms, groups and names of a user may hold what HTML gives a meaning.
#[test]
fn what_a_user_wrote_is_text() {
    let scratch = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(crate::common::root().join("cohorts/quickstart.toml")).unwrap();
    let models = crate::common::root().join("models").display().to_string();
    let text = text.replace("../models", &models);
    let name = text.lines().find(|line| line.starts_with("name = ")).unwrap();
    let described = format!("{name}\ndescription = \"<script>alert(1)</script> & more\"");
    let other: Vec<&str> = text.lines().filter(|line| !line.starts_with("description")).collect();
    let cohort = scratch.path().join("cohort.toml");
    fs::write(&cohort, other.join("\n").replacen(name, &described, 1)).unwrap();
    let folder = scratch.path().join("run");
    run(&cohort, &folder, &["--patients", "20"]);
    let page = report(&folder, &scratch.path().join("page.html"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
}

#[test]
fn what_is_no_finished_run_has_no_page() {
    let scratch = tempfile::tempdir().unwrap();
    let page = scratch.path().join("page.html");
    let said = vpop(&["report", scratch.path().to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(2));
    assert!(!page.exists());
}

/// 200 individuals with one dose and no random effect, so that what is simulated of each is normal about the same curve; what is
/// observed are whole hundredths.
#[test]
fn a_data_set_is_checked_against_its_simulations() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let model = "m <- function() {\n  units <- list(time = \"h\", dosing = \"mg\")\n  ini({ k <- 0.1; addSd <- 0.1 })\n  model({\n    \
                 d/dt(central) <- -k * central\n    Cc <- central\n    Cc ~ add(addSd)\n  })\n}\n";
    fs::write(path("m.R"), model).unwrap();
    let mut data = "ID,TIME,AMT,EVID,CMT,DV\n".to_owned();
    for id in 1..=200 {
        data += &format!("{id},0,5,1,central,.\n");
        for time in [2, 10] {
            data += &format!("{id},{time},.,0,central,{}\n", f64::from(id) / 100.0);
        }
    }
    fs::write(path("data.csv"), data).unwrap();
    let [model, data, folder] = ["m.R", "data.csv", "run"].map(|name| path(name).display().to_string());
    let said = vpop(&["run", &model, &data, "--replicates", "40", "--backend", "cpu", "-o", &folder]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));

    let figure = vpop::report::figure(&path("run"), "predictive-check").unwrap();
    assert!(figure.says.contains("400 values") && figure.says.contains("40 simulations"), "{}", figure.says);
    assert_eq!(figure.sheet.rows.len(), 6);
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    // Of the normal distribution; of 1, 2, ..., 200 hundredths (Hyndman and Fan 1996, type 7).
    let rows = figure.sheet.rows.chunks(2).zip([(-1.6449, 0.1095), (0.0, 1.005), (1.6449, 1.9005)]);
    for (of_quantile, (z, observed)) in rows {
        for (row, time) in of_quantile.iter().zip([2.0, 10.0]) {
            assert_eq!((row[0].as_str(), number(&row[2]), row[4].as_str()), ("Cc_sim", time, "200"));
            // Three digits are shown.
            assert!((number(&row[5]) - observed).abs() < 0.006, "{row:?}");
            let simulated = 5.0 * f64::exp(-0.1 * time) + 0.1 * z;
            assert!((number(&row[6]) - simulated).abs() < 0.02, "{row:?}: {simulated}");
            // A quantile of 200 values has a standard error of 0.0154 / 0.103 or 0.0354 / 0.399 standard deviations.
            let error = if z == 0.0 { 0.0089 } else { 0.0149 };
            for (end, sign) in [(7, -1.96), (8, 1.96)] {
                assert!((number(&row[end]) - simulated - sign * error).abs() < 0.02, "{row:?}: {simulated}");
            }
        }
    }
    let page = report(&path("run"), &path("page.html"));
    assert_eq!(figures(&page), ["predictive-check"]);
}

/// Of half the clearance the exposure is twice: dose over clearance.
#[test]
fn exposure_is_told_in_subgroups() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let model = "m <- function() {\n  units <- list(time = \"h\", dosing = \"mg\")\n  ini({ k <- 0.5 })\n  model({\n    \
                 d/dt(central) <- -k * share * central\n    Cc <- central\n  })\n}\n";
    let cohort = "name = \"c\"\nmodel = \"m.R\"\npatients = 40\n[population.KIDNEY]\ndistribution = \"categorical\"\n\
                  probabilities = { normal = 0.5, weak = 0.5 }\n[population.share]\ndistribution = \"by_class\"\nby = \"KIDNEY\"\n\
                  of = { normal = { distribution = \"fixed\", value = 1 }, weak = { distribution = \"fixed\", value = 0.5 } }\n\
                  [regimen]\narms = [\"1 mg\", \"2 mg\"]\ninto = [\"central\"]\ninfusion = \"bolus\"\ntimes = [\"0 h\"]\n\
                  [visits]\nuntil = \"200 h\"\nevery = \"1 h\"\n[endpoints.auc]\nof = \"Cc\"\nstatistic = \"auc\"\n\
                  on = \"continuous\"\n[subgroups]\nKIDNEY = \"KIDNEY\"\n";
    fs::write(path("m.R"), model).unwrap();
    fs::write(path("c.toml"), cohort).unwrap();
    run(&path("c.toml"), &path("run"), &[]);
    let figure = vpop::report::figure(&path("run"), "exposure-in-subgroups").unwrap();
    let of = |row: &Vec<String>| [3, 4, 7, 9].map(|cell| row[cell].clone());
    let found: Vec<_> = figure.sheet.rows.iter().map(of).collect();
    let right = [
        ["normal", "1 mg", "2.00", "1.00"],
        ["weak", "1 mg", "4.00", "2.00"],
        ["normal", "2 mg", "4.00", "1.00"],
        ["weak", "2 mg", "8.00", "2.00"],
    ];
    assert_eq!(found, right.map(|row| row.map(String::from)));
    let page = report(&path("run"), &path("page.html"));
    assert!(figures(&page).contains(&"exposure-in-subgroups"));
}
