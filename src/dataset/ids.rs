//! Which IDs there have been, in little memory.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;

use super::record::Subject;
use super::spool::{OneByOne, Spool, SpoolWriter};

/// IDs that have come to an end, so that one that comes again is noticed. While IDs ascend none can have been there
/// before, and only the last is kept.
#[derive(Default)]
pub(super) struct EndedIds {
    last: Option<String>,
    /// Fingerprints of all, once IDs have not ascended.
    all: Option<HashSet<u64>>,
    /// IDs of which it is known that they come again.
    told: HashSet<String>,
}

impl EndedIds {
    /// The last row of an ID that begins, if it has ended before; that is told once. `spool` holds all that have ended.
    pub(super) fn begins(&mut self, id: &str, spool: &mut SpoolWriter) -> io::Result<Option<u64>> {
        let ascends = self.last.as_deref().is_none_or(|last| order(last, id) == Ordering::Less);
        if self.all.is_none() && ascends {
            return Ok(None);
        }
        let spool = spool.so_far()?;
        if self.all.is_none() {
            let mut all = HashSet::new();
            spool.each(|subject| {
                all.insert(fingerprint(&subject.id));
            })?;
            self.all = Some(all);
        }
        let may_be = self.all.as_ref().is_some_and(|all| all.contains(&fingerprint(id)));
        if !may_be || !self.told.insert(id.to_owned()) {
            return Ok(None);
        }
        let mut ended = None;
        spool.each(|subject| {
            if subject.id == id {
                ended = subject.records.last().map(|record| record.row);
            }
        })?;
        Ok(ended)
    }

    /// An ID has come to an end.
    pub(super) fn end(&mut self, id: &str) {
        if let Some(all) = &mut self.all {
            all.insert(fingerprint(id));
        }
        self.last = Some(id.to_owned());
    }
}

/// Individuals that are asked for by their IDs, mostly in their order.
#[derive(Debug)]
pub(super) struct ById {
    subjects: OneByOne,
    /// The position behind the last that was found.
    next: usize,
    /// Where fingerprints of IDs are, once they have been asked for in another order.
    positions: Option<HashMap<u64, u32>>,
}

impl ById {
    pub(super) fn new(spool: Spool) -> Self {
        Self { subjects: OneByOne::new(spool), next: 0, positions: None }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.subjects.spool().subjects()
    }

    /// The individual with an ID, if there is one.
    pub(super) fn find(&mut self, id: &str) -> io::Result<Option<Arc<Subject>>> {
        if let Some(next) = self.subjects.get(self.next)?.filter(|next| next.id == id) {
            self.next += 1;
            return Ok(Some(next));
        }
        if self.positions.is_none() {
            let (mut positions, mut position) = (HashMap::new(), 0);
            self.subjects.spool().each(|subject| {
                positions.insert(fingerprint(&subject.id), position);
                position += 1;
            })?;
            self.positions = Some(positions);
        }
        let position = self.positions.as_ref().and_then(|all| all.get(&fingerprint(id)));
        let Some(position) = position.map(|&position| position as usize) else { return Ok(None) };
        self.next = position + 1;
        Ok(self.subjects.get(position)?.filter(|found| found.id == id))
    }
}

fn fingerprint(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Whole numbers by their size, before other text.
fn order(a: &str, b: &str) -> Ordering {
    let numbers = (a.parse::<i64>(), b.parse::<i64>());
    match numbers {
        (Ok(first), Ok(second)) => first.cmp(&second).then_with(|| a.cmp(b)),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}
