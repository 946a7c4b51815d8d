//! Items that were not solved, solved again by other means.

use super::{EngineError, Individuals, Solution, Status};

impl Solution {
    /// Has the patients with an item that ended in some way solved `again`, and takes these items over.
    ///
    /// # Errors
    /// What went wrong with solving them.
    pub(crate) fn mended(
        mut self,
        individuals: &Individuals,
        ended: impl Fn(Status) -> bool,
        again: impl FnOnce(&Individuals) -> Result<Self, EngineError>,
    ) -> Result<Self, EngineError> {
        let arms = self.status.len() / individuals.count.max(1);
        let failed = |patient: &usize| {
            self.status[patient * arms..(patient + 1) * arms].iter().any(|&status| ended(status))
        };
        let patients: Vec<usize> = (0..individuals.count).filter(failed).collect();
        if patients.is_empty() {
            return Ok(self);
        }
        let followed = patients.partition_point(|&patient| patient < individuals.trajectories);
        let items = patients.iter().flat_map(|patient| patient * arms..(patient + 1) * arms);
        let left_out = Some(items.map(|item| !ended(self.status[item])).collect());
        let failed = Individuals { trajectories: followed, left_out, ..individuals.select(&patients) };
        let mended = again(&failed)?;
        for (position, patient) in patients.into_iter().enumerate() {
            for arm in 0..arms {
                let (to, from) = (patient * arms + arm, position * arms + arm);
                if ended(self.status[to]) {
                    let courses = [individuals.course(&self, to), failed.course(&mended, from)];
                    self.replace(to, &mended, from, courses);
                }
            }
        }
        Ok(self)
    }
}
