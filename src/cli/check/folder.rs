//! Whether the files of a run, a comparison or trials are those that were written.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::streams::{answer, answer_json};
use super::super::table::table;
use super::super::{DONE_WITH_FAILURES, fail};
use crate::readable::{bytes, count};
use crate::store::{Examined, FileSummary, examine};

/// Checks every file of a folder.
pub(super) fn main(path: &Path, json: bool) -> ExitCode {
    let found = match examine(path) {
        Ok(found) => found,
        Err(error) => return fail(&error.into(), json),
    };
    let is_whole = found.iter().all(|examined| examined.faults.is_empty());
    let status = if is_whole { ExitCode::SUCCESS } else { ExitCode::from(DONE_WITH_FAILURES) };
    if json {
        return answer_json(&json!({ "folders": found.iter().map(object).collect::<Vec<_>>() }), status);
    }
    answer(found.iter().map(text).collect::<Vec<_>>().join("\n"), status)
}

/// A line for each set or table, and one for each fault.
fn text(examined: &Examined) -> String {
    let Examined { path, what, is_finished, files, faults } = examined;
    let state = if *is_finished { "finished" } else { "interrupted" };
    let mut sets: Vec<&str> = files.iter().map(|file| file.set.as_str()).collect();
    sets.dedup();
    let rows = sets.into_iter().map(|set| {
        let of_set: Vec<&FileSummary> = files.iter().filter(|file| file.set == set).collect();
        let sum = |of: fn(&FileSummary) -> u64| of_set.iter().map(|file| of(file)).sum();
        let wrong = faults.iter().filter(|fault| of_set.iter().any(|file| file.file == fault.file)).count();
        let verdict = if wrong == 0 { "as written".to_owned() } else { format!("{wrong} DAMAGED") };
        [set.to_owned(), of_set.len().to_string(), count(sum(|f| f.rows)), bytes(sum(|f| f.bytes)), verdict]
    });
    let table = table(["set", "files", "rows", "size", "content"], rows, 1..).to_string();
    let mut lines = vec![format!("{}: {state} {what}", path.display()), table];
    lines.extend(faults.iter().map(|fault| format!("  DAMAGED  {fault}")));
    lines.push(match (faults.is_empty(), *what, is_finished) {
        (true, _, true) => "Every file is what was written.".to_owned(),
        (true, _, false) => {
            "What is there is what was written; the command that wrote it goes on with `--resume`.".to_owned()
        }
        (false, "run", _) => format!(
            "{} damaged: the command that wrote the run makes them again with `--resume --repair`.",
            files_of(faults.len())
        ),
        (false, ..) => {
            format!("{} damaged: the command that wrote them makes them again.", files_of(faults.len()))
        }
    });
    lines.join("\n")
}

fn files_of(number: usize) -> String {
    if number == 1 { "1 file is".to_owned() } else { format!("{number} files are") }
}

fn object(examined: &Examined) -> Value {
    let fault = |file: &str| examined.faults.iter().find(|fault| fault.file == file);
    let faults = examined.faults.iter().map(|f| json!({ "file": f.file, "what": f.wrong.to_string() }));
    json!({
        "folder": examined.path,
        "holds": examined.what,
        "finished": examined.is_finished,
        "files": examined.files.iter().map(|file| json!({
            "file": file.file,
            "rows": file.rows,
            "bytes": file.bytes,
            "blake3": file.blake3,
            "as_written": fault(&file.file).is_none(),
        })).collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
    })
}
