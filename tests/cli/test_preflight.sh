# SPDX-License-Identifier: Apache-2.0
# --dry-run tells what a run takes, and takes none of it; --max-memory refuses what may not be. The peak
# that is told is compared with that of the real run: at most a tenth more is taken, and not much less.
# Usage: sh test_preflight.sh PROGRAM JSON_GET FOLDER PEAK_OF
. "$3/lib.sh"
peak_of=$4
[ -z "${SANITIZED:-}" ] || echo "memory is not compared: sanitizers take their own"

# as_told WORD...: the peak of a run lies between 0.85 and 1.1 of what --dry-run says
as_told() {
    n_checks=$((n_checks + 1))
    "$program" train "$@" --dry-run --json >dry.json 2>err.txt || fail "dry run of $*: $(cat err.txt)"
    [ ! -e runs ] || fail "a dry run of $* leaves runs"
    told=$("$json_get" dry.json peak_bytes)
    taken=$("$peak_of" "$program" train "$@" -o out -q) || fail "does not run: $*"
    rm -rf out
    echo "$taken of $told bytes ($(awk "BEGIN { printf \"%.3f\", $taken / $told }")): $*"
    [ -n "${SANITIZED:-}" ] || awk "BEGIN { exit !($taken <= 1.1 * $told && $taken >= 0.85 * $told) }" ||
        fail "it takes $taken bytes, told were $told: $*"
}

as_told --steps 20
as_told majority
as_told --encoding amplitude --steps 3
as_told logistic --reduce none --steps 3 --classes all
as_told cnn --steps 5
as_told mlp --reduce none --hidden 40 --steps 5
as_told --qubits 12 --steps 2 --train-rows 200 --test-rows 100
as_told --steps 5 --batch 500 --threads 2
as_told --steps 5 --val-fraction 0.25 --seeds 2

# the other numbers
run train --seeds 3 --steps 7 --train-rows 100 --test-rows 50 --dry-run --json
is 100 train_rows
is 50 test_rows
is 784 columns
is 8 features
is 8 qubits
is 7 steps
is 3 seeds
n_checks=$((n_checks + 1))
grep -Eq '"engine": "(tile|pauli|state)"' out.txt || fail "no engine is told"
number params 51 51
number gradient_flops 1000 1e9
number step_seconds 1e-7 1
number seconds 1e-6 60
run train --dry-run
for line in data model circuit engine run memory time; do
    grep -q "^$line  " out.txt || fail "no line about $line"
done
run train logistic --dry-run
grep -q '^engine' out.txt && fail "logistic regression has no engine"
run demo --dry-run
grep -q '^memory  *about [0-9]* bytes' out.txt || fail "demo does not tell its memory"
absent runs

# limits: refused at once, with what is needed and a smaller run that fits
run train --dry-run --json
limit=$(($("$json_get" out.txt peak_bytes) * 4 / 5))
n_checks=$((n_checks + 1))
"$program" train --max-memory $limit >out.txt 2>err.txt
[ $? = 5 ] || fail "$limit bytes are enough: $(cat err.txt)"
grep -Eq "^ketgrad: this run needs about [0-9]+ bytes at its peak, $limit are allowed; with at most [0-9]+ training rows \(train_rows\) it would fit\$" \
    err.txt || fail "said $(cat err.txt)"
rows=$(sed 's/.*at most \([0-9]*\) training.*/\1/' err.txt)
run train --max-memory $limit --train-rows "$rows" --steps 2 -o small
n_checks=$((n_checks + 1))
"$program" train --max-memory 10M --train-rows 10 >out.txt 2>err.txt
[ $? = 5 ] || fail "10M are enough"
grep -q 'fewer rows alone do not help' err.txt || fail "said $(cat err.txt)"
expect 5 'ketgrad: data set strokes: at least 8780800 bytes for its rows alone, 1048576 are allowed; fewer rows need less, --train-rows 41 --test-rows 10 would fit' \
    train --max-memory 1M --train-rows 1000 --test-rows 400
expect 5 'ketgrad: data set strokes: at least 7024640 bytes for its rows alone, 100 are allowed' \
    train --max-memory 100
expect 2 'ketgrad: --max-memory is 5X, not a number of bytes in [0, 1e+18], as 4096, 512M or 2G' train --max-memory 5X
run train --max-memory 1T --steps 2 -o large
absent runs
finish
