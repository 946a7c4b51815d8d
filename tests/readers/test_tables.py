"""Users' tables as pandas, pyarrow, Polars, DuckDB and R's arrow write them: read right, or refused by column."""

import datetime
import decimal
import json
import os
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

WEIGHTS = [50.0, 62.5, 70.0, 81.25]

COHORT = """
name = "table"
model = "{model}"
patients = 4
seed = 1
[population.rows]
file = "{file}"
resample = false
{columns}
[regimen]
arms = ["1 mg"]
into = ["central"]
infusion = "1 h"
every = "1 day"
cycles = 1
[endpoints.peak]
of = "Cc"
statistic = "max"
on = "visits"
"""


@pytest.fixture(scope="session")
def vpop(run):
    """The program beside the run, or the one in VPOP."""
    program = Path(os.environ.get("VPOP", REPOSITORY / "target/release/vpop"))
    if not program.is_file():
        pytest.skip(f"no program at {program}")
    return program


@pytest.fixture
def taken(vpop, tmp_path):
    """Runs a cohort on a table: the column WT as it is written, or what is said of it."""

    def take(file, columns="", column="WT"):
        cohort = tmp_path / "cohort.toml"
        model = (REPOSITORY / "models/one_compartment_infusion.R").as_posix()
        cohort.write_text(COHORT.format(model=model, file=Path(file).as_posix(), columns=columns))
        output = tmp_path / "run"
        done = subprocess.run(
            [vpop, "run", cohort, "-o", output, "--backend", "cpu", "--force", "--json"],
            capture_output=True,
            text=True,
        )
        assert "panicked" not in done.stderr
        if done.returncode == 0:
            return pq.read_table(output / "patients", columns=[column]).to_pydict()[column]
        check = subprocess.run([vpop, "check", cohort, "--json"], capture_output=True, text=True)
        assert check.returncode == done.returncode == 2
        assert json.loads(check.stdout) == json.loads(done.stdout)
        return [problem["message"] for problem in json.loads(done.stdout)["problems"]]

    return take


def types():
    whole = [50, 62, 70, 81]
    decimals = [decimal.Decimal("50.0000"), decimal.Decimal("62.5"), decimal.Decimal("70"), decimal.Decimal("81.25")]
    text = ["50", "62.5", "7e1", "81.25"]
    for kind in [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]:
        yield str(kind), pa.array(whole, kind), whole
    for kind in [pa.float32(), pa.float64()]:
        yield str(kind), pa.array(WEIGHTS, kind), WEIGHTS
    yield "float16", pa.array(WEIGHTS, pa.float32()).cast(pa.float16()), WEIGHTS
    for kind in [pa.decimal32(7, 2), pa.decimal64(12, 3), pa.decimal128(20, 4), pa.decimal256(60, 5)]:
        yield str(kind), pa.array(decimals, pa.decimal128(20, 4)).cast(kind), WEIGHTS
    for kind in [pa.string(), pa.large_string(), pa.string_view()]:
        yield str(kind), pa.array(text, kind), WEIGHTS
    yield "dictionary of text", pa.array(text).dictionary_encode(), WEIGHTS
    yield "dictionary of numbers", pa.array(WEIGHTS).dictionary_encode(), WEIGHTS
    yield "bool", pa.array([True, False, True, False]), [1.0, 0.0, 1.0, 0.0]


TYPES = list(types())


@pytest.mark.parametrize("name,array,expected", TYPES, ids=[name for name, *_ in TYPES])
def test_types_of_arrow(name, array, expected, taken, tmp_path):
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"WT": array}), file)
    assert taken(file) == expected


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
@pytest.mark.parametrize("pages", ["1.0", "2.0"])
def test_compressions_of_pyarrow(compression, version, pages, taken, tmp_path):
    # R's arrow writes by the same library: snappy unless it is told otherwise.
    file = tmp_path / "t.parquet"
    table = pa.table({"WT": WEIGHTS, "SITE": ["north", "south", "north", "west"]})
    pq.write_table(table, file, compression=compression, version=version, data_page_version=pages)
    assert taken(file) == WEIGHTS


@pytest.mark.parametrize("encoding", ["PLAIN", "BYTE_STREAM_SPLIT"])
def test_encodings_of_numbers(encoding, taken, tmp_path):
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"WT": WEIGHTS}), file, use_dictionary=False, column_encoding={"WT": encoding})
    assert taken(file) == WEIGHTS


@pytest.mark.parametrize("compression", ["snappy", "gzip", "brotli", "lz4", "zstd", None])
def test_pandas(compression, taken, tmp_path):
    file = tmp_path / "t.parquet"
    frame = pd.DataFrame({"WT": WEIGHTS, "SEX": pd.Categorical(["f", "m", "f", "m"]), "NAME": list("abcd")})
    frame.to_parquet(file, compression=compression)
    assert taken(file) == WEIGHTS
    assert taken(file, 'columns = ["WT", "SEX"]', "SEX") == ["f", "m", "f", "m"]
    frame.astype({"WT": "Float64"}).to_parquet(file, compression=compression)
    assert taken(file) == WEIGHTS


@pytest.mark.parametrize("compression", ["lz4", "uncompressed", "snappy", "gzip", "brotli", "zstd"])
def test_polars(compression, taken, tmp_path):
    file = tmp_path / "t.parquet"
    frame = pl.DataFrame({"WT": WEIGHTS, "SITE": ["north", "south", "north", "west"]})
    frame.write_parquet(file, compression=compression)
    assert taken(file) == WEIGHTS
    frame.with_columns(pl.col("WT").cast(pl.String)).write_parquet(file, compression=compression)
    assert taken(file) == WEIGHTS
    frame.with_columns(pl.col("SITE").cast(pl.Categorical)).write_parquet(file, compression=compression)
    assert taken(file, 'columns = ["SITE"]', "SITE") == ["north", "south", "north", "west"]


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed"])
@pytest.mark.parametrize("kind", ["double", "float", "decimal(9, 2)", "decimal(30, 4)", "varchar"])
def test_duckdb(compression, kind, taken, tmp_path):
    file = tmp_path / "t.parquet"
    rows = ", ".join(f"({weight})" for weight in WEIGHTS)
    select = f"select WT::{kind} as WT from (values {rows}) t(WT)"
    duckdb.sql(f"copy ({select}) to '{file}' (format parquet, compression {compression})")
    assert taken(file) == WEIGHTS


@pytest.mark.parametrize("kind", ["tinyint", "smallint", "integer", "bigint", "utinyint", "ubigint", "hugeint"])
def test_whole_numbers_of_duckdb(kind, taken, tmp_path):
    file = tmp_path / "t.parquet"
    duckdb.sql(f"copy (select (range + 50)::{kind} as WT from range(4)) to '{file}' (format parquet)")
    assert taken(file) == [50, 51, 52, 53]


def test_labels_of_duckdb(taken, tmp_path):
    file = tmp_path / "t.parquet"
    duckdb.sql("create or replace type sex as enum ('f', 'm')")
    duckdb.sql(f"copy (select if(range % 2 = 0, 'f', 'm')::sex as SEX from range(4)) to '{file}' (format parquet)")
    assert taken(file, 'columns = ["SEX"]', "SEX") == ["f", "m", "f", "m"]


DAY = datetime.datetime(2024, 1, 1)

REFUSED = {
    "date32": pa.array([DAY.date()] * 4),
    "date64": pa.array([DAY] * 4, pa.date64()),
    "timestamp[s]": pa.array([DAY] * 4, pa.timestamp("s")),
    "timestamp[ns, UTC]": pa.array([DAY] * 4, pa.timestamp("ns", tz="UTC")),
    "duration": pa.array([datetime.timedelta(days=1)] * 4, pa.duration("s")),
    "time": pa.array([datetime.time(8)] * 4, pa.time64("us")),
    "list": pa.array([[1.0]] * 4),
    "struct": pa.array([{"kg": 70.0}] * 4),
    "map": pa.array([[("kg", 70.0)]] * 4, pa.map_(pa.string(), pa.float64())),
    "bytes": pa.array([b"\xff\xfe"] * 4),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_column_and_type(name, taken, tmp_path):
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"WT": WEIGHTS, "X": REFUSED[name]}), file)
    [message] = taken(file)
    assert "column `X` is of type" in message
    # What is not asked for does not matter.
    assert taken(file, 'columns = ["WT"]') == WEIGHTS


def test_cells_that_are_refused(taken, tmp_path):
    file = tmp_path / "t.parquet"
    for cell, said in [(None, "row 3 has no value"), (float("nan"), "row 3 has no value"), (float("inf"), "row 3 is inf")]:
        pq.write_table(pa.table({"WT": pa.array([50.0, 60.0, cell, 70.0])}), file)
        [message] = taken(file)
        assert "column `WT`" in message and message.endswith(said)
    for cell, said in [("7O", "holds numbers, and `7O` in row 3"), ("", "row 3 has no value"), ("NA", "row 3 has no value")]:
        pq.write_table(pa.table({"WT": ["50", "60", cell, "70"]}), file)
        [message] = taken(file)
        assert "column `WT`" in message and message.endswith(said)
    pq.write_table(pa.table({"WT": WEIGHTS, "ID": [2**53 + 1] * 4}), file)
    [message] = taken(file)
    assert "column `ID`, row 1: the whole number is too long" in message


def test_records_and_rows_left_over(taken, tmp_path):
    file = tmp_path / "t.csv"
    ids = [patient for patient in range(1, 13) for _ in range(12)]
    pd.DataFrame({"ID": ids, "WT": [50.0 + patient for patient in ids]}).to_csv(file, index=False)
    [message] = taken(file)
    assert "has 144 rows of 12 patients: `ID` is `1` in rows 1 and 2" in message
    said = 'repeated_ids = "first_row"\nunused_rows = true'
    assert taken(file, said) == [51.0, 52.0, 53.0, 54.0]
    [message] = taken(file, 'repeated_ids = "first_row"')
    assert "4 patients but" in message and message.endswith("has 12 rows: 8 would not be used")


@pytest.mark.parametrize("name", ["patient", "attempts", "Attempts", "arm", "status", "steps", "time", "pi", "T", "wt"])
def test_columns_that_cannot_be_covariates(name, taken, tmp_path):
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"WT": WEIGHTS, name: WEIGHTS}), file)
    messages = taken(file)
    assert messages and all(f"`{name}`" in message for message in messages)
    assert taken(file, 'columns = ["WT"]') == WEIGHTS
