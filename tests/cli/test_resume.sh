# SPDX-License-Identifier: Apache-2.0
# Runs that are interrupted, killed, gone on with, listed and repeated.
. "$3/lib.sh"
common='train --qubits 4 --train-rows 200 --test-rows 50 --steps 3000 --batch 10 --optimizer adam
    --schedule cosine --warmup 50 --val-rows 40 --checkpoint-every 50 --threads 1'

same_runs() {
    for file in model.safetensors metrics.jsonl metrics.csv predictions.csv; do
        same "$1/$file" "$2/$file"
    done
}

# wait_for FILE: until it is there, for ten seconds at most
wait_for() {
    tries=0
    while [ ! -s "$1" ] && [ $tries -lt 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    [ -s "$1" ] || fail "$1 does not appear"
}

# in_background FOLDER: a run that takes long
in_background() {
    # shellcheck disable=SC2086
    "$program" $common --steps 100000000 --out "$1" -q >back.txt 2>&1 &
    pid=$!
    wait_for "$1/checkpoint.safetensors"
}

# shellcheck disable=SC2086
run $common --seeds 2 --out WHOLE --json
is 160 train_rows
is 40 val_rows
number seeds.1.val_accuracy 0.5 1
number seeds.1.best_step 1 3000
number seeds.0.metrics.auc 0.5 1
number seeds.0.metrics.mcc -1 1
number confusion.0.0 0 50
[ "$(wc -l <WHOLE/seed-1/predictions.csv)" = 51 ] || fail 'not a line of predictions per test row'
head -n 1 WHOLE/seed-1/predictions.csv | grep -q '^row,label,predicted,p_0,p_1$' || fail 'predictions.csv'

# interrupted in its first seed, then gone on with to the end of the second
n_checks=$((n_checks + 1))
# shellcheck disable=SC2086
"$program" $common --seeds 2 --out CUT >out.txt 2>err.txt &
pid=$!
wait_for CUT/seed-1/checkpoint.safetensors
kill -s INT $pid
wait $pid
[ $? = 130 ] || fail "interrupted: exit $?"
grep -q '^interrupted: CUT can be gone on with$' err.txt || fail "interrupted: $(cat err.txt)"
grep -q ' train --resume CUT$' err.txt || fail "interrupted: $(cat err.txt)"
run runs CUT --json
is interrupted 0.state
run train --resume CUT
grep -q '^seed 1 goes on after step ' err.txt || fail "resumed: $(cat err.txt)"
same_runs WHOLE/seed-1 CUT/seed-1
same_runs WHOLE/seed-2 CUT/seed-2
[ -s CUT/experiment.json ] || fail 'no experiment.json'
number resumed.0.step 1 3000 CUT/seed-1/run.json
absent CUT/seed-1/checkpoint.safetensors CUT/seed-1/run.json.part
# once more there is nothing left to do, and that is fine
run train --resume CUT --json
is 'array 2' seeds
same_runs WHOLE/seed-2 CUT/seed-2

# killed
in_background KILLED
kill -9 $pid
wait $pid 2>/dev/null
run runs KILLED --json
is unfinished 0.state
is unfinished 0.stop
number 0.steps 50 99999999
is 100000000 0.of_steps
run runs . --state unfinished
grep -q '^./KILLED .* unfinished [0-9]*/100000000 ' out.txt || fail "runs: $(cat out.txt)"
expect 4 'ketgrad: KILLED: no run here: neither run.json nor seed-1/run.json' predict KILLED

# what cannot be gone on with
expect 2 'ketgrad: KILLED: cannot be gone on with: lr is 0.01 there, 0.5 here' \
    train --resume KILLED --lr 0.5
expect 2 'ketgrad: KILLED: cannot be gone on with: the model is qcnn there, logistic here' \
    train logistic --resume KILLED
expect 2 'ketgrad: KILLED: cannot be gone on with: seed is 1 there, 7 here' \
    train --resume KILLED --seed 7
expect 2 'ketgrad: --resume names the folder already: leave --out out' \
    train --resume KILLED --out OTHER
expect 2 'ketgrad: --resume goes on to the 100000000 steps of the run: leave --epochs out' \
    train --resume KILLED --epochs 3
expect 4 'ketgrad: nowhere: no run here to go on with' train --resume nowhere

# what a new training would destroy, or be mixed with
expect 4 'ketgrad: KILLED: holds a run that is not finished: choose another folder, or go on with --resume KILLED' \
    train --steps 3 --out KILLED
expect 4 'ketgrad: WHOLE/seed-2: holds a run that is none of this training: choose another folder' \
    train --steps 3 --out WHOLE --seeds 1
expect 4 'ketgrad: WHOLE/seed-1: holds a run that is none of this training: choose another folder' \
    train --steps 3 --out WHOLE
run train --steps 1 --train-rows 60 --out WHOLE/beside -q

printf x >>KILLED/checkpoint.safetensors
n_checks=$((n_checks + 1))
"$program" train --resume KILLED >out.txt 2>err.txt
[ $? = 3 ] || fail "a damaged checkpoint: exit $?, not 3: $(cat err.txt)"
grep -q '^ketgrad: KILLED/checkpoint.safetensors: ' err.txt || fail "$(cat err.txt)"

# one trainer in a folder
sleep 1 # starts are told apart by their second
in_background BUSY
run runs BUSY --json
is running 0.state
expect 4 'ketgrad: BUSY: another program is training here' train --steps 3 --out BUSY -q
expect 4 'ketgrad: BUSY: another program is training here' train --resume BUSY -q
kill -s TERM $pid
wait $pid
[ $? = 143 ] || fail "TERM: exit $?"
is interrupted stop BUSY/run.json

# orders and choices
run runs . --sort test --limit 2 --json
is 'array 2' .
run runs . --model logistic --json
is 'array 0' .
run runs . --sort started --reverse --json
is ./BUSY 0.run
expect 2 'ketgrad: --sort is "speed", not one of: folder, started, test, val, loss, time' \
    runs . --sort speed

# the same bits again
run verify WHOLE --seed 2 --threads 2
grep -q '^WHOLE/seed-2: the same bits$' out.txt || fail "verify: $(cat out.txt)"
run verify WHOLE --json
is true 1.same
is 'array 4' 1.files
sed 's/"lr": 0.01,/"lr": 0.011,/' WHOLE/seed-1/run.json >changed.json
mv changed.json WHOLE/seed-1/run.json
n_checks=$((n_checks + 1))
"$program" verify WHOLE --seed 1 >out.txt 2>err.txt
[ $? = 1 ] || fail "verify of a changed run: exit $?"
grep -q '^  metrics.jsonl .* the first difference at byte [0-9]* (line 1)$' out.txt ||
    fail "verify: $(cat out.txt)"
sed 's/"data_seed": 1/"data_seed": 2/' WHOLE/seed-2/run.json >changed.json
mv changed.json WHOLE/seed-2/run.json
n_checks=$((n_checks + 1))
"$program" verify WHOLE --seed 2 >out.txt 2>err.txt
[ $? = 2 ] || fail "verify of other data: exit $?"
grep -q '^ketgrad: WHOLE/seed-2: the data is not what it was: generated rows (training)' err.txt ||
    fail "verify: $(cat err.txt)"

# metrics of a saved run; warnings with their remedy
run eval CUT --seed 1 --json
number metrics.auc 0.5 1
number metrics.log_loss 0 2
number metrics.balanced_accuracy 0.5 1
run train --lr 1e-6 --train-rows 100 --test-rows 20 --out SLOW
grep -q '^ketgrad: warning: epoch [0-9]*: after 66 steps the loss is .* has not left chance level$' err.txt ||
    fail "no warning: $(cat err.txt)"
grep -q '^         .* try lr 1e-05$' err.txt || fail "no remedy: $(cat err.txt)"
is chance warnings.0.name SLOW/run.json
run train --train-rows 100 --test-rows 20 --out FINE
grep -q warning err.txt && fail "a healthy run is warned of: $(cat err.txt)"
is 'array 0' warnings FINE/run.json

# baselines by name
run train --steps 3 --train-rows 60 --baselines mlp,majority --out B1 --json
is mlp baselines.0.name
is 51 baselines.0.params
run train --steps 3 --train-rows 60 --baselines none --out B2 --json
is 'array 0' baselines
expect 2 'ketgrad: baselines: "mpl" is not a model, did you mean "mlp"?; write names with commas between, or none' \
    train --steps 3 --train-rows 60 --baselines mpl --out B3
finish
