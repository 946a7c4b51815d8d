//! Values that threads share, and threads beside those that compute.

use std::panic;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Locks a value that every holder leaves whole: that another thread has panicked changes nothing of it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What comes of each, in order: each on a thread of its own, for what waits for the disk, or for others, must not keep those
/// that compute from it.
pub(crate) fn apart<T: Send, R: Send>(
    all: impl IntoIterator<Item = T>,
    of: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    thread::scope(|scope| {
        let of = &of;
        let threads: Vec<_> = all.into_iter().map(|each| scope.spawn(move || of(each))).collect();
        let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|ended| ended.unwrap_or_else(|panic| panic::resume_unwind(panic))).collect()
    })
}
