# SPDX-License-Identifier: Apache-2.0
# kill -9 at random moments of training and of writing checkpoints; then the run is gone on with, and killed
# again, until it is through: its files are those of a run that nobody touched.
# Usage: sh kills.sh PROGRAM KILLS [SEED]; KILLS of 50 take about a minute
set -u
program=$1 kills=$2 seed=${3:-${KG_SEED:-1}}
echo "seed=$seed"
work=$(mktemp -d) || exit 99
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; cd /; rm -rf "$work"' EXIT
cd "$work" || exit 99
unset KETGRAD_DATA
words='train qcnn --qubits 4 --train-rows 60 --test-rows 20 --steps 1200 --batch 10 --optimizer adam
    --val-rows 15 --val-every 20 --checkpoint-every 7 --threads 1 --baselines none -q'

now() {
    date +%s%N | sed 's/......$//' # ms
}
began=$(now)
# shellcheck disable=SC2086
"$program" $words --out REFERENCE >out.txt 2>err.txt || { cat err.txt; exit 1; }
took=$(($(now) - began))
echo "undisturbed: $took ms"

n_kills=0 n_wrong=0 n_begun=0 n_runs=0 number=0
wrong() {
    n_wrong=$((n_wrong + 1))
    echo "FAILED: $*"
}

# draw MOST: a whole number below it; KILLS and SEED decide them all
draw() {
    number=$((number + 1))
    drawn=$(awk -v s="$seed" -v n="$number" -v most="$1" 'BEGIN {
        srand(s * 100003 + n); rand(); rand(); print int(rand() * most) }')
}

# one WORD...: runs the program, kills it after a random time; its code is 137 if that came first
one() {
    draw $((took + took / 10 + 20))
    "$program" "$@" >out.txt 2>err.txt &
    pid=$!
    sleep "$(awk -v ms="$drawn" 'BEGIN { printf "%.3f", ms / 1000 }')"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    pid=
    [ $code != 137 ] || n_kills=$((n_kills + 1))
}

while [ $n_kills -lt "$kills" ] && [ $n_wrong -lt 5 ]; do
    rm -rf K
    n_runs=$((n_runs + 1))
    # shellcheck disable=SC2086
    one $words --out K
    rounds=0
    while [ $code = 137 ] && [ $n_wrong -lt 5 ]; do
        rounds=$((rounds + 1))
        if [ $rounds -lt 4 ]; then
            one train --resume K -q
        else
            "$program" train --resume K -q >out.txt 2>err.txt
            code=$?
        fi
        if [ $code = 4 ] && grep -q 'no run' err.txt; then # it was killed before it had begun
            n_begun=$((n_begun + 1))
            # shellcheck disable=SC2086
            "$program" $words --out K >out.txt 2>err.txt
            code=$?
        elif [ $code = 2 ] && grep -q 'is complete\|has ended\|is finished' err.txt; then
            code=0 # the kill came after its last file
        fi
    done
    [ $code = 0 ] || wrong "exit $code: $(cat err.txt)"
    for file in metrics.jsonl metrics.csv predictions.csv model.safetensors; do
        [ ! -e REFERENCE/$file ] || cmp -s REFERENCE/$file K/$file || wrong "K/$file differs after a kill"
    done
    for file in K/*.part* K/*.tmp-*; do
        [ ! -e "$file" ] || wrong "$file is left behind"
    done
done
echo "$n_kills kills in $n_runs runs, $n_begun before the run had begun, $n_wrong wrong"
[ $n_wrong = 0 ]
