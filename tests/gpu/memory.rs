//! Memory does not grow with the number of patients.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use vpop::engine::gpu::Adapter;

use crate::common::root;
use crate::runs::short_text;

/// What ten times the patients may take more, of the million's 900,000: columns of 8 bytes that are read
/// back one at a time for distributions (one and its sorted copy) and for the number of draws.
const MORE: u64 = 32 << 20;

pub(crate) fn stays_flat(adapter: &Adapter) {
    if !cfg!(target_os = "linux") {
        eprintln!("not measured: needs /proc");
        return;
    }
    let [few, many] = [100_000, 1_000_000].map(|patients| peak(adapter, patients));
    eprintln!("peak of resident memory: {} MiB, {} MiB", few >> 20, many >> 20);
    assert!(many <= few + MORE, "{few} and {many} bytes");
}

/// Bytes of resident memory of a run on the device at most.
fn peak(adapter: &Adapter, patients: u64) -> u64 {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = scratch.path().join("short.toml");
    let models = root().join("models");
    fs::write(&cohort, short_text(patients).replace("MODELS", &models.display().to_string())).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_vpop"))
        .arg("run")
        .arg(&cohort)
        .arg("-o")
        .arg(scratch.path().join("run"))
        .args(["--backend", "gpu", "--adapter", &adapter.name])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        peak = high_water_mark(Path::new(&status)).unwrap_or(peak);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        thread::sleep(Duration::from_millis(10));
    };
    assert!(ended.success() && peak > 0, "{ended}, {peak} bytes");
    peak
}

/// The most resident memory that a process has had so far; none once it has ended.
fn high_water_mark(status: &Path) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
