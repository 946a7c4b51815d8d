#!/usr/bin/env bash
# The shards in a folder become one run, after the array that made them: see slurm.sbatch and sge.sh.
#
#SBATCH --job-name=vpop-merge
#SBATCH --time=01:00:00
#$ -S /bin/bash
#$ -V
#$ -cwd
set -euo pipefail
: "${RUNS:?the folder of the shards}"

exec vpop merge "$RUNS"/shard-* -o "$RUNS/whole" --force
