"""Tables open in every library, with the same values, and say what they mean."""

import subprocess
import sys

import pytest
import vpop
from vpop import _parquet

READERS = ["pyarrow", "polars", "duckdb"]


@pytest.mark.parametrize("name", ["patients", "outcomes", "trajectories", "doses", "distributions", "audit", "columns"])
def test_every_library_sees_the_same(phase1, name):
    table = phase1.table(name)
    expected = table.pa().to_pydict()
    assert len(table) == len(next(iter(expected.values()))) > 0
    assert table.pl().to_dict(as_series=False) == expected
    assert list(table.pd().columns) == list(expected)
    relation = table.sql()
    assert dict(zip(relation.columns, map(list, zip(*relation.fetchall(), strict=True)), strict=True)) == expected


def test_a_table_is_a_stream_of_arrow(phase1):
    import polars
    import pyarrow

    assert polars.DataFrame(phase1.outcomes).equals(phase1.outcomes.pl())
    assert pyarrow.table(phase1.outcomes).equals(phase1.outcomes.pa())


def test_labels_are_text_in_every_library(quickstart):
    assert str(quickstart.outcomes.pl().schema["arm"]) == "String"
    assert str(quickstart.outcomes.pa().schema.field("arm").type) == "string"
    assert quickstart.outcomes.pd()["arm"].dtype.name in ("str", "object")


def test_units_and_meanings(quickstart):
    columns = {column.name: column for column in quickstart.outcomes.columns}
    assert columns["cmax"].unit == "mg/L"
    assert "concentration" in columns["cmax"].meaning
    assert quickstart.outcomes.pa().schema.field("cmax").metadata[b"unit"] == b"mg/L"


def test_sql_knows_all_tables_by_name(quickstart):
    query = "select count(*), min(WT) > 0 from outcomes join patients using (patient) where status = 'ok'"
    assert quickstart.sql(query).fetchall() == [(400, True)]
    assert quickstart.outcomes.sql("select count(*) from self join patients using (patient)").fetchall() == [(400,)]
    assert quickstart.sql("select arm, cmax from outcomes order by cmax limit 2").df().shape == (2, 2)


def test_an_answer_of_sql_outlasts_a_temporary_run():
    relation = vpop.run("cohorts/quickstart.toml", patients=5).sql("select patient from patients order by patient")
    assert relation.fetchall() == [(patient,) for patient in range(5)]


def test_a_table_that_is_not_there_says_why(quickstart):
    with pytest.raises(vpop.MissingTable, match=r"asks for none in \[output.trajectories\]"):
        _ = quickstart.trajectories
    with pytest.raises(LookupError, match="there are patients, outcomes"):
        quickstart.table("nothing")


@pytest.mark.parametrize("reader", READERS)
def test_any_one_library_will_do(quickstart, monkeypatch, reader):
    expected = quickstart.outcomes.lists("arm", "cmax")
    for other in READERS:
        if other != reader:
            monkeypatch.setitem(sys.modules, other, None)
    assert _parquet.any_reader() == reader
    assert quickstart.outcomes.lists("arm", "cmax") == expected
    assert "cmax" in quickstart._repr_html_()


def test_without_a_library_it_is_said_which_to_install(quickstart, monkeypatch):
    for reader in READERS:
        monkeypatch.setitem(sys.modules, reader, None)
    with pytest.raises(vpop.MissingLibrary, match="`pip install pyarrow`"):
        quickstart.outcomes.lists("arm")
    with pytest.raises(ImportError, match="`pip install polars`"):
        quickstart.outcomes.pl()
    assert "pip install pyarrow" in quickstart._repr_html_()


def test_nothing_but_the_standard_library_is_imported():
    code = """
import sys
import vpop
vpop.run("cohorts/quickstart.toml", patients=5)
print(sorted({"pyarrow", "polars", "pandas", "duckdb", "numpy", "IPython"} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
