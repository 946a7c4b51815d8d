"""A table of results: Parquet files, opened with the library that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _html, _parquet

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow

    from ._folder import TemporaryFolder

_ROWS_SHOWN = 5


@dataclass(frozen=True)
class Column:
    """A column: its name, what it means, and its unit (``1`` of a ratio or count, empty where there is none)."""

    name: str
    meaning: str
    unit: str


class Table:
    """A table of results, as ``run.outcomes``; nothing is read before it is asked for.

    It is what Arrow calls a stream (``__arrow_c_stream__``), so ``polars.DataFrame(table)``, ``pyarrow.table(table)``
    and others take it as it is. Labels are text in every library.
    """

    def __init__(
        self,
        name: str,
        files: Sequence[Path],
        rows: int,
        meanings: Path,
        folder: TemporaryFolder | None = None,
        siblings: Mapping[str, Sequence[Path]] | None = None,
    ) -> None:
        self.name = name
        self.files = tuple(files)
        self._rows = rows
        self._meanings = meanings
        self._siblings = siblings or {name: self.files}
        # A temporary folder lasts as long as a table of it.
        self._folder = folder

    def pl(self) -> polars.DataFrame:
        """As a Polars data frame."""
        return _parquet.polars_frame(self.files)

    def pd(self) -> pandas.DataFrame:
        """As a pandas data frame (needs pyarrow, too)."""
        return _parquet.pandas_frame(self.files)

    def pa(self) -> pyarrow.Table:
        """As a pyarrow table, with meaning and unit in the metadata of each field."""
        return _parquet.arrow(self.files)

    def sql(self, query: str = "from self") -> duckdb.DuckDBPyRelation:
        """The answer of DuckDB to a query about ``self`` and all other tables of the same results, by their names."""
        return sql({**self._siblings, "self": self.files}, query, self._folder)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return _parquet.stream(self.files, requested_schema)

    @property
    def columns(self) -> list[Column]:
        """Meaning and unit of every column."""
        names = ("set", "column", "meaning", "unit")
        rows = zip(*_parquet.columns([self._meanings], names).values(), strict=True)
        return [Column(name, meaning, unit) for of, name, meaning, unit in rows if of == self.name]

    def lists(self, *names: str) -> dict[str, list[Any]]:
        """Some columns, or all, as lists of Python's own values; ``None`` where there is none."""
        return _parquet.columns(self.files, names or [column.name for column in self.columns])

    def __len__(self) -> int:
        return self._rows

    def __repr__(self) -> str:
        return f"<vpop table {self.name}: {self._rows:,} rows; .pl() .pd() .pa() .sql() .columns>"

    def _repr_html_(self) -> str:
        columns = self.columns
        values = self.lists()
        head = [[column.name for column in columns], [column.unit for column in columns]]
        rows = [
            [_html.number(values[column.name][row]) for column in columns]
            for row in range(min(self._rows, _ROWS_SHOWN))
        ]
        return _html.table(f"{self.name}: {self._rows:,} rows", head, rows)


def sql(
    tables: Mapping[str, Sequence[Path]],
    query: str,
    folder: TemporaryFolder | None = None,
) -> duckdb.DuckDBPyRelation:
    """The answer of DuckDB to a query about tables by their names."""
    connection = _parquet.library("duckdb").connect()
    for name, files in tables.items():
        connection.sql(f'create view "{name}" as from {_parquet.duckdb_text(files)}')
    relation: duckdb.DuckDBPyRelation = connection.sql(query)
    if folder is not None:
        # Files that may be gone when the relation is read are read now.
        relation.create("answer_kept")
        relation = connection.table("answer_kept")
    return relation
