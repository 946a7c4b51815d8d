"""The folders under test: a run, given in VPOP_RUN, and trials over it, beside it."""

import json
import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def run():
    folder = Path(os.environ["VPOP_RUN"]).resolve()
    assert (folder / "manifest.json").is_file(), f"{folder} is not a finished run"
    return folder


@pytest.fixture(scope="session")
def trials(run):
    folder = run.with_name(f"{run.name}-trial")
    assert (folder / "trial.json").is_file(), f"{folder} holds no finished trials"
    return folder


@pytest.fixture(scope="session")
def manifest(run):
    return json.loads((run / "manifest.json").read_text())


@pytest.fixture(scope="session")
def sets(run, manifest):
    """Every set by its name: a folder of parts, or one file."""
    paths = {}
    for file in manifest["files"]:
        path = run / file["file"]
        paths[file["set"]] = path if path.parent == run else path.parent
    return paths
