//! A cohort and its model, checked against each other: what is known of a run before anything is solved.

use crate::cohort::{Cohort, Endpoint};
use crate::dataset::Dataset;
use crate::diagnostic::{Notice, Problem, Problems};
use crate::model::Model;
use crate::outcome::{exposure_response, kept};
use crate::plan::{self, Plan};
use crate::population::{self, Sampler};

use super::subjects::Subjects;
use super::{endpoints, names, of_data};

/// A job whose method is not chosen.
pub(super) struct Draft {
    pub(super) cohort: Cohort,
    pub(super) model: Model,
    pub(super) sampler: Sampler,
    /// By the default method.
    pub(super) plan: Plan,
    pub(super) notices: Vec<Notice>,
}

impl Draft {
    /// Checks a cohort and its model against each other; nothing is solved. Of a cohort with problems, this only finds
    /// more of them.
    pub(super) fn new(
        mut cohort: Cohort,
        mut model: Model,
        mut problems: Vec<Problem>,
    ) -> Result<Self, Problems> {
        if cohort.solver.guard_zero {
            let (guarded, name) = model.guarded();
            model = guarded;
            if cohort.data.is_none() && cohort.endpoints.iter().all(|endpoint| endpoint.name.value != name) {
                cohort.endpoints.push(Endpoint::largest(&name, [0, cohort.visits.until]));
            }
        }
        let data = match Dataset::open(&cohort, &model) {
            Ok(data) => data,
            Err(Problems(found)) => return Err(Problems([problems, found].into_iter().flatten().collect())),
        };
        if let Some(data) = &data {
            (cohort, model) = of_data::settled(cohort, model, data)?;
        }
        let recorded = data.as_deref().map(|data| of_data::recorded_data(data, &model));
        let sampler = Sampler::of_data(&cohort, &model, data);
        let names = match &sampler {
            Ok(sampler) => Some(sampler.names()),
            Err(_) => population::declared(&cohort),
        };
        problems.extend(sampler.iter().flat_map(|sampler| names::check(&cohort, &model, sampler)));
        let sampler = sampler.map_err(|Problems(found)| problems.extend(found)).ok();
        let plan = names.map(|names| plan::build(&cohort, &model, &names, recorded.as_ref()));
        let plan = plan.and_then(|plan| plan.map_err(|Problems(found)| problems.extend(found)).ok());
        let (Some(sampler), Some(mut plan), true) = (sampler, plan, problems.is_empty()) else {
            return Err(Problems(problems));
        };
        let of_units = plan::unit_notices(&cohort, &model);
        let mut notices = [&cohort.notices[..], &model.notices, &of_units].concat();
        match sampler.data() {
            Some(data) => notices.extend(data.notices.iter().cloned()),
            None => notices.extend(population::constant_notices(&cohort, &model, &sampler)),
        }
        let renamed = plan.name_columns(sampler.column_names(), sampler.data().is_some());
        notices.extend(renamed.iter().map(|renamed| Notice::note(renamed, None)));
        let outcomes = endpoints(&cohort, &plan);
        let mut found = exposure_response::check(&cohort, &outcomes);
        found.extend(kept::check(&cohort, &outcomes));
        Problems::none_or(found, Self { cohort, model, sampler, plan, notices })
    }

    pub(super) fn subjects(&self) -> Subjects<'_> {
        let Self { cohort, model, sampler, plan, .. } = self;
        Subjects { cohort, model, sampler, plan }
    }
}
