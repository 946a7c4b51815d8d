//! What is read of the trial: rules of dosing, grades, dose-limiting toxicity, events, response.

use vpop::cohort::{
    Action, By, Chance, Cohort, Consequence, Event, ExposureResponse, Response, Rule, Spanned, parse,
};
use vpop::diagnostic::Source;

use super::{DAY, told};

/// A cohort with everything that a trial can have.
const TRIAL: &str = r#"
name = "trial"
model = "model.R"
patients = 3
random_effects = false
[population.WT]
distribution = "fixed"
value = 70
[population.FGFR2]
distribution = "categorical"
probabilities = { low = 0.5, high = 0.5 }
[regimen]
arms = ["0.4 mg/kg", "0.2 mg/kg", "800 ug/kg"]
into = ["central"]
every = "21 day"
cycles = 3
[[regimen.modify]]
name = "toxic"
when = "dlt"
then = "stop"
at = "dose"
[[regimen.modify]]
when = "platelets < 75"
then = "hold"
cycles = [2, 3]
until = "platelets >= 100"
at_most = "21 day"
shows = "platelets"
[[regimen.modify]]
when = "upcr > 2"
then = "delay 7 day"
at_most = "14 day"
[[regimen.modify]]
when = "platelets < 100"
then = "reduce 1 level"
floor = "200 ug/kg"
[[regimen.modify]]
when = "upcr < 1"
then = "escalate 25 %"
ceiling = "1 mg/kg"
[grades]
tables = ["cohorts/tables/ctcae_v4_03.toml", "cohorts/tables/cornea.toml"]
windows = { c1 = ["0 day", "21 day"] }
[grades.terms]
thrombocytopenia = "platelets"
cornea = { of = "cornea", days = [3], onset = [2, 3] }
alt_increased = { of = "alt", uln = 50 }
[dlt]
window = "21 day"
[dlt.causes]
platelets = ["grade(thrombocytopenia) >= 4", "days(grade(thrombocytopenia) >= 3) >= 5"]
cornea = ["grade(cornea) >= 3"]
[events.new_lesion]
description = "A new lesion"
cumulative_hazard = "0.008 * day"
progression = true
[events.withdrawal]
probability = 0.3
onset = "grade(cornea) >= 2"
then = "stop"
[events.seen]
probability = "0.1 * (AGE > 70)"
onset = "grade(cornea) >= 1"
then = "nothing"
[response]
of = "sld"
every = "21 day"
confirmation = "28 day"
stable_from = "42 day"
[subgroups]
FGFR2 = "FGFR2"
weight = { of = "WT", cuts = [60, 80] }
[endpoints.cmax_c1]
of = "Cc"
statistic = "max"
[[exposure_response]]
exposure = "cmax_c1"
outcome = "dlt"
[[exposure_response]]
exposure = "cmax_c1"
outcome = "disease_control"
groups = 5
[output]
doses = true
"#;

fn trial() -> Cohort {
    read(TRIAL).unwrap_or_else(|problems| panic!("{}", told(&problems)))
}

/// Grading tables lie beside the text's folder: that of the project.
fn read(text: &str) -> Result<Cohort, vpop::diagnostic::Problems> {
    parse(&Source::new("cohort.toml", text), std::path::Path::new(""))
}

/// The values alone.
fn values<T: Clone>(located: &[Spanned<T>]) -> Vec<T> {
    located.iter().map(|one| one.value.clone()).collect()
}

#[test]
fn rules_are_read() {
    let regimen = trial().regimen;
    let labels: Vec<_> = regimen.modify.iter().map(|rule| rule.label.as_str()).collect();
    assert_eq!(labels, ["toxic", "platelets < 75", "upcr > 2", "platelets < 100", "upcr < 1"]);
    assert_eq!(regimen.modify[0].then, Action::Stop { at_dose: true });
    let Rule { cycles, shows, then: Action::Hold { until, at_least, at_most }, .. } = &regimen.modify[1]
    else {
        panic!("{:?}", regimen.modify[1]);
    };
    assert_eq!((*cycles, *at_least, *at_most), (Some([2, 3]), 0, 21 * DAY));
    assert_eq!(until.as_ref().unwrap().value, "platelets >= 100");
    assert_eq!(shows.as_ref().unwrap().value, "platelets");
    // A delay is over after its time, whatever else.
    let Action::Hold { until: None, at_least, at_most } = &regimen.modify[2].then else {
        panic!("{:?}", regimen.modify[2]);
    };
    assert_eq!((*at_least, *at_most), (7 * DAY, 14 * DAY));
    let Action::Change { by: By::Down, limit: Some(floor), beyond_stops: true } = &regimen.modify[3].then
    else {
        panic!("{:?}", regimen.modify[3]);
    };
    // In the unit of the first arm: 200 ug/kg is 0.2 mg/kg.
    assert!((floor.value.amount - 0.2).abs() < 1e-15);
    assert_eq!((floor.value.unit_text().as_str(), floor.value.text.as_str()), ("mg/kg", "200 ug/kg"));
    let Action::Change { by, limit: Some(_), beyond_stops: false } = &regimen.modify[4].then else {
        panic!("{:?}", regimen.modify[4]);
    };
    assert_eq!(*by, By::Times(1.25));
}

#[test]
fn levels_are_the_arms_doses_in_order_unless_given() {
    let amounts = |cohort: &Cohort| -> Vec<_> {
        cohort.regimen.levels[0].iter().map(|level| (level.value.amount * 1e9).round() / 1e9).collect()
    };
    assert_eq!(amounts(&trial()), [0.2, 0.4, 0.8]);
    let given = TRIAL.replace("into = ", "levels = [\"50 ug/kg\", \"0.1 mg/kg\", \"1 mg/kg\"]\ninto = ");
    assert_eq!(amounts(&read(&given).unwrap()), [0.05, 0.1, 1.0]);
    // An arm without drug is no level.
    let placebo = TRIAL.replace("arms = [", "arms = [\"0 mg/kg\", ");
    assert_eq!(amounts(&read(&placebo).unwrap()), [0.2, 0.4, 0.8]);
}

#[test]
fn grades_are_read() {
    let grades = trial().grades;
    let names: Vec<_> = grades.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["CTCAE v4.03", "corneal scale"]);
    assert_eq!(grades.windows, [("c1".to_owned(), [0, 21 * DAY])]);
    let [platelets, cornea, alt] = &grades.terms[..] else { panic!("{:?}", grades.terms) };
    assert_eq!((platelets.term, platelets.of.value.as_str()), ((0, 0), "platelets"));
    assert_eq!(grades.tables[0].terms[0].name, "thrombocytopenia");
    assert_eq!((cornea.term, &cornea.days[..], &cornea.onset[..]), ((1, 0), &[3][..], &[2, 3][..]));
    assert_eq!((alt.uln, alt.lln), (Some(50.0), None));
}

#[test]
fn dose_limiting_toxicity_is_read() {
    let dlt = trial().dlt.unwrap();
    assert_eq!((dlt.window, dlt.stops_treatment), (21 * DAY, true));
    let causes: Vec<_> =
        dlt.causes.iter().map(|(name, conditions)| (name.value.as_str(), conditions.len())).collect();
    assert_eq!(causes, [("platelets", 2), ("cornea", 1)]);
    assert_eq!(
        values(&dlt.causes[0].1),
        ["grade(thrombocytopenia) >= 4", "days(grade(thrombocytopenia) >= 3) >= 5"]
    );
}

#[test]
fn events_are_read_in_file_order() {
    let events = trial().events;
    let [
        Event { chance: Chance::CumulativeHazard(hazard), then, progression: true, description, .. },
        withdrawal,
        seen,
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((hazard.value.as_str(), *then), ("0.008 * day", Consequence::Leave));
    assert_eq!(description.as_deref(), Some("A new lesion"));
    for (event, expected, then) in
        [(withdrawal, "0.3", Consequence::Stop), (seen, "0.1 * (AGE > 70)", Consequence::Nothing)]
    {
        let Chance::Once { probability, .. } = &event.chance else { panic!("{event:?}") };
        assert_eq!((probability.value.as_str(), event.then, event.progression), (expected, then, false));
    }
}

/// Limits that are not given are those of RECIST 1.1: 30 % less than baseline, 20 % and 5 mm more than
/// the smallest.
#[test]
fn response_is_read() {
    let Response { scans, complete_below, partial, progression, progression_at_least, .. } =
        trial().response.unwrap();
    assert_eq!(scans, [21 * DAY, 42 * DAY, 63 * DAY]);
    assert_eq!((complete_below, partial, progression, progression_at_least), (1.0, 0.3, 0.2, 5.0));
    let response = trial().response.unwrap();
    assert_eq!((response.confirmation, response.stable_from), (Some(28 * DAY), 42 * DAY));
    assert_eq!(response.control_at, 21 * DAY);
}

#[test]
fn what_is_asked_of_outcomes_is_read() {
    let cohort = trial();
    assert!(!cohort.random_effects);
    assert_eq!(cohort.write_doses, Some(true));
    let subgroups: Vec<_> =
        cohort.subgroups.iter().map(|group| (group.of.value.as_str(), group.cuts.clone())).collect();
    assert_eq!(subgroups, [("FGFR2", vec![]), ("WT", vec![60.0, 80.0])]);
    let asked: Vec<_> = cohort
        .exposure_response
        .iter()
        .map(|ExposureResponse { outcome, groups, .. }| (outcome.value.as_str(), *groups))
        .collect();
    assert_eq!(asked, [("dlt", 4), ("disease_control", 5)]);
}

#[test]
fn time_courses_may_be_expressions() {
    let asked = r#"doses = true
trajectories = { patients = 2, of = ["Cc", "grade(cornea)", "lowest(platelets) / 2"] }
"#;
    let cohort = read(&TRIAL.replace("doses = true\n", asked))
        .unwrap_or_else(|problems| panic!("{}", told(&problems)));
    let of = cohort.trajectories.unwrap().of;
    assert_eq!(values(&of), ["Cc", "grade(cornea)", "lowest(platelets) / 2"]);
    assert_eq!(cohort.source.text[of[1].span.clone()], of[1].value);
}

/// Every expression of the trial points at its own text.
#[test]
fn expressions_of_the_trial_keep_their_places() {
    let cohort = trial();
    let rules = cohort.regimen.modify.iter();
    let conditions = rules.clone().map(|rule| &rule.when).chain(rules.filter_map(|rule| rule.shows.as_ref()));
    let graded = cohort.grades.terms.iter().map(|term| &term.of);
    let causes = cohort.dlt.iter().flat_map(|dlt| &dlt.causes).flat_map(|(_, conditions)| conditions);
    let events = cohort.events.iter().flat_map(|event| match &event.chance {
        Chance::CumulativeHazard(hazard) => vec![hazard],
        Chance::Once { onset, .. } => vec![onset],
    });
    let others = cohort.subgroups.iter().map(|group| &group.of).chain(cohort.response.iter().map(|r| &r.of));
    for text in conditions.chain(graded).chain(causes).chain(events).chain(others) {
        assert_eq!(cohort.source.text[text.span.clone()], text.value);
    }
}
