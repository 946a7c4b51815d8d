//! The adapters of this machine, the best first.

use std::fmt;
use std::sync::Arc;

use super::faults::Faults;
use super::patience::Patience;

/// What an adapter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A graphics card with its own memory.
    Discrete,
    /// One that shares the processor's memory.
    Integrated,
    /// A share of one, in a virtual machine.
    Virtual,
    /// The driver does not say.
    Other,
    /// No graphics hardware: the driver computes on the processor.
    Software,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Other => "other",
            Self::Software => "software",
        })
    }
}

/// An adapter as its driver presents it.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) adapter: wgpu::Adapter,
    /// Its name, as `NVIDIA H100`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Name and version of its driver.
    pub driver: String,
    /// The interface to it: `vulkan`, `metal` or `dx12`.
    pub interface: String,
    /// Where it sits on the PCI bus, as `0000:3b:00.0`; empty if its driver does not say.
    pub pci_bus: String,
    /// Bytes of a storage binding at most.
    pub binding_size: u64,
    /// Storage buffers of a shader at most.
    pub storage_buffers: u32,
    /// Invocations of a workgroup at most.
    pub workgroup: u32,
    pub(super) patience: Patience,
    pub(super) faults: Arc<Faults>,
}

impl Adapter {
    fn new(adapter: wgpu::Adapter) -> Self {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => Kind::Discrete,
            wgpu::DeviceType::IntegratedGpu => Kind::Integrated,
            wgpu::DeviceType::VirtualGpu => Kind::Virtual,
            wgpu::DeviceType::Other => Kind::Other,
            wgpu::DeviceType::Cpu => Kind::Software,
        };
        Self {
            kind,
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            interface: info.backend.to_str().to_owned(),
            pci_bus: info.device_pci_bus_id,
            binding_size: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
            storage_buffers: limits.max_storage_buffers_per_shader_stage,
            workgroup: limits.max_compute_invocations_per_workgroup,
            name: info.name,
            adapter,
            patience: Patience::with(kind),
            faults: Arc::default(),
        }
    }

    /// The same adapter, whose devices fail as they are told: for tests of what happens then.
    #[must_use]
    #[doc(hidden)]
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = Arc::new(faults);
        self
    }

    /// The same adapter, whose devices are taken for hung after so long.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.kind, self.driver)
    }
}

/// Every adapter that can run compute shaders, the best first.
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let mut adapters: Vec<Adapter> = found.into_iter().map(Adapter::new).collect();
    // Vulkan's compilers take long shaders better than those of other interfaces to the same card.
    adapters.sort_by_key(|adapter| (adapter.kind, adapter.interface != "vulkan"));
    adapters
}
