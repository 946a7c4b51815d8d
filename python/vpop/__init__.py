"""Virtual trials from Python: the program ``vpop``, called, and its results as tables.

::

    import vpop

    run = vpop.run("cohorts/quickstart.toml", changes={"patients": 500, "regimen.arms": ["2.4 mg/kg"]})
    run.outcomes.pl()                                    # or .pd(), .pa(), .sql("select ... from outcomes")
    vpop.simulate("models/tdm1_lu_2014.R", "252 mg over 90 min q3w x 4")

Everything is computed by the program, which is found by the environment variable ``VPOP``, beside this package, or on
the PATH. Nothing else has to be installed; tables are read with pyarrow, Polars or DuckDB, whichever is there.
"""

from ._binary import program
from ._cohort import Changes, Cohort
from ._commands import (
    Backend,
    Check,
    Existing,
    Verification,
    check,
    compare,
    load,
    merge,
    model,
    run,
    trial,
    verify,
)
from ._errors import (
    FailedError,
    InputError,
    MissingLibrary,
    MissingTable,
    Problem,
    ProgramNotFound,
    StoppedError,
    UnreliableResult,
    VpopError,
    VpopWarning,
)
from ._results import Comparison, Run, Trials
from ._simulate import TimeCourses, simulate
from ._table import Column, Table
from ._version import __version__

__all__ = [
    "Backend",
    "Changes",
    "Check",
    "Cohort",
    "Column",
    "Comparison",
    "Existing",
    "FailedError",
    "InputError",
    "MissingLibrary",
    "MissingTable",
    "Problem",
    "ProgramNotFound",
    "Run",
    "StoppedError",
    "Table",
    "TimeCourses",
    "Trials",
    "UnreliableResult",
    "Verification",
    "VpopError",
    "VpopWarning",
    "__version__",
    "check",
    "compare",
    "load",
    "merge",
    "model",
    "program",
    "run",
    "simulate",
    "trial",
    "verify",
]
