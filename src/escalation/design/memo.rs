//! Posteriors that have been computed: they depend on the counts alone, and trials meet the same counts again
//! and again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::Tally;

/// Toxicities and evaluable patients at each dose.
type Counts = Vec<[u32; 2]>;

/// What has been computed, by counts.
pub(super) struct Memo<T>(RwLock<HashMap<Counts, Arc<T>>>);

impl<T> Memo<T> {
    pub(super) fn new() -> Self {
        Self(RwLock::new(HashMap::new()))
    }

    /// What was computed before for these counts, or is now.
    pub(super) fn get(&self, tallies: &[Tally], compute: impl FnOnce(&[Tally]) -> T) -> Arc<T> {
        let counts: Counts = tallies.iter().map(|tally| [tally.dlts, tally.evaluable]).collect();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&counts).cloned();
        known.unwrap_or_else(|| {
            let computed = Arc::new(compute(tallies));
            let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(map.entry(counts).or_insert(computed))
        })
    }
}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}
