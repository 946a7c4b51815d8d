//! Signals that ask the program to stop.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::flag;

use super::streams::tell;
use crate::stop::{Signal, Stop};

/// What the handlers of signals share with the program.
struct Shared {
    /// Number of the signal that came; 0 before.
    came: Arc<AtomicUsize>,
    /// Whether a signal ends the program at once.
    at_once: Arc<AtomicBool>,
}

static SHARED: LazyLock<Shared> =
    LazyLock::new(|| Shared { came: Arc::default(), at_once: Arc::new(AtomicBool::new(true)) });

/// From now on a signal ends the program at once, with the status of the signal.
pub fn listen() {
    for signal in Signal::ALL {
        let number = i32::from(signal.number());
        // In this order: the first signal of a program that writes is noted, the second one ends it. What cannot be
        // registered keeps its usual effect, which is to end the program.
        let _ = flag::register_conditional_shutdown(
            number,
            signal.exit_status().into(),
            Arc::clone(&SHARED.at_once),
        )
        .and_then(|_| flag::register_usize(number, Arc::clone(&SHARED.came), signal.number().into()))
        .and_then(|_| flag::register(number, Arc::clone(&SHARED.at_once)));
    }
}

/// From now on the first signal asks the program to stop, and only the second ends it at once.
pub(super) fn asked_first(how_to_go_on: &'static str) -> Stop {
    SHARED.at_once.store(false, Ordering::Relaxed);
    Stop::new(Arc::clone(&SHARED.came), how_to_go_on)
}

/// Says once that the program was asked to stop, and what comes first.
pub(super) struct Stopping<'a> {
    stop: &'a Stop,
    first: &'static str,
    is_told: bool,
}

impl<'a> Stopping<'a> {
    pub(super) fn new(stop: &'a Stop, first: &'static str) -> Self {
        Self { stop, first, is_told: false }
    }

    pub(super) fn tell_once(&mut self) {
        let asked = self.stop.asked().filter(|_| !self.is_told);
        if let Some(signal) = asked {
            self.is_told = true;
            tell(format_args!("{signal}: {}; a second signal ends at once", self.first));
        }
    }
}
