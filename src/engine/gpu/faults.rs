//! Faults on demand, for tests of what happens when a device fails in the middle of a run.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::EngineError;

use super::device::Device;
use super::iterations::Most;

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The device is lost while it computes.
    Loss,
    /// An allocation is refused.
    Allocation,
    /// Dispatches go on as if no driver ended loops before their time.
    Unbounded,
}

/// Which batches fail, and how, counted over every device of an adapter.
#[derive(Debug, Default)]
pub struct Faults {
    plan: Vec<Option<Fault>>,
    batches: AtomicUsize,
}

impl Faults {
    /// The fault of each batch in turn, then none.
    pub fn new(plan: impl IntoIterator<Item = Option<Fault>>) -> Self {
        Self { plan: plan.into_iter().collect(), batches: AtomicUsize::new(0) }
    }

    /// Lets the next batch fail if it is its turn. What its dispatches may do at most.
    pub(super) fn strike(&self, device: &Device, most: Most) -> Result<Most, EngineError> {
        let batch = self.batches.fetch_add(1, Ordering::Relaxed);
        match self.plan.get(batch).copied().flatten() {
            None => Ok(most),
            Some(Fault::Unbounded) => Ok(Most { visits: u32::MAX, attempts: u32::MAX }),
            Some(Fault::Loss) => {
                device.device.destroy();
                Ok(most)
            }
            Some(Fault::Allocation) => {
                let more_than_there_is = wgpu::BufferDescriptor {
                    label: None,
                    size: device.device.limits().max_buffer_size + 4,
                    usage: wgpu::BufferUsages::STORAGE,
                    mapped_at_creation: false,
                };
                device.checked(|gpu| drop(gpu.create_buffer(&more_than_there_is)))?;
                Ok(most)
            }
        }
    }
}
