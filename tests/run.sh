#!/usr/bin/env bash
# Every test: the Rust tests, then Python readers on a small real run of a shipped cohort. Installs what is
# missing. Reads no options.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/install.sh

target=${CARGO_TARGET_DIR:-target}
readers=$target/readers

# One optimised profile for tests and program. The Rust tests build the program as well; `cargo build` would
# build many crates again, without the features that only tests ask for.
rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --release
        cargo test --release --doc
    else
        cargo test --release
    fi
}

# The pinned readers in a virtual environment; made anew when the pins have changed.
reader_environment() {
    local pins=tests/readers/requirements.txt made_from=$readers/venv/requirements.txt
    if cmp -s "$pins" "$made_from"; then
        return
    fi
    rm -rf "$readers/venv"
    python3 -m venv "$readers/venv"
    "$readers/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$pins"
    cp "$pins" "$made_from"
}

reader_tests() {
    "$target/release/vpop" run cohorts/phase1.toml --patients 500 -o "$readers/run" --force
    reader_environment
    VPOP_RUN=$readers/run PYTHONDONTWRITEBYTECODE=1 \
        "$readers/venv/bin/python" -m pytest -q -p no:cacheprovider tests/readers
}

install_missing_packages
require_cargo

rust_tests
rust="passed"
if python3 -c 'import ensurepip, venv' 2>/dev/null; then
    reader_tests
    python="passed"
else
    python="not run: no python3 with venv"
fi

echo
echo "Rust tests:   $rust"
echo "Reader tests: $python"
