//! The examples of `docs/data.md`: each is run as it stands there.

use super::*;

/// The blocks of a language, in order.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn examples_run() {
    let text = std::fs::read_to_string(root().join("docs/data.md")).unwrap();
    let [model] = blocks(&text, "r")[..] else { panic!("one model") };
    let [data, doses, weights] = blocks(&text, "csv")[..] else {
        panic!("a data set, and one in two tables")
    };
    let place = Place::new(model, data, "", "");
    std::fs::write(place.path("doses.csv"), doses).unwrap();
    std::fs::write(place.path("weights.csv"), weights).unwrap();
    std::fs::rename(place.path("model.R"), place.path("oral.R")).unwrap();
    let cohorts = blocks(&text, "toml");
    assert!(cohorts.len() >= 2);
    for (number, cohort) in cohorts.iter().enumerate() {
        std::fs::write(place.path("cohort.toml"), cohort).unwrap();
        let (run, finished) = place.run(&format!("run-{number}"));
        assert!(!finished.manifest.failed(), "{cohort}");
        assert!(!column(&run, Set::Observations, "Cc").is_empty());
    }
    let [commands] = blocks(&text, "console")[..] else { panic!("one list of commands") };
    for command in commands.lines() {
        let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_vpop"))
            .args(&arguments)
            .current_dir(place.path(""))
            .output()
            .unwrap();
        assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}
