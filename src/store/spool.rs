//! What is summarised of the outcomes, column by column, on its way from the engine to the statistics: in files of its own,
//! so that no part is read back from Parquet that this process has written. Of a run that keeps its outcomes the file is
//! temporary; of another, whose statistics are all there is of them, each part has one, from which the run is resumed.

mod header;
mod layout;
mod part;
mod stitch;
mod values;

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytemuck::Pod;
use rayon::prelude::*;

use super::error::StoreError;
use super::outcomes::{Outcomes, of_arms};
use super::parts::Part;
use super::positioned::read_exact_at;
use super::set::{Set, part_file};
use crate::outcome::distribution::{Block, Endpoint, Grouping, Source, code};
use layout::Layout;
use values::{bytes_of, encoded, is_small, value_of_byte};

pub(super) use header::Header;
pub use part::{SpoolPart, Spooling};
pub(super) use stitch::stitch;

/// Patients that are read back at a time: what is read of a column stays near the processor.
const BLOCK_PATIENTS: u64 = 16_384;

/// The summarised columns of a run's patients.
#[derive(Debug)]
pub struct Spool {
    /// The folder of the run.
    run: PathBuf,
    parts: Vec<Part>,
    layout: Arc<Layout>,
    files: Files,
    /// Those that are there, or begun, by their numbers.
    begun: BTreeMap<u64, Arc<SpoolPart>>,
}

/// Where the columns are.
#[derive(Debug)]
enum Files {
    /// In one that nobody sees.
    Shared(Arc<File>),
    /// In one for each part, of this metadata.
    Own(Vec<(String, String)>),
}

/// Some patients of a part.
#[derive(Debug, Clone)]
pub struct Spooled<'a> {
    part: &'a SpoolPart,
    file: Arc<File>,
    /// Which, from the first of the part.
    patients: Range<u64>,
}

impl Spool {
    /// Of a run in a folder, in a file of `work`, in which nobody sees it.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the file cannot be made.
    pub fn temporary(
        run: &Path,
        work: &Path,
        parts: Vec<Part>,
        columns: (usize, Vec<Endpoint>, Vec<Grouping>),
    ) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(work).map_err(|cause| StoreError::write(work, cause))?;
        Ok(Self::new(run, parts, columns, Files::Shared(Arc::new(file))))
    }

    /// Of a run in a folder, in a file of each part that is one of the run's.
    pub fn of_parts(
        run: &Path,
        parts: Vec<Part>,
        columns: (usize, Vec<Endpoint>, Vec<Grouping>),
        provenance: Vec<(String, String)>,
    ) -> Self {
        Self::new(run, parts, columns, Files::Own(provenance))
    }

    fn new(
        run: &Path,
        parts: Vec<Part>,
        (arms, endpoints, groupings): (usize, Vec<Endpoint>, Vec<Grouping>),
        files: Files,
    ) -> Self {
        let layout = Arc::new(Layout { arms, endpoints, groupings });
        Self { run: run.to_owned(), parts, layout, files, begun: BTreeMap::new() }
    }

    /// A part, which is begun if it is not yet.
    ///
    /// # Errors
    /// [`StoreError::Write`] if its file cannot be made.
    pub fn part(&mut self, number: u64) -> Result<Arc<SpoolPart>, StoreError> {
        if let Some(begun) = self.begun.get(&number) {
            return Ok(Arc::clone(begun));
        }
        let part = self.parts.iter().find(|part| part.number == number);
        let part = part.ok_or_else(|| StoreError::damaged(&self.run, format!("it has no part {number}")))?;
        let begun = Arc::new(match &self.files {
            Files::Shared(file) => {
                let first = self.parts.first().map_or(0, |first| first.patients.start);
                let base = self.layout.bytes() * (part.patients.start - first);
                SpoolPart::shared(&self.layout, part, (&self.run, file), base)
            }
            Files::Own(provenance) => {
                SpoolPart::create(&self.layout, part, self.file_of(number), provenance)?
            }
        });
        self.begun.insert(number, Arc::clone(&begun));
        Ok(begun)
    }

    /// Adds the parts of a run that are not there yet, from its files.
    ///
    /// # Errors
    /// [`StoreError`] if a file cannot be read, or does not hold every patient of its part once in every arm.
    pub fn complete(&mut self, arms: &[String]) -> Result<(), StoreError> {
        self.begun.retain(|_, part| part.is_complete());
        let is_missing = |part: &&Part| !self.begun.contains_key(&part.number);
        let missing: Vec<Part> = self.parts.iter().filter(is_missing).cloned().collect();
        if let Files::Own(_) = &self.files {
            for part in missing {
                let opened = SpoolPart::open(&self.layout, &part, self.file_of(part.number))?;
                self.begun.insert(part.number, Arc::new(opened));
            }
            return Ok(());
        }
        let outcomes = Outcomes::open(&self.run, arms, &missing)?;
        for (part, block) in missing.iter().zip(outcomes.blocks()) {
            self.add_block(part, &block?)?;
        }
        Ok(())
    }

    /// Waits until the disk has taken everything: what it did not take would be read as zeros.
    ///
    /// # Errors
    /// [`StoreError::Write`] if it does not.
    pub fn settle(&self) -> Result<(), StoreError> {
        match &self.files {
            Files::Shared(file) => file.sync_data().map_err(|cause| StoreError::write(&self.run, cause)),
            // Each part is put on disk when it ends, and none is recorded before.
            Files::Own(_) => Ok(()),
        }
    }

    fn add_block(&mut self, part: &Part, block: &impl Block<Error = StoreError>) -> Result<(), StoreError> {
        let begun = self.part(part.number)?;
        // Their values say who did not reach the end.
        let adding = begun.adding_of(part.patients.start, block.patients() as u64, Vec::new())?;
        let Layout { arms, endpoints, groupings } = &*self.layout;
        endpoints.par_iter().enumerate().try_for_each(|(column, endpoint)| {
            let values = block.values(endpoint, 0..*arms)?;
            adding.write(column, 0, &encoded(values.into_iter(), is_small(endpoint)));
            Ok(())
        })?;
        for (column, grouping) in (endpoints.len()..).zip(groupings) {
            adding.write(column, 0, &bytes_of(block.levels(grouping)?));
        }
        adding.end()
    }

    fn file_of(&self, part: u64) -> PathBuf {
        self.run.join(part_file(Set::Summarised.name(), part))
    }
}

impl Source for Spool {
    type Block<'a> = Spooled<'a>;
    type Error = StoreError;

    fn patients(&self) -> usize {
        self.begun.values().map(|part| part.part.count() as usize).sum()
    }

    fn blocks(&self) -> impl Iterator<Item = Result<Spooled<'_>, StoreError>> {
        self.begun.values().flat_map(|part| {
            let count = part.part.count();
            let starts = (0..count).step_by(BLOCK_PATIENTS as usize);
            let patients = starts.map(move |first| first..count.min(first + BLOCK_PATIENTS));
            patients.map(|patients| Ok(Spooled { part, file: part.file()?, patients }))
        })
    }
}

impl Spooled<'_> {
    /// A column, of so many bytes or numbers.
    fn read<T: Pod>(&self, column: usize) -> Result<Vec<T>, StoreError> {
        let place = self.part.place(column, self.patients.clone());
        let mut read = vec![T::zeroed(); (place.end - place.start) as usize / size_of::<T>()];
        let there = read_exact_at(&self.file, bytemuck::cast_slice_mut(&mut read), place.start);
        there.map_err(|cause| StoreError::read(&self.part.path, cause))?;
        Ok(read)
    }

    fn column(&self, endpoint: &Endpoint) -> Result<usize, StoreError> {
        let name = &endpoint.meta.name;
        self.part.layout.endpoint(name).ok_or_else(|| self.lacks(name))
    }

    fn lacks(&self, column: &str) -> StoreError {
        StoreError::NoColumn { path: self.part.path.clone(), column: column.to_owned() }
    }
}

impl Block for Spooled<'_> {
    type Error = StoreError;

    fn patients(&self) -> usize {
        (self.patients.end - self.patients.start) as usize
    }

    fn levels(&self, grouping: &Grouping) -> Result<Vec<u32>, StoreError> {
        let column = self.part.layout.grouping(grouping).ok_or_else(|| self.lacks(&grouping.column))?;
        Ok(self.read(column)?.into_iter().map(u32::from_le).collect())
    }

    fn values(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<f64>, StoreError> {
        let column = self.column(endpoint)?;
        let values = match is_small(&self.part.layout.endpoints[column]) {
            true => self.read(column)?.into_iter().map(value_of_byte).collect(),
            false => self.read(column)?.into_iter().map(|bits| f64::from_bits(u64::from_le(bits))).collect(),
        };
        Ok(of_arms(values, self.part.layout.arms, arms))
    }

    fn codes(&self, endpoint: &Endpoint, arms: Range<usize>) -> Result<Vec<u16>, StoreError> {
        let column = self.column(endpoint)?;
        let of_value = |value| code(&endpoint.kind, value);
        if !is_small(&self.part.layout.endpoints[column]) {
            return Ok(self.values(endpoint, arms)?.into_iter().map(of_value).collect());
        }
        let codes: [u16; 256] = std::array::from_fn(|byte| of_value(value_of_byte(byte as u8)));
        let bytes: Vec<u8> = self.read(column)?;
        let codes = bytes.into_iter().map(|byte| codes[usize::from(byte)]).collect();
        Ok(of_arms(codes, self.part.layout.arms, arms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::columns::STATUS;
    use crate::engine::Status;
    use crate::outcome::distribution::{EndpointKind, FAILED};
    use crate::store::manifest::FileSummary;
    use crate::table::{ColumnMeta, LazyColumn, LazyTable, Values};

    const ARMS: usize = 2;
    const COLUMNS: usize = 5;

    /// Two parts: the second has more patients than a block.
    fn parts() -> Vec<Part> {
        vec![
            Part { number: 3, patients: 1_000..1_100 },
            Part { number: 4, patients: 1_100..1_101 + BLOCK_PATIENTS },
        ]
    }

    fn meta(name: impl Into<String>) -> ColumnMeta {
        ColumnMeta::new(name, "", "")
    }

    /// Grades, numbers, and one of more labels than a byte tells apart.
    fn endpoints() -> Vec<Endpoint> {
        let labels: Arc<[String]> = (0..300).map(|label| label.to_string()).collect();
        let kind = |column| match column {
            4 => EndpointKind::Label(Arc::clone(&labels)),
            _ if column % 3 == 0 => EndpointKind::Grade,
            _ => EndpointKind::Number,
        };
        let endpoint = |column| Endpoint { meta: meta(format!("column_{column}")), kind: kind(column) };
        (0..COLUMNS).map(endpoint).collect()
    }

    fn grouping() -> Grouping {
        Grouping { name: "by".into(), column: "group".into(), levels: vec!["a".into(), "b".into()] }
    }

    /// Of the row of a patient in an arm, by its number among all.
    fn value(column: usize, row: usize) -> f64 {
        ((column + row) % 5) as f64
    }

    fn has_failed(row: usize) -> bool {
        row % 7 == 3
    }

    fn level(patient: usize) -> Option<u32> {
        [Some(0), Some(1), None][patient % 3]
    }

    /// Adds patients from this one on, the first columns as they are seen in windows, the others at once.
    fn add(spool: &mut Spool, part: u64, patients: Range<u64>) -> Result<(), StoreError> {
        let (first, count) = (patients.start as usize, (patients.end - patients.start) as usize);
        let number = |column| {
            LazyColumn::numbers(meta(format!("column_{column}")), move |row| {
                value(column, ARMS * first + row)
            })
        };
        let labels = ["ok".to_owned(), "failed".to_owned()].into();
        let status = LazyColumn::labels(meta(STATUS), labels, move |row| {
            Some(if has_failed(ARMS * first + row) { 1 } else { Status::Ok as u32 })
        });
        let table = |columns: Vec<LazyColumn<'static>>| LazyTable { rows: ARMS * count, columns };
        let seen = table((0..2).map(number).chain([status]).collect());
        let levels = ["a".to_owned(), "b".to_owned()].into();
        let levels = LazyColumn::labels(meta("group"), levels, move |patient| level(first + patient));
        let of_patients = LazyTable { rows: count, columns: vec![levels] };

        let part = spool.part(part)?;
        let adding = part.adding(patients.start, &of_patients, &seen)?;
        let see = adding.of(&seen);
        for rows in [0..10, 10..seen.rows] {
            let columns = seen.columns.iter().enumerate();
            columns.for_each(|(i, column)| see(i, rows.clone(), &column.values(rows.clone())));
        }
        drop(see);
        adding.take(&table((2..COLUMNS).map(number).collect()));
        adding.end()
    }

    fn assert_all(spool: &Spool) -> Result<(), StoreError> {
        let patients = 1_000..1_101 + BLOCK_PATIENTS as usize;
        assert_eq!((spool.patients(), spool.blocks().count()), (patients.len(), 3));
        for (column, endpoint) in endpoints().iter().enumerate() {
            let read =
                spool.blocks().map(|block| block?.values(endpoint, 1..2)).collect::<Result<Vec<_>, _>>()?;
            let rows = patients.clone().map(|patient| ARMS * patient + 1);
            let expected = rows.map(|row| if has_failed(row) { FAILED } else { value(column, row) });
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            let expected: Vec<f64> = expected.collect();
            let codes: Vec<u16> = expected.iter().map(|&value| code(&endpoint.kind, value)).collect();
            assert_eq!(bits(read.concat()), bits(expected), "column {column}");
            let read =
                spool.blocks().map(|block| block?.codes(endpoint, 1..2)).collect::<Result<Vec<_>, _>>()?;
            assert_eq!(read.concat(), codes, "column {column}");
        }
        let levels = spool.blocks().map(|block| block?.levels(&grouping())).collect::<Result<Vec<_>, _>>()?;
        assert_eq!(levels.concat(), patients.map(|patient| level(patient).unwrap_or(2)).collect::<Vec<_>>());
        Ok(())
    }

    fn fill(spool: &mut Spool) -> Result<(), StoreError> {
        add(spool, 4, 1_100..1_150)?;
        add(spool, 3, 1_000..1_100)?;
        add(spool, 4, 1_150..1_101 + BLOCK_PATIENTS)
    }

    #[test]
    fn what_is_seen_is_read_back() -> Result<(), StoreError> {
        let work = std::env::temp_dir();
        let columns = (ARMS, endpoints(), vec![grouping()]);
        let mut spool = Spool::temporary(&work, &work, parts(), columns)?;
        fill(&mut spool)?;
        assert!(spool.part(3)?.finish()?.is_none(), "it has no file of its own");
        assert_all(&spool)
    }

    #[test]
    fn parts_with_files_are_read_by_another_process() -> Result<(), StoreError> {
        let folder = tempfile::tempdir().map_err(|cause| StoreError::write(Path::new("a folder"), cause))?;
        let provenance = vec![("vpop.seed".to_owned(), "7".to_owned())];
        let spool = |parts| {
            let columns = (ARMS, endpoints(), vec![grouping()]);
            Spool::of_parts(folder.path(), parts, columns, provenance.clone())
        };
        let mut written = spool(parts());
        fill(&mut written)?;
        let files = [3, 4].map(|part| written.part(part).and_then(|part| part.finish()));
        assert_all(&written)?;
        let rows = |file: Result<Option<_>, _>| {
            file.map(|file| file.map(|file: FileSummary| (file.file, file.rows)))
        };
        assert_eq!(
            files.map(|file| rows(file).unwrap_or_default()),
            [
                Some(("summarised/part-00003.columns".to_owned(), 200)),
                Some(("summarised/part-00004.columns".to_owned(), 2 * (1 + BLOCK_PATIENTS))),
            ]
        );
        let mut read = spool(parts());
        read.complete(&[])?;
        assert_all(&read)?;

        // Of other patients, too short, or none at all.
        let mut others = parts();
        others[0].patients.end += 1;
        assert!(matches!(spool(others).complete(&[]), Err(StoreError::Damaged { .. })));
        let path = folder.path().join("summarised/part-00004.columns");
        let file = File::options().write(true).open(&path);
        let cut = file.and_then(|file| file.metadata().and_then(|is| file.set_len(is.len() - 1)));
        cut.map_err(|cause| StoreError::write(&path, cause))?;
        assert!(matches!(spool(parts()).complete(&[]), Err(StoreError::Damaged { .. })));
        Ok(())
    }

    /// Patients whose columns are not all seen, and a part that is left: nothing stays of it.
    #[test]
    fn what_is_not_whole_is_no_part() -> Result<(), StoreError> {
        let folder = tempfile::tempdir().map_err(|cause| StoreError::write(Path::new("a folder"), cause))?;
        let columns = (ARMS, endpoints(), Vec::new());
        let mut spool = Spool::of_parts(folder.path(), parts(), columns, Vec::new());
        let part = spool.part(3)?;
        let adding = part.adding_of(1_000, 100, vec![false; 200])?;
        for column in 0..COLUMNS - 1 {
            adding.write(column, 0, &vec![0; if column % 3 == 0 { 200 } else { 1_600 }]);
        }
        let lacking = adding.end();
        assert!(
            matches!(&lacking, Err(StoreError::NoColumn { column, .. }) if column == "column_4"),
            "{lacking:?}"
        );
        let files = || std::fs::read_dir(folder.path().join("summarised")).map_or(0, Iterator::count);
        assert_eq!(files(), 1);
        drop((part, spool));
        assert_eq!(files(), 0);
        Ok(())
    }

    /// Values as they come from a table of labels and flags.
    #[test]
    fn few_whole_numbers_take_a_byte() {
        let labels: Arc<[String]> = ["a".to_owned(), "b".to_owned()].into();
        let failed = [false, false, true];
        let of_labels = Values::Label { codes: vec![Some(1), None, Some(0)], labels };
        for values in [of_labels, Values::Flag(vec![Some(true), None, Some(false)])] {
            let bytes = values::encoded_of(&values, &failed, true);
            let read: Vec<f64> = bytes.iter().copied().map(value_of_byte).collect();
            assert!(read[0] == 1.0 && read[1].is_nan() && read[2].to_bits() == FAILED.to_bits());
            assert_ne!(read[1].to_bits(), FAILED.to_bits());
        }
        // Beyond what there is of small ones.
        let whole = Values::Integer(vec![Some(-3), Some(700), Some(5)]);
        assert_eq!(*values::encoded_of(&whole, &failed, true), [0, 253, 255]);
        let wide = values::encoded_of(&whole, &failed, false);
        let wide = wide.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes).to_bits());
        assert!(wide.eq([-3.0, 700.0, FAILED].map(f64::to_bits)));
    }
}
