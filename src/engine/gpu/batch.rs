//! The buffers of one batch of patients, allocated once and used again.

use std::time::{Duration, Instant};

use wgpu::BufferUsages as Usage;

use crate::engine::EngineError;

use super::buffers::{Buffer, Job};
use super::device::Device;
use super::itineraries::Room;
use super::layout::{Layout, WORD};
use super::order;
use super::pipeline::Pipeline;
use super::timestamps::Timestamps;

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
    timestamps: Option<Timestamps>,
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
                timestamps: Timestamps::new(gpu, &device.queue),
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
        self.write_behind(device, buffer, 0, words)
    }

    /// Writes words of a buffer behind so many others.
    fn write_behind(
        &self,
        device: &Device,
        buffer: Buffer,
        others: u64,
        words: &[u32],
    ) -> Result<(), EngineError> {
        let (to, bytes) = (self.buffer(buffer), bytemuck::cast_slice(words));
        device.checked(|_| device.queue.write_buffer(to, others * WORD, bytes))
    }

    /// Puts the items that are not done in order.
    pub(crate) fn reorder(&self, device: &Device, layout: &Layout, job: &mut Job) -> Result<(), EngineError> {
        let bytes = 3 * u64::from(job.items) * WORD;
        let commands = device.checked(|gpu| {
            let mut encoder = gpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let outcomes = self.buffer(Buffer::Outcomes);
            encoder.copy_buffer_to_buffer(outcomes, 0, &self.outcomes, 0, bytes);
            encoder.finish()
        })?;
        let progress = device.run(commands, &[(&self.outcomes, bytes)])?.remove(0);
        let order = order::order(&progress, job.patients as usize);
        (job.invocations, job.ordered) = (order.len() as u32, 1);
        let others = layout.results as u64 * u64::from(job.items);
        self.write_behind(device, Buffer::Outcomes, others, &order)
    }

    /// Lets every item of the job go on as far as it says: how many are not done yet, and how long it took.
    pub(crate) fn dispatch(
        &self,
        device: &Device,
        pipeline: &Pipeline,
        job: &Job,
    ) -> Result<(u32, Duration), EngineError> {
        let started = Instant::now();
        let timestamps = self.timestamps.as_ref();
        let commands = device.checked(|gpu| {
            device.queue.write_buffer(&self.job, 0, bytemuck::bytes_of(job));
            let mut encoder = gpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.clear_buffer(self.buffer(Buffer::Counters), 0, None);
            pipeline.encode(&mut encoder, &self.bindings, job.invocations, timestamps);
            encoder.copy_buffer_to_buffer(self.buffer(Buffer::Counters), 0, &self.counters, 0, COUNTERS);
            timestamps.inspect(|timestamps| timestamps.fetch(&mut encoder));
            encoder.finish()
        })?;
        let times = timestamps.map(|timestamps| (timestamps.buffer(), Timestamps::BYTES));
        let buffers: Vec<_> = [(&self.counters, COUNTERS)].into_iter().chain(times).collect();
        let read = device.run(commands, &buffers)?;
        let by_device = timestamps.zip(read.get(1)).and_then(|(timestamps, words)| timestamps.elapsed(words));
        match read[0][..] {
            [unfinished, 0, ..] => Ok((unfinished, by_device.unwrap_or_else(|| started.elapsed()))),
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
