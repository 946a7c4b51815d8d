//! Decisions by counts at the present dose.

/// What follows from the counts at a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// To the next higher dose.
    Escalate,
    /// At the same dose.
    Stay,
    /// To the next lower dose.
    DeEscalate,
    /// To the next lower dose, and never again at this one or above.
    Eliminate,
}

impl Move {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Escalate, Self::Stay, Self::DeEscalate, Self::Eliminate];

    /// As it is written in tables.
    pub fn code(self) -> &'static str {
        match self {
            Self::Escalate => "E",
            Self::Stay => "S",
            Self::DeEscalate => "D",
            Self::Eliminate => "DU",
        }
    }
}

/// Decisions for every number of evaluable patients up to the largest, and of toxicities among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionTable {
    /// `[patients][dlts]`; nobody: stay.
    moves: Vec<Vec<Move>>,
}

impl DecisionTable {
    /// A table from the decision after `dlts` of `patients`, at least 1.
    pub fn new(largest: u32, decide: impl Fn(u32, u32) -> Move) -> Self {
        let row = |patients: u32| match patients {
            0 => vec![Move::Stay],
            _ => (0..=patients).map(|dlts| decide(dlts, patients)).collect(),
        };
        Self { moves: (0..=largest).map(row).collect() }
    }

    /// The decision after `dlts` of `patients`; none beyond the largest number.
    pub fn decision(&self, dlts: u32, patients: u32) -> Option<Move> {
        self.moves.get(patients as usize)?.get(dlts as usize).copied()
    }

    /// The largest number of patients.
    pub fn largest(&self) -> u32 {
        self.moves.len() as u32 - 1
    }

    /// All decisions: patients, toxicities, decision.
    pub fn rows(&self) -> impl Iterator<Item = (u32, u32, Move)> {
        (0..).zip(&self.moves).skip(1).flat_map(|(n, row)| (0..).zip(row).map(move |(y, &m)| (n, y, m)))
    }
}
