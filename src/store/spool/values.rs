//! Values of outcomes as bytes: of few whole numbers a byte each, of others their eight.

use std::borrow::Cow;

use crate::outcome::distribution::{Endpoint, EndpointKind, FAILED};
use crate::table::Values;

/// The bytes that stand for those without a value, and for those who did not reach the end, where values are small whole
/// numbers: flags, grades, labels.
const SMALL: [u8; 2] = [u8::MAX - 1, u8::MAX];
/// The greatest of the others: from the highest grade on no difference is made.
const GREATEST: u8 = SMALL[0] - 1;

/// Whether the values of an endpoint are few whole numbers, for which a byte is enough.
pub(super) fn is_small(endpoint: &Endpoint) -> bool {
    match &endpoint.kind {
        EndpointKind::Number | EndpointKind::FirstTime => false,
        EndpointKind::Flag | EndpointKind::FlagAmong(_) | EndpointKind::Grade => true,
        EndpointKind::Label(labels) => labels.len() < SMALL[0].into(),
    }
}

/// The values of some rows, of which some are of those who did not reach the end.
pub(super) fn encoded_of<'a>(values: &'a Values, failed: &[bool], is_small: bool) -> Cow<'a, [u8]> {
    let mut bytes = match values {
        Values::Number(values) if is_plain(is_small) => Cow::Borrowed(bytemuck::cast_slice(values)),
        Values::Number(values) => encoded(values.iter().copied(), is_small).into(),
        Values::Integer(values) => whole(values.iter().copied(), is_small).into(),
        Values::Flag(values) => whole(values.iter().map(|flag| flag.map(i64::from)), is_small).into(),
        Values::Label { codes, .. } => whole(codes.iter().map(|code| code.map(i64::from)), is_small).into(),
    };
    if failed.contains(&true) {
        let of_failed = encoded([FAILED].into_iter(), is_small);
        let of_rows = bytes.to_mut().chunks_exact_mut(of_failed.len()).zip(failed);
        of_rows.filter(|(_, failed)| **failed).for_each(|(bytes, _)| bytes.copy_from_slice(&of_failed));
    }
    bytes
}

/// Whether numbers are written as they are in memory.
fn is_plain(is_small: bool) -> bool {
    !is_small && cfg!(target_endian = "little")
}

fn whole(values: impl ExactSizeIterator<Item = Option<i64>>, is_small: bool) -> Vec<u8> {
    if is_small {
        let byte = |value: i64| value.clamp(0, i64::from(GREATEST)) as u8;
        return values.map(|value| value.map_or(SMALL[0], byte)).collect();
    }
    encoded(values.map(|value| value.map_or(f64::NAN, |value| value as f64)), is_small)
}

pub(super) fn encoded(values: impl ExactSizeIterator<Item = f64>, is_small: bool) -> Vec<u8> {
    if !is_small {
        let mut bytes = vec![0; 8 * values.len()];
        let chunks = bytes.as_chunks_mut().0.iter_mut();
        chunks.zip(values).for_each(|(bytes, value)| *bytes = value.to_le_bytes());
        return bytes;
    }
    let byte = |value: f64| match value.is_nan() {
        true => SMALL[usize::from(value.to_bits() == FAILED.to_bits())],
        false => (value as u8).min(GREATEST),
    };
    values.map(byte).collect()
}

pub(super) fn bytes_of(levels: Vec<u32>) -> Vec<u8> {
    levels.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// What a byte says.
pub(super) fn value_of_byte(byte: u8) -> f64 {
    let [missing, failed] = SMALL;
    match byte {
        _ if byte == missing => f64::NAN,
        _ if byte == failed => FAILED,
        small => f64::from(small),
    }
}
