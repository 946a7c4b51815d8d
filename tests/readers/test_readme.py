"""Every loader that the README and the page on results show works as it stands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "docs/results.md")
FENCED = re.compile(r"^```(python|sql|r)\n(.*?)^```$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
RUN_FOLDER = re.compile(r"runs/[\w.-]+")


def loaders(text):
    """The language and code of every fenced block that opens a run."""
    blocks = ((language.lower(), code) for language, code in FENCED.findall(text))
    return [(language, code) for language, code in blocks if RUN_FOLDER.search(code)]


def of_language(language):
    texts = [(REPOSITORY / document).read_text(encoding="utf-8") for document in DOCUMENTS]
    return [code for text in texts for found, code in loaders(text) if found == language]


def on(run, code):
    """The code on another run, and on the trials beside it."""
    beside = lambda found: "-trial" if found.group().endswith("-trial") else ""
    return RUN_FOLDER.sub(lambda found: run.as_posix() + beside(found), code)


def test_loaders_are_the_blocks_that_open_a_run():
    text = "\n".join(
        [
            "```python",
            "read('runs/phase1/outcomes')",
            "```",
            "```sql",
            "select 1;",
            "```",
            "```SQL",
            "from 'runs/a-b.c/patients/*.parquet';",
            "```",
            "```",
            "ls runs/phase1",
            "```",
        ]
    )
    found = loaders(text)
    assert [language for language, _ in found] == ["python", "sql"]
    assert on(Path("/x"), found[1][1]) == "from '/x/patients/*.parquet';\n"
    assert on(Path("/x"), "from 'runs/a-trial/trials/*.parquet'") == "from '/x-trial/trials/*.parquet'"


def test_there_are_loaders_for_python_and_sql():
    assert of_language("python") and of_language("sql")


@pytest.mark.parametrize("code", of_language("python"))
def test_python(code, run):
    ended = subprocess.run([sys.executable, "-c", on(run, code)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("code", of_language("sql"))
def test_sql(code, run):
    for statement in duckdb.extract_statements(on(run, code)):
        assert duckdb.execute(statement).fetchall(), statement.query


def has_r_with_arrow():
    rscript = shutil.which("Rscript")
    return rscript and subprocess.run([rscript, "-e", "library(arrow)"], capture_output=True).returncode == 0


@pytest.mark.parametrize("code", of_language("r"))
def test_r(code, run):
    if not has_r_with_arrow():
        pytest.skip("R with the arrow package is not installed")
    ended = subprocess.run(["Rscript", "-e", on(run, code)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
