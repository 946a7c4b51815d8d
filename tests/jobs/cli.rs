//! The program itself: what it says of faulty files, and that it leaves nothing behind.

use std::path::Path;
use std::process::Output;

use crate::common::{files, root, vpop};

/// Bad input: status 2, something said, no panic, no run folder.
fn assert_refused(output: &Output, folder: &Path, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{what}: {said}");
    assert!(!said.is_empty() && !said.contains("panicked"), "{what}: {said}");
    assert!(!folder.exists(), "{what} left {}", folder.display());
}

#[test]
fn faulty_cohorts_and_models_leave_nothing_behind() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let cohorts = files("tests/faults/cohorts", "toml");
    assert!(cohorts.len() >= 30, "{}", cohorts.len());
    for cohort in cohorts {
        let path = cohort.display().to_string();
        assert_refused(&vpop(&["run", &path, "-o", &folder.display().to_string()]), &folder, &path);
    }
    for model in files("tests/faults/models", "R") {
        let cohort = scratch.path().join("cohort.toml");
        let text = format!(
            "name = \"x\"\nmodel = {:?}\npatients = 1\n[regimen]\narms = [\"1 mg\"]\ninto = [\"central\"]\nevery = \"1 day\"\ncycles = 1\n[endpoints.e]\nof = \"central\"\nstatistic = \"max\"\n",
            model.display().to_string()
        );
        std::fs::write(&cohort, text).unwrap();
        let run = vpop(&["run", &cohort.display().to_string(), "-o", &folder.display().to_string()]);
        assert_refused(&run, &folder, &model.display().to_string());
    }
}

#[test]
fn an_eligibility_that_nobody_meets_is_said_before_anything_is_written() {
    let scratch = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("cohorts/phase1.toml")).unwrap();
    let models = root().join("models").display().to_string();
    let tables = root().join("cohorts/tables/").display().to_string();
    let text = text.replace("../models", &models).replace("tables/", &tables);
    let text = text.replace("UPCR0 < 1.0", "UPCR0 < 0");
    let cohort = scratch.path().join("cohort.toml");
    std::fs::write(&cohort, text).unwrap();
    let folder = scratch.path().join("run");
    let run = vpop(&["run", &cohort.display().to_string(), "-o", &folder.display().to_string()]);
    assert_refused(&run, &folder, "nobody eligible");
    assert!(String::from_utf8_lossy(&run.stderr).contains("UPCR0 < 0"));
}

#[test]
fn an_output_that_cannot_be_written_is_said() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let folder = file.join("run");
    assert_refused(
        &vpop(&["run", &quickstart, "-o", &folder.display().to_string()]),
        &folder,
        "below a file",
    );
}

#[test]
fn runs_are_the_same_bytes_whatever_the_threads() {
    let phase1 = root().join("cohorts/phase1.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let bytes = |threads: &str| {
        let folder = scratch.path().join(threads);
        let name = folder.display().to_string();
        let run = vpop(&["run", &phase1, "--patients", "300", "-o", &name, "--threads", threads]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        let parts =
            ["patients", "outcomes", "trajectories"].map(|set| folder.join(set).join("part-00000.parquet"));
        let files = parts
            .into_iter()
            .chain(["distributions", "columns"].map(|f| folder.join(f).with_extension("parquet")));
        files.map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert!(bytes("1") == bytes("2"));
}

#[test]
fn a_finished_run_is_kept_unless_forced() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    let run = |extra: &[&str]| {
        let arguments = [&["run", &quickstart, "--patients", "20", "-o", &folder], extra].concat();
        vpop(&arguments).status.code()
    };
    assert_eq!(
        [run(&[]), run(&[]), run(&["--resume"]), run(&["--force"])],
        [Some(0), Some(2), Some(0), Some(0)]
    );
}

#[test]
fn the_schema_is_the_committed_one() {
    let committed = std::fs::read(root().join("cohorts/schema.json")).unwrap();
    assert!(vpop(&["schema"]).stdout == committed);
}

#[test]
fn every_shipped_cohort_and_model_checks() {
    for cohort in files("cohorts", "toml") {
        let check = vpop(&["check", &cohort.display().to_string()]);
        assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    }
    for model in files("models", "R") {
        assert_eq!(vpop(&["model", &model.display().to_string()]).status.code(), Some(0));
    }
}

/// A cohort of the quickstart's model in a folder of its own.
fn written(folder: &Path, text: &str) -> String {
    let file = folder.join("cohort.toml");
    let model = root().join("models/tdm1_lu_2014.R").display().to_string();
    std::fs::write(&file, text.replace("MODEL", &format!("{model:?}"))).unwrap();
    file.display().to_string()
}

/// The end of the run is missing, two expressions are wrong, and so is what is uncertain.
#[test]
fn check_says_everything_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = written(
        scratch.path(),
        r#"
name = "faulty"
model = MODEL
patients = 10
[population.WT]
distribution = "fixed"
value = 70
[eligibility]
require = ["WEIGHT > 40"]
[regimen]
arms = ["3.6 mg/kg"]
into = ["central"]
infusion = "90 min"
[endpoints.cmax]
of = "Ccc"
statistic = "max"
on = "continuous"
[output.trajectories]
patients = 2
of = ["centrall"]
[uncertainty]
replicates = 3
parameters = { nonsense = { cv = 0.3 } }
[scenarios.other]
parameters.misspelt = 1
"#,
    );
    let check = vpop(&["check", &cohort, "--json"]);
    assert_eq!(check.status.code(), Some(2));
    let said = String::from_utf8_lossy(&check.stdout);
    for part in ["when the run ends", "`WEIGHT`", "`Ccc`", "`centrall`", "`nonsense`", "`misspelt`"] {
        assert_eq!(said.matches(part).count(), 1, "{part} in {said}");
    }
}

/// A loose tolerance, a covariate that nothing uses: said by check, and kept by the run.
#[test]
fn warnings_and_notes_are_said_and_kept() {
    let scratch = tempfile::tempdir().unwrap();
    let text = r#"
name = "noted"
model = MODEL
patients = 4
[population.WT]
distribution = "fixed"
value = 70
[population.HT]
distribution = "fixed"
value = 170
[regimen]
arms = ["3.6 mg/kg"]
into = ["central"]
infusion = "90 min"
[visits]
until = "21 day"
[endpoints.cmax]
of = "Cc"
statistic = "max"
on = "continuous"
[solver]
rtol = 0.01
"#;
    let cohort = written(scratch.path(), text);
    let told = |value: &serde_json::Value| -> Vec<String> {
        let of = |notice: &serde_json::Value, key: &str| notice[key].as_str().unwrap().to_owned();
        let notices = value["notices"].as_array().unwrap().iter();
        notices.map(|notice| format!("{}: {}", of(notice, "weight"), of(notice, "message"))).collect()
    };
    let expected = [
        "warning: `rtol` is 0.01: nothing is promised of results where it is above 0.001",
        "note: nothing uses HT",
    ];
    let check: serde_json::Value =
        serde_json::from_slice(&vpop(&["check", &cohort, "--json"]).stdout).unwrap();
    assert_eq!(told(&check), expected);
    let plain = vpop(&["check", &cohort]);
    assert_eq!(plain.status.code(), Some(0));
    let said = String::from_utf8_lossy(&plain.stderr);
    assert!(said.contains("nothing uses HT") && said.contains("nothing is promised"), "{said}");

    let folder = scratch.path().join("run");
    let run = vpop(&["run", &cohort, "--backend", "cpu", "-o", &folder.display().to_string()]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("nothing is promised") && !said.contains("nothing uses"), "{said}");
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    assert_eq!(told(&serde_json::from_slice(&manifest).unwrap()), expected);
}

/// Whole runs at the edges of what can be asked: no drug at all, one visit, very many arms, a rule at time 0.
#[test]
fn runs_at_the_edges_are_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let arms = |of: &dyn Fn(u32) -> String, n| (1..=n).map(of).collect::<Vec<_>>().join(", ");
    let many = arms(&|i| format!("\"{i} mg\""), 300);
    let cases = [
        ("nothing", "\"0 mg\"", "", "until = \"21 day\""),
        ("one_visit", "\"0 mg/kg\", \"3.6 mg/kg\"", "", "times = [\"21 day\"]"),
        ("first_visit", "\"100 mg\"", "", "times = [\"0 day\"]\nuntil = \"1 day\""),
        ("many_arms", &many, "", "until = \"2 day\""),
        (
            "stopped",
            "\"100 mg\"",
            "[[regimen.modify]]\nwhen = \"Cc < 1\"\nthen = \"stop\"",
            "until = \"2 day\"",
        ),
    ];
    for (name, arms, rule, visits) in cases {
        let text = format!(
            r#"
name = "{name}"
model = MODEL
patients = 1
[population.WT]
distribution = "fixed"
value = 70
[regimen]
arms = [{arms}]
into = ["central"]
infusion = "90 min"
{rule}
[visits]
{visits}
[endpoints.cmax]
of = "Cc"
statistic = "max"
on = "continuous"
[endpoints.seen]
of = "Cc"
statistic = "max"
on = "visits"
[output.trajectories]
patients = 1
of = ["Cc"]
"#
        );
        let cohort = written(scratch.path(), &text);
        assert_eq!(vpop(&["check", &cohort]).status.code(), Some(0), "{name}");
        let folder = scratch.path().join(name);
        let run = vpop(&["run", &cohort, "--backend", "cpu", "-o", &folder.display().to_string()]);
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(0), "{name}: {said}");
        let column = |name: &str| {
            let files = vpop::store::part_files(&folder, vpop::store::Set::Outcomes).unwrap();
            vpop::store::read_numbers(&files, name, None).unwrap()
        };
        let (largest, seen) = (column("cmax"), column("seen"));
        match name {
            "nothing" | "stopped" => assert_eq!(largest, [0.0], "{name}"),
            "one_visit" => {
                assert!(largest[0] == 0.0 && largest[1] > 50.0 && seen[1] < largest[1], "{largest:?}")
            }
            // A window is read at its ends too.
            "first_visit" => assert!(largest[0] > 10.0 && seen[0] < largest[0], "{largest:?} {seen:?}"),
            _ => {
                assert_eq!(largest.len(), 300);
                let per_mg = largest[0];
                assert!(
                    largest.iter().zip(1..).all(|(c, i)| (c / (per_mg * f64::from(i)) - 1.0).abs() < 1e-4)
                );
            }
        }
    }
}

/// The program with a text as its standard input.
fn fed(arguments: &[&str], text: &str) -> Output {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_vpop"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn keys_are_set_and_what_is_wrong_points_at_the_option() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    let set =
        ["--set", "regimen.arms=[\"50 mg\"]", "--set", "population.WT.median=80", "--set", "patients=30"];
    let run = vpop(&[&["run", &quickstart, "-o", &folder, "--json"], &set[..]].concat());
    assert_eq!(json(&run)["arms"], serde_json::json!(["50 mg"]));
    assert_eq!(json(&run)["patients"], 30);
    // The folder keeps what was run, and can be run again from that.
    let kept = std::fs::read_to_string(scratch.path().join("run/inputs/quickstart.toml")).unwrap();
    assert!(kept.contains("arms = [\"50 mg\"]") && kept.contains("median = 80"), "{kept}");
    let other = vpop(&["run", &quickstart, "-o", &folder, "--resume", "--patients", "30"]);
    assert_eq!(other.status.code(), Some(2), "another run");

    let told = |set: &str| {
        let said = vpop(&["check", &quickstart, "--json", "--set", set]);
        assert_eq!(said.status.code(), Some(2), "{set}");
        json(&said)["problems"][0].clone()
    };
    let problem = told("regimen.arms=[\"5 parsec\"]");
    assert_eq!(
        (problem["file"].as_str(), problem["column"].as_u64()),
        (Some("--set"), Some(15)),
        "{problem}"
    );
    let problem = told("regimen.evry=14 day");
    assert_eq!(problem["file"], "--set");
    assert!(problem["help"].as_str().unwrap().contains("every"), "{problem}");
    // What is wrong elsewhere stays where it is in the file.
    let problem = told("population.WT.between=[100, 40]");
    assert_eq!(problem["file"], "--set");
}

#[test]
fn a_cohort_comes_from_standard_input() {
    let text = std::fs::read_to_string(root().join("cohorts/quickstart.toml")).unwrap();
    let text = text.replace("../models", &root().join("models").display().to_string());
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    let check = fed(&["check", "-", "--json"], &text);
    assert_eq!(json(&check)["cohort"], "quickstart");
    let run = fed(&["run", "-", "--patients", "10", "-o", &folder, "--json"], &text);
    assert_eq!(json(&run)["inputs"][0]["file"], "standard-input.toml");
    let faulty = fed(&["check", "-", "--json"], &text.replace("cycles", "cyles"));
    assert_eq!(json(&faulty)["problems"][0]["file"], "standard-input.toml");
}

#[test]
fn a_run_in_json_has_its_results() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    let run = vpop(&["run", &quickstart, "--patients", "50", "-o", &folder, "--json"]);
    let answer = json(&run);
    let results = answer["results"].as_array().unwrap();
    let of = |arm: &str, endpoint: &str| {
        let found = results.iter().find(|of| of["arm"] == arm && of["endpoint"] == endpoint).unwrap();
        (found["n"].as_u64().unwrap(), found["statistics"]["p50"].as_f64().unwrap())
    };
    let ((n, low), (_, high)) = (of("2.4 mg/kg", "cmax"), of("3.6 mg/kg", "cmax"));
    assert_eq!(n, 50);
    // Doses are 2 to 3, and the model is linear.
    assert!((high / low / 1.5 - 1.0).abs() < 1e-3, "{low} {high}");
    // So it is of a run that is finished already.
    let again = vpop(&["run", &quickstart, "--patients", "50", "-o", &folder, "--json", "--resume"]);
    assert_eq!(json(&again)["results"], answer["results"]);
}

#[test]
fn a_program_reads_plain_columns_and_solvers_are_told_if_asked() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    let run = ["run", &quickstart, "--patients", "50", "-o", &folder, "--backend", "cpu", "--force"];
    let said = |more: &[&str]| String::from_utf8(vpop(&[&run[..], more].concat()).stdout).unwrap();
    let plain = said(&[]);
    assert!(!plain.contains(['│', '─', '\u{1b}', '█']), "{plain}");
    assert!(plain.contains("patients solved  n") && plain.contains("a cell: median [5 %, 95 %]"), "{plain}");
    assert!(!plain.contains("method:") && !plain.contains("steps per patient"), "{plain}");
    assert!(plain.contains("all 100 patient-arms solved"), "{plain}");
    let more = said(&["-v"]);
    assert!(more.contains("method: ") && more.contains("steps per patient"), "{more}");
    let check =
        |more: &[&str]| String::from_utf8(vpop(&[&["check", &quickstart], more].concat()).stdout).unwrap();
    assert!(!check(&[]).contains("  method ") && check(&["-v"]).contains("  method "));
}

#[test]
fn results_in_a_folder_are_listed() {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name).display().to_string();
    for (name, patients) in [("few", "10"), ("many", "20")] {
        vpop(&["run", &quickstart, "--patients", patients, "-o", &at(name)]);
    }
    vpop(&["trial", "--true-dlt", "0.1,0.3", "--replicates", "20", "-o", &at("trials")]);
    std::fs::create_dir(scratch.path().join("mine")).unwrap();
    let folder = scratch.path().display().to_string();
    let listed = json(&vpop(&["runs", &folder, "--json"]));
    let what: Vec<&str> = listed.as_array().unwrap().iter().map(|of| of["holds"].as_str().unwrap()).collect();
    assert_eq!(what, ["run", "run", "set of trials"]);
    assert_eq!((&listed[1]["patients"], &listed[1]["name"]), (&20.into(), &"quickstart".into()));
    assert_eq!(listed[2]["replicates"], 20);
    let said = String::from_utf8(vpop(&["runs", &folder]).stdout).unwrap();
    assert!(said.contains("20 patients: 2.4 mg/kg, 3.6 mg/kg"), "{said}");
    let one = json(&vpop(&["runs", &at("few"), "--json"]));
    assert_eq!(one.as_array().map(Vec::len), Some(1));
    assert_eq!(vpop(&["runs", &at("nowhere")]).status.code(), Some(2));
}

#[test]
fn shells_and_manuals_are_told_of_the_arguments() {
    let text = |arguments: &[&str]| String::from_utf8(vpop(arguments).stdout).unwrap();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(text(&["completions", shell]).contains("vpop"), "{shell}");
    }
    let page = text(&["man"]);
    assert!(page.contains(".TH vpop 1") && page.contains("completions"), "{page}");
    assert!(text(&["man", "run"]).contains("\\-\\-shard"));
    assert_eq!(vpop(&["man", "rnu"]).status.code(), Some(2));
}

/// The file has scenarios, an uncertainty and toxicities: what each of them leads to is foreseen.
#[test]
fn check_foresees_comparisons_and_trials() {
    let scratch = tempfile::tempdir().unwrap();
    let file = crate::compare::file(scratch.path()).display().to_string();
    let estimates = &json(&vpop(&["check", &file, "--json"]))["estimates"];
    // Three scenarios, of 2,000, 2,000 and 1 patients in 40 arms, and five replicates of 400 in two of them.
    assert_eq!(estimates["comparison"]["patient_arms"], 40 * 4_001);
    assert_eq!(estimates["comparison"]["replicate_patient_arms"], 2 * 5 * 400 * 40);
    assert!(estimates["comparison"]["seconds"].as_f64().unwrap() > 0.0);
    assert!(estimates["trials"]["seconds"].as_f64().unwrap() > 0.0);
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let estimates = &json(&vpop(&["check", &quickstart, "--json"]))["estimates"];
    assert!(estimates["comparison"].is_null() && estimates["trials"].is_null());
}

#[test]
fn replicates_keep_their_patients_and_it_is_said() {
    let scratch = tempfile::tempdir().unwrap();
    let file = crate::compare::file(scratch.path()).display().to_string();
    let output = scratch.path().join("comparison").display().to_string();
    let said = vpop(&["compare", &file, "-o", &output, "--backend", "cpu", "--patients", "500"]);
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(told.contains("replicates keep the first 400 patients"), "{told}");
}
