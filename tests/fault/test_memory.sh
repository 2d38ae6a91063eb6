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
survives 60 version
survives 60 help train
survives 60 show --qubits 4
survives 60 forward --qubits 2 --in two.csv --json
survives 80 gradcheck --qubits 2 --samples 1
survives 120 train --qubits 2 --train-rows 12 --test-rows 6 --steps 2 --threads 2 --out NEW -q
survives 80 eval RUN
survives 80 predict RUN --json
survives 60 runs .
finish
