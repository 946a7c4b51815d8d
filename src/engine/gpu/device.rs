//! An open device: buffers, pipelines and submissions whose errors come back as values.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use crate::engine::EngineError;
use crate::sync::lock;

use super::timestamps::Timestamps;

/// A device, its queue, and what has gone wrong with it so far.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    adapter: String,
    /// How often it has answered.
    answers: AtomicU64,
    trouble: Arc<Mutex<Option<EngineError>>>,
}

impl Device {
    /// Opens an adapter within WebGPU's default limits, or its own where they are lower; its bindings may be as large as it
    /// has them.
    pub(crate) fn open(adapter: &wgpu::Adapter) -> Result<Self, EngineError> {
        let name = adapter.get_info().name;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("vpop"),
            required_features: Timestamps::feature(adapter),
            required_limits: limits(&adapter.limits()),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| EngineError::Refused { adapter: name.clone(), reason: error.to_string() })?;
        let trouble = Arc::new(Mutex::new(None));
        let (lost, uncaptured) = (Arc::clone(&trouble), Arc::clone(&trouble));
        let (of_lost, of_uncaptured) = (name.clone(), name.clone());
        device.set_device_lost_callback(move |_, reason| {
            note(&lost, EngineError::Lost { adapter: of_lost.clone(), reason });
        });
        device.on_uncaptured_error(Arc::new(move |error| {
            note(&uncaptured, of_wgpu(&of_uncaptured, &error));
        }));
        Ok(Self { device, queue, adapter: name, answers: AtomicU64::new(0), trouble })
    }

    /// Name of the adapter.
    pub(crate) fn adapter(&self) -> &str {
        &self.adapter
    }

    /// How often it has answered.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Bytes of a storage binding at most.
    pub(crate) fn binding_size(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
    }

    /// Does some work with the device, and says what it refused.
    pub(crate) fn checked<T>(&self, work: impl FnOnce(&wgpu::Device) -> T) -> Result<T, EngineError> {
        let scopes =
            [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation]
                .map(|filter| self.device.push_error_scope(filter));
        let result = work(&self.device);
        let mut found = None;
        for scope in scopes.into_iter().rev() {
            found = found.or(pollster::block_on(scope.pop()));
        }
        match found {
            Some(error) => {
                // Of a lost device everything is invalid; that it was lost is told when it is polled.
                let _ = self.device.poll(wgpu::PollType::Poll);
                self.healthy()?;
                Err(of_wgpu(&self.adapter, &error))
            }
            None => self.healthy().map(|()| result),
        }
    }

    /// Submits commands, waits until they are done, and reads the first bytes of buffers that they have
    /// filled. Waits for nothing that other threads have submitted since.
    pub(crate) fn run(
        &self,
        commands: wgpu::CommandBuffer,
        buffers: &[(&wgpu::Buffer, u64)],
    ) -> Result<Vec<Vec<u32>>, EngineError> {
        let submission = self.checked(|_| self.queue.submit([commands]))?;
        let (sender, receiver) = mpsc::channel();
        for (buffer, bytes) in buffers.iter().filter(|(_, bytes)| *bytes > 0) {
            let sender = sender.clone();
            // The receiver lives until every answer is there.
            let answer = move |mapped| drop(sender.send(mapped));
            buffer.slice(..*bytes).map_async(wgpu::MapMode::Read, answer);
        }
        drop(sender);
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        let polled = self.device.poll(wait);
        self.healthy()?;
        polled.map_err(|error| self.lost(&error.to_string()))?;
        while let Ok(mapped) = receiver.recv() {
            mapped.map_err(|error| self.lost(&error.to_string()))?;
        }
        self.answers.fetch_add(1, Ordering::Relaxed);
        buffers.iter().map(|(buffer, bytes)| self.words(buffer, *bytes)).collect()
    }

    fn words(&self, buffer: &wgpu::Buffer, bytes: u64) -> Result<Vec<u32>, EngineError> {
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let view = buffer.slice(..bytes).get_mapped_range();
        let words = view.map(|view| bytemuck::pod_collect_to_vec(&view));
        buffer.unmap();
        words.map_err(|error| self.lost(&error.to_string()))
    }

    fn healthy(&self) -> Result<(), EngineError> {
        match &*lock(&self.trouble) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn lost(&self, reason: &str) -> EngineError {
        EngineError::Lost { adapter: self.adapter.clone(), reason: reason.to_owned() }
    }
}

fn limits(own: &wgpu::Limits) -> wgpu::Limits {
    wgpu::Limits {
        max_storage_buffer_binding_size: own.max_storage_buffer_binding_size,
        max_buffer_size: own.max_buffer_size,
        ..wgpu::Limits::defaults().or_worse_values_from(own)
    }
}

/// Keeps the first trouble, which is the cause of those that follow.
fn note(trouble: &Mutex<Option<EngineError>>, error: EngineError) {
    lock(trouble).get_or_insert(error);
}

fn of_wgpu(adapter: &str, error: &wgpu::Error) -> EngineError {
    let (adapter, reason) = (adapter.to_owned(), error.to_string());
    match error {
        wgpu::Error::OutOfMemory { .. } => EngineError::OutOfMemory { adapter, reason },
        _ => EngineError::Refused { adapter, reason },
    }
}
