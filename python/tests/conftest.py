"""The package under test: that of PYTHONPATH, or the one that is installed; the program is what it finds."""

from pathlib import Path

import pytest
import vpop

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    """Paths in the tests, as in the documents, are from the repository's root."""
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def quickstart():
    """A run of 200 patients in two arms."""
    return vpop.run(ROOT / "cohorts" / "quickstart.toml", patients=200)


@pytest.fixture(scope="session")
def phase1():
    """A run of a whole trial, 150 patients."""
    return vpop.run(ROOT / "cohorts" / "phase1.toml", patients=150)
