#!/bin/bash
# One shard a task. Submit with the merge behind it:
#   array=$(sbatch --parsable --array=0-15 --export=ALL,CHECKPOINT=…,DATA=…,OUT=/shared/run slurm-array.sh)
#   sbatch --dependency=afterok:$array --export=ALL,OUT=/shared/run slurm-merge.sh
#SBATCH --job-name=ohem
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=TERM@60
mkdir -p "$OUT"
srun ${OHEM:-npx ohem} mine --checkpoint "$CHECKPOINT" --data "$DATA" --shard env --resume \
  --out "$OUT/shard-$SLURM_ARRAY_TASK_ID.ohem"
status=$?
# 2 is a wrong input, which stays wrong: the merge behind it then never starts. All else may go well in another try, which
# goes on where this one stopped: 75 a full disk or no memory, 130 the time is up, 137 killed.
if [ "$status" != 0 ] && [ "$status" != 2 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 5 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$status"
