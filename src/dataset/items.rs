//! The items of a data set, by NONMEM's names.

use std::fmt;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// Whose record it is.
    Id,
    /// When.
    Time,
    /// Amount of a dose.
    Amt,
    /// Its rate.
    Rate,
    /// Its duration.
    Dur,
    /// Kind of event.
    Evid,
    /// Compartment.
    Cmt,
    /// Interval between doses.
    Ii,
    /// Additional doses.
    Addl,
    /// Steady state.
    Ss,
    /// Whether DV is missing.
    Mdv,
    /// What was observed.
    Dv,
    /// Occasion.
    Occ,
}

impl Item {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Id,
        Self::Time,
        Self::Amt,
        Self::Rate,
        Self::Dur,
        Self::Evid,
        Self::Cmt,
        Self::Ii,
        Self::Addl,
        Self::Ss,
        Self::Mdv,
        Self::Dv,
        Self::Occ,
    ];

    /// Its name in a header, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::Time => "TIME",
            Self::Amt => "AMT",
            Self::Rate => "RATE",
            Self::Dur => "DUR",
            Self::Evid => "EVID",
            Self::Cmt => "CMT",
            Self::Ii => "II",
            Self::Addl => "ADDL",
            Self::Ss => "SS",
            Self::Mdv => "MDV",
            Self::Dv => "DV",
            Self::Occ => "OCC",
        }
    }

    /// Its name in a cohort file.
    pub fn key(self) -> String {
        self.name().to_lowercase()
    }

    /// The item that a column is by its name, in whatever case.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim_start_matches('#').trim();
        Self::ALL.into_iter().find(|item| item.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
