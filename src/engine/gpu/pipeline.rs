//! The compiled shader and how its buffers are bound.

use crate::engine::EngineError;

use super::buffers::Buffer;
use super::device::Device;
use super::layout::WORKGROUP;
use super::timestamps::Timestamps;

/// A shader, ready to be dispatched.
#[derive(Debug)]
pub(crate) struct Pipeline {
    bindings: wgpu::BindGroupLayout,
    pipeline: wgpu::ComputePipeline,
}

impl Pipeline {
    /// Compiles a shader.
    pub(crate) fn new(device: &Device, shader: &str) -> Result<Self, EngineError> {
        device.checked(|gpu| {
            let module = gpu.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("vpop"),
                source: wgpu::ShaderSource::Wgsl(shader.into()),
            });
            let entries: Vec<wgpu::BindGroupLayoutEntry> = entries().collect();
            let bindings = gpu.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some("vpop"),
                entries: &entries,
            });
            let layout = gpu.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("vpop"),
                bind_group_layouts: &[Some(&bindings)],
                immediate_size: 0,
            });
            let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some("vpop"),
                layout: Some(&layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            });
            Self { bindings, pipeline }
        })
    }

    /// Binds buffers, `buffers` in order of [`Buffer::ALL`].
    pub(crate) fn bind(
        &self,
        device: &wgpu::Device,
        job: &wgpu::Buffer,
        buffers: &[wgpu::Buffer],
    ) -> wgpu::BindGroup {
        let entries = [job]
            .into_iter()
            .chain(buffers)
            .zip(0..)
            .map(|(buffer, binding)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("vpop"),
            layout: &self.bindings,
            entries: &entries.collect::<Vec<_>>(),
        })
    }

    /// Adds one dispatch of so many invocations to some commands; of none, one in which nothing is done.
    pub(crate) fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        bindings: &wgpu::BindGroup,
        invocations: u32,
        timestamps: Option<&Timestamps>,
    ) {
        let timestamp_writes = timestamps.map(Timestamps::writes);
        let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes };
        let mut pass = encoder.begin_compute_pass(&descriptor);
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, bindings, &[]);
        pass.dispatch_workgroups(invocations.div_ceil(WORKGROUP).max(1), 1, 1);
    }
}

/// The job, then every buffer.
fn entries() -> impl Iterator<Item = wgpu::BindGroupLayoutEntry> {
    let storage =
        Buffer::ALL.map(|buffer| wgpu::BufferBindingType::Storage { read_only: buffer.read_only() });
    [wgpu::BufferBindingType::Uniform].into_iter().chain(storage).zip(0..).map(|(ty, binding)| {
        wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        }
    })
}
