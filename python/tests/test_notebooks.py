"""The notebooks run, and print what stands in them."""

import json
from pathlib import Path

import notebook
import pytest

NOTEBOOKS = sorted(Path(__file__).parents[2].joinpath("examples").glob("*.ipynb"))


def printed(outputs):
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_prints_what_stands_in_it(path):
    pytest.importorskip("polars")
    kept = [cell["outputs"] for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    made = notebook.execute(path)
    assert [printed(outputs) for outputs in made] == [printed(outputs) for outputs in kept]
    shown = [output["data"]["text/html"] for outputs in made for output in outputs if "data" in output]
    assert len(shown) == sum("data" in output for outputs in kept for output in outputs)
    assert all("<svg" in page for page in shown)
