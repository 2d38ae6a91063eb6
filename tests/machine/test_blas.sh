# SPDX-License-Identifier: Apache-2.0
# Whatever goes through BLAS and LAPACK has the same bits, whatever the environment tells them about threads.
. "$3/lib.sh"
for model in qcnn mlp cnn logistic; do
    words="train $model --reduce pca:8 --train-rows 200 --test-rows 50 --steps 20 --baselines none -q"
    [ $model != cnn ] || words="train cnn --train-rows 200 --test-rows 50 --steps 20 --baselines none -q"
    # shellcheck disable=SC2086
    run $words --threads 1 --out $model
    for n in 1 2 8; do
        for threads in 1 3; do
            # shellcheck disable=SC2086
            OPENBLAS_NUM_THREADS=$n OMP_NUM_THREADS=$n GOTO_NUM_THREADS=$n "$program" $words \
                --threads $threads --out again >out.txt 2>err.txt ||
                fail "$model with $n threads of BLAS: $(cat err.txt)"
            for file in model.safetensors metrics.jsonl predictions.csv; do
                same $model/$file again/$file
            done
        done
    done
done
finish
