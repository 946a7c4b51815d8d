//! The methods of integration, as data that every engine reads.

pub(crate) mod rodas5p;
pub(crate) mod tsit5;
