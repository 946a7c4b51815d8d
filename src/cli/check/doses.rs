//! What was understood of the doses of each arm.

use serde_json::{Value, json};

use crate::cohort::Cohort;

/// Lines: the first arm's beside the title, the others below it.
pub(super) fn lines(cohort: &Cohort) -> Vec<String> {
    let arms = cohort.regimen.arms.iter();
    let rows = arms.flat_map(|arm| {
        let label = &arm.label.value;
        let named =
            move |text: String| if text.starts_with(label) { text } else { format!("{label}: {text}") };
        let doses = arm.understood();
        let none = doses.is_empty().then(|| format!("{label}: no doses"));
        doses.into_iter().map(named).chain(none).collect::<Vec<_>>()
    });
    let title = |i: usize| if i == 0 { "doses" } else { "" };
    rows.enumerate().map(|(i, row)| format!("  {:<12}{row}", title(i))).collect()
}

/// The same for machines: for each arm its doses, with their times in seconds.
pub(super) fn json(cohort: &Cohort) -> Value {
    let arms = cohort.regimen.arms.iter().map(|arm| {
        let doses = arm.courses.iter().map(|course| {
            let drug = cohort.regimen.drugs[course.drug].name.as_ref().map(|name| &name.value);
            json!({ "drug": drug, "understood": course.understood(), "seconds": course.times })
        });
        json!({ "arm": arm.label.value, "doses": doses.collect::<Vec<_>>() })
    });
    arms.collect()
}
