//! The `vpop` command.

fn main() {}
