//! What a run says of a trial, one line each: toxicity, grades, treatment, response, doses.

use crate::cohort::columns::of_cause;
use crate::job::Job;
use crate::outcome::response::RESPONSE_LABELS;

use super::{Arms, Table, by_arm};
use crate::outcome::distribution::Lookup;
use crate::readable::number;

/// The grade from which on a term is shown.
const SEVERE: u8 = 3;

/// One line of the table.
struct Line {
    name: String,
    endpoint: String,
    statistic: LineStatistic,
}

/// What is shown of an endpoint in an arm.
enum LineStatistic {
    /// A proportion, in percent.
    Percent(String),
    /// A statistic as it is.
    Number(&'static str),
}

impl Line {
    fn percent(name: impl Into<String>, endpoint: impl Into<String>, statistic: &str) -> Self {
        let statistic = LineStatistic::Percent(statistic.to_owned());
        Self { name: name.into(), endpoint: endpoint.into(), statistic }
    }

    fn number(name: &str, endpoint: &str, statistic: &'static str) -> Self {
        Self { name: name.into(), endpoint: endpoint.into(), statistic: LineStatistic::Number(statistic) }
    }

    fn cell(&self, lookup: &Lookup<'_>, arm: &str) -> String {
        match &self.statistic {
            LineStatistic::Number(statistic) => number(lookup.value(arm, &self.endpoint, statistic)),
            LineStatistic::Percent(statistic) => match lookup.value(arm, &self.endpoint, statistic) {
                // Of nobody.
                none if none.is_nan() => "-".to_owned(),
                share => format!("{:.1}", 100.0 * share),
            },
        }
    }
}

/// The table, if the run is of a trial.
pub(super) fn table(job: &Job, lookup: &Lookup<'_>, arms: &Arms<'_>) -> Option<Table> {
    let lines = lines(job).into_iter().filter(|line| lookup.holds(&line.endpoint));
    let rows: Vec<Vec<String>> = lines
        .map(|line| {
            let cells = arms.labels.iter().map(|arm| line.cell(lookup, arm));
            [line.name.clone()].into_iter().chain(cells).collect()
        })
        .collect();
    let is_trial = !rows.is_empty();
    let rows = std::iter::once(arms.row(&["patients solved, n"])).chain(rows);
    is_trial.then(|| by_arm(&["trial, % of patients"], &arms.labels, rows))
}

fn lines(job: &Job) -> Vec<Line> {
    let treatment = &job.plan.treatment;
    let mut lines = vec![Line::percent("DLT", "dlt", "proportion")];
    let causes = treatment.dlt.iter().flat_map(|dlt| &dlt.causes);
    lines.extend(causes.map(|(name, _)| Line::percent(format!("  {name}"), of_cause(name), "proportion")));
    lines.push(Line::percent("  of evaluable", "dlt", "proportion_of_evaluable"));
    lines.push(Line::percent("evaluable for DLT", "evaluable", "proportion"));
    lines.extend(treatment.terms.iter().map(|term| {
        let worst = &job.plan.endpoints[term.worst].name;
        Line::percent(format!("{}, grade >= {SEVERE}", term.name), worst, &format!("proportion_ge_{SEVERE}"))
    }));
    lines.push(Line::percent("treatment ended", "off_treatment_day", "proportion"));
    lines.push(Line::percent("left the trial", "left_day", "proportion"));
    lines.extend(RESPONSE_LABELS.iter().rev().map(|label| {
        Line::percent(format!("best response {label}"), "best_response", &format!("proportion_{label}"))
    }));
    lines.push(Line::percent("disease control", "disease_control", "proportion"));
    lines.push(Line::number("doses given, mean", "doses_given", "mean"));
    lines.push(Line::number("relative dose intensity, median", "relative_dose_intensity", "p50"));
    lines
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::diagnostic::{Problems, Source};
    use crate::outcome::distribution::{self, Endpoint, EndpointKind, Grouping, InMemory, Sample};
    use crate::plan::{AccumulatorId, DltEndpoints, TermEndpoints};
    use crate::table::ColumnMeta;

    /// Four patients in two arms: in the second, two have a toxicity and one has left without one.
    #[test]
    fn what_is_shown_of_a_trial() -> Result<(), Problems> {
        let cohort = Source::new("c.toml", include_str!("../../../cohorts/quickstart.toml"));
        let model = Source::new("m.R", include_str!("../../../models/tdm1_lu_2014.R"));
        let mut job = Job::from_texts(&cohort, &model)?;
        let endpoint = |name: &str, kind| Endpoint { meta: ColumnMeta::new(name, "", ""), kind };
        let among = || EndpointKind::FlagAmong("evaluable".into());
        let labels: std::sync::Arc<[String]> = RESPONSE_LABELS.map(String::from).into();
        let endpoints = [
            endpoint("dlt", among()),
            endpoint("dlt_platelets", among()),
            endpoint("evaluable", EndpointKind::Flag),
            endpoint("cmax", EndpointKind::Grade),
            endpoint("best_response", EndpointKind::Label(labels)),
            endpoint("relative_dose_intensity", EndpointKind::Number),
        ];
        job.plan.treatment.dlt =
            Some(DltEndpoints { window: 1_814_400, causes: vec![("platelets".into(), 0)] });
        let (name, title) = ("anaemia".into(), "Anaemia".into());
        let term =
            TermEndpoints { name, title, worst: 0, windows: Vec::new(), before: AccumulatorId::new(0) };
        job.plan.treatment.terms = vec![term];
        let arms: Vec<String> = job.plan.arms.iter().map(|arm| arm.label.clone()).collect();
        let sample = |endpoint: &Endpoint, arm: usize| {
            let arm = arms[arm].as_str();
            let values = match (arm, endpoint.meta.name.as_str()) {
                ("3.6 mg/kg", "dlt") => [1.0, 1.0, 0.0, 0.0],
                ("3.6 mg/kg", "evaluable") => [1.0, 1.0, 1.0, 0.0],
                (_, "cmax") => [0.0, 2.0, 3.0, 4.0],
                (_, "best_response") => [4.0, 2.0, 2.0, 1.0],
                (_, "evaluable") => [1.0; 4],
                (_, "relative_dose_intensity") => [0.8, 0.9, 1.0, 1.0],
                _ => [0.0; 4],
            };
            let among = if arm == "3.6 mg/kg" { [true, true, true, false] } else { [true; 4] };
            Sample { values: values.into(), finished: vec![true; 4], among: among.into() }
        };
        let levels = |_: &Grouping| Vec::new();
        let source = InMemory { patients: 4, levels, sample };
        let Ok(table) = distribution::distributions(&arms, &endpoints, &[], &source);
        let labels = arms.iter().map(String::as_str).collect();
        let shown = Arms { labels, solved: vec![4, 4] };
        let shown = super::table(&job, &Lookup::new(&table), &shown).map(|table| table.to_string());
        let words = |line: &str| line.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = shown.unwrap_or_default().lines().map(words).collect();
        let lines: Vec<&str> =
            lines.iter().map(String::as_str).filter(|line| !line.contains(['─', '═'])).collect();
        assert_eq!(
            lines,
            [
                "trial, % of patients 2.4 mg/kg 3.6 mg/kg",
                "patients solved, n 4 4",
                "DLT 0.0 50.0",
                "platelets 0.0 0.0",
                "of evaluable 0.0 66.7",
                "evaluable for DLT 100.0 75.0",
                "anaemia, grade >= 3 50.0 50.0",
                "best response CR 25.0 25.0",
                "best response PR 0.0 0.0",
                "best response SD 50.0 50.0",
                "best response PD 25.0 25.0",
                "best response NE 0.0 0.0",
                "relative dose intensity, median 0.950 0.950",
            ]
        );
        Ok(())
    }
}
