#!/usr/bin/env bash
# Faults made on purpose, and how many of them `vpop` survived: whatever happens, a folder holds one whole run, as it
# would be without the fault, or is refused.
#
# usage: tests/faults.sh [COUNT [PROGRAM [FAULT]]]
#   COUNT    tries of each fault, instead of its own number
#   PROGRAM  default: the one that `tests/run.sh` builds
#   FAULT    only faults whose names contain this
#
# Prints a table: fault | tried | survived. Exit status 1 if anything did not survive; what it left is kept then.
set -uo pipefail
cd "$(dirname "$0")/.."

count=${1:-}
vpop=$(realpath "${2:-${CARGO_TARGET_DIR:-target}/release/vpop}")
only=${3:-}
[[ -x $vpop ]] || { echo "no program at $vpop" >&2; exit 2; }
scratch=$(mktemp -d)
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$scratch} NO_COLOR=1
table=()
lost=0

cohort=$scratch/cohort.toml
sed -e "s|\"../models|\"$PWD/models|" -e 's/^arms = .*/arms = ["3.6 mg\/kg"]/' -e 's/^cycles = .*/cycles = 1/' \
    cohorts/quickstart.toml >"$cohort"
cat >"$scratch/scenarios.toml" <<TOML
$(sed '/^name/s/quickstart/scenarios/' "$cohort")
[dlt]
window = "21 day"
[dlt.causes]
high = ["Cc > 60"]
[scenarios.slow]
parameters.lcl = -1.2
[scenarios.fast]
parameters.lcl = 0.3
TOML

# --- what faults are made of

run() { "$vpop" run "$cohort" --backend cpu "$@" >"$scratch/said" 2>&1; }

# Whether two folders of results hold the same files and bytes, dates and timings apart.
same() {
    diff -rq -x manifest.json -x trial.json -x comparison.json "$1" "$2" >"$scratch/differs" 2>&1 &&
        [[ $(cd "$1" && ls ./*.json) == "$(cd "$2" && ls ./*.json)" ]]
}

# Sleeps for a random share of so many milliseconds.
doze() {
    local ms=$((RANDOM * $1 / 32768))
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
}

# Milliseconds that a command takes.
clocked() {
    local from=$EPOCHREALTIME
    "$@" >/dev/null
    local to=$EPOCHREALTIME
    echo $(((${to/./} - ${from/./}) / 1000))
}

# try FAULT COUNT FUNCTION: calls the function with the number of each try and an empty folder for it.
try() {
    local fault=$1 tries=${count:-$2} survived=0 i folder
    [[ $fault == *"$only"* ]] || return 0
    for ((i = 0; i < tries; i++)); do
        folder=$scratch/try
        mkdir -p "$folder"
        if "$3" "$i" "$folder"; then
            survived=$((survived + 1))
            rm -rf "$folder"
        else
            mv "$folder" "$scratch/lost-$3-$i"
            cp "$scratch/said" "$scratch/lost-$3-$i/said" 2>/dev/null
        fi
    done
    table+=("$fault | $tries | $survived")
    [[ $survived == "$tries" ]] || lost=1
}

# --- two starts in one folder

# pair FOLDER EXTRA COMMAND...: the command with seeds 1 and 2 at once; their exit statuses.
pair() {
    local folder=$1 extra=$2
    shift 2
    # shellcheck disable=SC2086
    "$@" --seed 1 -o "$folder" $extra >"$scratch/said" 2>&1 &
    local first=$!
    # shellcheck disable=SC2086
    "$@" --seed 2 -o "$folder" $extra >"$scratch/said_2" 2>&1 &
    local second=$!
    wait $first
    first=$?
    wait $second
    statuses="$first $?"
}

# Of a pair one won, the other was refused, and the folder is the winner's.
one_won() {
    case $statuses in
        "0 2") same "$2" "$1-1" ;;
        "2 0") same "$2" "$1-2" ;;
        *) return 1 ;;
    esac
}

# Every second pair finds a folder that is there, the others make it with those above; every fifth replaces what is
# there, where both may win, one after the other.
pairs() {
    local kind=$1 i=$2 folder=$3/a/b/results
    shift 3
    ((i % 2)) && mkdir -p "$folder"
    if ((i % 5 == 4)); then
        mkdir -p "$(dirname "$folder")"
        cp -r "$scratch/$kind-3/." "$folder"
        pair "$folder" --force "$@"
        case $statuses in
            "0 2" | "2 0" | "0 0") same "$folder" "$scratch/$kind-1" || same "$folder" "$scratch/$kind-2" ;;
            *) return 1 ;;
        esac
    else
        pair "$folder" "" "$@"
        one_won "$scratch/$kind" "$folder"
    fi
}

run_pair() { pairs run "$1" "$2" "$vpop" run "$cohort" --backend cpu --patients 200; }
trial_pair() { pairs trial "$1" "$2" "$vpop" trial --true-dlt 0.05,0.1,0.3 --replicates 300; }
compare_pair() { pairs compare "$1" "$2" "$vpop" compare "$scratch/scenarios.toml" --backend cpu --patients 50; }

# --- a process that dies

many=(--patients 70000)

# The earlier run stays until the new one is whole, which is finished by `--resume` or begun anew.
kill_in_force() {
    local i=$1 folder=$2/run
    cp -r "$scratch/many-1" "$folder"
    "$vpop" run "$cohort" --backend cpu "${many[@]}" --seed 2 --force -o "$folder" >"$scratch/said" 2>&1 &
    doze $((milliseconds * 11 / 10))
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    local how=--resume
    # Killed before it began, there is nothing to go on with.
    [[ $((i % 4)) == 3 || ! -f $folder/.vpop/next/run.json && ! -d $folder/.vpop/moving ]] && how=--force
    mv "$folder/.vpop" "$2/aside" 2>/dev/null
    # Between two whole runs there are some milliseconds in which the next start must end what was begun.
    if [[ -f $folder/manifest.json ]]; then
        same "$folder" "$scratch/many-1" || same "$folder" "$scratch/many-2" || return 1
    else
        between=$((between + 1))
    fi
    mv "$2/aside" "$folder/.vpop" 2>/dev/null
    run "${many[@]}" --seed 2 "$how" -o "$folder" && same "$folder" "$scratch/many-2"
}

# Killed up to five times, then resumed to its end.
kill_and_resume() {
    local folder=$2/run kills
    for ((kills = 0; kills < 5; kills++)); do
        "$vpop" run "$cohort" --backend cpu "${many[@]}" --seed 2 --resume -o "$folder" >"$scratch/said" 2>&1 &
        doze $((milliseconds * 2 / 3))
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
    done
    run "${many[@]}" --seed 2 --resume -o "$folder" && same "$folder" "$scratch/many-2"
}

# Asked to stop: it says so by its status, and goes on.
ask_and_resume() {
    local i=$1 folder=$2/run signal=INT expected=130 status
    ((i % 2)) && signal=TERM expected=143
    "$vpop" run "$cohort" --backend cpu "${many[@]}" --seed 2 -o "$folder" >"$scratch/said" 2>&1 &
    doze "$milliseconds"
    kill -$signal $! 2>/dev/null
    wait $!
    status=$?
    # It may have been done already.
    [[ $status == "$expected" || $status == 0 ]] || return 1
    run "${many[@]}" --seed 2 --resume -o "$folder" && same "$folder" "$scratch/many-2"
}

# --- a full disk

# On a file system of a few MiB, one of less in each try; then there is room again.
full_disk() {
    local i=$1 disk=$2/disk status
    mkdir -p "$disk"
    mount -t tmpfs -o "size=$((16 + i * needed / ${count:-20}))k" tmpfs "$disk" || return 1
    run "${many[@]}" --seed 2 -o "$disk/run"
    status=$?
    mount -o remount,size=256m "$disk"
    [[ $status == 1 || $status == 0 ]] &&
        run "${many[@]}" --seed 2 --resume -o "$disk/run" && same "$disk/run" "$scratch/many-2"
    status=$?
    umount "$disk"
    return $status
}

# --- flipped bits, and files that are missing, foreign, doubled or cut

# Whether `check` and `--resume` name a file, and `--repair` makes the run again; the run has the given patients.
named_and_repaired() {
    local folder=$1 file=$2 whole=$3
    shift 3
    "$vpop" check "$folder" >"$scratch/said" 2>&1
    [[ $? == 1 ]] && grep -q "DAMAGED *$file " "$scratch/said" || return 1
    if run "$@" --seed 2 --resume -o "$folder"; then return 1; fi
    run "$@" --seed 2 --resume --repair -o "$folder" && "$vpop" check "$folder" >"$scratch/said" 2>&1 &&
        same "$folder" "$whole"
}

# flip FILE: one of its bits.
flip() {
    python3 - "$1" $((RANDOM * 32768 + RANDOM)) <<'PYTHON'
import sys
with open(sys.argv[1], "r+b") as file:
    size = file.seek(0, 2)
    bit = int(sys.argv[2]) % (8 * size)
    file.seek(bit // 8)
    byte = file.read(1)[0]
    file.seek(bit // 8)
    file.write(bytes([byte ^ 1 << bit % 8]))
PYTHON
}

# One bit of any file, each file in turn.
flipped_bit() {
    local i=$1 folder=$2/run files file
    cp -r "$scratch/run-2" "$folder"
    mapfile -t files < <(cd "$folder" && find . -type f | sort)
    file=${files[i % ${#files[@]}]#./}
    flip "$folder/$file"
    named_and_repaired "$folder" "$file" "$scratch/run-2" --patients 200
}

# Missing, of another seed, another part, cut, longer, emptied, or beside the others.
wrong_part() {
    local i=$1 folder=$2/run file other
    local sets=(patients outcomes audit)
    cp -r "$scratch/many-2" "$folder"
    file=${sets[i % 3]}/part-0000$((i / 3 % 3)).parquet
    [[ -f $folder/$file ]] || file=outcomes/part-00001.parquet
    case $((i % 7)) in
        0) rm "$folder/$file" ;;
        1) cp "$scratch/many-1/$file" "$folder/$file" ;;
        2)
            other=${file%?.parquet}$(((i / 3 + 1) % 3)).parquet
            [[ -f $folder/$other ]] || other=patients/part-00000.parquet
            cp "$folder/$other" "$folder/$file"
            ;;
        3) truncate -s -$((RANDOM % 1000 + 1)) "$folder/$file" ;;
        4) echo more >>"$folder/$file" ;;
        5) : >"$folder/$file" ;;
        6)
            file=outcomes/part-00007.parquet
            cp "$folder/outcomes/part-0000$((i / 7 % 3)).parquet" "$folder/$file"
            ;;
    esac
    named_and_repaired "$folder" "$file" "$scratch/many-2" "${many[@]}"
}

# --- all of it

for seed in 1 2 3; do
    run --patients 200 --seed $seed -o "$scratch/run-$seed" &&
        "$vpop" trial --true-dlt 0.05,0.1,0.3 --replicates 300 --seed $seed -o "$scratch/trial-$seed" >"$scratch/said" &&
        "$vpop" compare "$scratch/scenarios.toml" --backend cpu --patients 50 --seed $seed \
            -o "$scratch/compare-$seed" >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; exit 2; }
done
run "${many[@]}" --seed 1 -o "$scratch/many-1" || { cat "$scratch/said" >&2; exit 2; }
milliseconds=$(clocked run "${many[@]}" --seed 2 -o "$scratch/many-2")
needed=$(du -sk "$scratch/many-2" | cut -f1)
between=0

try "two starts of run" 200 run_pair
try "two starts of trial" 200 trial_pair
try "two starts of compare" 200 compare_pair
try "kill -9 in run --force" 100 kill_in_force
try "kill -9 five times, resumed" 20 kill_and_resume
try "SIGINT or SIGTERM, resumed" 40 ask_and_resume
try "a flipped bit" 200 flipped_bit
try "a part that is missing, foreign, doubled or cut" 50 wrong_part
if [[ $(id -u) == 0 ]] && mkdir -p "$scratch/disk" && mount -t tmpfs tmpfs "$scratch/disk" 2>/dev/null; then
    umount "$scratch/disk"
    try "full disk, resumed" 20 full_disk
else
    table+=("full disk, resumed | not tried: only root may mount a file system | -")
fi

echo "fault | tried | survived"
echo "--- | --- | ---"
printf '%s\n' "${table[@]}"
echo
echo "of the kills in run --force, $between fell between the two runs and were ended by the next start"
if [[ $lost == 1 ]]; then
    echo "what did not survive is kept in $scratch" >&2
    exit 1
fi
rm -rf "$scratch"
