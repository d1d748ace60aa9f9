#!/bin/bash
#SBATCH --job-name=ohem-merge
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
${OHEM:-npx ohem} merge "$OUT"/shard-*.ohem --out "$OUT/whole.ohem" --force
