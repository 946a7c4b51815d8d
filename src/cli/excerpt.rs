//! The text around a place, as far as a terminal shows it.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::diagnostic::{Place, printable};

/// Bytes of a line that are shown; of a longer one, those around the place.
const LONGEST: usize = 200;
/// Bytes of them before the place.
const BEFORE: usize = 60;
/// Stands for what is cut.
const CUT: &str = "…";

/// A text whose long lines are cut.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    /// The place in it.
    pub(super) span: Range<usize>,
    /// Bytes before the place in its line, in the whole text.
    column: usize,
}

impl Excerpt {
    pub(super) fn of(place: &Place) -> Self {
        let whole = printable(&place.source.text);
        let end = place.span.end.clamp(place.span.start, whole.len().max(place.span.start));
        let mut excerpt =
            Self { name: printable(&place.source.name), text: String::new(), span: 0..0, column: 0 };
        let mut from = 0;
        for line in whole.split_inclusive('\n') {
            excerpt.add(line, from, place.span.start, end);
            from += line.len();
        }
        if place.span.start >= from {
            excerpt.span = excerpt.text.len()..excerpt.text.len();
        }
        excerpt
    }

    /// Adds a line that begins `from` bytes into the whole text.
    fn add(&mut self, line: &str, from: usize, start: usize, end: usize) {
        let has = |at: usize| (from..from + line.len()).contains(&at);
        let around = if has(start) { start - from } else { 0 };
        let shown = window(line, around);
        if shown.start > 0 {
            self.text.push_str(CUT);
        }
        let into = self.text.len();
        let place = |at: usize| into + (at - from).clamp(shown.start, shown.end) - shown.start;
        if has(start) {
            self.column = start - from;
            self.span = place(start)..place(start);
        }
        if has(start) || has(end) || has(end.saturating_sub(1)) {
            self.span.end = place(end.min(from + line.len())).max(self.span.start);
        }
        self.text.push_str(&line[shown.clone()]);
        if shown.end < line.len() {
            self.text.push_str(CUT);
            self.text.push('\n');
        }
    }
}

/// The bytes of a line that are shown, around one of them.
fn window(line: &str, around: usize) -> Range<usize> {
    if line.len() <= LONGEST {
        return 0..line.len();
    }
    let boundary =
        |at: usize| (0..=at.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let start = boundary(around.saturating_sub(BEFORE));
    let end = boundary(start + LONGEST);
    // The end of the line is no reason to cut it.
    if line.len() - end <= 1 { start..line.len() } else { start..end }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.as_str().read_span(span, before, after)?;
        // Where the line is named, and not the lines around it.
        let column = if before == 0 { self.column } else { found.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            found.data(),
            *found.span(),
            found.line(),
            column,
            found.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    fn excerpt(text: &str, span: Range<usize>) -> Excerpt {
        Excerpt::of(&Place::new(&Source::new("x.toml", text), span))
    }

    #[test]
    fn short_lines_stand_as_they_are() {
        let text = "a = 1\nb = [1,\n2]\n";
        let found = excerpt(text, 6..16);
        assert_eq!((found.text.as_str(), found.span), (text, 6..16));
        let found = excerpt("a", 1..1);
        assert_eq!((found.text.as_str(), found.span), ("a", 1..1));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("first\n{}HERE{}\nlast\n", "ä".repeat(5_000), "y".repeat(90_000));
        let start = text.find("HERE").unwrap_or(0);
        let found = excerpt(&text, start..start + 4);
        assert_eq!(&found.text[found.span.clone()], "HERE");
        assert!(found.text.len() < 300, "{}", found.text.len());
        assert!(found.text.starts_with("first\n…ä") && found.text.ends_with("y…\nlast\n"));
        assert_eq!(found.column, 10_000);
        let found = excerpt(&text, start..text.len());
        assert!(found.text[found.span].starts_with("HEREyyy"));
        let found = excerpt(&text, 0..5);
        assert_eq!(&found.text[found.span], "first");
    }
}
