//! Files of a run from those of its shards.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::DataType;

use super::columns::{ColumnType, Field, MEANING_KEY, Packing, UNIT_KEY};
use super::error::StoreError;
use super::files::create_temporary;
use super::hashed::{Content, Hashed};
use super::manifest::FileSummary;
use super::part::PartWriter;
use super::parts::Part;
use super::read::Footer;
use super::set::{Set, part_file};
use super::spool;
use crate::table::{Column, ColumnMeta, Table, Values};

/// A file of a shard with patients of a part.
#[derive(Debug, Clone)]
pub struct Piece {
    path: PathBuf,
    listed: FileSummary,
    patients: Range<u64>,
}

impl Piece {
    /// The file of a set with a shard's own patients of a part, if it has one.
    pub fn of(shard: &Path, files: &[FileSummary], set: Set, own: Part) -> Option<Self> {
        let file = part_file(set.name(), own.number);
        let listed = files.iter().find(|listed| listed.file == file)?.clone();
        Some(Self { path: shard.join(file), listed, patients: own.patients })
    }
}

/// The file of a set with all patients of a part; none if no shard has any of its rows.
pub(super) fn assemble(
    run: &Path,
    set: Set,
    part: &Part,
    pieces: &[Piece],
    packing: Packing,
    provenance: &[(String, String)],
) -> Result<Option<FileSummary>, StoreError> {
    let file = part_file(set.name(), part.number);
    match pieces {
        [] => Ok(None),
        [all] if all.patients == part.patients => copy(&all.path, &run.join(file), &all.listed).map(Some),
        _ => {
            let paths: Vec<PathBuf> = pieces.iter().map(|piece| piece.path.clone()).collect();
            if set == Set::Summarised {
                let Content { bytes, blake3 } = spool::stitch(&run.join(&file), part, &paths, provenance)?;
                let rows = pieces.iter().map(|piece| piece.listed.rows).sum();
                return Ok(Some(FileSummary { set: set.name().to_owned(), file, rows, bytes, blake3 }));
            }
            stitch(run, [set.name(), &file], &paths, packing, provenance).map(Some)
        }
    }
}

/// Copies a file that another run has written, byte for byte.
fn copy(from: &Path, to: &Path, listed: &FileSummary) -> Result<FileSummary, StoreError> {
    let mut source = File::open(from).map_err(|cause| StoreError::read(from, cause))?;
    let (file, temporary) = create_temporary(to)?;
    let mut copy = Hashed::new(file);
    let mut write = || {
        io::copy(&mut source, &mut copy)?;
        copy.inner().sync_all()?;
        fs::rename(&temporary, to)?;
        Ok(copy.content())
    };
    let content = write().map_err(|cause| {
        let _ = fs::remove_file(&temporary);
        StoreError::write(to, cause)
    })?;
    if content.blake3 != listed.blake3 {
        return Err(StoreError::damaged(from, "its bytes have changed while it was copied"));
    }
    Ok(listed.clone())
}

/// Writes the rows of several files as one, in their order.
pub(super) fn stitch(
    folder: &Path,
    [set, within]: [&str; 2],
    pieces: &[PathBuf],
    packing: Packing,
    provenance: &[(String, String)],
) -> Result<FileSummary, StoreError> {
    let pieces = pieces.iter().map(|piece| Footer::read(piece.as_path())).collect::<Result<Vec<_>, _>>()?;
    let fields = fields(&pieces)?;
    let names: Vec<&str> = fields.iter().map(|field| field.meta.name.as_str()).collect();
    let mut writer = PartWriter::create(folder, [set, within], &fields, packing, provenance)?;
    for piece in &pieces {
        piece.scan(&names, |batch| writer.write(&table(piece, batch, &fields)?))?;
    }
    writer.finish()
}

/// The columns of files that have the same; their labels in order of first use.
fn fields(pieces: &[Footer]) -> Result<Vec<Field>, StoreError> {
    let Some(first) = pieces.first() else { return Ok(Vec::new()) };
    let mut fields = Vec::new();
    for field in first.schema().fields() {
        let of_metadata = |key: &str| field.metadata().get(key).map(String::from).unwrap_or_default();
        let meta = ColumnMeta::new(field.name(), of_metadata(MEANING_KEY), of_metadata(UNIT_KEY));
        let kind = match field.data_type() {
            DataType::Float64 => ColumnType::Number,
            DataType::Int64 => ColumnType::Integer,
            DataType::Boolean => ColumnType::Flag,
            _ => ColumnType::Label(labels(pieces, field.name())?),
        };
        fields.push(Field { meta, kind });
    }
    Ok(fields)
}

/// Every label of a column.
fn labels(pieces: &[Footer], name: &str) -> Result<Arc<[String]>, StoreError> {
    let mut found: Vec<String> = Vec::new();
    for piece in pieces {
        piece.scan(&[name], |batch| {
            for label in known(piece, batch.column(0), name)?.into_iter().flatten() {
                if !found.iter().any(|found| found == label) {
                    found.push(label.to_owned());
                }
            }
            Ok(())
        })?;
    }
    Ok(found.into())
}

/// The labels of a column in the order of their codes.
fn known<'a>(piece: &Footer, column: &'a ArrayRef, name: &str) -> Result<Vec<Option<&'a str>>, StoreError> {
    let labels = column.as_dictionary_opt::<Int32Type>().and_then(|d| d.values().as_string_opt::<i32>());
    let labels = labels.ok_or_else(|| {
        StoreError::damaged(&piece.file, format!("column `{name}` holds nothing of vpop's"))
    })?;
    Ok(labels.iter().collect())
}

/// The rows of a batch, with the labels of all files.
fn table(piece: &Footer, batch: &RecordBatch, fields: &[Field]) -> Result<Table, StoreError> {
    let column = |field: &Field| {
        let name = &field.meta.name;
        let column = batch.column_by_name(name);
        let column =
            column.ok_or_else(|| StoreError::NoColumn { path: piece.file.clone(), column: name.clone() })?;
        let other = || StoreError::damaged(&piece.file, format!("column `{name}` is of another type"));
        let values = match &field.kind {
            ColumnType::Number => {
                let numbers = column.as_primitive_opt::<Float64Type>().ok_or_else(other)?;
                Values::Number(numbers.iter().map(|x| x.unwrap_or(f64::NAN)).collect())
            }
            ColumnType::Integer => {
                Values::Integer(column.as_primitive_opt::<Int64Type>().ok_or_else(other)?.iter().collect())
            }
            ColumnType::Flag => Values::Flag(column.as_boolean_opt().ok_or_else(other)?.iter().collect()),
            ColumnType::Label(labels) => {
                let known = known(piece, column, name)?;
                let position = |label: &Option<&str>| {
                    labels.iter().position(|of_all| Some(of_all.as_str()) == *label).map(|i| i as u32)
                };
                let codes: Vec<Option<u32>> = known.iter().map(position).collect();
                let keys = column.as_dictionary::<Int32Type>().keys().iter();
                let codes = keys.map(|key| key.and_then(|key| codes[key as usize])).collect();
                Values::Label { codes, labels: Arc::clone(labels) }
            }
        };
        Ok(Column { meta: field.meta.clone(), values })
    };
    Ok(Table { columns: fields.iter().map(column).collect::<Result<_, _>>()? })
}
