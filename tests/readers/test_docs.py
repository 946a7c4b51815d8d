"""Every fenced block of the book runs as it stands, page by page and in order, in a folder of its own.

What a block is follows from its language: files are saved under the name that the text before them says, commands are run,
parts of a cohort file are laid over a shipped one. A block that cannot run (what installs, what needs another program) says so:
`sh,ignore`. Sizes alone are made smaller, by a `vpop` on the PATH that passes the rest on.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import duckdb
import pytest
import vpop

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"`([\w-]+\.(R|toml|csv))`")
# Run elsewhere: pages about Python and R in python/tests, how results are opened by test_readme, the others by the Rust tests
# of their rooms.
ELSEWHERE = {
    "results.md": {"python", "r", "sql"},
    "python.md": {"python", "text"},
    "r.md": {"r"},
    "data.md": {"console", "csv", "r", "toml"},
    "dosing.md": {"toml"},
    "model.md": {"r"},
    "coming_from.md": {"r"},
}
# What parts of a cohort file are laid over.
BASES = {"compare.md": "translation.toml"}
# Neither runs: formulas, and messages that no command before them gives.
SHOWN = {"methods.md": {"text"}, "performance.md": {"text"}, "units.md": {"text"}}
PAGES = sorted(page.name for page in DOCS.glob("*.md") if BLOCK.search(page.read_text(encoding="utf-8")))
SMALLER = f"""#!{sys.executable}
import os, re, sys
LIMITS = {{"--patients": 500, "--replicates": 100}}
arguments = sys.argv[1:]
command = arguments[0]
for option, most in LIMITS.items():
    if option in arguments:
        value = arguments.index(option) + 1
        arguments[value] = str(min(int(arguments[value]), most))
if command in ("run", "compare") and "--patients" not in arguments:
    file = [argument for argument in arguments if argument.endswith(".toml")]
    asked = re.search(r"^patients = ([\\d_]+)", open(file[0]).read(), re.MULTILINE) if file else None
    most = 4 if command == "compare" else 500
    if not file or asked and int(asked[1]) > most:
        arguments += ["--patients", str(most)]
    if command == "compare" and "[uncertainty]" in open(file[0]).read():
        arguments += ["--set", "uncertainty.replicates=2", "--set", "uncertainty.patients=2"]
if command in ("run", "trial", "compare", "report", "plot", "export", "merge") and "--resume" not in arguments:
    arguments += [] if "--decision-table" in arguments else ["--force"]
os.execv(os.environ["VPOP"], ["vpop", *arguments])
"""


def blocks(page):
    """Language, code, and name as a file, or `None`, of each block."""
    text = (DOCS / page).read_text(encoding="utf-8")
    before = 0
    for block in BLOCK.finditer(text):
        paragraph = text[before : block.start()].rstrip().rsplit("\n\n", 1)[-1]
        names = [name for name, ending in NAME.findall(paragraph) if ending.lower() == block[1]]
        before = block.end()
        yield block[1], block[2], names[-1] if names else None


@pytest.fixture
def folder(tmp_path, run, trials):
    """A folder with what a clone has, finished results of phase I, and `vpop`."""
    for name in ("cohorts", "models", "designs", "examples"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    for finished, name in ((run, "phase1"), (trials, "phase1-trial")):
        shutil.copytree(finished, tmp_path / "runs" / name)
    program = tmp_path / "bin" / "vpop"
    program.parent.mkdir()
    program.write_text(SMALLER)
    program.chmod(0o755)
    return tmp_path


def shell(folder, code):
    """What commands say on standard output."""
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "VPOP": str(vpop.program()), "COLUMNS": "200"}
    ended = subprocess.run(["bash", "-ec", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f"{code}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def lines(text):
    return {" ".join(line.split()) for line in text.splitlines()}


def run_toml(page, code, name):
    """A part of a cohort file, laid over a shipped one, on a patient of it."""
    if not name:
        changes = tomllib.loads(code)
        vpop.run(REPOSITORY / "cohorts" / BASES.get(page, "phase1.toml"), changes=changes, patients=1, backend="cpu")


def run_sql(folder, code):
    # `runs/...` is in the folder of the page.
    for statement in duckdb.extract_statements(code.replace("'runs/", f"'{folder.as_posix()}/runs/")):
        assert duckdb.execute(statement).fetchall(), statement.query


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(page, folder):
    found = [block for block in blocks(page) if block[0] not in ELSEWHERE.get(page, set()) | SHOWN.get(page, set())]
    for language, code, name in found:
        if name:
            (folder / name).write_text(code)
    said = ""
    for language, code, name in found:
        if language.endswith(",ignore"):
            continue
        match language:
            case "sh":
                said = shell(folder, code)
            case "text":
                assert lines(code) <= lines(said), lines(code) - lines(said)
            case "r" if name:
                shell(folder, f"vpop model {name}")
            case "toml":
                run_toml(page, code, name)
            case "csv" if name:
                pass  # what follows reads it
            case "sql":
                run_sql(folder, code)
            case _:
                pytest.fail(f"{page}: nothing runs a block of {language!r}:\n{code}")


@pytest.mark.parametrize("page", PAGES)
def test_blocks_that_do_not_run_are_few(page):
    ignored = [code for language, code, _ in blocks(page) if language.endswith(",ignore")]
    assert len(ignored) <= 2, ignored
