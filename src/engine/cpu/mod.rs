//! The CPU engine: f64, many patients at once.
