# SPDX-License-Identifier: Apache-2.0
# The same run gives the same bytes: with any number of threads, from another folder, and in an
# environment that differs in all that must not matter.
. "$3/lib.sh"

# repeat FOLDER [NAME=VALUE...] -- WORD...: trains into FOLDER/run
repeat() {
    n_checks=$((n_checks + 1))
    folder=$1
    shift
    mkdir -p "$folder"
    settings=
    while [ "$1" != -- ]; do
        settings="$settings $1"
        shift
    done
    shift
    # shellcheck disable=SC2086
    (cd "$folder" && env $settings "$program" train "$@" --out run -q >/dev/null) ||
        fail "$folder does not train"
}

locale=$(locale -a 2>/dev/null | grep -i '^de_DE' | head -n 1)
for model in 'qcnn --encoding angle --loss ce --precision f32' \
    'qcnn --encoding amplitude --ansatz u6 --optimizer adam' \
    'qcnn --encoding dense --ansatz so4 --pooling generalised --loss ce --batch 70' \
    'logistic --loss ce'; do
    words="$model --steps 12 --train-rows 200 --test-rows 60 --seed 5"
    # shellcheck disable=SC2086
    repeat first -- $words --threads 1
    for threads in 2 3 4 8; do
        # shellcheck disable=SC2086
        repeat threads-$threads -- $words --threads $threads
    done
    # shellcheck disable=SC2086
    repeat elsewhere/deeper MALLOC_PERTURB_=165 LC_ALL="${locale:-C.UTF-8}" TZ=Asia/Kolkata \
        HOME=/nonexistent COLUMNS=20 TERM=dumb OPENBLAS_NUM_THREADS=8 OMP_NUM_THREADS=8 -- $words --threads 2
    for other in threads-2 threads-3 threads-4 threads-8 elsewhere/deeper; do
        for file in metrics.jsonl model.safetensors; do
            same first/run/$file $other/run/$file
        done
    done
    rm -rf first threads-* elsewhere
done
finish
