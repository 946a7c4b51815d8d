//! All shards of one run, in order.

use std::path::{Path, PathBuf};

use super::MergeError;
use crate::diagnostic::Problems;
use crate::store::{FinishedRun, Identity, Keeps, Part, Piece, Set, Shard};

/// A run that is no shard counts as shard 1 of 1.
const WHOLE: Shard = Shard { index: 1, of: 1 };

/// A shard in its folder.
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) run: FinishedRun,
}

impl Opened {
    fn shard(&self) -> Shard {
        self.run.identity.shard.unwrap_or(WHOLE)
    }
}

/// Every shard of a run once, by its number; never empty.
pub(super) struct Shards(Vec<Opened>);

impl Shards {
    /// Opens the folders, and reads every byte of their files.
    pub(super) fn open(folders: &[PathBuf]) -> Result<Self, Problems> {
        let open =
            |path: &PathBuf| FinishedRun::open(path, &[]).map(|run| Opened { path: path.clone(), run });
        let mut shards = folders.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        shards.sort_by_key(|opened| opened.shard().index);
        for pair in shards.windows(2) {
            agree(&pair[0], &pair[1])?;
        }
        let Some(first) = shards.first() else { return Err(MergeError::Nothing.into()) };
        let of = first.shard().of;
        let is_there = |index: &u64| shards.iter().any(|opened| opened.shard().index == *index);
        let missing: Vec<Shard> =
            (1..=of).filter(|index| !is_there(index)).map(|index| Shard { index, of }).collect();
        if missing.is_empty() {
            return Ok(Self(shards));
        }
        let commands = missing.iter().map(|&shard| command(first, shard)).collect();
        Err(MergeError::Missing { missing, commands }.into())
    }

    pub(super) fn first(&self) -> &Opened {
        &self.0[0]
    }

    /// What the run is that they make together.
    pub(super) fn whole(&self) -> Identity {
        let mut whole = Identity { shard: None, ..self.first().run.identity.clone() };
        for (i, input) in whole.inputs.iter_mut().enumerate() {
            // Of a shard that was run from the inputs of another it is not known.
            let mut known = self.0.iter().filter_map(|opened| opened.run.identity.inputs.get(i));
            input.taken_from_sha256 = known.find_map(|input| input.taken_from_sha256.clone());
        }
        whole
    }

    /// The cohort file among the inputs of the first.
    pub(super) fn cohort(&self) -> PathBuf {
        cohort(self.first())
    }

    /// The files of a set that hold patients of a part, in order.
    pub(super) fn pieces(&self, set: Set, part: &Part) -> Vec<Piece> {
        let piece = |opened: &Opened| {
            let own = opened.run.identity.parts().into_iter().find(|own| own.number == part.number)?;
            Piece::of(&opened.path, &opened.run.manifest.files, set, own)
        };
        self.0.iter().filter_map(piece).collect()
    }

    /// What went wrong with devices and was made good.
    pub(super) fn events(&self) -> Vec<String> {
        self.0.iter().flat_map(|opened| opened.run.manifest.engine.events.iter().cloned()).collect()
    }
}

/// That two folders hold different shards of one run.
fn agree(first: &Opened, second: &Opened) -> Result<(), MergeError> {
    let whole = |opened: &Opened| Identity { shard: None, ..opened.run.identity.clone() };
    let [first_path, second_path] = [&first.path, &second.path].map(Clone::clone);
    let differences = whole(first).differences(&whole(second));
    if !differences.is_empty() {
        return Err(MergeError::OtherRun { first: first_path, second: second_path, differences });
    }
    let [first_shard, second_shard] = [first, second].map(Opened::shard);
    if first_shard.of != second_shard.of {
        let (first, second) = (first_path, second_path);
        return Err(MergeError::OtherCut { first, first_shard, second, second_shard });
    }
    if first_shard == second_shard {
        return Err(MergeError::Twice { shard: first_shard, first: first_path, second: second_path });
    }
    Ok(())
}

fn cohort(shard: &Opened) -> PathBuf {
    let inputs = &shard.run.identity.inputs;
    let file = inputs.iter().find(|input| input.role == "cohort").map_or("", |input| input.file.as_str());
    shard.path.join("inputs").join(file)
}

/// The command that makes a shard of the run that another is of.
fn command(other: &Opened, shard: Shard) -> String {
    let Identity { scenario, patients, seed, solver, kept, .. } = &other.run.identity;
    let backend = match solver.engine.split(' ').collect::<Vec<_>>()[..] {
        ["cpu", "f32", ..] => "cpu-f32",
        ["cpu", ..] => "cpu",
        _ => "gpu",
    };
    let output = other.path.with_file_name(format!("shard-{}-of-{}", shard.index, shard.of));
    let scenario = scenario.iter().map(|name| format!(" --scenario {}", quoted(name))).collect::<String>();
    let kept = if *kept == Keeps::Statistics { " --no-outcomes" } else { "" };
    format!(
        "vpop run {}{scenario}{kept} --patients {patients} --seed {seed} --backend {backend} --simd {} --shard {shard} -o {}",
        quoted_path(&cohort(other)),
        solver.level,
        quoted_path(&output)
    )
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+:@,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        assert_eq!(quoted("runs/shard-2"), "runs/shard-2");
        assert_eq!(quoted("my runs"), "'my runs'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
