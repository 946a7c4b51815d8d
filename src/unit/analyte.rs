//! Substances that laboratories report both by mass and by amount.

/// Molar masses, g/mol, with the words by which names and descriptions say what is measured. Haemoglobin is
/// counted by its monomer, as laboratories do.
const MOLAR_MASSES: [(f64, &[&str]); 8] = [
    (113.12, &["creatinine", "creat", "scr", "crea"]),
    (584.66, &["bilirubin", "bili", "tbil", "tbili"]),
    (180.16, &["glucose", "gluc", "hyperglycemia", "hypoglycemia", "hyperglycaemia", "hypoglycaemia"]),
    (60.06, &["urea"]),
    (66_500.0, &["albumin", "alb", "hypoalbuminemia", "hypoalbuminaemia"]),
    (16_114.0, &["haemoglobin", "hemoglobin", "hb", "hgb", "anaemia", "anemia"]),
    (40.078, &["calcium", "hypocalcemia", "hypercalcemia", "hypocalcaemia", "hypercalcaemia"]),
    (168.11, &["urate", "uric", "hyperuricemia", "hyperuricaemia"]),
];

/// Molar mass, g/mol, of the substance that a name is about: `SCR`, `creatinine_increased`, `HB0`.
pub fn molar_mass(name: &str) -> Option<f64> {
    let name = name.to_lowercase();
    let words = || name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let about = |known: &[&str]| words().any(|word| known.contains(&word));
    let mut found = MOLAR_MASSES.iter().filter(|(_, known)| about(known)).map(|(mass, _)| *mass);
    // A ratio of two substances has no molar mass.
    found.next().filter(|_| found.next().is_none())
}
