//! What `vpop check` foresees, and what runs then take.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::common::{root, vpop};

/// How far a run may be from what was foreseen, as a factor.
const FACTOR: f64 = 1.5;

/// One compartment, given so many arms, times of visits and doses, and what else.
fn cohort(patients: u64, arms: usize, visits: &str, doses: &str, more: &str) -> String {
    let arms: Vec<String> = (1..=arms).map(|mg| format!("\"{mg} mg\"")).collect();
    format!(
        r#"
name = "cost"
model = "MODELS/one_compartment_infusion.R"
patients = {patients}
[regimen]
arms = [{arms}]
into = ["central"]
infusion = "1 h"
{doses}
[visits]
{visits}
[endpoints.largest]
of = "Cc"
statistic = "max"
on = "continuous"
{more}
"#,
        arms = arms.join(", ")
    )
}

/// Values at so many hours.
fn values(hours: usize) -> String {
    let value =
        |hour| format!("[endpoints.v{hour}]\nof = \"Cc\"\nstatistic = \"value\"\nat = \"{hour} h\"\n");
    (1..=hours).map(value).collect()
}

fn courses(patients: u64) -> String {
    format!("[output]\ntrajectories = {{ patients = {patients}, every = \"1 h\", of = [\"Cc\"] }}")
}

/// Files and patients of shipped cohorts, then others.
fn cohorts(folder: &Path) -> Vec<(String, u64)> {
    let once = "times = [\"0 h\"]";
    let daily = "every = \"1 day\"\ncycles = 84";
    let days = |visits: &str, days: u32| format!("every = \"{visits}\"\nuntil = \"{days} day\"");
    let made_up = [
        ("arms", cohort(40, 500, &days("1 day", 10), once, "")),
        ("many_patients", cohort(60_000, 1, &days("6 h", 1), once, "")),
        ("courses", cohort(800, 3, &days("1 h", 60), once, &courses(800))),
        ("some_courses", cohort(8_000, 2, &days("1 h", 4), once, &courses(100))),
        ("endpoints", cohort(2_000, 2, &days("1 h", 6), once, &values(120))),
        ("ledger", cohort(1_500, 2, &days("1 day", 84), daily, "[output]\ndoses = true")),
    ];
    let write = |(name, text): (&str, String)| {
        let file = folder.join(format!("{name}.toml"));
        let text = text.replace("MODELS", &root().join("models").display().to_string());
        fs::write(&file, text).unwrap();
        (file.display().to_string(), 0)
    };
    let shipped = [("quickstart", 1_000), ("phase1", 400), ("tmdd", 100), ("tusamitamab", 60)];
    let shipped = shipped.map(|(name, patients)| {
        (root().join("cohorts").join(name).with_extension("toml").display().to_string(), patients)
    });
    shipped.into_iter().chain(made_up.map(write)).collect()
}

/// Bytes of all files in a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let of = |entry: fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => size(&entry.path()),
        false => entry.metadata().unwrap().len(),
    };
    entries.map(of).sum()
}

/// Runs the program; the most resident memory that it had, bytes, where the system says.
fn peak(arguments: &[&str]) -> Option<u64> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vpop"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        peak = high_water_mark(&status).or(peak);
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{arguments:?}: {ended}");
            return peak;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[test]
fn disk_and_memory_are_foreseen() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (number, (file, patients)) in cohorts(scratch.path()).into_iter().enumerate() {
        let folder = scratch.path().join(format!("run{number}"));
        let output = folder.display().to_string();
        let count = patients.to_string();
        let of = if patients > 0 { vec![file.as_str(), "--patients", &count] } else { vec![file.as_str()] };
        let check = vpop(&[&["check"], &of[..], &["--json"]].concat());
        let foreseen: Value = serde_json::from_slice(&check.stdout).unwrap();
        let foreseen = |name: &str| foreseen["estimates"][name].as_f64().unwrap();
        let memory = peak(&[&["run"], &of[..], &["-o", &output]].concat());
        let disk = Some(size(&folder));
        for (name, taken) in [("bytes", disk), ("memory_bytes", memory)] {
            let Some(taken) = taken else { continue };
            let factor = foreseen(name) / taken as f64;
            eprintln!("{file}: {name} {:.3e} of {:.3e}", foreseen(name), taken as f64);
            if !(1.0 / FACTOR..FACTOR).contains(&factor) {
                wrong.push(format!("{file}: {factor:.2} times the {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A chain of 400 states with feedback: once a minute of work, and far more than the rest of the check.
#[test]
fn many_coupled_states_are_checked_in_seconds() {
    let scratch = tempfile::tempdir().unwrap();
    let states = 400;
    let equation = |i: usize| format!("    d/dt(x{i}) <- k * (x{} - x{i})\n", (i + states - 1) % states);
    let model = format!(
        "chain <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\")\n  ini({{\n    k <- 2\n  }})\n  \
         model({{\n{}  }})\n}}\n",
        (0..states).map(equation).collect::<String>()
    );
    fs::write(scratch.path().join("chain.R"), model).unwrap();
    let text = cohort(1, 1, "until = \"1 day\"", "times = [\"0 h\"]", "")
        .replace("MODELS/one_compartment_infusion.R", "chain.R")
        .replace("central", "x0")
        .replace("\"Cc\"", "\"x0\"");
    let file = scratch.path().join("chain.toml");
    fs::write(&file, text).unwrap();
    let started = std::time::Instant::now();
    let check = vpop(&["check", &file.display().to_string()]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(String::from_utf8_lossy(&check.stdout).contains("(400 states"));
}
