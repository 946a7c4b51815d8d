//! The shader of every shipped model and cohort is valid WGSL and asks a device for nothing special.

use std::collections::BTreeSet;

use crate::common::{files, job, root};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, Module};
use vpop::engine::gpu::wgsl;
use vpop::job::{Changes, Job};
use vpop::model;
use vpop::plan::of_model;

/// Parses and validates a shader, and checks its demands against WebGPU's default limits: 8 storage
/// buffers, 256 invocations of a workgroup.
fn assert_valid(text: &str, what: &str) -> Module {
    let module = naga::front::wgsl::parse_str(text)
        .unwrap_or_else(|error| panic!("{what}: {}", error.emit_to_string(text)));
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{what}: {}", error.emit_to_string(text)));
    let is_storage = |space: AddressSpace| matches!(space, AddressSpace::Storage { .. });
    let buffers = module.global_variables.iter().filter(|(_, variable)| is_storage(variable.space)).count();
    assert!(buffers <= 8, "{what}: {buffers} storage buffers");
    let [entry] = &module.entry_points[..] else { panic!("{what}: one entry point expected") };
    assert!(entry.workgroup_size.iter().product::<u32>() <= 256, "{what}: {:?}", entry.workgroup_size);
    module
}

/// The shader of a model, from its text.
fn of_text(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.R");
    std::fs::write(&file, text).unwrap();
    wgsl(&of_model(&model::load(&file).unwrap_or_else(|problems| panic!("{problems}"))))
}

#[test]
fn of_every_shipped_model() {
    let models = files("models", "R");
    assert!(models.len() >= 8);
    for file in models {
        assert_valid(&wgsl(&of_model(&model::load(&file).unwrap())), &file.display().to_string());
    }
}

#[test]
fn of_every_shipped_cohort() {
    let cohorts = files("cohorts", "toml");
    assert!(cohorts.len() >= 6);
    for file in cohorts {
        let job = Job::load(&file, &Changes::default()).unwrap();
        assert_valid(&wgsl(&job.plan), &file.display().to_string());
    }
}

#[test]
fn of_fifty_states() {
    let chain = (2..=50).map(|i| format!("    d/dt(s{i}) <- k*(s{} - s{i}^0.9)\n", i - 1));
    let text = of_text(&format!(
        "chain <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\", concentration = \"mg/L\")\n  \
         ini({{ lk <- log(0.5) }})\n  model({{\n    k <- exp(lk)\n    d/dt(s1) <- -k*s1\n{}  }})\n}}\n",
        chain.collect::<String>()
    ));
    assert_valid(&text, "50 states");
}

/// A model may use any name of its own language, those of the shader and of WGSL included.
#[test]
fn of_a_model_with_the_names_of_the_shader() {
    let shader = wgsl(&of_model(&model::load(&root().join("models/one_compartment_infusion.R")).unwrap()));
    let words = shader.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let in_between = (0..60).map(|i| format!("v{i}"));
    let reserved = naga::keywords::wgsl::RESERVED.iter().map(|&word| word.to_owned());
    let names: BTreeSet<String> = words.map(String::from).chain(reserved).chain(in_between).collect();
    // What the language itself cannot call a variable.
    let of_language = [
        "if", "else", "for", "while", "break", "repeat", "next", "function", "in", "NULL", "time", "t", "A",
        "lk",
    ];
    let is_name = |name: &&String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && !of_language.contains(&name.as_str())
    };
    let names: Vec<&String> = names.iter().filter(is_name).collect();
    assert!(names.len() > 300, "{}", names.len());
    for some in names.chunks(40) {
        let defined: String = some
            .iter()
            .enumerate()
            .map(|(i, name)| format!("    {name} <- {}*A*A/(A*A + {}) + log10(A)\n", i + 2, i + 3))
            .collect();
        let sum = some.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" + ");
        let text = of_text(&format!(
            "names <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\", concentration = \"mg/L\")\n  \
             ini({{ lk <- log(0.5) }})\n  model({{\n{defined}    d/dt(A) <- -exp(lk)*A - ({sum})\n  }})\n}}\n",
        ));
        assert_valid(&text, &format!("{some:?}"));
    }
}

#[test]
fn with_residual_errors_and_boluses() {
    let job = job(r#"
name = "errors"
model = "MODELS/one_compartment_infusion.R"
patients = 1
seed = 1
[regimen]
arms = ["30 mg", "120 mg"]
into = ["central"]
infusion = "0 h"
every = "21 day"
cycles = 2
[visits]
every = "1 day"
[endpoints.measured]
of = "Cc"
statistic = "max"
observe = "with_error"
[endpoints.area]
of = "Cc"
statistic = "auc"
on = "continuous"
"#);
    assert_valid(&wgsl(&job.plan), "residual errors");
}

#[test]
fn of_every_kind_of_rule() {
    for case in crate::by_hand::cases() {
        assert_valid(&wgsl(&crate::by_hand::job(&case).plan), case.name);
    }
}

#[test]
fn of_several_drugs() {
    for case in crate::drugs::cases() {
        assert_valid(&wgsl(&crate::drugs::plan(&case)), case.name);
    }
    for case in crate::at_dose::cases() {
        assert_valid(&wgsl(&crate::at_dose::plan(&case)), case.name);
    }
}

/// Generated code is read like any other: a change of it shows.
#[test]
fn of_one_compartment_as_written() {
    let file = root().join("models/one_compartment_infusion.R");
    insta::assert_snapshot!(wgsl(&of_model(&model::load(&file).unwrap())));
}

/// Names of the functions of a source, in order.
fn functions(text: &str) -> Vec<&str> {
    let after = text.lines().filter_map(|line| line.split_once("fn ").map(|(_, rest)| rest));
    after.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()).collect()
}

/// The CPU twin that a shader names in its head, if that is one file.
fn twin(text: &str) -> Option<&str> {
    let path = text.split_once("src/engine/")?.1.split(|c: char| c.is_whitespace() || c == ',').next()?;
    Some(path.trim_end_matches(['.', ';']))
}

#[test]
fn twins_have_their_functions_in_the_same_order() {
    let mut compared = 0;
    for file in files("shaders", "wgsl") {
        let shader = std::fs::read_to_string(&file).unwrap();
        let Some(twin) = twin(&shader) else { continue };
        let path = root().join("src/engine").join(twin);
        let path = if path.is_dir() { path.join("mod.rs") } else { path };
        let of_cpu = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}: {twin}", file.display()));
        let of_cpu = functions(&of_cpu);
        // What follows curves stands behind the rest in a shader, which need not have it.
        let is_shared = |name: &&str| of_cpu.contains(name) && !name.starts_with("follow_");
        let shared: Vec<&str> = functions(&shader).into_iter().filter(is_shared).collect();
        let mut in_order = shared.clone();
        in_order.sort_by_key(|name| of_cpu.iter().position(|other| other == name));
        assert_eq!(shared, in_order, "{} and {twin}", file.display());
        compared += shared.len();
    }
    assert!(compared > 40, "{compared}");
}
