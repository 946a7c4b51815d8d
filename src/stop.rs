//! Being asked to stop: what is being written is finished, and it is said how to go on.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;

use crate::diagnostic::Cause;

/// What asks a process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// `SIGINT`, as of Ctrl-C.
    Interrupt,
    /// `SIGTERM`, as of a scheduler at the end of a job's time.
    Terminate,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Interrupt, Self::Terminate];

    /// Its number, the same on every system.
    pub const fn number(self) -> u8 {
        match self {
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }

    /// The exit status of a process that it ended, as shells count.
    pub const fn exit_status(self) -> u8 {
        128 + self.number()
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// Whether the process was asked to stop. Clones are asked together.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Number of the signal; 0 before it comes.
    signal: Arc<AtomicUsize>,
    /// What the user can do then.
    how_to_go_on: &'static str,
}

impl Stop {
    /// One that a number is written into when a signal comes.
    pub fn new(signal: Arc<AtomicUsize>, how_to_go_on: &'static str) -> Self {
        Self { signal, how_to_go_on }
    }

    /// The signal, if it came.
    pub fn asked(&self) -> Option<Signal> {
        let number = self.signal.load(Ordering::Relaxed);
        Signal::ALL.into_iter().find(|signal| usize::from(signal.number()) == number)
    }

    /// Goes on unless it was asked to stop; `left` says what there is then.
    ///
    /// # Errors
    /// [`Stopped`] if it was.
    pub fn check(&self, left: impl FnOnce() -> String) -> Result<(), Stopped> {
        match self.asked() {
            None => Ok(()),
            Some(signal) => Err(Stopped { signal, left: left(), how_to_go_on: self.how_to_go_on }),
        }
    }
}

/// That something was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("stopped by {signal}: {left}")]
pub struct Stopped {
    signal: Signal,
    left: String,
    how_to_go_on: &'static str,
}

impl Cause for Stopped {
    fn help(&self) -> Option<String> {
        Some(self.how_to_go_on.to_owned())
    }

    fn is_of_input(&self) -> bool {
        false
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.signal)
    }
}
