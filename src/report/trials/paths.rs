//! The course of the first trials of each design.

use super::super::figure::{Figure, Sheet};
use super::super::plot::{self, Axes, Mark, Symbol, colour};
use super::super::rows::Row;
use super::{Facts, at};
use crate::diagnostic::Problems;
use crate::readable::number;

/// As many trials of each design are drawn, each in its colour: the first, who are as random as any.
const TRIALS: u64 = 6;
/// How far trials at one dose are drawn apart.
const APART: f64 = 0.09;

/// A trial so far.
#[derive(Default)]
struct Course {
    /// Position of the dose of each cohort, evaluable patients, and toxicities among them.
    cohorts: Vec<(usize, [f64; 2])>,
    declared: String,
    ended_by: String,
    days: f64,
}

pub(super) fn figure(facts: &Facts) -> Result<Option<Figure>, Problems> {
    let (designs, doses) = (&facts.said.designs, &facts.said.doses);
    let mut courses: Vec<Vec<Course>> = designs.iter().map(|_| Vec::new()).collect();
    let labels = ["design", "arm", "declared", "ended_by"];
    let numbers = ["replicate", "step", "evaluable", "dlts", "complete_day"];
    facts.cohorts(TRIALS, labels, numbers, |Row { labels, numbers }| {
        let [of_design, arm, declared, ended_by] = labels;
        let [_, step, evaluable, dlts, complete] = numbers;
        let design = designs.iter().position(|design| design.name == of_design);
        let (Some(design), Some(dose)) = (design, doses.iter().position(|dose| dose == arm)) else { return };
        if step == 1.0 {
            courses[design].push(Course::default());
        }
        if let Some(course) = courses[design].last_mut() {
            course.cohorts.push((dose, [evaluable, dlts]));
            (course.declared, course.ended_by) = (declared.to_owned(), ended_by.to_owned());
            course.days = complete;
        }
    })?;
    let mut sheet = Sheet::new([
        "design",
        "trial",
        "toxicities among evaluable patients",
        "declared",
        "ended by",
        "days",
    ]);
    let mut panels = Vec::new();
    for (design, courses) in designs.iter().zip(&courses) {
        for (i, course) in courses.iter().enumerate() {
            let seen = course
                .cohorts
                .iter()
                .map(|(dose, [n, dlts])| format!("{dlts:.0}/{n:.0} at {}", doses[*dose]));
            let declared = if course.declared.is_empty() { "no dose" } else { &course.declared };
            sheet.row([
                design.name.clone(),
                (i + 1).to_string(),
                seen.collect::<Vec<_>>().join(", "),
                declared.to_owned(),
                course.ended_by.replace('_', " "),
                number(course.days),
            ]);
        }
        let axes =
            Axes { x: "cohort of patients".into(), y: "dose".into(), rows: doses.clone(), ..Axes::default() };
        panels.push((design.name.clone(), plot::marks(&axes, &marks(courses))));
    }
    let says = format!(
        "The first {TRIALS} trials of each design, each in its colour: the dose of every cohort of patients, and where any of \
         them had a dose-limiting toxicity (crosses). The same patients come under every design."
    );
    let svg = plot::panels(&panels);
    Ok((!sheet.rows.is_empty()).then(|| Figure { title: "Courses of trials".into(), says, svg, sheet }))
}

fn marks(courses: &[Course]) -> Vec<Mark> {
    let mut marks = Vec::new();
    let middle = (courses.len() as f64 - 1.0) / 2.0;
    for (i, course) in courses.iter().enumerate() {
        let y = |dose: usize| at(dose) + APART * (i as f64 - middle);
        let points = course.cohorts.iter().enumerate().map(|(step, (dose, _))| [at(step), y(*dose)]);
        let name = format!("trial {}", i + 1);
        let points: Vec<[f64; 2]> = points.collect();
        let toxic = points.iter().zip(&course.cohorts).filter(|(_, (_, [_, dlts]))| *dlts > 0.0);
        let toxic: Vec<[f64; 2]> = toxic.map(|(point, _)| *point).collect();
        marks.push(Mark::Line { points, colour: colour(i), name });
        if !toxic.is_empty() {
            marks.push(Mark::Symbols {
                points: toxic,
                colour: colour(i),
                name: String::new(),
                symbol: Symbol::Cross,
            });
        }
    }
    marks
}
