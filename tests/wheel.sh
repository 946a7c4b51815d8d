#!/usr/bin/env bash
# The Python wheel: builds it with the program in it, installs it into an empty environment, says its sizes, and runs
# the package's tests on what was installed. `tests/wheel.sh WHEEL` tests one that is there already.
#
# The target folder is that of the other tests. Theirs is built with what only tests ask of some dependencies, so the
# first wheel builds those again without it, beside them; later ones build the program alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/install.sh

target=${CARGO_TARGET_DIR:-target}
folder=$target/wheel
# The largest that a wheel may be, bytes.
limit=20000000

build_wheel() {
    if [[ ! -x $folder/maturin/bin/maturin ]]; then
        python3 -m venv "$folder/maturin"
        "$folder/maturin/bin/pip" install --quiet --disable-pip-version-check maturin==1.16.0
    fi
    rm -rf "$folder/dist"
    # Its profile is that of `cargo build --release`, and maturin strips the program.
    "$folder/maturin/bin/maturin" build --release --target-dir "$target" --out "$folder/dist"
    wheel=$(echo "$folder"/dist/*.whl)
}

# One file for every Python, with the package, its types and the program, and not too large.
examine_wheel() {
    python3 - "$wheel" "$limit" <<'PYTHON'
import pathlib, sys, zipfile

wheel, limit = pathlib.Path(sys.argv[1]), int(sys.argv[2])
assert "-py3-none-" in wheel.name, f"{wheel.name} is not for every Python 3"
files = {file.filename: file for file in zipfile.ZipFile(wheel).infolist()}
programs = [file for name, file in files.items() if ".data/scripts/vpop" in name]
assert len(programs) == 1, f"programs in {wheel.name}: {programs}"
assert "vpop/py.typed" in files and "vpop/__init__.py" in files, sorted(files)
assert not any("tests" in pathlib.PurePath(name).parts for name in files), sorted(files)
assert sum(name.endswith(("LICENSE-APACHE", "LICENSE-MIT")) for name in files) == 2, sorted(files)
size = wheel.stat().st_size
print(f"{wheel.name}: {size / 1e6:.1f} MB, the program in it {programs[0].file_size / 1e6:.1f} MB")
assert size <= limit, f"larger than {limit / 1e6:.0f} MB"
PYTHON
}

# Alone in an empty environment: the program is on its path, and a run needs nothing else.
try_wheel() {
    rm -rf "$folder/empty"
    python3 -m venv "$folder/empty"
    "$folder/empty/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps "$wheel"
    env -u VPOP -u PYTHONPATH PATH="$(realpath "$folder/empty/bin"):/usr/bin:/bin" bash -c '
        vpop --version
        python -c "import vpop; print(vpop.run(\"cohorts/quickstart.toml\", patients=100).arms)"
    '
}

test_wheel() {
    local python=$folder/empty/bin/python
    grep -v '^ray==' tests/readers/requirements.txt >"$folder/requirements.txt"
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$folder/requirements.txt"
    env -u VPOP -u PYTHONPATH PYTHONDONTWRITEBYTECODE=1 "$python" -m pytest -q -p no:cacheprovider python/tests
}

install_missing_packages
if (($#)); then
    wheel=$1
    mkdir -p "$folder"
else
    require_cargo
    build_wheel
fi
examine_wheel
try_wheel
test_wheel
