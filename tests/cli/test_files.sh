# SPDX-License-Identifier: Apache-2.0
# Image files that are missing, cut off, too long, of another kind or inconsistent: one line that
# names the file, the exit code, no run folder.
. "$3/lib.sh"

# A tiny set of twelve 28 x 28 training images and as many test images, labels 0 1 0 1 ...
n=12
pixels() { # N: 784 N bytes that differ
    awk -v n="$1" 'BEGIN { for (i = 0; i < 784 * n; i++) printf "%c", 33 + (i * i + int(i / 784)) % 90 }'
}
labels() {
    i=0
    while [ "$i" -lt "$1" ]; do
        printf '\000\001'
        i=$((i + 2))
    done
}
images_file() { (
    printf '\000\000\010\003\000\000\000\014\000\000\000\034\000\000\000\034'
    pixels $n
); }
labels_file() { (
    printf '\000\000\010\001\000\000\000\014'
    labels $n
); }
plant() {
    rm -rf data
    mkdir -p data/mnist
    images_file >data/mnist/train-images-idx3-ubyte
    labels_file >data/mnist/train-labels-idx1-ubyte
    cp data/mnist/train-images-idx3-ubyte data/mnist/t10k-images-idx3-ubyte
    cp data/mnist/train-labels-idx1-ubyte data/mnist/t10k-labels-idx1-ubyte
}
images=data/mnist/train-images-idx3-ubyte
train_words='train qcnn --data mnist --data-folder data --steps 2 --reduce pca:8 --out run -q'

# refused CODE FILE PATTERN: exit CODE, one line that begins with the file and matches, no folder
refused() {
    n_checks=$((n_checks + 1))
    # shellcheck disable=SC2086
    "$program" $train_words >out.txt 2>err.txt
    got=$?
    [ "$got" = "$1" ] || fail "$3: exit $got, not $1: $(cat err.txt)"
    [ "$(wc -l <err.txt)" = 1 ] || fail "$3: not one line: $(cat err.txt)"
    grep -q "^ketgrad: $2.*$3" err.txt || fail "$3 is not in: $(cat err.txt)"
    absent run
}

plant
# shellcheck disable=SC2086
run $train_words
[ -s run/model.safetensors ] || fail 'good files are refused'
rm -rf run
KETGRAD_DATA=data "$program" train --data mnist --steps 2 --out run -q >out.txt 2>err.txt ||
    fail "KETGRAD_DATA: $(cat err.txt)"
rm -rf run
gzip data/mnist/*ubyte
# shellcheck disable=SC2086
run $train_words
rm -rf run

plant
rm $images
refused 4 $images 'No such file'
plant
head -c 4000 $images >cut && mv cut $images
refused 3 $images 'byte'
plant
printf 'more' >>$images
refused 3 $images 'byte'
plant
{ printf '\000\000\015\003' && tail -c +5 $images; } >other && mv other $images
refused 3 $images 'byte'
plant
{ printf '\377\377\377\377' && tail -c +5 $images; } >other && mv other $images
refused 3 $images 'byte'
plant
: >$images
refused 3 $images ''
plant
{ printf '\000\000\010\003\177\377\377\377\177\377\377\377\177\377\377\377' && tail -c +17 $images; } >other
mv other $images
refused 3 $images 'byte'
plant
labels_file | head -c 15 >data/mnist/train-labels-idx1-ubyte
refused 3 data/mnist/train-labels-idx1-ubyte 'byte'
plant
{ labels_file | head -c 19 && printf '\013'; } >data/mnist/train-labels-idx1-ubyte
refused 3 data/mnist/train-labels-idx1-ubyte 'byte'
plant
gzip $images
head -c $(($(wc -c <$images.gz) / 2)) $images.gz >cut && mv cut $images.gz
refused 3 "$images.gz" ''
plant
expect 2 'ketgrad: data set mnist is not built in: name the folder that holds mnist/train-images-idx3-ubyte.gz (the program reads KETGRAD_DATA), or get it: ketgrad data get mnist' \
    train --data mnist
absent runs
finish
