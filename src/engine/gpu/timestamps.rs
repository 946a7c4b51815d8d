//! How long a dispatch takes by the clock of the device, which does not count what others have submitted before it.

use std::time::Duration;

use super::layout::WORD;

/// Words of two times of 64 bits.
const WORDS: u64 = 4;

/// Two times of one dispatch, and where the host reads them.
#[derive(Debug)]
pub(super) struct Timestamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    read: wgpu::Buffer,
    /// Nanoseconds of a tick of the device.
    period: f32,
}

impl Timestamps {
    /// What the device must be asked for to have a clock; nothing if it has none.
    pub(super) fn feature(adapter: &wgpu::Adapter) -> wgpu::Features {
        adapter.features() & wgpu::Features::TIMESTAMP_QUERY
    }

    /// Room for the times of one dispatch, if the device has a clock.
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        let buffer = |label: &str, usage: wgpu::BufferUsages| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: Self::BYTES,
                usage,
                mapped_at_creation: false,
            })
        };
        let queries =
            wgpu::QuerySetDescriptor { label: Some("times"), ty: wgpu::QueryType::Timestamp, count: 2 };
        Some(Self {
            queries: device.create_query_set(&queries),
            resolved: buffer("times", wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            read: buffer("read times", wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST),
            period: queue.get_timestamp_period(),
        })
    }

    /// Bytes of what the host reads.
    pub(super) const BYTES: u64 = WORDS * WORD;

    /// Where the host reads them.
    pub(super) fn buffer(&self) -> &wgpu::Buffer {
        &self.read
    }

    /// What makes a pass note when it begins and ends.
    pub(super) fn writes(&self) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(0),
            end_of_pass_write_index: Some(1),
        }
    }

    /// Brings the times to where the host reads them.
    pub(super) fn fetch(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.queries, 0..2, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.read, 0, Self::BYTES);
    }

    /// The time between them; nothing if they make no sense, which drivers are known for.
    pub(super) fn elapsed(&self, words: &[u32]) -> Option<Duration> {
        let [low, high, low_after, high_after] = *words else { return None };
        let time = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        let ticks = time(low_after, high_after).checked_sub(time(low, high)).filter(|&ticks| ticks > 0)?;
        Duration::try_from_secs_f64(1e-9 * f64::from(self.period) * ticks as f64).ok()
    }
}
