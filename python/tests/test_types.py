"""The package says its types, and they hold."""

import subprocess
import sys
from pathlib import Path

import pytest
import vpop

ROOT = Path(__file__).parents[2]


def test_the_types_are_shipped():
    assert (Path(vpop.__file__).parent / "py.typed").is_file()


def test_the_types_hold(tmp_path):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", tmp_path]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
