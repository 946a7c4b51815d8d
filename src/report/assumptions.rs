//! What the cohort file and its model rest on, as their authors tagged it.

use std::fs;

use serde::Serialize;

use super::facts::Facts;
use crate::store::StoreError;

/// The tags and what they mean.
const TAGS: [(&str, &str); 5] = [
    ("V", "verified in a published source"),
    ("R", "a well-known value of the literature"),
    ("D", "derived"),
    ("A", "assumed"),
    ("T", "assumed and tuned"),
];

/// What is tagged in one way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tagged {
    tag: &'static str,
    meaning: &'static str,
    /// File and line, and what stands there.
    lines: Vec<[String; 2]>,
}

/// The tagged lines of the files that a run was made from, by tag.
pub(super) fn assumptions(facts: &Facts) -> Result<Vec<Tagged>, StoreError> {
    let mut found = TAGS.map(|(tag, meaning)| Tagged { tag, meaning, lines: Vec::new() });
    for input in &facts.manifest.inputs {
        if !input.file.ends_with(".toml") && !input.file.ends_with(".R") {
            continue;
        }
        let path = facts.path.join("inputs").join(&input.file);
        let text = fs::read_to_string(&path).map_err(|cause| StoreError::read(&path, cause))?;
        for (number, line) in text.lines().enumerate() {
            for tagged in
                tags(line).into_iter().filter_map(|tag| TAGS.iter().position(|known| known.0 == tag))
            {
                let place = format!("{}:{}", input.file, number + 1);
                found[tagged].lines.push([place, line.trim().to_owned()]);
            }
        }
    }
    Ok(found.into_iter().filter(|tagged| !tagged.lines.is_empty()).collect())
}

/// The tags in a line's comment, each once: `[V]`, or `[V Kim 2019]`. A line that explains the tags has them all.
fn tags(line: &str) -> Vec<&str> {
    let Some((_, comment)) = line.split_once('#') else { return Vec::new() };
    let starts = comment.split('[').skip(1);
    let mut found: Vec<&str> = starts
        .filter_map(|rest| {
            let (inside, _) = rest.split_once(']')?;
            let tag = inside.split(' ').next()?;
            TAGS.iter().any(|known| known.0 == tag).then_some(tag)
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    if found.len() >= 3 { Vec::new() } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_a_line() {
        assert_eq!(tags("median = 66   # [A] multinational; 63.9 (35.5-148) [V Xiang 2021]"), ["A", "V"]);
        assert_eq!(tags("arms = [\"A\"]"), [""; 0]);
        assert_eq!(tags("# [V] verified, [R] known, [D] derived, [A] assumed"), [""; 0]);
    }
}
