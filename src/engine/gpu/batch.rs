//! The buffers of one batch of patients, allocated once and used again.

use wgpu::BufferUsages as Usage;

use crate::engine::EngineError;

use super::buffers::{Buffer, Job};
use super::device::Device;
use super::itineraries::Room;
use super::layout::{Layout, WORD};
use super::pipeline::Pipeline;

/// Bytes of the counters.
const COUNTERS: u64 = 2 * WORD;

/// The sets of words that are read back.
pub(crate) struct Results {
    pub(crate) accumulators: Vec<u32>,
    pub(crate) outcomes: Vec<u32>,
    pub(crate) ledger: Vec<u32>,
    pub(crate) trajectories: Vec<u32>,
}

/// Buffers for a number of patients.
#[derive(Debug)]
pub(crate) struct Batch {
    job: wgpu::Buffer,
    /// In order of [`Buffer::ALL`].
    buffers: Vec<wgpu::Buffer>,
    bindings: wgpu::BindGroup,
    /// Where the host reads the counters, the accumulators, the outcomes, the ledger and the time courses.
    counters: wgpu::Buffer,
    accumulators: wgpu::Buffer,
    outcomes: wgpu::Buffer,
    ledger: wgpu::Buffer,
    trajectories: wgpu::Buffer,
    patients: u64,
    followed: u64,
    /// What each patient of a data set may take.
    room: Option<Room>,
}

impl Batch {
    /// Buffers for so many patients, of whom so many are followed.
    pub(crate) fn new(
        device: &Device,
        pipeline: &Pipeline,
        layout: &Layout,
        patients: u64,
        followed: u64,
    ) -> Result<Self, EngineError> {
        let bytes = |buffer: Buffer| {
            let of = if buffer == Buffer::Trajectories { followed } else { patients };
            of * WORD * layout.words_per_patient(buffer) as u64
        };
        let size = |buffer: Buffer| match buffer {
            Buffer::Plan => size_of_val(&layout.tables.words[..]) as u64,
            Buffer::Counters => COUNTERS,
            _ => bytes(buffer),
        };
        let result_bytes = patients * layout.arms as u64 * layout.results as u64 * WORD;
        let batch = device.checked(|gpu| {
            let make = |label: &str, size: u64, usage: Usage| {
                gpu.create_buffer(&wgpu::BufferDescriptor {
                    label: Some(label),
                    // A binding must not be empty.
                    size: size.max(4 * WORD),
                    usage,
                    mapped_at_creation: false,
                })
            };
            let storage = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
            let staging = Usage::MAP_READ | Usage::COPY_DST;
            let job = make("job", size_of::<Job>() as u64, Usage::UNIFORM | Usage::COPY_DST);
            let buffers: Vec<wgpu::Buffer> =
                Buffer::ALL.iter().map(|&buffer| make(buffer.name(), size(buffer), storage)).collect();
            let bindings = pipeline.bind(gpu, &job, &buffers);
            Self {
                counters: make("read counters", COUNTERS, staging),
                accumulators: make("read accumulators", size(Buffer::Accumulators), staging),
                outcomes: make("read outcomes", result_bytes, staging),
                ledger: make("read ledger", size(Buffer::Ledger), staging),
                trajectories: make("read trajectories", size(Buffer::Trajectories), staging),
                job,
                buffers,
                bindings,
                patients,
                followed,
                room: layout.recorded.as_ref().map(|recorded| recorded.room),
            }
        })?;
        batch.write(device, Buffer::Plan, &layout.tables.words)?;
        Ok(batch)
    }

    /// Whether so many patients fit in.
    pub(crate) fn holds(&self, layout: &Layout, patients: u64, followed: u64) -> bool {
        let needed = layout.recorded.as_ref().map(|recorded| recorded.room);
        let has_room = needed.zip(self.room).is_none_or(|(needed, room)| needed.fits(room));
        patients <= self.patients && followed <= self.followed && has_room
    }

    /// Writes the first words of a buffer.
    pub(crate) fn write(&self, device: &Device, buffer: Buffer, words: &[u32]) -> Result<(), EngineError> {
        device.checked(|_| device.queue.write_buffer(self.buffer(buffer), 0, bytemuck::cast_slice(words)))
    }

    /// Lets every item go on as far as the job says: how many are not done yet.
    pub(crate) fn dispatch(
        &self,
        device: &Device,
        pipeline: &Pipeline,
        job: &Job,
    ) -> Result<u32, EngineError> {
        let commands = device.checked(|gpu| {
            device.queue.write_buffer(&self.job, 0, bytemuck::bytes_of(job));
            let mut encoder = gpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.clear_buffer(self.buffer(Buffer::Counters), 0, None);
            pipeline.encode(&mut encoder, &self.bindings, job.items);
            encoder.copy_buffer_to_buffer(self.buffer(Buffer::Counters), 0, &self.counters, 0, COUNTERS);
            encoder.finish()
        })?;
        let counters = device.run(commands, &[(&self.counters, COUNTERS)])?;
        match counters[0][..] {
            [unfinished, 0, ..] => Ok(unfinished),
            _ => Err(EngineError::CutShort { adapter: device.adapter().to_owned() }),
        }
    }

    /// What came out, once every item is done.
    pub(crate) fn results(
        &self,
        device: &Device,
        layout: &Layout,
        job: &Job,
    ) -> Result<Results, EngineError> {
        let items = u64::from(job.items) * WORD;
        let accumulators = items * layout.accumulator_rows as u64;
        let outcomes = items * layout.results as u64;
        let ledger = items * layout.ledger_words() as u64;
        let trajectories =
            u64::from(job.followed) * layout.words_per_patient(Buffer::Trajectories) as u64 * WORD;
        let parts = [
            (Buffer::Accumulators, &self.accumulators, accumulators),
            (Buffer::Outcomes, &self.outcomes, outcomes),
            (Buffer::Ledger, &self.ledger, ledger),
            (Buffer::Trajectories, &self.trajectories, trajectories),
        ];
        let commands = device.checked(|gpu| {
            let mut encoder = gpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            for (from, to, bytes) in parts.iter().filter(|(_, _, bytes)| *bytes > 0) {
                encoder.copy_buffer_to_buffer(self.buffer(*from), 0, to, 0, *bytes);
            }
            encoder.finish()
        })?;
        let read = device.run(commands, &parts.map(|(_, buffer, bytes)| (buffer, bytes)))?;
        let mut read = read.into_iter();
        let mut next = || read.next().unwrap_or_default();
        Ok(Results { accumulators: next(), outcomes: next(), ledger: next(), trajectories: next() })
    }

    fn buffer(&self, buffer: Buffer) -> &wgpu::Buffer {
        &self.buffers[buffer as usize]
    }
}
