"""Parquet files, read by whichever library is installed; each is imported only here, and only when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ._errors import MissingLibrary

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_READERS = ("pyarrow", "polars", "duckdb")


def library(name: str) -> Any:
    """An installed library, or the command that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingLibrary(f"`{name}` is not installed: `pip install {name.partition('.')[0]}`") from error


def any_reader() -> str:
    """The first installed library that reads Parquet."""
    for name in _READERS:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        return name
    raise MissingLibrary(
        f"no library that reads Parquet is installed: `pip install {_READERS[0]}` (or {', '.join(_READERS[1:])})"
    )


def arrow(files: Sequence[Path]) -> pyarrow.Table:
    """As pyarrow, labels as text."""
    pa, pq = library("pyarrow"), library("pyarrow.parquet")
    parts = [pq.read_table(file, partitioning=None) for file in files]
    fields = [
        field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in parts[0].schema
    ]
    schema = pa.schema(fields, metadata=parts[0].schema.metadata)
    return pa.concat_tables([part.cast(schema) for part in parts])


def polars_frame(files: Sequence[Path]) -> polars.DataFrame:
    """As Polars, labels as text."""
    pl = library("polars")
    frames = [pl.read_parquet(file) for file in files]
    labels = pl.col(pl.Categorical).cast(pl.String)
    return cast("polars.DataFrame", pl.concat([frame.with_columns(labels) for frame in frames]))


def pandas_frame(files: Sequence[Path]) -> pandas.DataFrame:
    """As pandas, by way of pyarrow, which pandas reads Parquet with."""
    library("pandas")
    return cast("pandas.DataFrame", arrow(files).to_pandas())


def duckdb_text(files: Sequence[Path]) -> str:
    """The files as a table of DuckDB's SQL."""
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}])"


def stream(files: Sequence[Path], schema: object | None) -> object:
    """The Arrow C stream of the files."""
    reader = any_reader()
    if reader == "polars":
        return polars_frame(files).__arrow_c_stream__(schema)
    # DuckDB writes Arrow by way of pyarrow.
    return arrow(files).__arrow_c_stream__(schema)


def columns(files: Sequence[Path], names: Sequence[str]) -> dict[str, list[Any]]:
    """Some columns as lists of Python's own values, ``None`` where there is none."""
    reader = any_reader()
    if reader == "pyarrow":
        return dict(arrow(files).select(list(names)).to_pydict())
    if reader == "polars":
        return dict(polars_frame(files).select(names).to_dict(as_series=False))
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    rows = library("duckdb").sql(f"select {quoted} from {duckdb_text(files)}").fetchall()
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}
