//! Values of outcomes as bytes: of few whole numbers a byte each, of others their eight.

use crate::outcome::distribution::{Endpoint, EndpointKind, FAILED};
use crate::table::Values;

/// The bytes that stand for those without a value, and for those who did not reach the end, where values are small whole
/// numbers: flags, grades, labels.
const SMALL: [u8; 2] = [u8::MAX - 1, u8::MAX];

/// Whether the values of an endpoint are few whole numbers, for which a byte is enough.
pub(super) fn is_small(endpoint: &Endpoint) -> bool {
    match &endpoint.kind {
        EndpointKind::Number | EndpointKind::FirstTime => false,
        EndpointKind::Flag | EndpointKind::FlagAmong(_) | EndpointKind::Grade => true,
        EndpointKind::Label(labels) => labels.len() < SMALL[0].into(),
    }
}

/// The values of some rows, of which some are of those who did not reach the end.
pub(super) fn encoded_of(values: &Values, failed: &[bool], is_small: bool) -> Vec<u8> {
    let known = |(value, &failed): (f64, &bool)| if failed { FAILED } else { value };
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    match values {
        Values::Number(values) => encoded(values.iter().copied().zip(failed).map(known), is_small),
        Values::Integer(values) => {
            let numbers = values.iter().map(|value| number(value.map(|value| value as f64)));
            encoded(numbers.zip(failed).map(known), is_small)
        }
        Values::Flag(values) => {
            let numbers = values.iter().map(|value| number(value.map(f64::from)));
            encoded(numbers.zip(failed).map(known), is_small)
        }
        Values::Label { codes, .. } => {
            let numbers = codes.iter().map(|code| number(code.map(f64::from)));
            encoded(numbers.zip(failed).map(known), is_small)
        }
    }
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
        // From the highest grade on no difference is made.
        false => (value as u8).min(SMALL[0] - 1),
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
