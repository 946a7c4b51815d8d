//! The unit before a remark.

use super::Unit;

/// What a remark begins with.
const REMARKS: [char; 6] = ['(', '[', ';', ',', '=', ':'];
/// Numbers per such sizes are of a body as large as that: `L/h/70 kg`.
const SIZES: [&str; 2] = [" kg", " m2"];
/// The surface that a glomerular filtration rate is per.
const OF_FILTRATION: &str = "1.73 m2";

impl Unit {
    /// The unit that a text is or begins with, each word of it known: `L` of `L (text)`, `L; text`, `L, text` and
    /// `L = text`.
    pub fn leading(text: &str) -> Option<Self> {
        let text = text.trim();
        // What is on the scale of logarithms is in no unit.
        if text.is_empty() || text.to_lowercase().contains("log") {
            return None;
        }
        let ends = text.match_indices(REMARKS).map(|(at, _)| at);
        [text.len()].into_iter().chain(ends).find_map(|end| {
            let before = text[..end].trim();
            Self::known(before).filter(|_| !before.is_empty())
        })
    }

    /// The same without a body size that it is per, as `70 kg` of `L/h/70 kg`, which is no dimension of what it is of.
    pub fn without_body_size(&self) -> Self {
        let is_size =
            |symbol: &str| symbol != OF_FILTRATION && SIZES.iter().any(|size| symbol.ends_with(size));
        let factors = self.factors.iter().filter(|factor| factor.exponent > 0 || !is_size(&factor.symbol));
        Self { number: self.number, factors: factors.cloned().collect() }
    }
}
