//! What fast mathematics may make of the shader: Metal compiles with it unless told otherwise, and may then take
//! every number for finite. The shader is written for Metal by naga, as on a Mac, compiled as C++ by the newest
//! clang with `-ffast-math` (`tests/metal/` has what it needs of Metal's library), and given patients whose
//! values are not numbers: none may come back as solved.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use naga::back::msl;
use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::batch::Results;
use super::buffers::{Buffer, Job as Words};
use super::iterations::Most;
use super::layout::Layout;
use super::{pack, rtol, shader, unpack};
use crate::diagnostic::Source;
use crate::engine::cpu::columns::Columns;
use crate::engine::cpu::{Cpu, Isa, Precision};
use crate::engine::program::Lowered;
use crate::engine::{Engine, Individuals, Solution, Status};
use crate::job::Job;
use crate::plan::{Endpoint, Plan};

/// Patients of a situation; about half of them have values that are not numbers.
const PATIENTS: u64 = 64;

/// `seen` is no number, or beyond all numbers, where `X` is negative.
const SITUATIONS: [(&str, &str); 11] = [
    ("a logarithm", "d/dt(x) <- -k * x; seen <- x + log(X * (1 + x))"),
    ("a root, later", "d/dt(x) <- -k * x; seen <- x + ifelse(time > 5.5, sqrt(X * (1 + x)), 0)"),
    ("a power", "d/dt(x) <- -k * x; seen <- x + (X * (1 + x))^0.3"),
    ("a hyperbolic tangent", "d/dt(x) <- -k * x; seen <- x + tanh(log(X * (1 + x)))"),
    ("0 / 0", "d/dt(x) <- -k * x; seen <- x + max(X * (1 + x), 0) / max(X, 0)"),
    ("1 / 0", "d/dt(x) <- -k * x; seen <- x + 1 / max(X * (1 + x), 0)"),
    ("an overflow", "d/dt(x) <- -k * x; seen <- x + exp(x - 1e5 * X)"),
    ("a difference of what overflowed", "d/dt(x) <- -k * x; seen <- exp(x - 1e5 * X) - exp(1 - 1e5 * X)"),
    ("a derivative", "d/dt(x) <- -k * x + 0.01 * log(X * (1 + x)); seen <- x"),
    ("a derivative, later", "d/dt(x) <- -k * x + sqrt(X + 0.7 - 0.05 * time); seen <- x"),
    ("an initial value", "d/dt(x) <- -k * x; x(0) <- log(X); seen <- x"),
];

const COHORT: &str = r#"
name = "no_number"
model = "case.R"
patients = 64
seed = 1
[population.X]
distribution = "uniform"
low = -1
high = 1
[regimen]
arms = ["1 mg"]
into = ["x"]
infusion = "2 h"
times = ["0 day", "7 day"]
[visits]
every = "1 day"
until = "14 day"
[endpoints]
smallest = { of = "seen", statistic = "min" }
largest = { of = "seen", statistic = "max", on = "continuous" }
area = { of = "seen", statistic = "auc", on = "visits" }
exposure = { of = "seen", statistic = "auc", on = "continuous" }
when = { of = "seen", statistic = "time_of_max", on = "visits" }
held = { of = "seen", statistic = "time_above", threshold = 0.5 }
longest = { of = "seen", statistic = "longest_below", threshold = 0.5 }
first = { of = "seen", statistic = "first_above", threshold = 0.5 }
last = { of = "seen", statistic = "value", at = "14 day" }
"#;

fn job(equations: &str, method: &str) -> Job {
    let equations = equations.replace("; ", "\n    ");
    let model = format!(
        "case <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\", concentration = \"mg/L\")\n  \
         ini({{ k <- 0.2 }})\n  model({{\n    {equations}\n  }})\n}}\n"
    );
    let cohort = format!("{COHORT}\n[solver]\nmethod = \"{method}\"\n");
    Job::from_texts(&Source::new("case.toml", cohort), &Source::new("case.R", model))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// The newest clang there is.
fn clang() -> Option<String> {
    let newest_first = (14..=30).rev().map(|version| format!("clang++-{version}"));
    let works = |name: &String| {
        let ran = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        ran.is_ok_and(|status| status.success())
    };
    newest_first.chain(["clang++".into()]).find(works)
}

/// The shader for Metal, every buffer in the slot of its binding, their sizes in the one behind, and the name of its entry point.
fn metal(wgsl: &str) -> (String, String) {
    let module = naga::front::wgsl::parse_str(wgsl).unwrap();
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module).unwrap();
    let slots = 0..=Buffer::ALL.len() as u8;
    let resources = slots.map(|slot| {
        let target = msl::BindTarget { buffer: Some(slot), mutable: true, ..Default::default() };
        (naga::ResourceBinding { group: 0, binding: slot.into() }, target)
    });
    let sizes_buffer = Some(1 + Buffer::ALL.len() as u8);
    let resources =
        msl::EntryPointResources { resources: resources.collect(), sizes_buffer, ..Default::default() };
    let options = msl::Options {
        lang_version: (2, 4),
        per_entry_point_map: BTreeMap::from([("main".into(), resources)]),
        fake_missing_bindings: false,
        ..Default::default()
    };
    let (text, names) =
        msl::write_string(&module, &info, &options, &msl::PipelineOptions::default()).unwrap();
    (text, names.entry_point_names[0].as_ref().unwrap().clone())
}

/// Floating-point numbers as C++ has them: without an `f` they would be double.
fn with_suffixes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let mut before = ' ';
        let end = rest.find(|c: char| {
            let goes_on = c.is_ascii_alphanumeric()
                || c == '_'
                || is_number && (c == '.' || matches!(c, '-' | '+') && before == 'e');
            before = c;
            !goes_on
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        out.push_str(word);
        if is_number && word.contains(['.', 'e']) {
            out.push('f');
        }
        rest = after;
    }
    out + rest
}

/// The call of the shader's entry point for an `item`, its buffers taken from `slots`.
fn call(shader: &str, entry: &str) -> String {
    let (_, parameters) = shader.split_once(&format!("kernel void {entry}(")).unwrap();
    let (parameters, _) = parameters.split_once(") {").unwrap();
    let arguments = parameters.lines().filter_map(|line| {
        let (declared, attribute) = line.trim_start_matches([',', ' ']).split_once(" [[")?;
        let Some(slot) = attribute.strip_prefix("buffer(") else {
            return Some("metal::uint3{item, 0, 0}".to_owned());
        };
        let (slot, _) = slot.split_once(')')?;
        let (ty, _) = declared.rsplit_once(' ')?;
        Some(format!("reinterpret_cast<{ty}>(*slots[{slot}].data())"))
    });
    format!("{entry}({});\n", arguments.collect::<Vec<_>>().join(", "))
}

/// Compiles the shader of a plan in a folder.
fn compile(clang: &str, wgsl: &str, folder: &Path) {
    let (shader, entry) = metal(wgsl);
    fs::write(folder.join("call.hpp"), call(&shader, &entry)).unwrap();
    fs::write(folder.join("shader.hpp"), with_suffixes(&shader)).unwrap();
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/metal");
    let compiled = Command::new(clang)
        .args(["-std=c++17", "-O2", "-ffast-math", "-fno-strict-aliasing", "-w", "-I", library, "-I"])
        .arg(folder)
        .arg(format!("{library}/runner.cpp"))
        .arg("-o")
        .arg(folder.join("runner"))
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
}

/// The words of every slot after a run over those before it.
fn run(folder: &Path, slots: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let words = slots.iter().flat_map(|slot| [&[slot.len() as u32], &slot[..]].concat());
    let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    let mut runner =
        Command::new(folder.join("runner")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = runner.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let ran = runner.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(ran.status.success(), "it does not come to an end");
    let mut words = ran.stdout.chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
    std::iter::from_fn(|| words.next().map(|count| words.by_ref().take(count as usize).collect())).collect()
}

/// Solves patients as the GPU engine does, with the compiled shader for a device.
fn solve(clang: &str, plan: &Plan, individuals: &Individuals) -> Solution {
    let lowered = Lowered::new(plan);
    let layout = Layout::new(plan, &lowered);
    let folder = tempfile::tempdir().unwrap();
    compile(clang, &shader::shader(plan, &lowered, &layout, rtol(plan)), folder.path());
    let columns: Vec<&[f64]> = individuals.slots.iter().map(Vec::as_slice).collect();
    let columns = Columns::prelude(&lowered).run(Isa::detect(), &columns, 0..individuals.count);
    let packed = pack::pack(&layout, &lowered, individuals, &columns);
    let Most { visits, attempts } = Most::of(plan, &lowered, &layout);
    let job = Words { visits, attempts, ..packed.job };
    let buffers = Buffer::ALL.map(|buffer| {
        let words = layout.words_per_patient(buffer) * individuals.count;
        let mut known = match buffer {
            Buffer::Plan => layout.tables.words.clone(),
            Buffer::Parameters => packed.parameters.clone(),
            Buffer::Outcomes => packed.outcomes.clone(),
            Buffer::Ledger => packed.ledger.clone(),
            _ => Vec::new(),
        };
        known.resize(known.len().max(words).max(4), 0);
        known
    });
    let sizes = buffers.each_ref().map(|words| size_of_val(&words[..]) as u32).to_vec();
    let job_words = bytemuck::cast_slice(&[job]).to_vec();
    let slots: Vec<Vec<u32>> = [job_words].into_iter().chain(buffers).chain([sizes]).collect();
    let found = run(folder.path(), &slots);
    let buffer = |buffer: Buffer| found[1 + buffer as usize].clone();
    let results = Results {
        accumulators: buffer(Buffer::Accumulators),
        outcomes: buffer(Buffer::Outcomes),
        ledger: buffer(Buffer::Ledger),
        trajectories: buffer(Buffer::Trajectories),
    };
    unpack::unpack(&layout, &plan.accumulators, None, plan.time_per_tick, &job, &results, Solution::default())
}

/// What is wrong of a situation.
fn faults(clang: &str, name: &str, job: &Job) -> Vec<String> {
    let (patients, individuals) = job.individuals(0..PATIENTS, Isa::detect()).unwrap();
    let is_number = |patient: usize| patients.numbers("X")[patient] >= 0.0;
    let found = solve(clang, &job.plan, &individuals);
    let expected = Cpu::with_precision(&job.plan, Isa::detect(), Precision::F32).solve(&individuals).unwrap();
    let mut faults = Vec::new();
    for (patient, &status) in found.status.iter().enumerate() {
        if (status == Status::Ok) != is_number(patient) {
            faults.push(format!("{name}, {}: patient {patient} is {status:?}", job.plan.method.name()));
        }
        let compared = |endpoint: &&Endpoint| ["smallest", "largest", "last"].contains(&&*endpoint.name);
        for endpoint in job.plan.endpoints.iter().filter(compared).filter(|_| is_number(patient)) {
            let [got, right] = [&found, &expected].map(|solution| solution.endpoint(endpoint.value, patient));
            if (got - right).abs() > 1e-3 * right.abs().max(1.0) {
                faults
                    .push(format!("{name}: `{}` of patient {patient} is {got}, not {right}", endpoint.name));
            }
        }
    }
    faults
}

#[test]
fn what_is_no_number_is_seen_under_fast_mathematics() {
    let Some(clang) = clang() else {
        let is_needed = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_needed, "no clang is installed");
        eprintln!("not run: no clang is installed");
        return;
    };
    let mut all = Vec::new();
    for method in ["tsit5", "rosenbrock"] {
        for (name, equations) in SITUATIONS {
            all.extend(faults(&clang, name, &job(equations, method)));
        }
    }
    assert!(all.is_empty(), "{} by {clang}:\n{}", all.len(), all.join("\n"));
}

#[test]
fn numbers_of_single_precision_say_so() {
    let text = "float x1_ = 1.0 + y2 * 3e-6 - 7u / type_1(2.5e38) + a.b[3] + 0.5;";
    let expected = "float x1_ = 1.0f + y2 * 3e-6f - 7u / type_1(2.5e38f) + a.b[3] + 0.5f;";
    assert_eq!(with_suffixes(text), expected);
}
