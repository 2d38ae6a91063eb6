# SPDX-License-Identifier: Apache-2.0
# From training to prediction: run folders, what is in them, what repeats bit for bit, what is left
# when a disk is full.
. "$3/lib.sh"
common='train qcnn --data strokes --classes 0,1 --reduce pca:8 --encoding angle --ansatz su4
    --pooling zx --wiring ring --loss ce --optimizer nesterov --lr 0.01 --batch 25 --steps 30
    --precision f32 --train-rows 300 --test-rows 100'

# shellcheck disable=SC2086
run $common --seeds 3 --threads 2 --out DIR --json
is qcnn model
is 51 params
is 'array 3' seeds
is 2 seeds.1.seed
for name in train_accuracy test_accuracy; do
    number seeds.2.$name 0 1
done
number seeds.0.loss 0 10
number seeds.0.seconds 0 60
number test_accuracy.mean 0.5 1
number test_accuracy.sd 0 0.5
number test_accuracy.min 0 1
number test_accuracy.max 0.5 1
is 3 test_accuracy.n
is 'array 2' baselines
for i in 0 1; do
    number baselines.$i.test_accuracy 0 1
    number baselines.$i.params 0 100
done
is logistic baselines.0.name
is majority baselines.1.name
number seconds 0 60
same out.txt DIR/experiment.json
for seed in 1 2 3; do
    for file in run.json metrics.jsonl model.safetensors; do
        [ -s DIR/seed-$seed/$file ] || fail "DIR/seed-$seed/$file is not there"
    done
done
run_json=DIR/seed-2/run.json
is 2 seed $run_json
is 2 options.train.seed $run_json
is 0 exit $run_json
is steps stop $run_json
is 2 machine.threads $run_json
is strokes options.data.data $run_json
is ce options.model.loss $run_json
is f32 options.model.precision $run_json
is 30 options.train.steps $run_json
is 300 data.train.rows $run_json
number result.test_accuracy 0 1 $run_json
[ "$("$json_get" $run_json data.test.sources.0.sha256 | wc -c)" = 65 ] || fail 'no hash of the data'
[ "$("$json_get" $run_json command)" != 'array 0' ] || fail 'no command'
[ "$(grep -c '"kind":"step"' DIR/seed-2/metrics.jsonl)" = 30 ] || fail 'not thirty steps in metrics'
tail -n 1 DIR/seed-2/metrics.jsonl >last.json
is result kind last.json
head -n 1 DIR/seed-2/metrics.jsonl >first.json
is 'object kind step loss accuracy grad_norm lr' . first.json

# the same run gives the same bytes, with any number of threads, alone or among others
# shellcheck disable=SC2086
run $common --seed 2 --threads 1 --out ALONE -q
for file in metrics.jsonl model.safetensors; do
    same ALONE/$file DIR/seed-2/$file
done
# ... and takes the place of a run that is there
# shellcheck disable=SC2086
run $common --seed 3 --threads 1 --out ALONE -q
same ALONE/metrics.jsonl DIR/seed-3/metrics.jsonl
is 3 seed ALONE/run.json

# eval and predict
run eval DIR --seed 2 --json
is 2 seed
is "$("$json_get" $run_json result.test_accuracy)" test_accuracy
is 100 rows
is 'array 2' confusion
number confusion.1.1 0 100
run eval DIR --json
best=$(for seed in 1 2 3; do
    echo "$("$json_get" DIR/seed-$seed/run.json result.loss) $seed"
done | sort -g | head -n 1 | sed 's/.* //')
is "$best" seed
run predict DIR --json
is 'array 100' predictions
is 'array 2' predictions.7.probabilities
number predictions.7.probabilities.0 0 1
run predict DIR
[ "$(wc -l <out.txt)" = 100 ] || fail 'not a class per row'
grep -vq '^[01]$' out.txt && fail 'a class that is none'
awk 'BEGIN { for (b = 0; b < 3; b++) { for (i = 0; i < 784; i++) printf "%s%d", (i ? "," : ""), (i * 7 + b) % 256; print "" } }' >rows.csv
run predict DIR --in rows.csv --json
is 'array 3' predictions
run predict ALONE/model.safetensors --in rows.csv
[ "$(wc -l <out.txt)" = 3 ] || fail 'not three classes by a model file'
printf '1,2,3\n' >short.csv
expect 8 'ketgrad: short.csv: rows have 3 columns, but the model takes 784' \
    predict DIR --in short.csv
expect 2 'ketgrad: DIR: has no run of seed 9' predict DIR --seed 9
expect 2 'ketgrad: ALONE: holds the run of seed 3, not of 9' eval ALONE --seed 9
expect 2 'ketgrad: ALONE/model.safetensors is a model file; eval needs the folder of its run, which knows the data' \
    eval ALONE/model.safetensors
run show ALONE --ascii
grep -q '^parameters *51 ' out.txt || fail 'show of a run'
expect 2 'ketgrad: ALONE: a saved model is as it is: leave --ansatz out' show ALONE --ansatz ttn
expect 2 'ketgrad: ALONE: a saved model is as it is: leave --n-classes out' show ALONE --n-classes 3

# the list
run runs . --json
is 'array 4' .
is ./ALONE 0.run
is ./DIR/seed-3 3.run
run runs DIR
[ "$(wc -l <out.txt)" = 4 ] || fail 'not a line per run'
cp -r ALONE KILLED && rm KILLED/run.json && mv KILLED/metrics.jsonl KILLED/metrics.jsonl.part
run runs .
grep -q '^1 more under \.: killed, still going, or not readable$' err.txt || fail "runs: $(cat err.txt)"

# numbered folders, and what --require answers
run train --steps 3 --train-rows 60 -q
run train logistic --steps 3 --train-rows 60 -q
[ -s runs/0001-qcnn/run.json ] && [ -s runs/0002-logistic/run.json ] || fail "runs: $(ls runs)"
"$program" train --steps 1 --train-rows 60 --require accuracy=1 >out.txt 2>err.txt
[ $? = 1 ] || fail '--require is not exit 1'
grep -q '^ketgrad: test accuracy .* is below the required 1$' err.txt || fail "$(cat err.txt)"
run train --steps 1 --train-rows 60 --require accuracy=0.1 -q
run train majority -q
run train --epochs 2 --train-rows 100 --batch 30 -q --out EPOCHS
is 7 result.steps EPOCHS/run.json

# progress for programs, and none
run train --steps 3 --train-rows 60 --progress json --out P1
grep '"kind": "seed"' err.txt >seed.json
is 3 steps seed.json
run train --steps 3 --train-rows 60 --progress none --out P2
grep -q '^seed' err.txt && fail 'progress although none is wanted'
run train --steps 3 --train-rows 60 -q --out P3
[ ! -s err.txt ] || fail "quiet says: $(cat err.txt)"

# a file that cannot grow: exit 4, a line that names it, an older run untouched, no new folder
full() { # BLOCKS FOLDER
    n_checks=$((n_checks + 1))
    # shellcheck disable=SC2086
    (ulimit -f "$1" && "$program" $common --out "$2" -q >out.txt 2>err.txt)
    [ $? = 4 ] || fail "full after $1 blocks: exit $?, $(cat err.txt)"
    [ "$(wc -l <err.txt)" = 1 ] || fail "full: not one line: $(cat err.txt)"
    grep -q "^ketgrad: $2/.*: .*File too large" err.txt || fail "full: $(cat err.txt)"
}
cp ALONE/model.safetensors before.safetensors
full 1 NEW
absent NEW
full 1 ALONE
full 4 ALONE # the metrics fit, model or run.json does not
full 6 NEW/below/it
absent NEW
same ALONE/model.safetensors before.safetensors
[ "$(ls ALONE | wc -l)" = 6 ] || fail "left behind: $(ls ALONE)"
# the same on a disk that is full, where a small one can be made
mkdir disk
if mount -t tmpfs -o size=12k none disk 2>mount.txt; then
    n_checks=$((n_checks + 1))
    # shellcheck disable=SC2086
    "$program" $common --out disk/run -q >out.txt 2>err.txt
    [ $? = 4 ] || fail "full disk: not exit 4"
    grep -q '^ketgrad: disk/run/.*: .*No space left on device' err.txt || fail "$(cat err.txt)"
    absent disk/run
    umount disk
fi
finish
