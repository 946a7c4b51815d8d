#!/usr/bin/env bash
# Every test: the Rust tests, those of the GPU engine on the system's drivers and again on SwiftShader, then
# Python readers on a small real run of a shipped cohort. Installs what is missing; what cannot be run for
# want of a driver is said, and fails where `CI` is `true`. Reads no options.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/install.sh

target=${CARGO_TARGET_DIR:-target}
readers=$target/readers
# Any folder silences two harmless lines of a driver.
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$(mktemp -d)}

# One optimised profile for tests and program. The Rust tests build the program as well; `cargo build` would
# build many crates again, without the features that only tests ask for.
rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --release -E 'not binary(gpu)'
        cargo test --release --doc
    else
        cargo test --release
    fi
}

# The GPU tests on the drivers of this process; `gpu` is what came of it.
gpu_tests() {
    local log=$target/gpu_tests.txt adapter
    cargo test --release --test gpu 2>&1 | tee "$log"
    adapter=$(sed -n '/^test \[/{s/^test \[\([^]]*\)\].*/\1/p;q;}' "$log")
    if [[ $adapter == "no adapter" ]]; then
        gpu="NOT RUN: no adapter was found"
    else
        gpu="passed on $adapter"
    fi
}

swiftshader_tests() {
    local folder=$target/swiftshader
    if fetch_swiftshader "$folder"; then
        export VK_DRIVER_FILES VPOP_TEST_ADAPTER=SwiftShader
        VK_DRIVER_FILES=$(realpath "$folder/vk_swiftshader_icd.json")
        gpu_tests
        unset VK_DRIVER_FILES VPOP_TEST_ADAPTER
    elif [[ ${CI:-} == true ]]; then
        echo "SwiftShader could not be fetched: it is in Debian's package chromium-common" >&2
        exit 1
    else
        gpu="NOT RUN: SwiftShader could not be fetched"
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

# On a run in f32, which is audited, so that every set is there, and on trials over it; then the Python package, the
# notebook, the R functions and the pages about them.
reader_tests() {
    "$target/release/vpop" run cohorts/phase1.toml --patients 500 --backend cpu-f32 -o "$readers/run" --force
    "$target/release/vpop" trial "$readers/run" --replicates 300 --force
    reader_environment
    export VPOP PYTHONDONTWRITEBYTECODE=1
    VPOP=$(realpath "$target/release/vpop")
    VPOP_RUN=$readers/run "$readers/venv/bin/python" -m pytest -q -p no:cacheprovider tests/readers
    PYTHONPATH=python "$readers/venv/bin/python" -m pytest -q -p no:cacheprovider python/tests
}

install_missing_packages
require_cargo

rust_tests
rust="passed"
gpu_tests
system=$gpu
swiftshader_tests
swiftshader=$gpu
if python3 -c 'import ensurepip, venv' 2>/dev/null; then
    reader_tests
    python="passed"
else
    python="NOT RUN: no python3 with venv"
fi

echo
echo "Rust tests:            $rust"
echo "GPU, system's drivers: $system"
echo "GPU, SwiftShader:      $swiftshader"
echo "Python and R tests:    $python"
