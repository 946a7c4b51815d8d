//! Stiff models on the CPU engine.

mod classics;
mod order;
mod statistics;
