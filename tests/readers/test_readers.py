"""DuckDB, Polars, pandas and pyarrow open every set and see the same rows."""

import hashlib

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ALWAYS = ["patients", "outcomes", "trajectories", "audit", "distributions", "columns"]
# Written where the cohort file asks for them, or its rules may change doses.
SOMETIMES = ["doses", "exposure_response"]
SETS = ALWAYS + SOMETIMES
READERS = ["duckdb", "polars", "pandas"]

# Columns of the outcomes that are not endpoints.
NOT_ENDPOINTS = {"patient", "arm", "dose", "status", "not_finite", "not_finite_day", "solved_by", "method", "steps", "rejected"}


def glob(path):
    return str(path / "*.parquet") if path.is_dir() else str(path)


def table(path):
    """A set by pyarrow, labels as plain strings: what the other readers are compared with."""
    read = pq.read_table(path)
    fields = [
        pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in read.schema
    ]
    return read.cast(pa.schema(fields))


def columns_by(reader, path):
    """A set by a reader: lists of Python values by column, None for null."""
    if reader == "duckdb":
        return duckdb.sql(f"from read_parquet('{glob(path)}')").to_arrow_table().to_pydict()
    if reader == "polars":
        return pl.read_parquet(glob(path)).to_dict(as_series=False)
    frame = pd.read_parquet(path)
    return {name: [None if pd.isna(v) else v for v in frame[name].tolist()] for name in frame.columns}


def footers(path):
    parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    return [pq.read_metadata(part) for part in parts]


@pytest.fixture(autouse=True)
def skip_a_set_that_is_not_written(request):
    name = request.node.callspec.params.get("name") if hasattr(request.node, "callspec") else None
    if name in SOMETIMES and name not in request.getfixturevalue("sets"):
        pytest.skip(f"the run has no {name}")


def test_every_set_is_there(sets):
    assert set(ALWAYS) <= set(sets) <= set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_rows_are_those_of_the_manifest(name, sets, manifest):
    rows = sum(file["rows"] for file in manifest["files"] if file["set"] == name)
    path = sets[name]
    assert rows > 0
    assert pq.read_table(path).num_rows == rows
    assert duckdb.sql(f"select count(*) from read_parquet('{glob(path)}')").fetchall() == [(rows,)]
    assert pl.scan_parquet(glob(path)).select(pl.len()).collect().item() == rows
    assert len(pd.read_parquet(path)) == rows


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", SETS)
def test_readers_see_the_same_values(name, reader, sets):
    expected = table(sets[name]).to_pydict()
    found = columns_by(reader, sets[name])
    assert list(found) == list(expected)
    for column, values in expected.items():
        assert found[column] == values, column


@pytest.mark.parametrize("name", SETS)
def test_columns_are_explained_in_the_file_and_beside_it(name, sets):
    explained = {
        row["column"]: row for row in table(sets["columns"]).to_pylist() if row["set"] == name
    }
    schema = pq.read_schema(next(sets[name].glob("*.parquet")) if sets[name].is_dir() else sets[name])
    for field in schema:
        meaning, unit = field.metadata[b"meaning"].decode(), field.metadata[b"unit"].decode()
        assert meaning, field.name
        if name != "columns":
            assert explained[field.name]["meaning"] == meaning
            assert explained[field.name]["unit"] == unit


@pytest.mark.parametrize("name", SETS)
def test_missing_numbers_are_null_and_never_nan(name, sets):
    for column in table(sets[name]).columns:
        if pa.types.is_floating(column.type):
            assert not np.isnan(column.drop_null().to_numpy()).any()


@pytest.mark.parametrize("name", SETS)
def test_integers_are_signed_and_labels_are_strings(name, sets):
    for field in pq.read_table(sets[name]).schema:
        assert not pa.types.is_unsigned_integer(field.type), field.name
    relation = duckdb.sql(f"from read_parquet('{glob(sets[name])}')")
    assert set(map(str, relation.types)) <= {"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"}


@pytest.mark.parametrize("name", SETS)
def test_files_say_where_they_come_from(name, sets, manifest):
    for footer in footers(sets[name]):
        entries = {key.decode(): value.decode() for key, value in footer.metadata.items()}
        assert footer.created_by == f"vpop version {manifest['vpop']}"
        assert entries["vpop.version"] == manifest["vpop"]
        assert entries["vpop.run"] == manifest["name"]
        assert entries["vpop.seed"] == str(manifest["seed"])
        assert entries["vpop.set"] == name
        for file in manifest["inputs"]:
            assert entries[f"vpop.{file['role']}.sha256"] == file["sha256"]


def test_the_inputs_are_kept(run, manifest):
    roles = [file["role"] for file in manifest["inputs"]]
    assert roles[:2] == ["cohort", "model"]
    for file in manifest["inputs"]:
        kept = (run / "inputs" / file["file"]).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == file["sha256"]


def test_patients_and_arms_are_complete_and_in_order(sets, manifest):
    patients = pl.read_parquet(glob(sets["patients"]))["patient"].to_list()
    assert patients == list(range(manifest["patients"]))
    outcomes = pl.read_parquet(glob(sets["outcomes"]))
    expected = [(patient, arm) for patient in patients for arm in manifest["arms"]]
    assert list(zip(outcomes["patient"], outcomes["arm"].cast(pl.String))) == expected


def test_outcomes_join_their_patients(sets, manifest):
    joined = duckdb.sql(
        f"""
        select count(*) from read_parquet('{glob(sets["outcomes"])}')
        join read_parquet('{glob(sets["patients"])}') using (patient)
        """
    )
    assert joined.fetchall() == [(manifest["patients"] * len(manifest["arms"]),)]


def expected_statistics(values):
    """The statistics of the values that are there, by numpy."""
    percents = [1, 2.5, 5, 10, 25, 50, 75, 90, 95, 97.5, 99]
    quantiles = {f"p{percent:g}": np.quantile(values, percent / 100) for percent in percents}
    return quantiles | {
        "mean": values.mean(),
        "sd": values.std(ddof=1),
        "min": values.min(),
        "max": values.max(),
    }


def test_distributions_are_those_of_the_outcomes(sets, manifest):
    outcomes = table(sets["outcomes"]).to_pandas()
    distributions = table(sets["distributions"]).to_pandas()
    patients = table(sets["patients"]).to_pandas()
    endpoints = [name for name in outcomes.columns if name not in NOT_ENDPOINTS]
    assert sorted(set(distributions["endpoint"])) == sorted(endpoints)
    assert list(dict.fromkeys(distributions["arm"])) == manifest["arms"]

    keys = ["arm", "subgroup", "level", "endpoint"]
    for (arm, subgroup, level, endpoint), rows in distributions.groupby(keys, sort=False):
        members = patients if subgroup == "all" else patients[patients[f"subgroup_{subgroup}"] == level]
        in_group = outcomes[(outcomes["arm"] == arm) & outcomes["patient"].isin(members["patient"])]
        all_finished = in_group[in_group["status"] == "ok"]
        finished = all_finished[endpoint]
        present = finished.dropna()
        is_number = "mean" in set(rows["statistic"])
        present = present.to_numpy(dtype=float) if is_number else present
        expected = expected_statistics(present) if is_number and len(present) > 1 else {}
        for row in rows.itertuples():
            place = (arm, subgroup, level, endpoint, row.statistic)
            assert row.n_failed == len(in_group) - len(finished), place
            assert row.n + row.n_missing == len(finished), place
            if row.statistic in expected:
                assert row.n == len(present), place
                # 1e-12 of the largest value: a mean may be near 0.
                scale = np.abs(present).max()
                assert row.value == pytest.approx(expected[row.statistic], rel=1e-12, abs=1e-12 * scale), place
        check_proportions(rows.set_index("statistic"), endpoint, all_finished)


def counted(ending, endpoint, finished, is_time):
    """Patients with an outcome, and those of whom they are a proportion, by the ending of the statistic."""
    values = finished[endpoint]
    if is_time:
        return values.notna().sum(), len(values)
    if ending == "":
        return (values == 1).sum(), values.notna().sum()
    if ending.startswith("_of_"):
        return (values == 1).sum(), (finished[ending.removeprefix("_of_")] == 1).sum()
    if ending.startswith("_ge_"):
        return (values >= int(ending.removeprefix("_ge_"))).sum(), values.notna().sum()
    return (values == ending.removeprefix("_")).sum(), len(values)


def check_proportions(rows, endpoint, finished):
    """Times are the proportion in whom it happened; flags, grades and labels as their statistics say."""
    for statistic in rows.index[rows.index.str.startswith("proportion")]:
        ending = statistic.removeprefix("proportion")
        events, of = counted(ending, endpoint, finished, is_time="mean" in rows.index)
        assert rows.loc[statistic, "n"] == of
        if of == 0:
            continue
        proportion = rows.loc[statistic, "value"]
        assert proportion == pytest.approx(events / of)
        for kind in ["wilson", "exact"]:
            low, high = rows.loc[f"{kind}_low{ending}", "value"], rows.loc[f"{kind}_high{ending}", "value"]
            assert 0 <= low <= proportion <= high <= 1


def test_doses_are_those_of_the_outcomes(sets):
    if "doses" not in sets:
        pytest.skip("the run has no doses")
    doses = table(sets["doses"]).to_pandas()
    outcomes = table(sets["outcomes"]).to_pandas().set_index(["patient", "arm"])
    given = doses[doses["time"].notna()].groupby(["patient", "arm"])
    counts = given.size().reindex(outcomes.index, fill_value=0)
    finished = outcomes["status"] == "ok"
    assert (counts[finished] == outcomes.loc[finished, "doses_given"]).all()
    assert np.allclose(doses["amount"], doses["planned_amount"] * doses["relative_dose"], rtol=1e-12)
    assert (doses.loc[doses["time"].isna(), "amount"] == 0).all()


def test_groups_by_exposure_are_those_of_the_outcomes(sets, manifest):
    if "exposure_response" not in sets:
        pytest.skip("the run has no exposure_response")
    outcomes = table(sets["outcomes"]).to_pandas()
    outcomes = outcomes[outcomes["status"] == "ok"]
    rows = table(sets["exposure_response"]).to_pandas()
    for (exposure, outcome, arm), groups in rows.groupby(["exposure", "outcome", "arm"], sort=False):
        in_arm = outcomes if arm == "all" else outcomes[outcomes["arm"] == arm]
        known = in_arm[in_arm[exposure].notna() & in_arm[outcome].notna()]
        assert groups["n"].sum() == len(known)
        assert groups["events"].sum() == (known[outcome] == 1).sum()
        for group in groups[groups["n"] > 0].itertuples():
            within = known[known[exposure].between(group.exposure_low, group.exposure_high)]
            assert group.n == len(within)
            assert group.events == (within[outcome] == 1).sum()
            assert group.exposure_median == pytest.approx(within[exposure].median(), rel=1e-12)


def test_counts_are_those_of_the_manifest(sets, manifest):
    outcomes = pd.read_parquet(sets["outcomes"])
    everyone = [("all", manifest["outcomes"]["all"], outcomes)]
    arms = [(t["arm"], t, outcomes[outcomes["arm"] == t["arm"]]) for t in manifest["outcomes"]["arms"]]
    assert [arm for arm, _, _ in arms] == manifest["arms"]
    for arm, totals, rows in everyone + arms:
        counts = {s["status"]: s["count"] for s in totals["status"] if s["count"]}
        assert counts == {k: v for k, v in rows["status"].value_counts().items() if v}, arm
        solved_by = {s["processor"]: s["count"] for s in totals["solved_by"]}
        assert solved_by == {k: v for k, v in rows["solved_by"].value_counts().items() if v}, arm
        assert totals["patients"] == len(rows)
        assert totals["steps"] == rows["steps"].sum()
        assert totals["rejected"] == rows["rejected"].sum()
    drawn = pd.read_parquet(sets["patients"])["attempts"].sum()
    assert manifest["screening"]["drawn"] == drawn
