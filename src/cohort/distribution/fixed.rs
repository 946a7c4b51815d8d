//! The same value for everyone.

use super::given::Given;
use super::key::Key;
use super::kind::Kind;

/// The value, whatever the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed(pub(super) f64);

impl Kind for Fixed {
    const NAME: &'static str = "fixed";
    const DOC: &'static str = "The same `value` for everyone.";
    const KEYS: &'static [Key] = &[Key::number("value", "The value.")];
    const IS_CONTINUOUS: bool = false;

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        given.finite("value").map(Self)
    }

    fn value(&self, _: f64) -> f64 {
        self.0
    }

    fn support(&self) -> [f64; 2] {
        [self.0; 2]
    }
}
