#!/usr/bin/env bash
# Measures what docs/performance.md tells and writes it there, between the lines `<!-- measured: NAME -->` and `<!-- end -->`.
# On a machine with nothing else to do: half an hour on two cores, of which building is a third.
#
#   bench/all.sh            everything
#   bench/all.sh NAME...    only these: machine, job, host, host_alone, engine, p1, stiff, linear, method, gpu
#
# VPOP_HOST_PATIENTS: patients of the host's runs, "10000 100000 1000000 10000000" unless it says otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

page=docs/performance.md
results=target/measured
mkdir -p "$results"

machine() {
    local name
    name=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
    echo "$(date -u +%Y-%m-%d), vpop $(git rev-parse --short HEAD 2>/dev/null || echo 'of no repository')"
    echo "$(uname -sm), ${name:-unknown processor}, $(getconf _NPROCESSORS_ONLN) threads"
    cargo run --release --quiet -- devices 2>&1 | head -n 5
}

# Seconds of the wall clock that a command takes: the median of five.
median_of_five() {
    local before
    for _ in 1 2 3 4 5; do
        before=$EPOCHREALTIME
        "$@" >"$results/said" 2>&1
        echo "$EPOCHREALTIME $before" | awk '{ printf "%.3f\n", $1 - $2 }'
    done | sort -n | sed -n 3p
}

job() {
    local folder patients seconds
    folder=$(mktemp -d)
    cargo build --release --quiet
    for patients in 1 100 1000 10000; do
        seconds=$(median_of_five target/release/vpop run cohorts/phase1.toml \
            --patients "$patients" --backend cpu --force -o "$folder/run")
        printf 'cohorts/phase1.toml, %6d patients x 5 arms: %7.3f s\n' "$patients" "$seconds"
    done
    rm -r "$folder"
}

# Keys of the cohort file may follow.
host() {
    # shellcheck disable=SC2086 # numbers
    cargo bench --quiet --bench host -- ${VPOP_HOST_PATIENTS:-10000 100000 1000000 10000000} "$@"
}

host_alone() { host output.outcomes=false; }

engine() { cargo bench --quiet --bench aprutumab; }
p1() { cargo bench --quiet --bench p1; }
stiff() { cargo bench --quiet --bench stiff; }
linear() { cargo bench --quiet --bench linear; }
method() { cargo bench --quiet --bench method; }
gpu() { cargo bench --quiet --bench gpu; }

# Puts a result into the page.
publish() {
    awk -v begin="<!-- measured: $1 -->" -v file="$results/$1" '
        $0 == begin {
            print; print "```text"
            while ((getline line < file) > 0) print line
            print "```"
            inside = 1
        }
        $0 == "<!-- end -->" { inside = 0 }
        !inside
    ' "$page" >"$results/page"
    cp "$results/page" "$page"
}

names=("$@")
((${#names[@]} > 0)) || names=(machine job host host_alone engine p1 stiff linear method gpu)
for name in "${names[@]}"; do
    grep -q -x -F "<!-- measured: $name -->" "$page" || {
        echo "$page has no place for \`$name\`" >&2
        exit 2
    }
    echo "measuring: $name" >&2
    "$name" >"$results/$name"
    publish "$name"
done
