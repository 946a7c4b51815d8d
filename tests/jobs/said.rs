//! What the program says of files: what they are, how much is shown of them, and nothing that acts on a terminal.

use std::path::Path;

use crate::common::{root, vpop};

fn said(arguments: &[&str]) -> (Option<i32>, String) {
    let output = vpop(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// The quickstart cohort with this model.
fn cohort(folder: &Path, model: &str) -> String {
    let text = std::fs::read_to_string(root().join("cohorts/quickstart.toml")).unwrap();
    written(folder, "cohort.toml", text.replace("../models/tdm1_lu_2014.R", model))
}

#[test]
fn files_of_another_kind_are_told_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let table = written(folder, "table.csv", "ID,WT\n1,70\n2,80\n");
    let parquet = written(folder, "table.parquet", b"PAR1 and so on PAR1");
    let model = root().join("models/tdm1_lu_2014.R").display().to_string();
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let place = folder.display().to_string();
    let is = |arguments: &[&str], what: &str| {
        let (status, said) = said(arguments);
        let flat = said.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert_eq!(status, Some(2), "{flat}");
        assert!(flat.replace("- ", "-").contains(what), "{what}: {flat}");
    };
    is(&["run", &table, "-o", "x"], "is a table of comma-separated values, not a TOML file");
    is(&["check", &parquet], "is a Parquet table, not a TOML file");
    is(&["check", &model], "is a model file, not a TOML file");
    is(&["run", &place, "-o", "x"], "is a folder, not a TOML file");
    is(&["model", &table], "is a table of comma-separated values, not a model file");
    is(&["model", &quickstart], "is a TOML file, as cohort files are, not a model file");
    is(&["check", &cohort(folder, "table.csv")], "is a table of comma-separated values, not a model file");
}

#[test]
fn twenty_problems_are_shown_and_the_others_counted() {
    let scratch = tempfile::tempdir().unwrap();
    let keys: String = (0..30).map(|i| format!("nonsense_{i} = 1\n")).collect();
    let file = written(scratch.path(), "cohort.toml", keys);
    let (status, said) = said(&["check", &file]);
    assert_eq!(status, Some(2));
    assert_eq!(said.matches("unknown key").count(), 20, "{said}");
    assert!(said.contains("problems found, of which these are the first 20"), "{said}");
    let json = vpop(&["check", &file, "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(json["problems"].as_array().unwrap().len() >= 30);
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let scratch = tempfile::tempdir().unwrap();
    let long = "x".repeat(200_000);
    let text = format!("name = \"a\"\ndescription = \"{long}\"\nseed = {{ a = \"{long}\", b = 2 }}\n");
    let file = written(scratch.path(), "cohort.toml", text);
    let (status, said) = said(&["check", &file]);
    assert_eq!(status, Some(2));
    assert!(said.len() < 20_000, "{}", said.len());
}

/// Whatever has an escape sequence in it: the path, a text, a label, a unit, the name of a column.
#[test]
fn nothing_acts_on_the_terminal() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let escape = "\u{1b}[31mred\u{1b}[0m\u{7}\u{9b}31m\u{202e}";
    let plain = |arguments: &[&str]| {
        let (_, said) = said(arguments);
        let acts = |c: char| c.is_control() && c != '\n' && c != '\t' || c == '\u{202e}';
        assert!(!said.contains(acts), "{arguments:?}: {said:?}");
        assert!(!said.is_empty());
    };
    let toml = written(folder, "a.toml", format!("name = \"{escape}\"\n# {escape}\nx = = {escape}\n"));
    plain(&["check", &toml]);
    plain(&["check", &toml, "--json"]);
    let model = written(
        folder,
        "m.R",
        format!(
            "one <- function() {{\n description <- \"{escape}\"\n units <- list(time = \"{escape}\", dosing = \"mg\")\n ini({{ k <- 1; label(\"{escape}\") }})\n model({{ d/dt(x) <- -k * x # {escape}\n y <- z }})\n}}\n"
        ),
    );
    plain(&["model", &model]);
    plain(&["model", &model, "--wgsl"]);
    written(folder, "t.csv", format!("WT,{escape}\n70,1\n80,{escape}\n"));
    let text = std::fs::read_to_string(root().join("cohorts/quickstart.toml")).unwrap();
    let text = text.replace("../models", &root().join("models").display().to_string());
    let rows = written(folder, "rows.toml", format!("{text}\n[population.rows]\nfile = \"t.csv\"\n"));
    plain(&["check", &rows]);
    let odd = written(folder, &format!("{escape}.toml"), "nonsense = 1\n");
    plain(&["check", &odd]);
    plain(&["trial", &format!("{}/{escape}", folder.display())]);
}

#[test]
fn of_patients_who_failed_the_operation_is_said() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    written(
        folder,
        "m.R",
        "m <- function() {\n  units <- list(time = \"h\", dosing = \"mg\")\n  ini({ k <- 0.5 })\n  model({\n    \
         d/dt(a) <- -k * a\n    left <- a - 0.5\n    effect <- sqrt(left) * WT\n  })\n}\n",
    );
    let cohort = written(
        folder,
        "cohort.toml",
        "name = \"failing\"\nmodel = \"m.R\"\npatients = 3\npopulation.WT = 70\n[regimen]\narms = [\"1 mg\"]\n\
         into = [\"a\"]\ninfusion = \"bolus\"\ntimes = [\"0 h\"]\n[visits]\ntimes = [\"1 h\", \"4 h\"]\n\
         [endpoints.effect_min]\nof = \"effect\"\nstatistic = \"min\"\non = \"visits\"\n",
    );
    let (status, said) =
        said(&["run", &cohort, "--backend", "cpu", "-o", &folder.join("run").display().to_string()]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("`effect` in 3 patient-arms, first at 0 hour, in `sqrt(left)` (patient 0, 1 mg)"),
        "{said}"
    );
    assert!(!said.contains("max_steps"), "{said}");
}
