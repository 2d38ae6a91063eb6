# SPDX-License-Identifier: Apache-2.0
# The shapes of --json: names, kinds and lengths that other programs rely on.
. "$3/lib.sh"

# forward: outputs[sample][output], grad[sample][output][parameter], grad_inputs[sample][output][input]
awk 'BEGIN { for (i = 0; i < 51; i++) printf "%s%.3f", (i ? "," : ""), 0.1 * i + 0.05; print "" }' >P.csv
awk 'BEGIN { for (b = 0; b < 2; b++) {
    for (i = 0; i < 256; i++) printf "%s%.4f", (i ? "," : ""), (i * 37 + b * 11) % 101 / 100 + 0.01
    print "" } }' >X.csv
run forward qcnn --ansatz su4 --encoding amplitude --params P.csv --in X.csv --grad --json
is 'object model params features output_names outputs grad grad_inputs' .
is qcnn model
is 51 params
is 256 features
is 'array 2' outputs
is 'array 1' outputs.0
is 'array 2' grad
is 'array 1' grad.1
is 'array 51' grad.1.0
is 'array 256' grad_inputs.1.0
number outputs.0.0 -1 1
number grad.0.0.50 -2 2
sed -n '/"outputs": \[/{n;p;}' out.txt | grep -Eq '^  \[-?0\.[0-9]{16,}\]' || fail 'outputs have not 17 digits'
cp out.txt grad.json
run forward qcnn --ansatz su4 --encoding amplitude --params P.csv --in X.csv --json
is missing grad
is "$("$json_get" grad.json outputs.1.0)" outputs.1.0
cat X.csv | "$program" forward qcnn --encoding amplitude --params P.csv --in - --json >stdin.json ||
    fail 'forward from stdin'
same out.txt stdin.json
tr ',' '\n' <P.csv >column.csv
run forward qcnn --encoding amplitude --params column.csv --in X.csv --json
same out.txt stdin.json
# The derivative is what a small step of one parameter does: <Z> is smooth with |f'''| below 8, h = 1e-3
# leaves h^2 / 6 * 8 = 1.4e-6.
shift_params() {
    awk -F, -v d="$1" '{ for (i = 1; i <= NF; i++) printf "%s%.6f", (i > 1 ? "," : ""), $i + (i == 21 ? d : 0); print "" }' P.csv
}
for d in 0.001 -0.001; do
    shift_params $d >shifted.csv
    run forward qcnn --encoding amplitude --params shifted.csv --in X.csv --json
    "$json_get" out.txt outputs.0.0 >>values.txt
done
difference=$(awk 'NR == 1 { a = $1 } NR == 2 { printf "%.9f", (a - $1) / 0.002 }' values.txt)
number grad.0.0.20 "$(echo "$difference" | awk '{ print $1 - 2e-6 }')" \
    "$(echo "$difference" | awk '{ print $1 + 2e-6 }')" grad.json

# bench: a list of objects
run bench --only gradient --qubits 8 --precision f32 --threads 1 --batch 1000 --json --repeat 3
is 'array 1' .
is gradient 0.task
is 8 0.qubits
is f32 0.precision
is 1 0.threads
is 1000 0.batch
number 0.samples_per_s 100 1e12
number 0.gflops 0.001 1e6
number 0.share_of_peak 0.0001 1.5
for name in circuit engine kernels; do
    [ -n "$("$json_get" out.txt 0.$name)" ] || fail "bench has no $name"
done
run bench --only inference --kernels portable --threads 1 --batch 64 --json --repeat 3
is 'array 2' .
is portable 1.kernels
is f64 1.precision
is inference 1.task
is 64 1.batch
run bench --only state --qubits 14 --precision f64 --threads 1 --json --repeat 2
is 'array 2' .
is state 0.task
is state-gradient 1.task
is 14 0.qubits
is state 0.engine
is 1 1.batch
number 1.seconds 1e-6 60
number 1.speedup 1 1

# show, gradcheck, version
run show qcnn --json
is 51 params
is 8 qubits
is 'array 6' segments
is conv1 segments.0.name
is 45 segments.3.first
number depth 10 1000
number two_qubit_gates 20 200
number forward_flops 1000 1e8
run show logistic --json
is 9 params
is missing qubits
run show qcnn --svg drawing.svg -q
grep -q '</svg>' drawing.svg || fail 'the drawing is no SVG'
run gradcheck --json --samples 1
is true ok
number adjoint_shift 0 1e-9
number inputs_differences 0 1e-9
run gradcheck --precision f32 --json --samples 1 --ansatz so4
is true ok
number adjoint_shift 1e-12 2e-4
run version --json
is portable "kernels.$("$json_get" out.txt kernels | awk '{ print $2 - 1 }')" # the last resort
[ -n "$("$json_get" out.txt version)" ] || fail 'no version'
run forward --out forward.json --json -q
[ ! -s out.txt ] || fail '--out and stdout both'
is qcnn model forward.json
finish
