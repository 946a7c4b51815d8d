//! Whatever a user calls something, a run has it in its columns, or it is refused: nothing panics.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use vpop::cohort::columns;
use vpop::engine::audit::Check;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::job::{Changes, Job};
use vpop::run::{Settings, run};
use vpop::stop::Stop;
use vpop::store::{Existing, Set, part_files};
use vpop::table;

/// What may be called so, as it stands in the texts below, and what it is called otherwise.
const ROLES: [(&str, &str); 16] = [
    ("COVARIATE", "AGE"),
    ("DERIVED", "HALF"),
    ("LABEL", "low"),
    ("SUBGROUP", "by_age"),
    ("ENDPOINT", "peak"),
    ("EVENT", "lost"),
    ("CAUSE", "exposure"),
    ("RULE", "high"),
    ("SCENARIO", "other"),
    ("COURSE", "twice"),
    ("UNIT", "year"),
    ("PARAMETER", "factor"),
    ("EFFECT", "etacl"),
    ("VARIABLE", "twice"),
    ("STATE", "site"),
    ("HEADER", "WT"),
];

const MODEL: &str = r#"
m <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4)
    @PARAMETER@ <- 1.5
    @EFFECT@ ~ 0.09
  })
  model({
    cl <- @PARAMETER@ * exp(lcl + @EFFECT@)
    @VARIABLE@ <- 2 * cl
    d/dt(central) <- -cl * central
    d/dt(@STATE@) <- central - @STATE@
    Cc <- central + 0 * @VARIABLE@
  })
}
"#;

const COHORT: &str = r#"
name = "x"
model = "m.R"
patients = 3
[population.@COVARIATE@]
distribution = "normal"
mean = 60
sd = 5
unit = @UNIT@
[population.GROUP]
distribution = "categorical"
probabilities = { @LABEL@ = 0.5, other = 0.5 }
[population.BASE]
distribution = "fixed"
value = 2
[population.derived]
@DERIVED@ = "BASE / 2"
[population.rows]
file = "rows.csv"
[regimen]
arms = ["1 mg"]
into = ["central"]
infusion = "1 h"
every = "1 day"
cycles = 2
[[regimen.modify]]
name = @RULE@
when = "Cc > 100"
then = "hold"
at_most = "7 day"
[endpoints.@ENDPOINT@]
of = "Cc"
statistic = "max"
on = "visits"
[dlt]
window = "1 day"
[dlt.causes]
@CAUSE@ = ["Cc > 100"]
[events.@EVENT@]
cumulative_hazard = "0.01 * day"
[subgroups]
@SUBGROUP@ = { of = "BASE", cuts = [1] }
[output.trajectories]
patients = 2
of = [@COURSE@]
[scenarios.@SCENARIO@]
description = "Others"
"#;

/// A string or key of TOML.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        _ if c.is_alphanumeric() || c == '_' => c.to_string(),
        _ => format!("\\U{:08X}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Columns that must be there where one of the roles has a name.
fn expected(role: &str, name: &str) -> Option<(Set, String)> {
    Some(match role {
        "COVARIATE" | "DERIVED" => (Set::Patients, name.into()),
        // White space around the names of a table is not theirs.
        "HEADER" => (Set::Patients, name.trim().into()),
        "SUBGROUP" => (Set::Patients, format!("subgroup_{name}")),
        "ENDPOINT" => (Set::Outcomes, name.into()),
        "EVENT" => (Set::Outcomes, format!("{name}_day")),
        "CAUSE" => (Set::Outcomes, format!("dlt_{name}")),
        _ => return None,
    })
}

/// The columns of each set.
type Columns = Vec<(Set, Vec<String>)>;

/// Loads and runs the files where one role has a name: what is wrong, or the columns of each set.
fn attempt(role: &str, name: &str) -> Result<(Job, Columns), String> {
    let folder = scratch();
    let of = |known: &str| if known == role { name.to_owned() } else { usual(known).into() };
    let (mut model, mut cohort) = (MODEL.to_owned(), COHORT.to_owned());
    for (known, _) in ROLES {
        let known_name = match (known, role) {
            // The time course that is asked for is that of the variable.
            ("COURSE", "VARIABLE") => name.to_owned(),
            _ => of(known),
        };
        model = model.replace(&format!("@{known}@"), &known_name);
        cohort = cohort.replace(&format!("@{known}@"), &quoted(&known_name));
    }
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("m.R", &model);
    write("cohort.toml", &cohort);
    write("rows.csv", &format!("\"{}\",HT\n70,170\n80,180\n", of("HEADER").replace('"', "\"\"")));
    let said = |problems: vpop::diagnostic::Problems| {
        assert!(!problems.0.is_empty());
        problems.to_string()
    };
    let job = Job::load(&folder.path().join("cohort.toml"), &Changes::default()).map_err(said)?;
    let output = folder.path().join("run");
    let isa = Isa::detect();
    let settings = Settings {
        output: output.clone(),
        existing: Existing::Refuse,
        shard: None,
        isa,
        checks: &[],
        stop: Stop::default(),
    };
    run(&job, &settings, &Cpu::new(&job.plan, isa), &mut |_, _| {}).map_err(said)?;
    let columns = Set::ALL.into_iter().map(|set| (set, columns_of(&output, set))).collect();
    Ok((job, columns))
}

/// A folder in memory where there is one: a run waits for the disk after every file.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn usual(role: &str) -> &'static str {
    ROLES.into_iter().find(|(known, _)| *known == role).unwrap().1
}

fn columns_of(run: &Path, set: Set) -> Vec<String> {
    part_files(run, set).unwrap().first().map_or_else(Vec::new, |file| table::names(file).unwrap())
}

/// Refused, or there: each column once, whatever its case.
fn assert_refused_or_there(role: &str, name: &str) {
    let attempted = catch_unwind(AssertUnwindSafe(|| attempt(role, name)));
    let Ok((job, sets)) = attempted.unwrap_or_else(|_| panic!("{role} {name:?} panics")) else { return };
    for (set, names) in &sets {
        let distinct: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(distinct.len(), names.len(), "{role} {name:?}: {set:?} {names:?}");
        assert!(names.iter().all(|name| !name.chars().any(char::is_control)), "{role} {name:?}: {names:?}");
    }
    let has =
        |set: Set, column: &str| sets.iter().any(|(s, names)| *s == set && names.iter().any(|n| n == column));
    if let Some((set, column)) = expected(role, name) {
        assert!(has(set, &column), "{role} {name:?}: {sets:?}");
    }
    // What the model assigns again further down depends on a state.
    if role == "VARIABLE" && name != "Cc" {
        for set in [Set::Patients, Set::Trajectories] {
            let column = said_column(&job, set, name).unwrap_or(name);
            assert!(has(set, column), "{name:?}: {sets:?}");
        }
    }
}

/// The column of a set that a name of the model is said to be, if it is called otherwise.
fn said_column<'a>(job: &'a Job, set: Set, name: &str) -> Option<&'a str> {
    let mut messages = job.notices.iter().map(|notice| notice.message.as_str());
    messages.find_map(|message| {
        let rest = message.strip_prefix(&format!("`{name}` is the column `"))?;
        let (column, rest) = rest.split_once('`')?;
        rest.starts_with(&format!(" of {}:", set.name())).then_some(column)
    })
}

/// Names of columns, words of languages, letters that are no letters.
const NAMES: [&str; 96] = [
    "",
    " ",
    "a b",
    "WT",
    "wt",
    "Wt",
    "ht",
    "age",
    "AGE",
    "patient",
    "Patient",
    "ATTEMPTS",
    "attempts",
    "arm",
    "dose",
    "status",
    "solved_by",
    "steps",
    "time",
    "Time",
    "TIME",
    "t",
    "T",
    "F",
    "f",
    "pi",
    "PI",
    "TRUE",
    "true",
    "NA",
    "NULL",
    "Inf",
    "NaN",
    "if",
    "else",
    "for",
    "in",
    "function",
    "while",
    "exp",
    "log",
    "max",
    "min",
    "grade",
    "baseline",
    "ever",
    "day",
    "days",
    "cycle",
    "dlt",
    "progressed",
    "on_study",
    "on_treatment",
    "doses_given",
    "relative_dose",
    "cl",
    "Cl",
    "lcl",
    "central",
    "Central",
    "Cc",
    "CC",
    "area_1",
    "v1",
    "x",
    "p",
    "rate",
    "fn",
    "let",
    "var",
    "f32",
    "vec2",
    "self",
    "main",
    "a.b",
    "a_b",
    ".x",
    "_x",
    "__x",
    "1x",
    "\u{e9}",
    "K\u{f6}rpergewicht",
    "\u{4f53}\u{91cd}",
    "\u{1f600}",
    "a\u{0}b",
    "\u{1b}[31mred",
    "a\nb",
    "a\"b",
    "a`b",
    "a\\b",
    "../x",
    "subgroup_by_age",
    "all",
    "dlt_day",
    "left_day",
    "twice",
];

#[test]
fn names_that_mean_something() {
    for name in NAMES {
        for (role, _) in ROLES {
            assert_refused_or_there(role, name);
        }
    }
}

#[test]
fn names_of_any_length() {
    for length in [100, 200, 201, 5_000] {
        for (role, _) in ROLES {
            assert_refused_or_there(role, &"n".repeat(length));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn names_of_any_letters(role in 0..ROLES.len(), name in prop_oneof!["[a-z][a-z_.0-9]{0,8}", "[A-Za-z_.]{1,4}", ".{0,6}"].prop_filter("a mark of the byte order begins a file", |name| !name.starts_with('\u{feff}'))) {
        assert_refused_or_there(ROLES[role].0, &name);
    }
}

/// Else nothing would be tried here.
#[test]
fn the_usual_names_are_accepted() {
    for (role, name) in ROLES {
        if let Err(message) = attempt(role, name) {
            panic!("{role} {name}: {message}");
        }
    }
}

fn refused(role: &str, name: &str) -> String {
    attempt(role, name).err().unwrap_or_else(|| panic!("{role} {name:?} is not refused"))
}

#[test]
fn covariates_with_names_that_mean_something_are_refused() {
    let expected = [
        ("patient", "a column that vpop writes itself"),
        ("Attempts", "a column that vpop writes itself"),
        ("TIME", "a column that vpop writes itself"),
        ("t", "a word of the model language"),
        ("T", "a word of the model language"),
        ("pi", "a word of the model language"),
        ("NULL", "a word of the model language"),
        ("if", "a word of the model language"),
        ("exp", "a function"),
        ("bmi", "a function"),
        ("ever", "a function"),
        ("cycle", "a word of trials"),
        ("cl", "assigned in the model"),
        ("central", "a state of the model"),
        ("lcl", "a parameter of the model"),
        ("etacl", "a random effect of the model"),
    ];
    for (name, meaning) in expected {
        for role in ["COVARIATE", "DERIVED", "HEADER"] {
            let message = refused(role, name);
            let expected = format!("a covariate cannot be called `{name}`: that is {meaning}");
            assert!(message.contains(&expected), "{role} {name}: {message}");
        }
    }
}

#[test]
fn names_that_differ_only_by_case() {
    let one = |a: &str, b: &str| {
        format!("the columns `{a}` and `{b}` differ only by case, which SQL does not tell apart")
    };
    assert!(refused("COVARIATE", "wt").contains(&one("WT", "wt")));
    assert!(refused("HEADER", "ht").contains(&one("ht", "HT")));
    assert!(refused("DERIVED", "Age").contains(&one("AGE", "Age")));
    assert!(
        refused("COVARIATE", "subgroup_by_age").contains("two columns would be called `subgroup_by_age`")
    );
    // What the model assigns keeps its meaning, and has another column.
    let (job, sets) = attempt("VARIABLE", "wt").unwrap();
    let said = "`wt` is the column `wt_model` of patients: `WT` is another";
    assert!(job.notices.iter().any(|notice| notice.message == said), "{:?}", job.notices);
    assert!(sets.iter().any(|(_, names)| names.iter().any(|name| name == "wt_model")));
    let (job, _) = attempt("VARIABLE", "attempts").unwrap();
    assert_eq!(said_column(&job, Set::Patients, "attempts"), Some("attempts_model"));
}

#[test]
fn control_characters_are_refused_where_they_stand() {
    for role in ["LABEL", "RULE", "UNIT", "ENDPOINT"] {
        let message = refused(role, "\u{1b}[31mred");
        assert!(message.contains("the text holds the control character U+001B"), "{role}: {message}");
        assert!(!message.contains('\u{1b}') || role == "ENDPOINT", "{message:?}");
    }
}

/// Every column of the time courses that is not the user's is known as vpop's own.
#[test]
fn own_columns_are_known() {
    let folder = scratch();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("cohorts/phase1.toml");
    let changes = Changes { patients: Some(2), ..Changes::default() };
    let job = Job::load(&file, &changes).unwrap();
    let output = folder.path().join("run");
    let isa = Isa::detect();
    let settings = Settings {
        output: output.clone(),
        existing: Existing::Refuse,
        shard: None,
        isa,
        checks: &Check::ALL,
        stop: Stop::default(),
    };
    run(&job, &settings, &Cpu::new(&job.plan, isa), &mut |_, _| {}).unwrap();
    let courses: Vec<&str> = job.plan.trajectory_columns.iter().map(|about| about.name.as_str()).collect();
    let names = columns_of(&output, Set::Trajectories);
    assert!(!names.is_empty());
    for name in names.iter().filter(|name| !courses.contains(&name.as_str())) {
        assert!(columns::is_own(name), "`{name}`");
    }
}
