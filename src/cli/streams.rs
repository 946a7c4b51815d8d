//! Standard output and standard error, which may be closed or full.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use super::DONE_WITH_FAILURES;
use crate::diagnostic::printable;

/// Prints an answer to standard output and ends with a status, or with that of a failure if it cannot be printed.
/// A reader that has gone away, as `head` does, wants no more.
pub(super) fn answer(text: impl Display, status: ExitCode) -> ExitCode {
    match write(io::stdout(), printable(&text.to_string())) {
        Err(cause) => not_written(&cause, status),
        Ok(()) => status,
    }
}

/// The status where an answer could not be printed.
pub(super) fn not_written(cause: &io::Error, status: ExitCode) -> ExitCode {
    if cause.kind() == ErrorKind::BrokenPipe {
        return status;
    }
    tell(format_args!("cannot write to standard output: {cause}"));
    ExitCode::from(DONE_WITH_FAILURES)
}

/// Answers with a value as indented JSON.
pub(super) fn answer_json(value: &impl serde::Serialize, status: ExitCode) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => answer(text, status),
        Err(error) => {
            tell(error);
            ExitCode::from(DONE_WITH_FAILURES)
        }
    }
}

/// Says something on standard error. What cannot be said there can be said nowhere.
pub(super) fn tell(text: impl Display) {
    tell_styled(printable(&text.to_string()));
}

/// Says something with styles for the terminal, of which every text from outside is printable.
pub(super) fn tell_styled(text: impl Display) {
    let _ = write(io::stderr(), text);
}

fn write(mut stream: impl Write, text: impl Display) -> io::Result<()> {
    writeln!(stream, "{text}")?;
    stream.flush()
}
