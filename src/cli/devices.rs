//! `vpop devices`: the adapters of this machine, and which one a run takes.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::engine::gpu::{Adapter, adapters};
use crate::engine::selection::automatic;

use super::streams::{answer, answer_json};
use crate::readable::bytes;

/// What `vpop devices` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// Lists the adapters.
pub fn main(options: &Options) -> ExitCode {
    let adapters = adapters();
    let (taken, reason) = automatic(&adapters, None);
    if options.json {
        let list: Vec<Value> = adapters.iter().enumerate().map(describe).collect();
        return answer_json(&json!({ "adapters": list, "auto": taken, "reason": reason }), ExitCode::SUCCESS);
    }
    let text = format!("{}\n\n`--backend auto` takes {taken}: {reason}", listed(&adapters));
    answer(text, ExitCode::SUCCESS)
}

fn listed(adapters: &[Adapter]) -> String {
    if adapters.is_empty() {
        return "no adapter was found".into();
    }
    let header = [
        "number",
        "adapter",
        "type",
        "driver",
        "interface",
        "PCI bus",
        "largest binding",
        "buffers",
        "workgroup",
    ];
    let rows = adapters.iter().enumerate().map(|(number, adapter)| {
        [
            number.to_string(),
            adapter.name.clone(),
            adapter.kind.to_string(),
            adapter.driver.clone(),
            adapter.interface.clone(),
            adapter.pci_bus.clone(),
            bytes(adapter.binding_size),
            adapter.storage_buffers.to_string(),
            adapter.workgroup.to_string(),
        ]
    });
    super::table::table(header, rows, header.len()..).to_string()
}

fn describe((number, adapter): (usize, &Adapter)) -> Value {
    json!({
        "number": number,
        "name": adapter.name,
        "type": adapter.kind.to_string(),
        "driver": adapter.driver,
        "interface": adapter.interface,
        "pci_bus": adapter.pci_bus,
        "largest_binding_bytes": adapter.binding_size,
        "storage_buffers_per_stage": adapter.storage_buffers,
        "invocations_per_workgroup": adapter.workgroup,
    })
}
