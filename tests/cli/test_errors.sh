# SPDX-License-Identifier: Apache-2.0
# Every way to be wrong on the command line: one line, its exit code, no result, nothing left behind.
. "$3/lib.sh"

# words
expect 2 'ketgrad: unknown command trian, did you mean train? See: ketgrad help' trian
expect 2 'ketgrad: unknown command xyzzy. See: ketgrad help' xyzzy
expect 2 'ketgrad: no command trian, did you mean train? See: ketgrad help' help trian
expect 2 'ketgrad: unknown option --epoch, did you mean --epochs? See: ketgrad help train' \
    train qcnn --epoch 25
expect 2 'ketgrad: unknown option --step, did you mean --steps? See: ketgrad help train' \
    train qcnn --step=25
expect 2 'ketgrad: unknown option --colour, did you mean --color? See: ketgrad help show' show --colour red
expect 2 'ketgrad: unknown option -x, there are -o, -q, -v, -h. See: ketgrad help show' show -x
expect 2 'ketgrad: option --lr needs a value. See: ketgrad help train' train --lr
expect 2 'ketgrad: option -o needs a value. See: ketgrad help show' show -o
expect 2 'ketgrad: train takes at most 1 argument, got also "b". See: ketgrad help train' train a b

# values
expect 2 'ketgrad: --lr is nan, not a number in [1e-12, 10]' train --lr nan
expect 2 'ketgrad: --lr is 0,01, not a number in [1e-12, 10]' train --lr 0,01
expect 2 'ketgrad: --batch is 0, not a whole number in [1, 1000000]' train --batch 0
expect 2 'ketgrad: --seed is -1, not a whole number in [0, 18446744073709551615]' show --seed -1
expect 2 'ketgrad: --threads is 1000, not a whole number in [0, 256]' show --threads 1000
expect 2 'ketgrad: --optimizer is "nesterof", did you mean "nesterov"? Allowed: nesterov, sgd, adam, momentum, rmsprop, adagrad' \
    train --optimizer nesterof
expect 2 'ketgrad: --progress is "bar", not one of: auto, plain, json, none' train --progress bar
expect 2 'ketgrad: --json is "maybe", not true or false' show --json=maybe
expect 2 'ketgrad: --require is "0.9", not accuracy=X' train --require 0.9
expect 2 'ketgrad: --require accuracy is 2, not a number in [0, 1]' train --require accuracy=2
expect 2 'ketgrad: --epochs is 1000000, which is 1000000000 steps, not at most 100000000' \
    train --epochs 1000000 --batch 1

# models
expect 2 'ketgrad: model is "qcnnn", did you mean "qcnn"? Allowed: qcnn, logistic, majority, cnn, mlp, hierarchical, custom' \
    train qcnnn
expect 2 'ketgrad: params_per_block is 51, but ansatz "su4" has 15 parameters per block' \
    train qcnn --data mnist --params-per-block 51
expect 2 'ketgrad: params_per_block is 51, but ansatz "su4" has 15 parameters per block' \
    forward qcnn --params-per-block 51
expect 8 'ketgrad: reduce "pca:9" leaves 9 features, but encoding "angle" takes at most 8 on 8 qubits' \
    train qcnn --reduce pca:9
expect 2 'ketgrad: reduce is "foo", not auto, none, pca:K or resize:N' train --reduce foo
expect 7 'ketgrad: wiring "ring" is defined for multiples of 2 in [2, 16], not for 7 qubits' \
    show --qubits 7
expect 7 'ketgrad: wiring "tree" is defined for powers of 2 in [2, 16], not for 12 qubits' \
    show --wiring tree --qubits 12
expect 7 'ketgrad: wiring "chain" does not pool: pooling is "zx", not "none"' \
    show --wiring chain --pooling zx
expect 2 'ketgrad: model "hierarchical" is a tree, so wiring cannot be "ring"' \
    show hierarchical --wiring ring
expect 2 'ketgrad: arrangement is 2, but encoding "angle" has no blocks to arrange' \
    forward --arrangement 2
expect 7 'ketgrad: arrangement 3 of encoding "hde:4" is defined for 8 qubits, not for 12' \
    forward --encoding hde:4 --arrangement 3 --qubits 12
expect 7 'ketgrad: encoding "hae:4" is defined for multiples of 4 qubits, not for 6' forward --encoding hae:4 --qubits 6
expect 2 'ketgrad: --arrangement is 5, not a whole number in [1, 4]' forward --encoding hde:4 --arrangement 5
expect 2 'ketgrad: model "logistic" has no circuit, so no option arrangement' \
    train logistic --encoding hde:4 --arrangement 3
expect 7 'ketgrad: logistic has no circuit: gradcheck is for models that are one circuit' gradcheck logistic
expect 2 'ketgrad: engine is "fast", not one of: tile, pauli, state, reference' bench --engine fast

# data
expect 2 'ketgrad: class 11 does not exist in strokes, it has 0 to 9' train --classes 0,11
expect 2 'ketgrad: class 3 is chosen twice' train --classes 3,3
expect 2 'ketgrad: class 0;1 does not exist in strokes, it has 0 to 9' train --classes '0;1'
expect 2 'ketgrad: classes is "0,", not names or numbers with commas between ("0,1"), all or auto' \
    train --classes 0,
expect 2 'ketgrad: class Shoe does not exist in bars-and-stripes, it has bars, stripes' \
    train --data bars-and-stripes --classes bars,Shoe
expect 7 'ketgrad: 3 classes: wiring "tree" leaves 1 qubit to read out, not 2' \
    train hierarchical --classes 0,1,2
expect 2 "ketgrad: unknown data set 'minst', did you mean mnist?, allowed are strokes, \
bars-and-stripes, mnist, fashion-mnist, wine, wdbc, iris, optdigits, and files (.csv, .npy, .npz)" \
    train --data minst

# numbers from files
printf '1,2,3,4,5,6,7,nan\n' >nan.csv
printf '1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8,9\n' >ragged.csv
printf '1,2,3,4,5,6,7,8,9\n' >nine.csv
printf '1,2,3,4,5,6,7,x\n' >word.csv
printf '1,2,3\n' >three.csv
: >empty.csv
expect 3 "ketgrad: nan.csv:1:8: 'nan' is not finite" forward --in nan.csv
expect 8 'ketgrad: nine.csv: 9 features, but encoding "angle" takes at most 8 on 8 qubits' \
    forward --in nine.csv
expect 8 'ketgrad: three.csv: 1 x 3 numbers, not 51 parameters in one row or column' \
    forward --params three.csv
expect 4 'ketgrad: none.csv: cannot open: No such file or directory' forward --in none.csv
for file in ragged word empty; do
    ketgrad forward --in $file.csv >out.txt 2>err.txt
    [ $? = 3 ] || fail "$file.csv: not exit 3"
    grep -q "^ketgrad: $file.csv:" err.txt || fail "$file.csv: $(cat err.txt)"
    [ "$(wc -l <err.txt)" = 1 ] || fail "$file.csv: not one line"
done

# runs
expect 4 'ketgrad: nowhere: no run here: neither run.json nor seed-1/run.json' predict nowhere
expect 4 'ketgrad: runs: no run there yet. Make one: ketgrad demo' eval
mkdir broken && echo '{"format": "ketgrad run 1"' >broken/run.json
ketgrad eval broken >out.txt 2>err.txt
[ $? = 3 ] || fail 'a broken run.json is not exit 3'
grep -q '^ketgrad: broken/run.json:' err.txt || fail "broken run.json: $(cat err.txt)"
echo '{"format": "another"}' >broken/run.json
expect 3 'ketgrad: broken/run.json: format is "another", not "ketgrad run 1"' predict broken
printf 'not a model' >model.safetensors
ketgrad predict model.safetensors --in nine.csv >out.txt 2>err.txt
[ $? = 3 ] || fail 'a broken model is not exit 3'

# outputs
touch file
expect 7 'ketgrad: baseline hierarchical: 3 classes: wiring "tree" leaves 1 qubit to read out, not 2' \
    train --classes 0,1,2 --steps 2 --baselines logistic,hierarchical --out beside
absent beside
expect 4 'ketgrad: file: is not a folder' train --steps 2 --out file
expect 4 'ketgrad: file: is not a folder' train --steps 2 --out file/below
expect 4 'ketgrad: /dev/full: is not a folder' train --steps 2 --out /dev/full
expect 4 'ketgrad: the name of the folder is empty' train --steps 2 --out ''
expect 4 'ketgrad: missing/x.json: cannot be written: No such file or directory' \
    forward --out missing/x.json
expect 4 'ketgrad: missing/x.svg: cannot be written: No such file or directory' \
    show --svg missing/x.svg
if [ -c /dev/full ]; then
    expect 4 'ketgrad: /dev/full: cannot be written: No space left on device' forward -o /dev/full
    "$program" forward >/dev/full 2>err.txt
    [ $? = 4 ] || fail 'a full stdout is not exit 4'
    [ "$(cat err.txt)" = 'ketgrad: stdout: cannot be written: No space left on device' ] ||
        fail "full stdout: $(cat err.txt)"
fi
absent runs missing

# the answer is no
ketgrad gradcheck --tolerance 1e-17 --samples 1 >out.txt 2>err.txt
[ $? = 1 ] || fail 'gradcheck above its tolerance is not exit 1'
grep -q '^NOT OK: tolerance 1e-17$' out.txt || fail 'gradcheck does not say so'
# absurd sizes
for words in 'forward --qubits' 'gradcheck --qubits' 'show --qubits' 'train --qubits' 'bench --qubits'; do
    for n in -1 31 33 59 60 63 64 65 2147483648 18446744073709551616; do
        # shellcheck disable=SC2086
        "$program" $words $n >out.txt 2>err.txt
        code=$?
        n_checks=$((n_checks + 1))
        [ $code = 2 ] || [ $code = 5 ] || [ $code = 7 ] || fail "exit $code: $words $n"
        [ "$(wc -l <err.txt)" = 1 ] && [ ! -s out.txt ] || fail "$words $n says $(cat err.txt)"
    done
done
expect 2 'ketgrad: --batch is 4294967296, not a whole number in [1, 1000000]' train --batch 4294967296
expect 2 'ketgrad: --train-rows is 1099511627776, not a whole number in [0, 1000000000]' \
    train --train-rows 1099511627776
finish
