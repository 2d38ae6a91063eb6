# SPDX-License-Identifier: Apache-2.0
# Experiment files: what they set, who wins over whom, what is refused and where, and that what
# --print-config prints is a file with the same values.
. "$3/lib.sh"
XDG_CONFIG_HOME=$work/config
export XDG_CONFIG_HOME
mkdir -p config/ketgrad elsewhere

# origin KEY VALUE FROM: what --print-config (in out.txt) says about a key
origin() {
    n_checks=$((n_checks + 1))
    grep -Eq "^  $1: $2 +# $3\$" out.txt || fail "$1 is not $2 from $3 but $(grep " $1:" out.txt)"
}

cat >a.yaml <<'YAML'
# The paper's circuit on two digits
model: {name: qcnn, ansatz: so4, reduce: "pca:8"}
data:
  name: strokes
  classes: [3, 5]
  train-rows: 40
  test_rows: 30
train:
  lr: 5e-2
  steps: 6
  batch: 10
  seed: 7
experiment: {baselines: none}
run: {threads: 1}
YAML

# the same run as with flags, from the file as argument or as option
run train qcnn --ansatz so4 --reduce pca:8 --classes 3,5 --train-rows 40 --test-rows 30 --lr 0.05 \
    --steps 6 --batch 10 --seed 7 --baselines none --threads 1 -o flags
run train a.yaml -o file
same flags/model.safetensors file/model.safetensors
same flags/metrics.jsonl file/metrics.jsonl
run train --config a.yaml -o option
same flags/model.safetensors option/model.safetensors
is 7 options.train.seed file/run.json
number options.train.lr 0.05 0.05 file/run.json
is 3,5 options.data.classes file/run.json

# JSON with the same keys
cat >a.json <<'JSON'
{"model": {"name": "qcnn", "ansatz": "so4", "reduce": "pca:8"},
	"data": {"name": "strokes", "classes": "3,5", "train_rows": 40, "test_rows": 30},
	"train": {"lr": 0.05, "steps": 6, "batch": 10, "seed": 7},
	"experiment": {"baselines": "none"}, "run": {"threads": 1}}
JSON
run train a.json -o json
same flags/model.safetensors json/model.safetensors

# who wins: flag, --set, environment, file, the user's file, built-in
printf 'run: {threads: 2, progress: none}\ndata: {data_folder: /users}\n' >config/ketgrad/config.yaml
run train a.yaml --print-config
origin ansatz so4 'a.yaml:2:29'
origin lr 0.05 'a.yaml:9:7'
origin data strokes 'a.yaml:4:9'
origin classes 3,5 'a.yaml:5:12'
origin train_rows 40 'a.yaml:6:15'
origin threads 1 'a.yaml:14:16'
origin seed 7 'a.yaml:12:9'
origin wiring auto built-in
origin data_folder /users "$work/config/ketgrad/config.yaml:2:21"
origin progress none "$work/config/ketgrad/config.yaml:1:29"
KETGRAD_DATA=/environment
export KETGRAD_DATA
run train --print-config --steps 3 a.yaml --set train.steps=4 --set train.lr=0.1 --set data.classes=1,2 \
    --set train.seed=9 --set data.name=mnist --set model.name=logistic
origin steps 3 flag
origin lr 0.1 --set
origin classes 1,2 --set
origin data mnist --set
origin seed 9 --set
origin name logistic --set
origin data_folder /environment KETGRAD_DATA
unset KETGRAD_DATA
run train majority --config a.yaml --print-config
origin name majority argument
run train a.yaml --print-config --json
is so4 model.ansatz.value
is a.yaml:2:29 model.ansatz.from
number train.lr.value 0.05 0.05
is none experiment.baselines.value

# what is printed is a file with the same values
for file in a.yaml a.json; do
    run train $file --batch 5 --print-config
    mv out.txt printed.yaml
    run train printed.yaml --print-config
    sed 's/ *#.*//' printed.yaml >values1.txt
    sed 's/ *#.*//' out.txt >values2.txt
    same values1.txt values2.txt
done
rm config/ketgrad/config.yaml

# files for other commands: what show does not use is checked all the same
run show a.yaml --json
run show --ansatz so4 --json
mv out.txt flags.json
run show a.yaml --json
same flags.json out.txt
run forward a.yaml --seed 3
mv out.txt forward.txt
run forward --ansatz so4 --reduce pca:8 --seed 3
same forward.txt out.txt
run gradcheck a.yaml --samples 1
printf 'train: {lr: 100}\n' >bad.yaml
expect 3 'ketgrad: bad.yaml:1:13: lr is 100, not a number in [1e-12, 10]' show bad.yaml
expect 2 'ketgrad: --set train.lr=1: show does not use it' show --set train.lr=1

# paths are those of the file that names them
printf 'data: {name: mnist, data_folder: sets}\n' >elsewhere/b.yaml
run train elsewhere/b.yaml --print-config
origin data_folder elsewhere/sets 'elsewhere/b.yaml:1:34'

# what is refused
expect 4 'ketgrad: none.yaml: cannot open: No such file or directory' train none.yaml
expect 4 'ketgrad: elsewhere: is a folder, not a regular file' train --config elsewhere
expect 2 'ketgrad: two experiment files, a.yaml and --config a.json' train a.yaml --config a.json
expect 2 'ketgrad: unknown option --config. See: ketgrad help version' version --config a.yaml
expect 2 'ketgrad: --set is "lr=3", not section.key=value' train --set lr=3
expect 2 'ketgrad: --set is "train.lr", not section.key=value' train --set train.lr
expect 2 'ketgrad: --set train.lr is 100, not a number in [1e-12, 10]' train --set train.lr=100
expect 2 'ketgrad: --set train.stepz=3: train has no key "stepz", did you mean "steps"?' \
    train --set train.stepz=3
expect 2 'ketgrad: --set tran.lr=3: no section "tran", did you mean "train"? Allowed: model, data, train, experiment, run' \
    train --set tran.lr=3
refuse() {
    printf '%s\n' "$1" >bad.yaml
    expect 3 "ketgrad: bad.yaml:$2" train bad.yaml
}
refuse 'trian: {lr: 1}' '1:1: no section "trian", did you mean "train"?'
refuse 'train: {learning_rate: 1}' '1:9: train has no key "learning_rate"'
refuse 'model: {anstaz: so4}' '1:9: model has no key "anstaz", did you mean "ansatz"?'
refuse 'model: {compat: hus}' '1:17: compat is "hus", did you mean "hur"? Allowed: none, hur'
refuse 'train: {lr: "fast"}' '1:13: lr is fast, not a number in [1e-12, 10]'
refuse 'train: {steps: 010}' '1:16: steps is "010", a number with a leading zero'
refuse 'experiment: {seeds: 0x2}' '1:21: seeds is 0x2, not a whole number in [1, 100000]'
refuse 'train: &a {lr: 1}' '1:8: an anchor; write the value where it is needed'
refuse 'run: {out: /etc/x}' '1:7: run has no key "out"'
refuse 'run: {seed: 1' '2:1: did not find expected '"',' or '}'"' while parsing a flow mapping'

# the user's file is for the machine
refuse_user() {
    printf '%s\n' "$1" >config/ketgrad/config.yaml
    expect 3 "ketgrad: $work/config/ketgrad/config.yaml:$2" train a.yaml
}
refuse_user 'train: {lr: 1}' \
    '1:13: train.lr changes results: it belongs into an experiment file, this one is for the machine'
refuse_user 'run: {seed: 1}' \
    '1:13: run.seed changes results: it belongs into an experiment file, this one is for the machine'
refuse_user 'run: {thread: 1}' '1:7: run has no key "thread", did you mean "threads"?'
refuse_user 'run: {threads: 1000}' '1:16: threads is 1000, not a whole number in [0, 256]'
run help # a broken file does not stand in the way of help
run version
rm config/ketgrad/config.yaml
HOME=$work/home
unset XDG_CONFIG_HOME
export HOME
mkdir -p home/.config/ketgrad
printf 'run: {threads: 2}\n' >home/.config/ketgrad/config.yaml
run train --print-config
origin threads 2 "$work/home/.config/ketgrad/config.yaml:1:16"
finish
