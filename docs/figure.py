"""The picture in the README: outcomes by dose, from a finished run of cohorts/phase1.toml.

usage: python docs/figure.py runs/phase1 docs/figure.png     (needs duckdb, pandas, matplotlib)
"""

import sys

import duckdb
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PANELS = [
    ("platelet_nadir_c1", "lowest platelets, cycle 1 (1e9/L)", 25, "grade 4"),
    ("upcr_max_c1", "highest UPCR, cycle 1 (g/g)", 3.5, "grade 3"),
    ("cornea_max_c1", "highest corneal score, cycle 1", 2.0, "grade 3"),
    ("best_sld_change", "best change of tumour diameters (%)", 0, "no growth"),
]


def main(run, picture):
    statistics = duckdb.sql(
        f"select arm, endpoint, statistic, value from '{run}/distributions.parquet' where subgroup = 'all'"
    ).df().pivot(index=["endpoint", "arm"], columns="statistic", values="value")
    arms = duckdb.sql(f"select distinct dose, arm from '{run}/outcomes/*.parquet' order by dose").df()["arm"].tolist()
    x = range(len(arms))
    figure, axes = plt.subplots(1, len(PANELS), figsize=(13, 3.4), constrained_layout=True)
    for axis, (endpoint, title, limit, name) in zip(axes, PANELS):
        rows = statistics.loc[endpoint].loc[arms]
        for low, high, shade in [("p2.5", "p97.5", 0.15), ("p10", "p90", 0.25), ("p25", "p75", 0.35)]:
            axis.fill_between(x, rows[low], rows[high], color="#2b6a99", alpha=shade, linewidth=0)
        axis.plot(x, rows["p50"], color="#10334d", marker="o", markersize=4)
        axis.axhline(limit, color="#b5402a", linestyle="--", linewidth=1)
        axis.annotate(name, (0, limit), xytext=(2, 3), textcoords="offset points", color="#b5402a", fontsize=8)
        axis.set_xticks(list(x), [arm.removesuffix(" mg/kg") for arm in arms])
        axis.set_xlabel("dose (mg/kg)")
        axis.set_title(title, fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, dpi=130)


if __name__ == "__main__":
    main(*sys.argv[1:])
