//! The items of NONMEM, as it reads them.

use super::*;

fn events(text: &str, more: &str) -> Vec<(f64, Event)> {
    let dataset = read(text, more).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    let subjects = dataset.subjects(0..dataset.individuals()).unwrap();
    subjects.iter().flat_map(|s| &s.records).map(|record| (record.time, record.event.clone())).collect()
}

const BOLUS: Dose = Dose {
    amount: 100.0,
    state: 0,
    input: Input::AtOnce,
    interval: 0.0,
    additional: 0,
    steady_state: SteadyState::No,
};

#[test]
fn names_in_any_case_and_items_in_any_order() {
    let found = events("wt,evid,amt,time,Id\n70,1,100,0,1\n70,0,.,2.5,1\n", "");
    assert_eq!(found, [(0.0, Event::Dose(BOLUS)), (2.5, Event::Observation)]);
}

#[test]
fn columns_that_are_called_otherwise() {
    let text = "SUBJ,TAFD,DOSE,EVID,WT\n1,0,100,1,70\n1,2,0,0,70\n";
    let columns = "columns = { id = \"SUBJ\", time = \"TAFD\", amt = \"DOSE\" }\n";
    assert_eq!(events(text, columns), [(0.0, Event::Dose(BOLUS)), (2.0, Event::Observation)]);
}

/// NM-TRAN: where there is no EVID, a record with an item of doses that is not 0 gives a dose; MDV marks others.
#[test]
fn events_follow_from_doses() {
    let text = "ID,TIME,AMT,MDV,WT\n1,0,100,1,70\n1,1,0,0,70\n1,2,.,1,70\n1,3,,,70\n";
    let found = events(text, "");
    let expected = [Event::Dose(BOLUS), Event::Observation, Event::Other, Event::Observation];
    assert_eq!(found.into_iter().map(|(_, event)| event).collect::<Vec<_>>(), expected);
}

#[test]
fn a_missing_evid_is_0() {
    let found = events("ID,TIME,AMT,EVID,WT\n1,0,100,1,70\n1,1,.,.,70\n", "");
    assert_eq!(found[1].1, Event::Observation);
}

#[test]
fn every_item_of_a_dose() {
    let text = "ID,TIME,AMT,RATE,DUR,EVID,CMT,II,ADDL,SS,WT\n\
                1,0,100,10,0,1,central,24,3,1,70\n\
                1,1,100,0,2,4,2,12,0,2,70\n\
                1,2,0,5,0,1,2,0,0,1,70\n\
                1,3,.,.,.,3,.,.,.,.,70\n\
                1,4,0,0,0,0,0,0,0,0,70\n";
    let found: Vec<Event> = events(text, "").into_iter().map(|(_, event)| event).collect();
    let dose = |input, interval, additional, steady_state| Dose {
        state: 1,
        input,
        interval,
        additional,
        steady_state,
        ..BOLUS
    };
    let constant = Dose { amount: 0.0, ..dose(Input::AtRate(5.0), 0.0, 0, SteadyState::Reset) };
    let expected = [
        Event::Dose(dose(Input::AtRate(10.0), 24.0, 3, SteadyState::Reset)),
        Event::ResetAndDose(dose(Input::Over(2.0), 12.0, 0, SteadyState::Add)),
        Event::Dose(constant),
        Event::Reset,
        Event::Observation,
    ];
    assert_eq!(found, expected);
}

#[test]
fn rates_and_durations_of_the_model() {
    let text = "m <- function() {\n  units <- list(time = \"hour\", dosing = \"mg\")\n  ini({ k <- 1; d <- 2; r <- 50 })\n  \
                model({\n    d/dt(x) <- -k * x\n    dur(x) <- d\n    d/dt(y) <- -k * y\n    rate(y) <- r\n  })\n}\n";
    let model = model::parse(&Source::new("m.R", text)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.csv");
    std::fs::write(&file, "ID,TIME,AMT,RATE,EVID,CMT\n1,0,100,-2,1,x\n1,1,100,-1,1,Y\n1,2,.,.,0,.\n")
        .unwrap();
    let dataset = open_with(&file, "", &model).unwrap();
    let subject = &dataset.subjects(0..1).unwrap()[0];
    let inputs: Vec<Input> = subject.records.iter().filter_map(|r| r.dose()).map(|dose| dose.input).collect();
    assert_eq!(inputs, [Input::ModelDuration, Input::ModelRate]);
}

/// Times, intervals and durations in days, and rates per day, of a model in hours.
#[test]
fn times_in_another_unit() {
    let text = "ID,TIME,AMT,RATE,DUR,EVID,II,ADDL,WT\n1,0.5,100,48,0,1,1,2,70\n1,1,100,0,0.25,1,0,0,70\n1,2,.,.,.,0,.,.,70\n";
    let found = events(text, "time_unit = \"day\"\n");
    assert_eq!(found.iter().map(|(time, _)| *time).collect::<Vec<_>>(), [12.0, 24.0, 48.0]);
    let doses: Vec<(Input, f64)> = found
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Dose(dose) => Some((dose.input, dose.interval)),
            _ => None,
        })
        .collect();
    assert_eq!(doses, [(Input::AtRate(2.0), 24.0), (Input::Over(6.0), 0.0)]);
}

#[test]
fn covariates_in_another_unit() {
    let dataset =
        read("ID,TIME,AMT,EVID,WT\n1,0,100,1,100\n1,2,.,0,110\n", "units = { WT = \"lb\" }\n").unwrap();
    let subject = &dataset.subjects(0..1).unwrap()[0];
    let weights: Vec<f64> = subject.records.iter().map(|record| record.values[0]).collect();
    // A pound is 0.45359237 kg.
    assert!(
        (weights[0] - 45.359_237).abs() < 1e-12 && (weights[1] - 49.895_160_7).abs() < 1e-12,
        "{weights:?}"
    );
    assert_eq!(dataset.changes_in("WT"), Some("1"));
}

#[test]
fn what_was_observed_is_kept() {
    let text = "ID,TIME,AMT,EVID,DV,MDV,OCC,WT\n1,0,100,1,0,1,1,70\n1,1,.,0,1.5,0,1,70\n1,2,.,0,NA,0,2,70\n1,3,.,0,7,1,2,70\n";
    let dataset = read(text, "").unwrap();
    let subject = &dataset.subjects(0..1).unwrap()[0];
    let kept: Vec<_> = subject.records.iter().map(|r| (r.row, r.dv, r.mdv, r.occasion)).collect();
    let expected = [
        (2, Some(0.0), true, Some(1)),
        (3, Some(1.5), false, Some(1)),
        (4, None, true, Some(2)),
        (5, Some(7.0), true, Some(2)),
    ];
    assert_eq!(kept, expected);
}

#[test]
fn ids_are_numbers_or_text() {
    let dataset = read("ID,TIME,AMT,EVID,WT\n2,0,.,0,70\n2.0,1,.,0,70\nA-1,0,.,0,70\n", "").unwrap();
    assert_eq!(dataset.ids().unwrap(), ["2", "A-1"]);
}

#[test]
fn individual_values_are_found_by_name() {
    let text = "ID,TIME,AMT,EVID,WT,etacl,etav,ka\n1,0,100,1,70,0.1,-0.2,1.5\n1,2,.,0,70,0.1,-0.2,1.5\n";
    let all = read(text, "").unwrap();
    let said = |dataset: &Dataset| dataset.notices.iter().map(|n| n.message.clone()).collect::<Vec<_>>();
    assert!(said(&all)[0].contains("gives etacl, etav, ka"), "{:?}", said(&all));
    assert_eq!(all.covariates().collect::<Vec<_>>(), ["ka", "WT"]);
    let none = read(text, "given = []\n").unwrap();
    assert!(!said(&none).iter().any(|notice| notice.contains("gives")), "{:?}", said(&none));
    let problems = read(text, "given = [\"etaka\", \"cl\"]\n").unwrap_err();
    let said = told(&problems);
    assert!(
        said.contains("`etaka` is no random effect of the model, and none of its individual parameters"),
        "{said}"
    );
    assert!(said.contains("data.csv has no column `cl`"), "{said}");
}
