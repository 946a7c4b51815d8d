//! Faults on demand, for tests of what happens when a device fails in the middle of a run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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
    /// There is no memory left for the batch.
    OutOfMemory,
    /// The device computes something else first, for about so long.
    Hang(Duration),
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
            Some(Fault::Unbounded) => Ok(Most::UNBOUNDED),
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
            Some(Fault::OutOfMemory) => {
                let (adapter, reason) = (device.adapter().to_owned(), "a fault on demand".to_owned());
                Err(EngineError::OutOfMemory { adapter, reason })
            }
            Some(Fault::Hang(time)) => {
                hang(device, time)?;
                Ok(most)
            }
        }
    }
}

/// A loop whose turns no compiler can leave out, well below what drivers in software end a loop at.
const ENDLESS: &str = "
    @group(0) @binding(0) var<storage, read_write> word: atomic<u32>;
    @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
        for (var turn = 0u; turn < 1000u; turn++) { atomicMax(&word, turn * id.x + atomicLoad(&word) % 7u); }
    }";

/// So many million turns at most.
const MOST: f64 = 65_535.0;

/// Gives the device something to do before whatever comes next, for about so long: a little of it tells how fast
/// the device is.
fn hang(device: &Device, time: Duration) -> Result<(), EngineError> {
    let little = 10;
    let started = Instant::now();
    device.run(turns(device, little)?, &[])?;
    let millions = f64::from(little) * time.as_secs_f64() / started.elapsed().as_secs_f64();
    let commands = turns(device, millions.clamp(1.0, MOST) as u32)?;
    device.checked(|_| {
        device.queue.submit([commands]);
    })
}

/// So many million turns of a loop.
fn turns(device: &Device, millions: u32) -> Result<wgpu::CommandBuffer, EngineError> {
    device.checked(|gpu| {
        let source = wgpu::ShaderSource::Wgsl(ENDLESS.into());
        let module = gpu.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
        let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let word = gpu.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 4,
            usage: wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        });
        let bindings = gpu.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: word.as_entire_binding() }],
        });
        let mut encoder = gpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        pass.dispatch_workgroups(1000, millions, 1);
        drop(pass);
        encoder.finish()
    })
}
