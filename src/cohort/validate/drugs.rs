//! Drugs: what their doses have in common, and the limits of how much is given.

use super::super::amount::{Amount, AmountOf, BodySize, Rounding, Tier};
use super::super::raw::{
    BioavailabilityName, DoseTable, DrugTable, MissedTable, RegimenTable, RoundTable, Text, TierTable,
};
use super::super::report::{KeyError, Report, Section};
use super::super::spanned::{Entries, Spanned};
use super::super::{Bioavailability, Dose, Drug, Infusion, Missed, Per, quantity};
use super::errors::{DosingError, MAX_TIMES, ScheduleError};
use super::{columns, general};
use crate::unit::{Unit, number_and_unit};

/// What is said of a drug.
pub(super) struct Settings {
    /// The table that says it, as in its header.
    pub(super) table: String,
    pub(super) drug: Drug,
    pub(super) into: Option<Vec<Text>>,
    pub(super) infusion: Option<Spanned<Infusion>>,
    /// Whether its first doses are at steady state.
    pub(super) steady: Option<Spanned<bool>>,
    pub(super) limits: Limits,
}

/// What is said of how much is given, besides the amount itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Limits {
    pub(super) tiers: Option<AmountOf>,
    /// Whether there are tiers in the file, be they wrong.
    pub(super) has_tiers: bool,
    pub(super) size_at_most: Option<Spanned<BodySize>>,
    pub(super) cap: Option<Spanned<Dose>>,
    pub(super) round: Option<Spanned<Rounding>>,
}

impl Limits {
    /// An amount with these limits. One of tiers needs no amount of its own.
    pub(super) fn on(self, amount: Option<AmountOf>) -> Option<Amount> {
        let Self { tiers, has_tiers: _, size_at_most, cap, round } = self;
        Some(Amount { of: amount.or(tiers)?, size_at_most, cap, round })
    }

    /// What is said here, else there.
    pub(super) fn or(self, others: &Self) -> Self {
        Self {
            tiers: self.tiers.or_else(|| others.tiers.clone()),
            has_tiers: self.has_tiers || others.has_tiers,
            size_at_most: self.size_at_most.or_else(|| others.size_at_most.clone()),
            cap: self.cap.or_else(|| others.cap.clone()),
            round: self.round.or_else(|| others.round.clone()),
        }
    }
}

/// The drugs of `[drugs]`.
pub(super) fn drugs(tables: &Entries<Spanned<DrugTable>>, report: &mut Report) -> Vec<Settings> {
    let settings = tables.0.iter().map(|(name, table)| {
        columns::name(name, report);
        let label = format!("drugs.{}", name.value);
        let table = &table.value;
        let limits = LimitKeys::from(table).read(&Section::new(&label, &name.span), report);
        let weight = table.molecular_weight.as_ref();
        Settings {
            drug: Drug {
                name: Some(name.clone()),
                molecular_weight: weight.and_then(|text| report.quantity(text, quantity::molecular_weight)),
                bioavailability: table.bioavailability.as_ref().map(bioavailability),
                missed: table.missed.as_ref().and_then(|table| missed(table, report)),
            },
            into: table.into.as_ref().map(|into| report.names("into", into)),
            infusion: infusion(&table.infusion, &table.rate, report),
            steady: table.steady_state.clone(),
            limits,
            table: label,
        }
    });
    settings.collect()
}

/// The one drug of a file without `[drugs]`: what `[regimen]` says of it.
pub(super) fn only_drug(table: Option<&RegimenTable>, report: &mut Report) -> Settings {
    let none = RegimenTable::default();
    let table = table.unwrap_or(&none);
    let weight = table.molecular_weight.as_ref();
    Settings {
        table: "regimen".into(),
        drug: Drug {
            name: None,
            molecular_weight: weight.and_then(|text| report.quantity(text, quantity::molecular_weight)),
            bioavailability: table.bioavailability.as_ref().map(bioavailability),
            missed: table.missed.as_ref().and_then(|table| missed(table, report)),
        },
        into: table.into.as_ref().map(|into| match into.value.is_empty() {
            true => Vec::new(),
            false => report.names("into", into),
        }),
        infusion: infusion(&table.infusion, &table.rate, report),
        steady: table.steady_state.clone(),
        limits: Limits::default(),
    }
}

fn missed(table: &Spanned<MissedTable>, report: &mut Report) -> Option<Missed> {
    let section = Section::new("missed", &table.span);
    let probability = report.required("probability", &table.value.probability, &section)?;
    let text = general::probability("probability", probability, report)?;
    let run = match &table.value.run {
        Some(number) => Some(report.within("run", number, [1.0, f64::from(MAX_TIMES)])?),
        None => None,
    };
    // So many missed doses cannot be parted by doses that are not.
    let most = run.map_or(1.0, |run| run / (run + 1.0));
    if let (Ok(value), Some(run)) = (text.value.parse::<f64>(), run)
        && value > most
    {
        report.add(&probability.span, DosingError::MissedTooOften { probability: value, run });
    }
    Some(Missed { probability: text, run })
}

fn bioavailability(name: &Spanned<BioavailabilityName>) -> Spanned<Bioavailability> {
    let value = match name.value {
        BioavailabilityName::Amount => Bioavailability::Amount,
        BioavailabilityName::Rate => Bioavailability::Rate,
    };
    Spanned { value, span: name.span.clone() }
}

/// How doses enter, by the two keys that say it.
pub(super) fn infusion(
    infusion: &Option<Text>,
    rate: &Option<Text>,
    report: &mut Report,
) -> Option<Spanned<Infusion>> {
    match (infusion, rate) {
        (Some(_), Some(rate)) => {
            report.conflict(&rate.span, "infusion", "rate");
            None
        }
        (Some(text), None) => {
            let value = match text.value.as_str() {
                "bolus" => Infusion::Bolus,
                "model" => Infusion::Model,
                _ => match report.time(text)? {
                    0 => Infusion::Bolus,
                    duration => Infusion::Duration(duration),
                },
            };
            Some(Spanned { value, span: text.span.clone() })
        }
        (None, Some(text)) => {
            let (amount_per_hour, unit) = report.quantity(text, quantity::rate)?;
            if amount_per_hour == 0.0 {
                report.add(&text.span, ScheduleError::NoRate);
            }
            Some(Spanned { value: Infusion::Rate { amount_per_hour, unit }, span: text.span.clone() })
        }
        (None, None) => None,
    }
}

/// The keys of limits, which tables of drugs and of doses share.
pub(super) struct LimitKeys<'a> {
    by: &'a Option<Text>,
    tiers: &'a Option<Spanned<Vec<Spanned<TierTable>>>>,
    size_at_most: &'a Option<Text>,
    cap: &'a Option<Text>,
    round: &'a Option<Spanned<RoundTable>>,
}

impl<'a> From<&'a DrugTable> for LimitKeys<'a> {
    fn from(table: &'a DrugTable) -> Self {
        let DrugTable { by, tiers, size_at_most, cap, round, .. } = table;
        Self { by, tiers, size_at_most, cap, round }
    }
}

impl<'a> From<&'a DoseTable> for LimitKeys<'a> {
    fn from(table: &'a DoseTable) -> Self {
        let DoseTable { by, tiers, size_at_most, cap, round, .. } = table;
        Self { by, tiers, size_at_most, cap, round }
    }
}

impl LimitKeys<'_> {
    pub(super) fn read(&self, section: &Section, report: &mut Report) -> Limits {
        let tiers = match (self.by, self.tiers) {
            (Some(by), Some(tiers)) => self::tiers(by, tiers, report),
            (Some(by), None) => {
                report.needs(&by.span, "by", "tiers");
                None
            }
            (None, Some(tiers)) => {
                report.needs(&tiers.span, "tiers", "by");
                None
            }
            (None, None) => None,
        };
        let round = self.round.as_ref().and_then(|table| {
            let section = Section::new(format!("{}.round", section.label), &table.span);
            let to = report.required("to", &table.value.to, &section)?;
            let to = flat("to", to, report)?.value;
            let how = table.value.how.as_ref().map(|how| how.value).unwrap_or_default();
            Some(Spanned { value: Rounding { to, how }, span: table.span.clone() })
        });
        Limits {
            tiers,
            has_tiers: self.by.is_some() || self.tiers.is_some(),
            size_at_most: self.size_at_most.as_ref().and_then(|text| body_size(text, report)),
            cap: self.cap.as_ref().and_then(|text| flat("cap", text, report)),
            round,
        }
    }
}

/// An amount above 0 for the patient, not for its size.
fn flat(key: &'static str, text: &Text, report: &mut Report) -> Option<Spanned<Dose>> {
    let dose = report.quantity(text, quantity::dose)?;
    if dose.per != Per::Patient || dose.amount == 0.0 {
        report.add(&text.span, DosingError::NotFlat { key, text: text.value.clone() });
        return None;
    }
    Some(Spanned { value: dose, span: text.span.clone() })
}

fn body_size(text: &Text, report: &mut Report) -> Option<Spanned<BodySize>> {
    let (number, unit) = number_and_unit(&text.value).filter(|(number, _)| *number > 0.0).unzip();
    let size = |word: &str| Some(unit.as_ref()?.to(&Unit::parse(word))?.apply(number?));
    let size = size("kg").map(BodySize::Kilograms).or_else(|| size("m2").map(BodySize::SquareMetres));
    if size.is_none() {
        report.add(&text.span, DosingError::NotASize { text: text.value.clone() });
    }
    Some(Spanned { value: size?, span: text.span.clone() })
}

fn tiers(by: &Text, tables: &Spanned<Vec<Spanned<TierTable>>>, report: &mut Report) -> Option<AmountOf> {
    if tables.value.is_empty() {
        report.add(&tables.span, KeyError::Empty { key: "tiers" });
        return None;
    }
    let last = tables.value.len() - 1;
    let mut tiers = Vec::new();
    let mut limits = Limit::default();
    for (i, Spanned { value: table, span }) in tables.value.iter().enumerate() {
        let is_last = i == last;
        if table.below.is_some() == is_last {
            let span = table.below.as_ref().map_or(span, |below| &below.span);
            report.add_if_complete(span, DosingError::TierLimit { is_last });
        }
        if let Some(below) = &table.below {
            limits.next(below, report);
        }
        let Some(text) = report.required("dose", &table.dose, &Section::new("tiers", span)) else { continue };
        let Some(dose) = report.quantity(text, quantity::dose) else { continue };
        let dose = Spanned { value: dose, span: text.span.clone() };
        tiers.push(Tier { below: table.below.clone(), dose });
    }
    (tiers.len() == tables.value.len()).then(|| AmountOf::Tiers { by: report.unquoted(by), tiers })
}

/// The limit of the tier before, to compare the next with.
#[derive(Default)]
struct Limit(Option<(f64, Option<Unit>)>);

impl Limit {
    fn next(&mut self, text: &Text, report: &mut Report) {
        let alone = || text.value.trim().parse().ok().map(|number: f64| (number, None));
        let read = number_and_unit(&text.value).map(|(number, unit)| (number, Some(unit))).or_else(alone);
        let Some((number, unit)) = read.filter(|(number, _)| number.is_finite()) else {
            report.add(&text.span, DosingError::NotALimit { text: text.value.clone() });
            return;
        };
        let before = self.0.as_ref().and_then(|(before, of)| match (of, &unit) {
            (None, None) => Some(*before),
            (Some(of), Some(unit)) => of.to(unit).map(|conversion| conversion.apply(*before)),
            _ => None,
        });
        if before.is_some_and(|before| number <= before) {
            report.add(&text.span, DosingError::TiersNotIncreasing { text: text.value.clone() });
        }
        self.0 = Some((number, unit));
    }
}
