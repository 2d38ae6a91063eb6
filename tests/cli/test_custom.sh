#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Models from YAML files: the examples run as they stand, train, are saved and loaded, on generated and
# on real images; slips are told with their place.
data=${KETGRAD_DATA:-}
. "$3/lib.sh"
models=$3/../../share/models

# every example, and what it must reach (chance is 1/3, 1/3, 1/2)
example() {
    run show "$models/$1.yaml"
    grep -q "^parameters  *$2 " out.txt || fail "$1 has not $2 parameters: $(grep ^param out.txt)"
    run train "$models/$1.yaml" --threads 1 --out one --json
    number test_accuracy.mean "$3" 1
    is custom model
    run train "$models/$1.yaml" --threads 3 --out three --json
    cmp -s one/model.safetensors three/model.safetensors || fail "$1: threads change the model"
    run eval one --json
    number test_accuracy "$3" 1
    run show one
    rm -rf one three
}
example hybrid 330 0.9
example circuit 81 0.6
example branches 187 0.8

# the same table as JSON, and at the top
cat >flat.json <<'JSON'
{"layers": [{"kind": "dense", "units": 4}, "tanh", {"kind": "dense", "units": "classes"}],
 "data": {"name": "strokes", "classes": [0, 1]}, "train": {"steps": 30}}
JSON
run train flat.json --out flat --json
is 3150 params

# images keep their shape where nothing asks for another
cat >images.yaml <<'YAML'
layers:
  - {kind: conv2d, filters: 2, size: 4, stride: 4}
  - relu
  - {kind: dense, units: classes}
YAML
run train images.yaml --data strokes --classes 0,1 --steps 5 --out images --json
is 232 params
run train images.yaml --data strokes --classes 0,1 --dry-run --json
is 232 params
run eval images --json

# tables too: one row of features, prepared as components
run train "$models/circuit.yaml" --data bars-and-stripes --classes 0,1 --steps 5 --out bars --json

# what is wrong, and where
cat >slip.yaml <<'YAML'
circuit: {qubits: 4, ops: [ry * x], measure: Z*}
layers:
  - {kind: dense, units: 4}
  - quantm
YAML
expect 3 'ketgrad: slip.yaml:4:5: kind is "quantm", did you mean "quantum"?' train slip.yaml
sed 's/quantm/quantum/' slip.yaml >shape.yaml
expect 3 'ketgrad: shape.yaml:4:5: layer "quantum_1", the last, puts out 4 numbers, but there are 2 classes' \
    train shape.yaml --classes 0,1 --out shape
expect 3 'ketgrad: shape.yaml:3:5: the definition takes any number of features: begin layers with {kind: input, shape: [channels, height, width]}, or give data' \
    show shape.yaml
[ ! -e shape ] || fail "a folder is left of a run that could not begin"

# what there is to choose from: every kind and every gate has its line
run help layers
for kind in dense conv1d conv2d maxpool1d maxpool2d avgpool1d avgpool2d relu tanh sigmoid softmax \
    flatten concat add dropout quantum patch; do
    grep -q "^  $kind  *[a-z0-9]" out.txt || fail "help layers lacks $kind"
done
run help gates
grep -q '^  crx .* 2 qubits, 1 angle ' out.txt || fail "help gates lacks crx"
run gradcheck "$models/circuit.yaml" --samples 1
expect 7 'ketgrad: custom has layers around its circuit: gradcheck is for models that are one circuit' \
    gradcheck "$models/hybrid.yaml"

# several circuits are several drawings
cat >pair.yaml <<'YAML'
layers:
  - {kind: input, shape: [1, 6, 6]}
  - {name: eye, kind: patch, circuit: look}
  - {kind: dense, units: 2}
  - {name: head, kind: quantum, circuit: last}
  - {kind: dense, units: classes}
circuits:
  look: {qubits: 4, ops: [encode: angle, ry * p], measure: Z0}
  last: {qubits: 2, ops: [encode: angle, ry * p, cx 0 1], measure: Z*}
YAML
run show pair.yaml --svg pictures.of.it.svg
for layer in eye head; do
    grep -q '</svg>' "pictures.of.it-$layer.svg" || fail "no drawing of $layer"
done
[ ! -e pictures.of.it.svg ] || fail 'a drawing of none of them'
expect 2 'ketgrad: model "custom" takes its layers and circuits from its file, so no option ansatz' \
    show pair.yaml --ansatz ttn

# real images
if [ -n "$data" ] && [ -d "$data/mnist" ]; then
    KETGRAD_DATA=$data
    export KETGRAD_DATA
    run train "$models/hybrid.yaml" --data mnist --classes 3,5 --steps 300 --train-rows 2000 \
        --test-rows 1000 --out mnist --json
    number test_accuracy.mean 0.92 1
    run eval mnist --json
    number test_accuracy 0.92 1
elif [ "${KETGRAD_REQUIRE_DATA:-}" = 1 ]; then
    fail "KETGRAD_DATA names no folder with mnist"
else
    echo "skipped: KETGRAD_DATA names no folder with mnist"
fi

finish
