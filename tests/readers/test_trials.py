"""DuckDB, Polars and pandas open the trials, and their rows give the operating characteristics."""

import json
import os
import shutil
import subprocess

import duckdb
import pandas as pd
import polars as pl
import pytest


@pytest.fixture(scope="session")
def summary(trials):
    return json.loads((trials / "trial.json").read_text())


def test_readers_see_the_same_rows(trials):
    by_duckdb = duckdb.sql(f"from '{trials}/trials/*.parquet'").df()
    by_polars = pl.read_parquet(f"{trials}/trials/*.parquet")
    by_pandas = pd.read_parquet(trials / "trials")
    assert len(by_duckdb) == len(by_polars) == len(by_pandas)
    assert by_duckdb.columns.tolist() == by_polars.columns == by_pandas.columns.tolist()
    assert by_duckdb["treated"].sum() == by_polars["treated"].sum() == by_pandas["treated"].sum()


def test_every_column_is_explained(trials):
    listed = duckdb.sql(f"select set, \"column\", meaning, unit from '{trials}/columns.parquet'").fetchall()
    known = {(name, column) for name, column, meaning, _ in listed if meaning}
    for name in ["trials/*", "operating_characteristics", "evaluability"]:
        columns = duckdb.sql(f"describe from '{trials}/{name}.parquet'").fetchall()
        assert {(name.removesuffix("/*"), column[0]) for column in columns} <= known


def test_shares_are_those_of_the_rows(trials, summary):
    """Every share of declared doses, and its standard error sqrt(p (1 - p) / n), from the last rows of trials."""
    found = duckdb.sql(
        f"""
        with ended as (select design, declared from '{trials}/trials/*.parquet' where ended_by is not null),
        counted as (
            select design, declared as arm, count(*) / (select count(distinct replicate) from '{trials}/trials/*.parquet') as p
            from ended group by all
        )
        select c.value, c.standard_error, coalesce(counted.p, 0) as p
        from '{trials}/operating_characteristics.parquet' c left join counted using (design, arm)
        where measure = 'declared'
        """
    ).fetchall()
    assert len(found) == len(summary["designs"]) * len(summary["doses"])
    n = summary["replicates"]
    for value, error, p in found:
        assert value == pytest.approx(p, abs=1e-12)
        assert error == pytest.approx((p * (1 - p) / n) ** 0.5, abs=1e-12)


def test_shares_of_the_rule_add_up(trials):
    sums = duckdb.sql(
        f"""
        select sum(share) from '{trials}/evaluability.parquet' where what = 'declared'
        group by design, evaluable_required, second_doses_required
        """
    ).fetchall()
    assert len(sums) == 10 and all(total == pytest.approx(1.0, abs=1e-12) for (total,) in sums)
    lacks = duckdb.sql(
        f"""
        select sum(share) from '{trials}/evaluability.parquet' where what <> 'declared'
        group by design, evaluable_required, second_doses_required, arm
        """
    ).fetchall()
    assert all(total == pytest.approx(1.0, abs=1e-12) for (total,) in lacks)


def test_a_run_in_another_order_is_refused_by_name(run, tmp_path):
    """DuckDB writes the outcomes anew, sorted: the trial reads them as they were written, or not at all."""
    vpop = os.environ["VPOP"]
    copied = tmp_path / "run"
    shutil.copytree(run, copied)
    part = copied / "outcomes" / "part-00000.parquet"
    duckdb.sql(f"copy (select * from '{part}' order by dlt desc, random()) to '{tmp_path}/sorted.parquet'")
    (tmp_path / "sorted.parquet").replace(part)
    refused = subprocess.run([vpop, "trial", copied, "--replicates", "10"], capture_output=True, text=True)
    assert refused.returncode == 1
    said = " ".join(word for word in refused.stderr.split() if word != "│")
    assert "part-00000.parquet is written by another program: DuckDB" in said, said
    assert subprocess.run([vpop, "check", copied], capture_output=True).returncode == 1
