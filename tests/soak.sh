#!/usr/bin/env bash
# A long run, killed and resumed at random times, against the same run left alone: the same bytes; and the memory of both.
#
# usage: tests/soak.sh [PATIENTS [KILLS [PROGRAM]]]
#   PATIENTS  default 10,000,000, in one arm
#   KILLS     default 10
#   PROGRAM   default: the one that `tests/run.sh` builds
#
# Exit status 1 if the bytes differ, or if all patients take more than 1.25 times the memory of a tenth of them.
set -euo pipefail
cd "$(dirname "$0")/.."

patients=${1:-10000000}
kills=${2:-10}
vpop=$(realpath "${3:-${CARGO_TARGET_DIR:-target}/release/vpop}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cohort=$scratch/cohort.toml
sed "s|\"../models|\"$PWD/models|; s|^arms = .*|arms = [\"3.6 mg/kg\"]|" cohorts/quickstart.toml >"$cohort"

# PATIENTS FOLDER ARGUMENT...: a run; writes its peak of resident memory in KiB to FOLDER.peak.
run() {
    local patients=$1 folder=$2
    shift 2
    /usr/bin/time -f %M -o "$folder.peak" \
        "$vpop" run "$cohort" --patients "$patients" --backend cpu -o "$folder" "$@" >"$folder.said" 2>&1
}

run $((patients / 10)) "$scratch/tenth"
started=$EPOCHSECONDS
run "$patients" "$scratch/whole"
took=$((EPOCHSECONDS - started))

# Kills spread over the run, each a little after the one before.
killed=0
for _ in $(seq "$kills"); do
    "$vpop" run "$cohort" --patients "$patients" --backend cpu -o "$scratch/killed" --resume >/dev/null 2>&1 &
    job=$!
    sleep $((took / (kills + 2) + RANDOM % 3))
    kill -9 "$job" 2>/dev/null && killed=$((killed + 1))
    wait "$job" 2>/dev/null || true
done
run "$patients" "$scratch/killed" --resume

files() { (cd "$1" && find . -name '*.parquet' | sort | xargs sha256sum); }
parts=$(find "$scratch/whole" -name '*.parquet' | wc -l)
if [[ $(files "$scratch/whole") == "$(files "$scratch/killed")" ]]; then
    bytes="the same bytes in $parts files"
else
    bytes="OTHER BYTES"
fi
tenth=$(tail -1 "$scratch/tenth.peak")
peak=$(tail -1 "$scratch/whole.peak")
echo "$patients patients in $took s, killed $killed times and resumed: $bytes"
echo "peak of resident memory: $((tenth / 1024)) MiB for a tenth, $((peak / 1024)) MiB for all"
[[ $bytes != OTHER* ]] && ((4 * peak <= 5 * tenth))
