#!/usr/bin/env bash
# The tests, all of them or a part.
#
# usage: tests/run.sh [--no-install] [PART...]
#   quick     Rust tests that need no device, documentation examples among them   3 min on two cores, 10 the first time
#   gpu       the GPU engine on the system's drivers; what drivers do, again on SwiftShader    5 min, most of it the second
#   readers   Python readers, the package, R functions and the book, on a small real run    3 min
# Without a PART all three run: 13 minutes, and 15 more where nothing is built yet.
#
# Installs what is missing (a C compiler, Python with venv, R, a Vulkan driver in software, clang), by apt-get and as root;
# with --no-install it says what is missing and goes on. What cannot be run for want of a driver is said, and fails where
# `CI` is `true`. Everything is built with the release profile; a single test is quicker without: see CONTRIBUTING.md.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/install.sh

target=${CARGO_TARGET_DIR:-target}
readers=$target/readers
# Any folder silences two harmless lines of a driver.
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$(mktemp -d)}

install=true
parts=()
for argument in "$@"; do
    case $argument in
    --no-install) install=false ;;
    quick | gpu | readers) parts+=("$argument") ;;
    -h | --help)
        sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
        exit 0
        ;;
    *)
        echo "$argument is no part of the tests: quick, gpu, readers or --no-install" >&2
        exit 2
        ;;
    esac
done
if ((${#parts[@]} == 0)); then
    parts=(quick gpu readers)
fi

# One optimised profile for tests and program. The Rust tests build the program as well; `cargo build` would
# build many crates again, without the features that only tests ask for.
rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --release -E 'not binary(gpu)'
    else
        cargo test --release --lib --bins --test library --test engine --test jobs
    fi
    cargo test --release --doc
}

# The GPU tests on the drivers of this process, with what they are asked; `gpu` is what came of it.
gpu_tests() {
    local log=$target/gpu_tests.txt adapter
    mkdir -p "$target"
    # A shader that never ends fails, too.
    cargo test --release --test gpu --no-run
    timeout 25m cargo test --release --test gpu -- "$@" 2>&1 | tee "$log"
    adapter=$(sed -n '/^test \[/{s/^test \[\([^]]*\)\].*/\1/p;q;}' "$log")
    if [[ $adapter == "no adapter" ]]; then
        gpu="NOT RUN: no adapter was found"
    else
        gpu="passed on $adapter"
    fi
}

swiftshader_tests() {
    local folder=$target/swiftshader
    if ! $install && [[ ! -f $folder/vk_swiftshader_icd.json ]]; then
        gpu="not run: SwiftShader is not there, and nothing is installed"
    elif fetch_swiftshader "$folder"; then
        export VK_DRIVER_FILES VPOP_TEST_ADAPTER=SwiftShader
        VK_DRIVER_FILES=$(realpath "$folder/vk_swiftshader_icd.json")
        # What the host makes of devices and their faults is the same with every driver.
        gpu_tests --skip faults:: --skip selection:: --skip command:: --skip memory::
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
# notebook, the R functions and the pages about them. The program is that of the Rust tests.
reader_tests() {
    cargo test --release --test jobs --no-run
    "$target/release/vpop" run cohorts/phase1.toml --patients 500 --backend cpu-f32 -o "$readers/run" --force
    "$target/release/vpop" trial "$readers/run" --replicates 300 --force
    reader_environment
    export VPOP PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=python
    VPOP=$(realpath "$target/release/vpop")
    VPOP_RUN=$readers/run "$readers/venv/bin/python" -m pytest -q -p no:cacheprovider tests/readers
    "$readers/venv/bin/python" -m pytest -q -p no:cacheprovider python/tests
}

if $install; then
    install_missing_packages
else
    say_missing_packages
fi
require_cargo

# A line for each part in the end.
summary=()
for part in "${parts[@]}"; do
    SECONDS=0
    case $part in
    quick)
        rust_tests
        summary+=("Rust tests:            passed, $SECONDS s")
        ;;
    gpu)
        gpu_tests
        summary+=("GPU, system's drivers: $gpu, $SECONDS s")
        SECONDS=0
        swiftshader_tests
        summary+=("GPU, SwiftShader:      $gpu, $SECONDS s")
        ;;
    readers)
        if python3 -c 'import ensurepip, venv' 2>/dev/null; then
            reader_tests
            summary+=("Python and R tests:    passed, $SECONDS s")
        else
            summary+=("Python and R tests:    NOT RUN: no python3 with venv")
        fi
        ;;
    esac
done

echo
printf '%s\n' "${summary[@]}"
