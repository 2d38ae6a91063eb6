# SPDX-License-Identifier: Apache-2.0
# The program without memory: each command is repeated with its first, second, third ... allocation
# refused, those of every library among them. It says so in one line and ends with exit 5.
. "$3/lib.sh"
shim=$4
sweep=$5

run train --qubits 2 --train-rows 12 --test-rows 6 --steps 2 --threads 1 --out RUN -q
printf '1,2\n3,4\n' >two.csv

# survives MOST WORD...
survives() {
    n_checks=$((n_checks + 1))
    most=$1
    shift
    for how in once good; do
        "$sweep" "$shim" alloc ENOMEM $how "$most" 0,5 'rm -rf NEW' -- "$program" "$@" >sweep.txt 2>&1 ||
            fail "$* with memory refused $how: $(head -n 20 sweep.txt)"
        tail -n 1 sweep.txt
    done
}
cat >own.yaml <<'YAML'
model:
  circuit: {qubits: 2, ops: [encode: angle, {block: su4, on: [0, 1]}], measure: [Z0, Z1]}
  layers: [{kind: dense, units: 2}, tanh, quantum, {kind: dense, units: classes}]
data: {name: strokes, classes: [0, 1], train_rows: 12, test_rows: 6}
train: {steps: 2, optimizer: adam}
YAML
awk 'BEGIN { for (b = 0; b < 12; b++) printf "%d,%.1f,%s\n", b, b * b % 7, (b % 2 ? "cat" : "dog") }' >own.csv

survives 60 version
survives 60 help train
survives 60 show --qubits 4
survives 60 forward --qubits 2 --in two.csv --json
survives 80 gradcheck --qubits 2 --samples 1
survives 100 train --qubits 2 --train-rows 12 --test-rows 6 --steps 2 --threads 2 --out NEW -q
survives 60 train --qubits 2 --data own.csv --test-fraction 0.5 --steps 2 --checkpoint-every 1 --out NEW -q
survives 60 train own.yaml --out NEW -q
survives 60 train own.yaml --print-config
survives 60 train own.yaml --dry-run
survives 80 eval RUN
survives 80 predict RUN --json
survives 60 verify RUN
survives 60 runs .
survives 60 data list
finish
