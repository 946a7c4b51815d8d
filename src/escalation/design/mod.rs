//! Dose-escalation designs: who is treated next, and which dose is declared at the end.
//!
//! A design sees counts and nothing else. Each kind is one file with its paper, its settings and its decisions; a new
//! one is a new file and a line in `designs!` below. What design files may hold, their schema and what is suggested
//! for a misspelt name follow from it.

pub mod accelerated_titration;
pub mod beta;
pub mod blrm;
pub mod boin;
pub mod by_table;
pub mod crm;
pub mod decision_table;
mod error;
pub mod fixed;
mod i3_plus_three;
pub mod isotonic;
pub(super) mod kind;
mod memo;
pub mod mtpi2;
mod posterior;
pub mod skeleton;
mod table;
pub mod three_plus_three;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::LazyLock;

use serde::de::MapAccess;

use accelerated_titration::AcceleratedTitration;
use blrm::Blrm;
use boin::Boin;
use crm::Crm;
pub use error::DesignError;
use fixed::Fixed;
use i3_plus_three::I3PlusThree;
use kind::{Checked, DesignInfo, DesignKind, Scope};
use mtpi2::Mtpi2;
use table::GivenTable;
use three_plus_three::ThreePlusThree;

use crate::cohort::Spanned;
use crate::cohort::report::Report;

/// Makes of the kinds the tables that a design file may have, and the list of them.
macro_rules! designs {
    ($($kind:ident,)+) => {
        /// The table of a design file that says what kind of design it is.
        #[derive(Debug)]
        pub(super) enum DesignTable {
            $($kind(Spanned<<$kind as DesignKind>::Table>),)+
        }

        impl DesignTable {
            /// Reads the next value of a file, if its key is the name of a kind.
            pub(super) fn read<'de, A: MapAccess<'de>>(
                name: &str,
                file: &mut A,
            ) -> Result<Option<Self>, A::Error> {
                $(
                    if name == $kind::NAME {
                        return file.next_value().map(|table| Some(Self::$kind(table)));
                    }
                )+
                Ok(None)
            }

            /// Where it stands.
            pub(super) fn span(&self) -> &Range<usize> {
                match self { $(Self::$kind(table) => &table.span,)+ }
            }

            /// Its kind's position among all.
            pub(super) fn position(&self) -> usize {
                let name = match self { $(Self::$kind(_) => $kind::NAME,)+ };
                KINDS.iter().position(|kind| kind.name == name).unwrap_or_default()
            }

            /// Checks its settings; what is wrong is reported.
            pub(super) fn check(&self, scope: &Scope<'_>, report: &mut Report) -> Option<Checked> {
                match self { $(Self::$kind(table) => $kind::check(table, scope, report),)+ }
            }
        }

        /// The kinds of design, in the order in which they are listed.
        pub(super) static KINDS: &[DesignInfo] = &[$(DesignInfo::of::<$kind>(),)+];
    };
}

designs! {
    ThreePlusThree,
    AcceleratedTitration,
    Boin,
    Mtpi2,
    I3PlusThree,
    Crm,
    Blrm,
    Fixed,
    GivenTable,
}

impl DesignTable {
    /// What is known of its kind.
    pub(super) fn info(&self) -> &'static DesignInfo {
        &KINDS[self.position()]
    }
}

/// Names of the kinds.
pub(super) static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| KINDS.iter().map(|kind| kind.name).collect());

/// Patients at one dose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Who were treated.
    pub treated: u32,
    /// Of them, who had a dose-limiting toxicity, or stayed to the end of its window.
    pub evaluable: u32,
    /// Of them, who had a dose-limiting toxicity.
    pub dlts: u32,
    /// Who had a moderate toxicity or a dose-limiting one, where a design asks for it.
    pub moderate: u32,
    /// Who received a second dose.
    pub second_dose: u32,
}

impl Tally {
    /// Proportion of evaluable patients with a dose-limiting toxicity; NaN without patients.
    pub fn rate(self) -> f64 {
        f64::from(self.dlts) / f64::from(self.evaluable)
    }
}

/// What has been seen in a trial when a cohort is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialData {
    /// Patients at each dose, from the lowest.
    pub tallies: Vec<Tally>,
    /// The dose of the last cohort; none before the first.
    pub current: Option<usize>,
    /// Patients of the last cohort alone.
    pub last: Tally,
}

impl TrialData {
    /// Nobody yet.
    pub fn nobody(doses: usize) -> Self {
        Self { tallies: vec![Tally::default(); doses], current: None, last: Tally::default() }
    }

    /// The highest dose of which something is known: that has an evaluable patient.
    pub fn highest_known(&self) -> Option<usize> {
        self.tallies.iter().rposition(|tally| tally.evaluable > 0)
    }
}

/// Patients to be treated next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoseCohort {
    /// At which dose, from 0.
    pub dose: usize,
    /// How many, at least 1.
    pub patients: u32,
}

/// A dose-escalation design.
pub trait Design: Debug + Send + Sync {
    /// The next cohort; none ends the trial.
    fn next(&self, seen: &TrialData) -> Option<DoseCohort>;

    /// The dose that is declared the maximum tolerated one when the trial ends; none if no dose is tolerable, or
    /// nothing is known of any.
    fn declare(&self, seen: &TrialData) -> Option<usize>;

    /// Whether so many evaluable patients at a dose end the trial before the next cohort: if they are at its dose.
    fn has_enough(&self, seen: &TrialData, next: DoseCohort, enough: u32) -> bool {
        seen.tallies[next.dose].evaluable >= enough
    }
}

/// Where a trial begins, and by how many patients it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohorts {
    /// The dose of the first cohort, from 0.
    pub start: usize,
    /// Patients in a cohort.
    pub size: u32,
}

impl Cohorts {
    /// A cohort at a dose.
    fn at(self, dose: usize) -> Option<DoseCohort> {
        Some(DoseCohort { dose, patients: self.size })
    }
}
