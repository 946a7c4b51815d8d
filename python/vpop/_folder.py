"""Temporary folders that last as long as what refers to them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


class TemporaryFolder:
    """A folder that is removed with the last object that holds this one, or when Python ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="vpop-")).resolve()
        self._removal = weakref.finalize(self, shutil.rmtree, self.path, True)
