//! Which engine solves a plan: what is asked for, what there is, and why.

use std::fmt;
#[cfg(feature = "gpu")]
use std::{
    panic,
    sync::{Mutex, OnceLock},
    thread::{self, JoinHandle},
};

use super::Engine;
use super::cpu::{Cpu, Isa};
#[cfg(feature = "gpu")]
use super::gpu::{self, Adapter, Kind, Watched, WithCpuFallback};
use super::program::Program;
use crate::diagnostic::Cause;
#[cfg(feature = "gpu")]
use crate::sync::lock;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Backend {
    /// A GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The best adapter there is, a software one last.
    Gpu,
    /// The CPU engine in f64: the reference.
    Cpu,
    /// The CPU engine in f32: the same arithmetic as on a GPU, to tell rounding from a fault.
    CpuF32,
}

/// How to choose an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// What is asked for.
    pub backend: Backend,
    /// The adapter to take; no other will do: part of its name, its place on the PCI bus, or its number among
    /// [`gpu::adapters`].
    pub adapter: Option<String>,
    /// What to do with patients that the device fails on.
    pub on_failure: OnFailure,
}

/// What to do with patients that a device fails on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The CPU solves it, be it one patient or everything.
    #[default]
    Fallback,
    /// The CPU solves single patients; a device that is lost, or refuses the plan, is an error.
    Abort,
    /// Nothing is made good: a patient keeps its status, and any failure of the device is an error.
    Report,
}

/// An engine, and why it is this one.
pub struct Selected {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// Why, in a sentence.
    pub reason: String,
    /// What the user should know about it.
    pub warning: Option<String>,
    /// Whether it is the reference itself, which need not be compared with it.
    pub is_reference: bool,
}

impl fmt::Debug for Selected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.engine.name(), self.reason)
    }
}

/// Why there is no engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// This program was built for the CPU alone.
    #[error("this vpop was built without GPU support")]
    NotBuilt,
    /// No driver presents an adapter.
    #[error("no GPU was found, not even one in software")]
    NoAdapter,
    /// There is no such adapter.
    #[error("no adapter has `{name}` in its name, for its PCI bus or as its number")]
    UnknownAdapter {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// An adapter was named for an engine that has none.
    #[error("`--adapter` names a GPU, but `--backend` asks for the CPU")]
    AdapterOfCpu,
    /// The device refused the plan, and nothing else will do.
    #[error(transparent)]
    Refused(#[from] super::EngineError),
}

impl Cause for SelectionError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NotBuilt => "build it with its `gpu` feature, which is on by default".into(),
            Self::NoAdapter => {
                "install the graphics driver (on Debian, software: mesa-vulkan-drivers), or use `--backend cpu`"
                    .into()
            }
            Self::UnknownAdapter { known, .. } if known.is_empty() => "no adapter was found".into(),
            Self::UnknownAdapter { known, .. } => format!("there is: {}", known.join("; ")),
            Self::AdapterOfCpu => "leave one of them out".into(),
            Self::Refused(error) => return error.help(),
        })
    }

    fn is_of_input(&self) -> bool {
        match self {
            Self::Refused(error) => error.is_of_input(),
            _ => true,
        }
    }
}

/// The devices of this machine, for which is looked on a thread of its own: drivers take their time.
#[derive(Debug, Default)]
pub struct Devices {
    #[cfg(feature = "gpu")]
    is_wanted: bool,
    #[cfg(feature = "gpu")]
    looking: Mutex<Option<JoinHandle<Vec<Adapter>>>>,
    #[cfg(feature = "gpu")]
    found: OnceLock<Vec<Adapter>>,
}

impl Devices {
    /// Begins to look for them, if what is asked for may be one.
    #[cfg(feature = "gpu")]
    pub fn look(backend: Backend) -> Self {
        let is_wanted = matches!(backend, Backend::Auto | Backend::Gpu);
        // Where there can be no such thread, who needs them first looks.
        let looking = is_wanted.then(|| thread::Builder::new().spawn(gpu::adapters).ok()).flatten();
        Self { is_wanted, looking: Mutex::new(looking), found: OnceLock::new() }
    }

    /// There are none.
    #[cfg(not(feature = "gpu"))]
    pub fn look(_: Backend) -> Self {
        Self {}
    }

    /// Those that were found, the best first.
    #[cfg(feature = "gpu")]
    fn found(&self) -> &[Adapter] {
        let looked = || lock(&self.looking).take().map(JoinHandle::join);
        self.found.get_or_init(|| match looked() {
            Some(found) => found.unwrap_or_else(|panic| panic::resume_unwind(panic)),
            None if self.is_wanted => gpu::adapters(),
            None => Vec::new(),
        })
    }
}

/// A program that ends does not leave a driver at work.
#[cfg(feature = "gpu")]
impl Drop for Devices {
    fn drop(&mut self) {
        let _ = lock(&self.looking).take().map(JoinHandle::join);
    }
}

/// Chooses and opens an engine for a plan.
///
/// # Errors
/// What was asked for is not there, or refuses the plan and may not be replaced by the CPU.
pub fn select(
    program: impl Into<Program>,
    isa: Isa,
    selection: &Selection,
) -> Result<Selected, SelectionError> {
    select_of(&Devices::look(selection.backend), program, isa, selection)
}

/// The same, devices being looked for already.
///
/// # Errors
/// As of [`select`].
pub fn select_of(
    devices: &Devices,
    program: impl Into<Program>,
    isa: Isa,
    selection: &Selection,
) -> Result<Selected, SelectionError> {
    let program = &program.into();
    match selection.backend {
        Backend::Cpu | Backend::CpuF32 if selection.adapter.is_some() => Err(SelectionError::AdapterOfCpu),
        Backend::Cpu => Ok(reference(program, isa, "as asked for".into())),
        Backend::CpuF32 => Ok(twin(program, isa)),
        Backend::Auto | Backend::Gpu => of_devices(devices, program, isa, selection),
    }
}

/// The CPU engine in f64.
fn reference(program: &Program, isa: Isa, reason: String) -> Selected {
    Selected { engine: Box::new(Cpu::new(program, isa)), reason, warning: None, is_reference: true }
}

/// The CPU engine in f32.
fn twin(program: &Program, isa: Isa) -> Selected {
    let engine = Box::new(Cpu::with_precision(program, isa, super::cpu::Precision::F32));
    Selected { engine, reason: "as asked for".into(), warning: None, is_reference: false }
}

#[cfg(not(feature = "gpu"))]
fn of_devices(
    _: &Devices,
    program: &Program,
    isa: Isa,
    selection: &Selection,
) -> Result<Selected, SelectionError> {
    if selection.backend == Backend::Gpu || selection.adapter.is_some() {
        return Err(SelectionError::NotBuilt);
    }
    Ok(reference(program, isa, "this vpop was built without GPU support".into()))
}

#[cfg(feature = "gpu")]
fn of_devices(
    devices: &Devices,
    program: &Program,
    isa: Isa,
    selection: &Selection,
) -> Result<Selected, SelectionError> {
    let adapter = match choose(devices.found(), selection)? {
        Choice::Adapter(adapter) => adapter,
        Choice::Cpu(reason) => return Ok(reference(program, isa, reason)),
    };
    if let Err(error) = gpu::fits(program) {
        return match (selection.backend, &selection.adapter) {
            (Backend::Auto, None) => Ok(reference(program, isa, error.to_string())),
            _ => Err(error.into()),
        };
    }
    let warning = (adapter.kind == Kind::Software).then(|| {
        format!("{} computes in software: slower than `--backend cpu`, for tests only", adapter.name)
    });
    match open(program, adapter, isa, selection.on_failure) {
        Ok(engine) => {
            let reason = format!("{} adapter, driver {}", adapter.kind, adapter.driver);
            Ok(Selected { engine, reason, warning, is_reference: false })
        }
        Err(error) if selection.on_failure == OnFailure::Fallback => {
            let details = error.to_string();
            let reason = details.lines().next().unwrap_or_default().to_owned();
            Ok(Selected { warning: Some(details), ..reference(program, isa, reason) })
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(feature = "gpu")]
fn open(
    program: &Program,
    adapter: &Adapter,
    isa: Isa,
    on_failure: OnFailure,
) -> Result<Box<dyn Engine>, super::EngineError> {
    Ok(match on_failure {
        OnFailure::Fallback | OnFailure::Abort => {
            Box::new(WithCpuFallback::new(program, adapter, isa, on_failure == OnFailure::Fallback)?)
        }
        OnFailure::Report => Box::new(Watched::new(program, adapter, isa)?),
    })
}

/// An adapter, or the CPU and why.
#[cfg(feature = "gpu")]
#[derive(Debug)]
pub enum Choice<'a> {
    /// This one.
    Adapter(&'a Adapter),
    /// None of them, for this reason.
    Cpu(String),
}

/// Which of the adapters, the best first, is taken.
///
/// # Errors
/// None is what was asked for.
#[cfg(feature = "gpu")]
pub fn choose<'a>(adapters: &'a [Adapter], selection: &Selection) -> Result<Choice<'a>, SelectionError> {
    if let Some(name) = &selection.adapter {
        let known = || adapters.iter().map(|adapter| adapter.name.clone()).collect();
        return called(adapters, name)
            .map(Choice::Adapter)
            .ok_or_else(|| SelectionError::UnknownAdapter { name: name.clone(), known: known() });
    }
    match (adapters.first(), selection.backend) {
        (Some(best), Backend::Gpu) => Ok(Choice::Adapter(best)),
        (None, Backend::Gpu) => Err(SelectionError::NoAdapter),
        (Some(best), _) if best.kind != Kind::Software => Ok(Choice::Adapter(best)),
        (Some(best), _) => Ok(Choice::Cpu(format!(
            "no GPU was found; the software adapter {} is taken only when asked for",
            best.name
        ))),
        (None, _) => Ok(Choice::Cpu("no GPU was found".into())),
    }
}

/// The adapter of a number, on a PCI bus, or else the first with such a name.
#[cfg(feature = "gpu")]
fn called<'a>(adapters: &'a [Adapter], name: &str) -> Option<&'a Adapter> {
    let name = name.trim().to_lowercase();
    let numbered = name.parse::<usize>().ok().and_then(|number| adapters.get(number));
    let on_bus = || adapters.iter().find(|adapter| adapter.pci_bus.eq_ignore_ascii_case(&name));
    let named = || adapters.iter().find(|adapter| adapter.name.to_lowercase().contains(&name));
    numbered.or_else(on_bus).or_else(named)
}

/// What `auto` takes of the adapters, the best first, and why; for a plan, if one is given.
#[cfg(feature = "gpu")]
pub fn automatic(adapters: &[Adapter], program: Option<&Program>) -> (String, String) {
    match choose(adapters, &Selection::default()) {
        Ok(Choice::Adapter(adapter)) => match program.map(gpu::fits) {
            Some(Err(error)) => ("the CPU".into(), error.to_string()),
            _ => (adapter.name.clone(), format!("the first {} adapter", adapter.kind)),
        },
        Ok(Choice::Cpu(reason)) => ("the CPU".into(), reason),
        Err(error) => ("nothing".into(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::EngineError;
    use super::*;

    #[test]
    fn a_device_that_refuses_is_not_the_users_mistake() {
        let refused = EngineError::Refused { adapter: "card".into(), reason: "no".into() };
        assert!(!SelectionError::Refused(refused).is_of_input());
        assert!(SelectionError::NoAdapter.is_of_input());
    }
}
