//! Which engine to use: the options that commands share.

use clap::ValueEnum;

use crate::engine::cpu::Isa;
use crate::engine::program::Program;
use crate::engine::selection::{Backend, Devices, OnFailure, Selected, Selection, SelectionError, select_of};

use super::streams::tell;

/// Which engine to use.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct EngineOptions {
    /// What solves the patients.
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND")]
    backend: BackendName,
    /// The GPU to take, and no other: a part of its name, its number or its PCI bus; `vpop devices` lists them.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
}

/// The names of [`Backend`] on the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum BackendName {
    /// A GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The best GPU there is, one in software last.
    Gpu,
    /// The CPU in f64: the reference.
    Cpu,
    /// The CPU in f32, as a GPU computes: tells rounding from a fault.
    CpuF32,
}

impl EngineOptions {
    /// Begins to look for devices, if they may be taken.
    pub(super) fn look(&self) -> Devices {
        Devices::look(self.backend())
    }

    /// Opens the engine for a plan.
    pub(super) fn open(
        &self,
        devices: &Devices,
        program: &Program,
        isa: Isa,
        on_failure: OnFailure,
    ) -> Result<Selected, SelectionError> {
        let selection = Selection { backend: self.backend(), adapter: self.adapter.clone(), on_failure };
        select_of(devices, program, isa, &selection)
    }

    fn backend(&self) -> Backend {
        match self.backend {
            BackendName::Auto => Backend::Auto,
            BackendName::Gpu => Backend::Gpu,
            BackendName::Cpu => Backend::Cpu,
            BackendName::CpuF32 => Backend::CpuF32,
        }
    }
}

/// Says on standard error which engine it is and why.
pub(super) fn announce(selected: &Selected) {
    tell(format_args!("engine: {} ({})", selected.engine.name(), selected.reason));
    if let Some(warning) = &selected.warning {
        tell(format_args!("warning: {warning}"));
    }
}
