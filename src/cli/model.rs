//! `vpop model`: what a model file holds, with units.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::model::graph::{NodeId, Stage};
use crate::model::{self, Model};

use crate::store::NoticeSummary;

use super::streams::answer;
use super::{fail, problems};
use crate::readable::number;

/// What `vpop model` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The model file.
    model: PathBuf,
    /// Answer in JSON on standard output.
    #[arg(long)]
    json: bool,
    /// Print the compute shader that the model becomes on a GPU, in an arm without doses.
    #[cfg(feature = "gpu")]
    #[arg(long, conflicts_with = "json")]
    wgsl: bool,
}

/// Shows a model.
pub fn main(options: &Options) -> ExitCode {
    match model::load(&options.model) {
        Ok(model) => {
            problems::tell(&model.notices);
            answer(shown(options, &model), ExitCode::SUCCESS)
        }
        Err(problems) => fail(&problems, options.json),
    }
}

fn shown(options: &Options, model: &Model) -> String {
    #[cfg(feature = "gpu")]
    if options.wgsl {
        return crate::engine::gpu::wgsl(&crate::plan::of_model(model));
    }
    if options.json { format!("{:#}", json(model)) } else { text(model) }
}

fn text(model: &Model) -> String {
    let metadata = &model.metadata;
    let mut parts = vec![model.name.clone()];
    parts.extend(metadata.description.clone());
    parts.extend(metadata.reference.as_ref().map(|r| format!("reference: {r}")));
    parts.push(format!("time in {}, doses in {}", metadata.time_unit, metadata.dosing_words()));
    parts.push(work(model));
    parts.push(states(model));
    parts.push(parameters(model));
    parts.push(effects(model));
    parts.push(covariates(model));
    parts.push(variables(model));
    parts.push(if model.inferred.is_empty() { String::new() } else { INFERRED.into() });
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// Operations of the right-hand side, and those done once per patient instead.
fn operations(model: &Model) -> (usize, usize) {
    let derivatives: Vec<NodeId> = model.states.iter().map(|s| s.derivative).collect();
    let needed = model.graph.reachable(&derivatives);
    let of_stage = |stage| {
        needed.iter().filter(|&&id| is_operation(model, id) && model.graph.stage(id) == stage).count()
    };
    (of_stage(Stage::Dynamic), of_stage(Stage::Patient))
}

fn is_operation(model: &Model, id: NodeId) -> bool {
    model.graph.operands(id).next().is_some()
}

fn work(model: &Model) -> String {
    let (each, once) = operations(model);
    let on_gpu = work_on_gpu(model);
    format!("right-hand side: {each} operations; {once} more are done once per patient{on_gpu}")
}

#[cfg(feature = "gpu")]
fn work_on_gpu(model: &Model) -> String {
    let cost = crate::engine::gpu::Cost::of(&crate::plan::of_model(model));
    format!(
        "\non a GPU: {} plain and {} special-function instructions per step, {} words live",
        cost.plain, cost.special, cost.live_words
    )
}

#[cfg(not(feature = "gpu"))]
fn work_on_gpu(_: &Model) -> &'static str {
    ""
}

fn states(model: &Model) -> String {
    let rows = model.states.iter().map(|s| {
        let unit = unit(model, &s.name, &s.unit);
        [s.name.clone(), unit, number(s.scale), s.description.clone().unwrap_or_default()]
    });
    section("states", ["state", "unit", "scale", ""], rows)
}

fn parameters(model: &Model) -> String {
    let rows = model.parameters.iter().map(|p| {
        let fixed = if p.fixed { "fixed" } else { "" };
        let unit = model.inferred.iter().find(|(name, _)| *name == p.name);
        let unit = unit.map_or(String::new(), |(_, unit)| format!("{unit} *"));
        let label = p.label.iter().cloned().chain(Some(unit).filter(|unit| !unit.is_empty()));
        [p.name.clone(), number(p.value), fixed.into(), label.collect::<Vec<_>>().join(" ")]
    });
    section("parameters, on the scale of the file", ["parameter", "value", "", ""], rows)
}

fn effects(model: &Model) -> String {
    let rows = model.omega.iter().flat_map(|block| {
        block.names.iter().enumerate().map(|(i, name)| {
            let variance = block.covariance[i * (i + 3) / 2];
            let with = block.names.iter().filter(|n| *n != name).cloned().collect::<Vec<_>>().join(", ");
            let with = block.occasion.iter().map(|column| format!("anew by {column}")).chain(Some(with));
            let with = with.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
            [name.clone(), number(variance), format!("{:.0}", 100.0 * variance.exp_m1().sqrt()), with]
        })
    });
    section("random effects", ["effect", "variance", "CV % if lognormal", "correlated with"], rows)
}

fn covariates(model: &Model) -> String {
    let rows = model.covariates.iter().map(|c| {
        let unit = unit(model, &c.name, &c.unit);
        let over_time = c.over_time.as_ref().map_or("", |_| "changes over time");
        [c.name.clone(), unit, c.description.clone().unwrap_or_default(), over_time.into()]
    });
    section("covariates that the cohort must give", ["covariate", "unit", "", ""], rows)
}

fn variables(model: &Model) -> String {
    let observables = model.variables.iter().filter(|v| model.graph.stage(v.node) == Stage::Dynamic);
    let rows = observables.map(|v| {
        let unit = unit(model, &v.name, &v.unit);
        [v.name.clone(), unit, v.description.clone().unwrap_or_default(), String::new()]
    });
    section("can be measured (besides the states)", ["name", "unit", "", ""], rows)
}

/// What the mark behind a unit means.
const INFERRED: &str = "* follows from the equations; the file does not say it";

/// The unit of a name, marked if it follows from the equations.
fn unit(model: &Model, name: &str, unit: &Option<String>) -> String {
    let is_inferred = model.inferred.iter().any(|(inferred, _)| inferred == name);
    match unit {
        Some(unit) if is_inferred => format!("{unit} *"),
        Some(unit) => unit.clone(),
        None => "-".into(),
    }
}

fn section(title: &str, header: [&str; 4], rows: impl Iterator<Item = [String; 4]>) -> String {
    let table = super::table::table(header, rows, header.len()..);
    if table.is_empty() { String::new() } else { format!("{title}\n{table}") }
}

fn json(model: &Model) -> Value {
    let (each, once) = operations(model);
    json!({
        "name": model.name,
        "description": model.metadata.description,
        "reference": model.metadata.reference,
        "notices": model.notices.iter().map(NoticeSummary::from).collect::<Vec<_>>(),
        "time_unit": model.metadata.time_unit,
        "dosing_unit": model.metadata.dosing_unit,
        "operations": { "right_hand_side": each, "once_per_patient": once },
        "states": model.states.iter().map(|s| json!({
            "name": s.name, "unit": s.unit, "scale": s.scale, "description": s.description,
        })).collect::<Vec<_>>(),
        "parameters": model.parameters.iter().map(|p| json!({
            "name": p.name, "value": p.value, "fixed": p.fixed, "label": p.label,
        })).collect::<Vec<_>>(),
        "random_effects": model.omega.iter().map(|b| json!({
            "names": b.names, "covariance_lower_triangle": b.covariance, "occasion": b.occasion,
        })).collect::<Vec<_>>(),
        "covariates": model.covariates.iter().map(|c| json!({
            "name": c.name, "unit": c.unit, "description": c.description, "changes_over_time": c.over_time.is_some(),
        })).collect::<Vec<_>>(),
        "variables": model.variables.iter().map(|v| json!({
            "name": v.name, "unit": v.unit, "description": v.description,
            "changes_over_time": model.graph.stage(v.node) == Stage::Dynamic,
        })).collect::<Vec<_>>(),
    })
}
