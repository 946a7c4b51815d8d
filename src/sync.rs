//! Values that threads share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a value that every holder leaves whole: that another thread has panicked changes nothing of it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
