#!/usr/bin/env bash
# One shard of a run per task of an SGE (or Univa, or Altair) array:
#
#   export COHORT=cohorts/phase1.toml RUNS=/scratch/me/phase1
#   qsub -N vpop -t 1-8 examples/cluster/sge.sh
#   qsub -N vpop_merge -hold_jid vpop examples/cluster/merge.sh
#
# Shards that are missing are made by the same with `SHARDS=8` and, say, `-t 3`.
#
#$ -S /bin/bash
#$ -V
#$ -cwd
#$ -pe smp 8
#$ -l h_rt=04:00:00
#$ -r y
set -euo pipefail
: "${COHORT:?the cohort file}" "${RUNS:?a folder for the shards}"

exec vpop run "$COHORT" ${VPOP_OPTIONS:-} --backend cpu --simd "${SIMD:-avx2}" --threads "${NSLOTS:-1}" \
    --shard "$SGE_TASK_ID/${SHARDS:-$SGE_TASK_LAST}" --resume -o "$RUNS/shard-$SGE_TASK_ID"
