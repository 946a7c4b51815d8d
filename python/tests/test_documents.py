"""Every block of code of the pages about Python and R runs, in order, as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import vpop

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def test_the_page_on_python(capsys):
    for library in ("duckdb", "polars"):
        pytest.importorskip(library)
    namespace = {}
    for block in blocks("python.md", "python"):
        exec(compile(block, "docs/python.md", "exec"), namespace)
    [said] = blocks("python.md", "text")
    assert capsys.readouterr().out.endswith(said)


def test_the_page_on_r():
    if shutil.which("Rscript") is None and os.environ.get("CI") != "true":
        pytest.skip("R is not installed")
    environment = os.environ | {"VPOP": str(vpop.program()), "VPOP_PYTHON": sys.executable}
    command = ["Rscript", "-e", "".join(blocks("r.md", "r"))]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "Median" in said.stdout


def test_no_other_language_is_in_them():
    assert set(re.findall(r"^```(\w+)$", (DOCS / "python.md").read_text(), re.MULTILINE)) == {"python", "text"}
    assert set(re.findall(r"^```(\w+)$", (DOCS / "r.md").read_text(), re.MULTILINE)) == {"r"}
