//! Dose-limiting toxicity.

use crate::cohort::{ReadOn, Spanned, columns};

use super::program::VisitProgram;
use super::readings::{any, has_come};
use super::{AccumulatorId, AccumulatorKind, DltEndpoints, EndpointKind, Stop};

impl VisitProgram<'_> {
    /// Defines dose-limiting toxicity, and adds the first time of each cause to the endpoints and the end
    /// of treatment to the protocol.
    pub(super) fn dlt(&mut self) -> Option<DltEndpoints> {
        let dlt = self.cohort.dlt.as_ref()?;
        let mut causes = Vec::new();
        let mut firsts = Vec::new();
        for (name, conditions) in &dlt.causes {
            self.readings.subject = format!("dlt.causes.{}", name.value);
            let Some(first) = self.cause(conditions, dlt.window) else { continue };
            let of = conditions.iter().map(|condition| condition.value.as_str()).collect::<Vec<_>>();
            let meaning = format!("first time of the dose-limiting toxicity: {}", of.join(", or "));
            let column = columns::day_of_cause(&name.value);
            let column = self.column(column, meaning, EndpointKind::FirstTime, first);
            causes.push((name.value.clone(), column));
            firsts.push(has_come(&mut self.graph, first));
        }
        let dlt_now = any(&mut self.graph, firsts);
        self.defined.dlt = dlt_now;
        if let Some(when) = dlt_now.filter(|_| dlt.stops_treatment) {
            let stop = Stop {
                label: "dlt".into(),
                when: self.observe(when),
                shows: self.observe_day(),
                at_dose: false,
                drug: None,
                treatment: true,
                leaves: false,
            };
            self.protocol.stops.push(stop);
        }
        Some(DltEndpoints { window: dlt.window, causes })
    }

    /// The accumulator of the first time at which any of some conditions holds within the window.
    fn cause(&mut self, conditions: &[Spanned<String>], window: u32) -> Option<AccumulatorId> {
        let read: Vec<_> = conditions.iter().filter_map(|text| self.read(text)).collect();
        let holds = any(&mut self.graph, read)?;
        Some(self.keep(AccumulatorKind::FirstTrue, holds, [0, window], ReadOn::Visits))
    }
}
