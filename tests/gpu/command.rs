//! The program on a machine with this adapter.

use std::process::Output;

use serde_json::Value;
use vpop::engine::gpu::{Adapter, Kind};

use crate::common::{root, vpop};

fn run(arguments: &[&str]) -> Output {
    let quickstart = root().join("cohorts/quickstart.toml").display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run").display().to_string();
    vpop(&[&["run", &quickstart, "--patients", "50", "-o", &folder], arguments].concat())
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn devices_are_listed(adapter: &Adapter) {
    let text = vpop(&["devices"]);
    assert!(text.status.success() && String::from_utf8_lossy(&text.stdout).contains(&adapter.name));
    let json: Value = serde_json::from_slice(&vpop(&["devices", "--json"]).stdout).unwrap();
    let listed = json["adapters"].as_array().unwrap();
    let listed = listed.iter().find(|listed| listed["name"] == adapter.name.as_str()).unwrap();
    assert_eq!(listed["type"], adapter.kind.to_string());
    assert_eq!(listed["driver"], adapter.driver.as_str());
    if listed["type"] == "software" && json["adapters"].as_array().unwrap().len() == 1 {
        assert_eq!(json["auto"], "the CPU");
    }
}

pub(crate) fn a_run_on_the_gpu(adapter: &Adapter) {
    let output = run(&["--backend", "gpu", "--adapter", &adapter.name]);
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(&format!("engine: gpu {}", adapter.name)), "{said}");
    assert_eq!(said.contains("computes in software"), adapter.kind == Kind::Software, "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("are within what is promised"));
}

pub(crate) fn an_unknown_adapter_is_refused(adapter: &Adapter) {
    let output = run(&["--adapter", "nonsense"]);
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("nonsense") && said.contains("there is:"), "{said}");
    assert!(said.contains(adapter.name.split(' ').next().unwrap()), "{said}");
}
