//! What the statistics of an endpoint are called.

use super::proportion::NAMES;
use super::{EndpointKind, GRADES, QUANTILES};

/// What a statistic is, whatever group of patients it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// As `mean`, `p50`, `proportion_ge_3`.
    pub name: String,
    /// Whether it is a proportion: it has no unit.
    pub is_proportion: bool,
}

/// The statistics of an endpoint in order: proportions first.
pub fn titles(kind: &EndpointKind) -> Vec<Title> {
    let of_ending =
        |ending: String| NAMES.map(|name| Title { name: format!("{name}{ending}"), is_proportion: true });
    let mut titles: Vec<Title> = endings(kind).into_iter().flat_map(of_ending).collect();
    if matches!(kind, EndpointKind::Number | EndpointKind::FirstTime) {
        let quantiles = QUANTILES.iter().map(|(_, name)| *name);
        let names = ["mean", "sd", "min"].into_iter().chain(quantiles).chain(["max"]);
        titles.extend(names.map(|name| Title { name: name.to_owned(), is_proportion: false }));
    }
    titles
}

/// What tells the proportions of an endpoint apart.
fn endings(kind: &EndpointKind) -> Vec<String> {
    match kind {
        EndpointKind::Number => Vec::new(),
        EndpointKind::FirstTime | EndpointKind::Flag => vec![String::new()],
        EndpointKind::FlagAmong(other) => vec![String::new(), format!("_of_{other}")],
        EndpointKind::Grade => GRADES.iter().map(|grade| format!("_ge_{grade}")).collect(),
        EndpointKind::Label(levels) => levels.iter().map(|level| format!("_{level}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Endpoint, Sample, statistics_of_all};
    use super::*;
    use crate::table::ColumnMeta;

    #[test]
    fn every_statistic_has_a_title() {
        let labels: Vec<String> = ["CR", "PR"].map(String::from).into();
        let kinds = [
            EndpointKind::Number,
            EndpointKind::FirstTime,
            EndpointKind::Flag,
            EndpointKind::FlagAmong("evaluable".into()),
            EndpointKind::Grade,
            EndpointKind::Label(labels.into()),
        ];
        let (values, finished, among) = (vec![0.0, 1.0, f64::NAN], vec![true; 3], vec![true; 3]);
        let sample = Sample { values, finished, among };
        for kind in kinds {
            let endpoint = Endpoint { meta: ColumnMeta::new("endpoint", "", ""), kind };
            let statistics = statistics_of_all(&endpoint, &sample);
            assert_eq!(statistics.len(), titles(&endpoint.kind).len(), "{:?}", endpoint.kind);
        }
    }

    #[test]
    fn statistics_are_named_by_what_tells_them_apart() {
        let names = |kind: &EndpointKind| -> Vec<String> {
            let titles = titles(kind).into_iter().filter(|title| !title.name.contains(['w', 'x']));
            titles.map(|title| title.name).collect()
        };
        assert_eq!(names(&EndpointKind::Flag), ["proportion"]);
        assert_eq!(
            names(&EndpointKind::FlagAmong("evaluable".into())),
            ["proportion", "proportion_of_evaluable"]
        );
        assert_eq!(names(&EndpointKind::Grade)[3], "proportion_ge_4");
        let labels: Vec<String> = ["CR", "PR"].map(String::from).into();
        assert_eq!(names(&EndpointKind::Label(labels.into())), ["proportion_CR", "proportion_PR"]);
        assert_eq!(names(&EndpointKind::FirstTime)[..4], ["proportion", "mean", "sd", "min"]);
        assert_eq!(titles(&EndpointKind::Number).len(), QUANTILES.len() + 4);
    }
}
