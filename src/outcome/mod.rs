//! What came out: the rows of each set, distributions over patients, and the summary.

pub mod rows;
