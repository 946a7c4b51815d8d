"""Where the program is, and whether it is of the version of this package."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

from ._errors import ProgramNotFound, VpopWarning
from ._version import __version__

NAME = "vpop.exe" if sys.platform == "win32" else "vpop"


def program() -> Path:
    """The program: of the environment variable ``VPOP``, else the one installed with this package, else on the PATH."""
    named = os.environ.get("VPOP")
    if named:
        found = shutil.which(named)
        if found is None:
            raise ProgramNotFound(f"the environment variable VPOP names `{named}`, which is no program")
        path = Path(found).absolute()
    else:
        path = next(_installed(), None) or _on_path()
    _check_version(path)
    return path


def _installed() -> Iterator[Path]:
    schemes = [sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")]
    for scheme in schemes:
        path = Path(sysconfig.get_path("scripts", scheme)) / NAME
        if path.is_file():
            yield path


def _on_path() -> Path:
    found = shutil.which(NAME)
    if found is None:
        raise ProgramNotFound(
            "the program `vpop` is not installed: `pip install vpop` brings it, `cargo install --path .` builds it; "
            "or name it in the environment variable VPOP"
        )
    return Path(found)


@functools.cache
def _check_version(path: Path) -> None:
    """Warns once of a program of another version."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.split()
    version = said[1] if len(said) == 2 else "unknown"
    if version != __version__:
        warnings.warn(
            f"{path} is version {version}, the Python package {__version__}: install both of one version",
            VpopWarning,
            stacklevel=4,
        )
