//! Doses as a user writes them, and what is understood.

use vpop::cohort::{AmountOf, Infusion};

use super::{DAY, read, shipped, told};

const H: u32 = 3_600;

/// A cohort of one drug with these arms of `[regimen]`, and what else stands in it.
fn arms(sentences: &[&str], rest: &str) -> String {
    let arms: Vec<String> = sentences.iter().map(|sentence| format!("\"{sentence}\"")).collect();
    format!(
        "name = \"doses\"\nmodel = \"model.R\"\npatients = 3\n[population.derived]\nWT = \"70\"\nBSA = \"1.8\"\n\
         [regimen]\narms = [{}]\ninto = [\"central\"]\n{rest}\n[visits]\nuntil = \"84 day\"\n",
        arms.join(", ")
    )
}

/// The rows of the table of sentences in the documents: a sentence, and what is understood.
fn table_of_sentences(text: &str) -> Vec<[&str; 2]> {
    let rows = text.lines().skip_while(|line| !line.starts_with("| sentence")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`'));
        [cells.next().unwrap(), cells.next().unwrap()]
    })
    .collect()
}

#[test]
fn sentences_are_understood_as_the_documents_say() {
    let text = std::fs::read_to_string("docs/dosing.md").unwrap();
    let rows = table_of_sentences(&text);
    assert!(rows.len() > 8);
    for [sentence, understood] in rows {
        let cohort = read(&arms(&[sentence], "")).unwrap_or_else(|problems| panic!("{}", told(&problems)));
        assert_eq!(cohort.regimen.arms[0].understood(), [understood]);
    }
}

#[test]
fn a_sentence_and_the_keys_of_the_regimen_are_one() {
    let simple = read(&arms(&["2 mg/kg"], "infusion = \"1 h\"\nevery = \"21 day\"\ncycles = 3")).unwrap();
    let sentence = read(&arms(&["2 mg/kg over 1 h q3w x 3"], "")).unwrap();
    let of = |cohort: &vpop::cohort::Cohort| {
        let [course] = cohort.regimen.arms[0].courses.as_slice() else { panic!("not one course") };
        (course.said.clone(), course.times.clone(), course.infusion.value.clone())
    };
    assert_eq!(of(&simple), of(&sentence));
    assert_eq!(of(&simple).1, [0, 21 * DAY, 42 * DAY]);
    assert_eq!(simple.regimen.doses()[0].value.amount, 2.0);
    let loaded =
        read(&arms(&["2 mg"], "every = \"21 day\"\ncycles = 3\nloading = { dose = \"5 mg\", doses = 2 }"))
            .unwrap();
    assert_eq!(
        loaded.regimen.arms[0].understood(),
        [
            "loading: 5 mg into central as a bolus (2 doses, day 1 to 22)",
            "2 mg into central as a bolus every 21 day x 3 (1 dose, day 43)"
        ]
    );
}

#[test]
fn arms_differ_in_anything() {
    let cohort = read(&arms(&["5 mg bid x 3", "10 mg qd x 2", "8 mg/kg q3w x 1 then 6 mg/kg q3w x 2"], ""));
    let regimen = cohort.unwrap().regimen;
    let times: Vec<Vec<u32>> =
        regimen.arms.iter().map(|arm| arm.courses.iter().flat_map(|c| c.times.clone()).collect()).collect();
    assert_eq!(times[0], [0, 12 * H, DAY]);
    assert_eq!(times[1], [0, DAY]);
    assert_eq!(times[2], [0, 21 * DAY, 42 * DAY]);
    // The last has two amounts: no number says what is given in it.
    let doses: Vec<Option<f64>> =
        regimen.arms.iter().map(|arm| arm.dose().map(|dose| dose.value.amount)).collect();
    assert_eq!(doses, [Some(5.0), Some(10.0), None]);
    assert_eq!(regimen.times(None), [0, 12 * H, DAY, 21 * DAY, 42 * DAY]);
}

/// By hand, from the protocol.
#[test]
fn a_step_up_protocol_of_two_drugs() {
    let cohort = shipped("step_up.toml");
    let names: Vec<_> = cohort.regimen.drugs.iter().map(|drug| &drug.name.as_ref().unwrap().value).collect();
    assert_eq!(names, ["bispecific", "partner"]);
    let [weekly, every_two] = cohort.regimen.arms.as_slice() else { panic!("not two arms") };
    assert_eq!(weekly.label.value, "weekly");
    let day = |day: u32| (day - 1) * DAY;
    let times: Vec<Vec<u32>> = weekly.courses.iter().map(|course| course.times.clone()).collect();
    assert_eq!(times[0], [day(1)]);
    assert_eq!(times[1], [day(4)]);
    assert_eq!(times[2], [8, 15, 22, 29, 36, 43, 50, 57, 64, 71, 78].map(day));
    assert_eq!(times[3], [1, 8, 15, 22].map(day));
    assert_eq!(times[4], [29, 57].map(day));
    assert_eq!(every_two.courses[2].times, [8, 22, 36, 50, 64, 78].map(day));
    assert!(matches!(&weekly.courses[3].amount.of, AmountOf::Tiers { tiers, .. } if tiers.len() == 3));
    assert_eq!(weekly.courses[3].infusion.value, Infusion::Duration(4 * H));
    assert_eq!(weekly.courses[0].infusion.value, Infusion::Bolus);
    assert_eq!((weekly.dose(), weekly.dose_of(0), weekly.dose_of(1)), (None, None, None));
    assert_eq!(
        weekly.understood(),
        [
            "0.06 mg/kg of bispecific into depot as a bolus on day 1 (1 dose, day 1); of at most 100 kg; at most 140 mg; \
             rounded to the nearest whole 2 mg",
            "0.3 mg/kg of bispecific into depot as a bolus on day 4 (1 dose, day 4); of at most 100 kg; at most 140 mg; \
             rounded to the nearest whole 2 mg",
            "1.5 mg/kg of bispecific into depot as a bolus every 7 day until end from day 8 (11 doses, day 8 to 78); of at \
             most 100 kg; at most 140 mg; rounded to the nearest whole 2 mg",
            "of partner into partner over 4 h on days 1, 8, 15, 22 of 28-day cycles for 1 cycles (4 doses, day 1 to 22); \
             600 mg where WT is below 50 kg, 800 mg where WT is below 80 kg, 1000 mg otherwise",
            "of partner into partner over 4 h every 28 day until end (2 doses, day 29 to 57); 600 mg where WT is below 50 \
             kg, 800 mg where WT is below 80 kg, 1000 mg otherwise",
        ]
    );
}

#[test]
fn the_run_lasts_as_long_as_the_longest_arm() {
    let text = arms(&["1 mg q3w x 2", "1 mg q2w x 4"], "").replace("until = \"84 day\"", "");
    assert_eq!(read(&text).unwrap().visits.until, 56 * DAY);
    let late = arms(&["1 mg q3w x 6"], "");
    assert_eq!(
        told(&read(&late).unwrap_err()),
        "12:9: the dose at 105 day does not come before the end of the run, 84 day\n    help: set a later `until` in \
         [visits]\n"
    );
}

#[test]
fn comparisons_and_escalations_need_one_dose() {
    for table in [
        "[compare]\nwaterfall = [{ dose = \"2 mg\", label = \"declared\" }]\n[scenarios.a]",
        "[trial]\nactive_dose = \"2 mg\"",
    ] {
        let text = arms(&["1 mg q3w x 2", "2 mg q3w x 1 then 1 mg q3w x 2"], "") + table;
        let said = told(&read(&text).unwrap_err());
        assert!(said.contains("arm `2 mg q3w x 1 then 1 mg q3w x 2` has no one dose"), "{said}");
    }
}
