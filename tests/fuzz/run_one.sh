# SPDX-License-Identifier: Apache-2.0
# Runs one fuzz target: sh run_one.sh NAME PROGRAM CORPUS SECONDS [FOLDER]. The seeds are the files of the
# corpus for that reader and what lies in tests/regress/NAME. SECONDS 0: the program is no fuzzer, it replays
# them. FOLDER keeps what the fuzzer finds of interest from run to run. A crash leaves its input beside.
set -eu
name=$1 program=$2 corpus=$3 seconds=$4 kept=${5:-}
tests=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/seeds" "$work/new"

case $name in
model | model_roundtrip | checkpoint) readers='model' ;;
npy | npz | csv) readers=$name ;;
idx) readers='images labels' ;;
experiment) readers='experiment yaml' ;;
json) readers='run' ;;
esac
for reader in $readers; do
    "$corpus" write "$work/seeds" "$reader" "$tests"/corpus/*.txt >/dev/null
done
if [ "$name" = checkpoint ]; then
    FUZZ_WRITE_SEED=$work/seeds/fits "$program" "$work/seeds" -runs=0 >/dev/null 2>&1
fi
if [ "$name" = experiment ]; then
    cp "$tests"/../share/models/*.yaml "$work/seeds"
fi
if [ -d "$tests/regress/$name" ]; then
    cp "$tests/regress/$name"/* "$work/seeds"
fi

if [ "$seconds" = 0 ]; then
    exec "$program" "$work/seeds"
fi
log=$work/log
"$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=4096 -print_final_stats=1 \
    -dict="$tests/fuzz/words.dict" -artifact_prefix="${TMPDIR:-/tmp}/fuzz-$name-" \
    "${kept:-$work/new}" "$work/seeds" >"$log" 2>&1 || {
    tail -n 60 "$log"
    exit 1
}
grep -E 'cov:|stat::number_of_executed_units|stat::peak_rss_mb' "$log" | tail -n 3
