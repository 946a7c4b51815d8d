//! What was understood of doses, in words: what is given, with its limits, and when.

use super::{Amount, AmountOf, Arm, BodySize, Course, RoundTo, Rounding, TICKS_PER_DAY, Ticks};

impl Arm {
    /// What was understood of it: a line for each of its courses that has doses.
    pub fn understood(&self) -> Vec<String> {
        self.courses.iter().filter(|course| !course.times.is_empty()).map(Course::understood).collect()
    }
}

impl Course {
    /// What is given, how many times, and from which day to which: `48 mg of a every 7 day x 12 (12 doses, day 22 to
    /// 99); at most 60 mg`.
    pub fn understood(&self) -> String {
        let mut parts = vec![format!("{}{}{}", self.multiple(), self.said, self.days())];
        parts.extend(tiers(&self.amount.of));
        parts.extend(limits(&self.amount));
        parts.join("; ")
    }

    fn multiple(&self) -> String {
        match (self.loading, self.factor) {
            (false, _) => String::new(),
            (true, 1.0) => "loading: ".into(),
            (true, factor) => format!("loading, {factor} x: "),
        }
    }

    fn days(&self) -> String {
        let (Some(&first), Some(&last)) = (self.times.first(), self.times.last()) else {
            return String::new();
        };
        match self.times.len() {
            1 => format!(" (1 dose, day {})", day(first)),
            count => format!(" ({count} doses, day {} to {})", day(first), day(last)),
        }
    }
}

/// The day of a time, 1 the first; a time of day as a fraction of it.
fn day(time: Ticks) -> f64 {
    let day = f64::from(time) / TICKS_PER_DAY + 1.0;
    (day * 1e3).round() / 1e3
}

fn tiers(amount: &AmountOf) -> Option<String> {
    let AmountOf::Tiers { by, tiers } = amount else { return None };
    let tier = |tier: &super::Tier| match &tier.below {
        Some(below) => format!("{} where {} is below {}", tier.dose.value.text, by.value, below.value),
        None => format!("{} otherwise", tier.dose.value.text),
    };
    Some(tiers.iter().map(tier).collect::<Vec<_>>().join(", "))
}

fn limits(amount: &Amount) -> Vec<String> {
    let size = amount.size_at_most.as_ref().map(|size| match size.value {
        BodySize::Kilograms(size) => format!("of at most {size} kg"),
        BodySize::SquareMetres(size) => format!("of at most {size} m2"),
    });
    let cap = amount.cap.as_ref().map(|cap| format!("at most {}", cap.value.text));
    let round = amount.round.as_ref().map(|round| {
        let Rounding { to, how } = &round.value;
        let how = match how {
            RoundTo::Up => "up to whole",
            RoundTo::Down => "down to whole",
            RoundTo::Nearest => "to the nearest whole",
        };
        format!("rounded {how} {}", to.text)
    });
    [size, cap, round].into_iter().flatten().collect()
}
