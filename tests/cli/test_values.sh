# SPDX-License-Identifier: Apache-2.0
# Published check values of the 8-qubit QCNN through the program: <Z4> for parameters 0.1, 0.2, ... and
# features 0.1, 0.2, ... (amplitudes: only their ratios count), by two independent programs; a derivative
# by the first parameter.
. "$3/lib.sh"

# steps FILE N: one row 0.1, 0.2, ..., 0.1 N
steps() {
    awk -v n="$2" 'BEGIN { for (i = 1; i <= n; i++) printf "%s%.1f", (i > 1 ? "," : ""), 0.1 * i; print "" }' >"$1"
}
for n in 6 8 12 16 18 24 32 36 45 51 256; do
    steps row$n.csv $n
done

# near PATH EXPECTED TOLERANCE
near() {
    number "$1" "$(awk -v x="$2" -v t="$3" 'BEGIN { printf "%.17g", x - t }')" \
        "$(awk -v x="$2" -v t="$3" 'BEGIN { printf "%.17g", x + t }')"
}

# value N_PARAMS ENCODING N_FEATURES EXPECTED WORD...
value() {
    n_params=$1
    encoding=$2
    n_features=$3
    expected=$4
    shift 4
    run forward qcnn --encoding $encoding --params row$n_params.csv --in row$n_features.csv --json "$@"
    is "$n_params" params
    near outputs.0.0 $expected 5.1e-13
}

# row ANSATZ N_PARAMS AMPLITUDE ANGLE DENSE HDE-4 DERIVATIVE
row() {
    value $2 amplitude 256 $3 --ansatz $1 --grad
    near grad.0.0.0 $7 5.1e-10
    value $2 angle 8 $4 --ansatz $1
    value $2 dense 16 $5 --ansatz $1
    value $2 hde:4 32 $6 --ansatz $1 --arrangement 1
}
row ttn 12 0.203874330027 0.148328164770 0.098565368299 0.166597980799 -0.296752537
row u9 12 0.026250331834 -0.039931523699 -0.055706715539 0.007784811444 -0.090378165
row u15 18 -0.000306089111 0.038674163018 0.040069474698 0.030957284426 0.290337594
row u13 24 0.072064098117 0.038379805581 -0.161142359487 0.013039635894 0.147211194
row u14 24 0.070787379357 -0.233365152582 -0.308681209898 0.130177720756 0.451810513
row so4 24 -0.208369657684 -0.376187574678 -0.183205374592 -0.227838351483 -0.466358417
row u5 36 0.130475722445 -0.005884332624 -0.022926081997 0.127024514537 0.278341004
row u6 36 0.030722502740 -0.122975051404 -0.113780713181 -0.008828801119 0.252028519
row su4 51 -0.175345993067 -0.043379470191 -0.085035569735 -0.156841909875 0.120837700

# no pooling, the chain, and measured pooling, which is zx
value 45 amplitude 256 0.055314203540 --pooling none
value 45 angle 8 0.192609306753 --pooling none
value 45 dense 16 0.162275529199 --pooling none
value 6 amplitude 256 0.367985392144 --ansatz ttn --pooling none
value 6 angle 8 -0.012387531478 --ansatz ttn --pooling none
value 6 dense 16 0.179597963801 --ansatz ttn --pooling none
value 6 amplitude 256 -0.060323823229 --ansatz u9 --wiring chain
value 6 angle 8 0.375764881174 --ansatz u9 --wiring chain
value 6 dense 16 0.057914332566 --ansatz u9 --wiring chain
value 51 hde:4 32 -0.156841909875 --pooling measure
value 12 amplitude 256 0.203874330027 --ansatz ttn --pooling measure

# several classes: as many outputs as outcomes, which add up to 1
run forward qcnn --n-classes 10 --in row8.csv --json
is 'array 16' output_names
is 'p(q6 q4 q2 q0=1001)' output_names.9
sum=$(for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do "$json_get" out.txt outputs.0.$i; done |
    awk '{ s += $1 } END { printf "%.12f", s }')
[ "$sum" = 1.000000000000 ] || fail "probabilities of 16 outcomes add up to $sum"

# gradients of what the tables in other tests do not reach together
run gradcheck qcnn --encoding hae:4 --arrangement 3 --pooling weak --wiring open --samples 1
run gradcheck qcnn --encoding hde:2 --arrangement 4 --pooling measure-entangle --n-classes 5 --samples 1
run gradcheck hierarchical --encoding hae:2 --samples 1 --precision f32

# a block whose features are all 0 has no state
awk 'BEGIN { for (i = 0; i < 32; i++) printf "%s%d", (i ? "," : ""), i < 16; print "" }' >half.csv
expect 6 'ketgrad: row 0: features 16 to 31 have norm 0, so block 2 of encoding "hde:4" has no state' \
    forward qcnn --encoding hde:4 --in half.csv
expect 8 'ketgrad: row16.csv: 16 features leave block 2 of encoding "hde:4" empty: on 8 qubits it needs more than 16' \
    forward qcnn --encoding hde:4 --in row16.csv
finish
