# SPDX-License-Identifier: Apache-2.0
# Data sets from the outside: files of one's own, from training to prediction, and the verb data. What needs
# real data is skipped without DATA, the folder that KETGRAD_DATA named.
real=${KETGRAD_DATA:-}
. "$3/lib.sh"

# A table with words for labels: two features tell the kinds apart, the third is in the thousands.
awk 'BEGIN {
    print "length,width,weight,kind"
    for (i = 0; i < 120; i++) {
        k = i % 3
        printf "%.2f,%.2f,%d,%s\n", k + (i * 7 % 10) / 20, 2 - k + (i * 3 % 10) / 20, \
            5000 + i * 37 % 100, k == 0 ? "small" : k == 1 ? "\"medium, round\"" : "large"
    }
}' >own.csv

run train logistic --data own.csv --steps 200 --out run --json
is logistic model
number test_accuracy.mean 0.9 1
is auto options.data.classes run/run.json
is own.csv options.data.data run/run.json
is last options.data.label run/run.json
run eval run --json
is large classes.0
is 'medium, round' classes.1
is small classes.2
number test_accuracy 0.9 1
[ ! -s err.txt ] || fail "eval of the same rows says $(cat err.txt)"
# ... and rows that are others now are said to be
cp own.csv kept.csv
sed -i '2s/^[0-9.]*/9.99/' own.csv
run eval run
grep -q '^ketgrad: warning: run: the data is not what it was: own.csv ' err.txt || fail "eval says $(cat err.txt)"
mv kept.csv own.csv

# the same rows with names in another order, LF or CRLF, byte order mark: the same model
sed 's/$/\r/; 1s/^/\xef\xbb\xbf/' own.csv >crlf.csv
run train logistic --data crlf.csv --steps 200 --out crlf -q
same run/model.safetensors crlf/model.safetensors

# two of the classes, by name and by number
run train logistic --data own.csv --classes small,large --steps 20 --out two -q
run train logistic --data own.csv --classes 2,0 --steps 20 --out also -q
same two/model.safetensors also/model.safetensors
expect 2 'ketgrad: class huge does not exist in own.csv, it has large, medium, round, small' \
    train logistic --data own.csv --classes huge,large

# the label by name and number; given test rows; the share of them
awk -F, 'NR == 1 {print; next} {print}' own.csv | sed 's/"medium, round"/medium/' |
    awk -F, -v OFS=, '{print $4, $1, $2, $3}' >first.csv
run train logistic --data first.csv --label kind --steps 20 --out a -q
run train logistic --data first.csv --label 1 --steps 20 --out b -q
run train logistic --data first.csv --label first --steps 20 --out c -q
same a/model.safetensors b/model.safetensors
same a/model.safetensors c/model.safetensors
run train logistic --data first.csv --label first --test first.csv --steps 20 --out d --json
run eval d --json
is 120 rows
run train logistic --data own.csv --test-fraction 0.5 --steps 5 --out e -q
run eval e --json
is 60 rows
run train logistic --data own.csv --data-seed 9 --steps 5 --out f -q
cmp -s e/model.safetensors f/model.safetensors && fail 'another split, the same model'

# prediction: features alone, with a label that the header names, from stdin, as an array
cut -d, -f1-3 own.csv >bare.csv
run predict run --in bare.csv
mv out.txt bare.txt
[ "$(wc -l <bare.txt)" = 120 ] || fail 'not 120 classes'
sed '1s/kind/label/' own.csv >labelled.csv
run predict run --in labelled.csv
same out.txt bare.txt
run predict run --in own.csv --label kind
same out.txt bare.txt
expect 8 'ketgrad: own.csv: rows have 4 columns, but the model takes 3; a label beside them needs a header that names it label, class or target, or the option label' \
    predict run --in own.csv
"$program" predict run --in - <bare.csv >out.txt 2>err.txt || fail "stdin: $(cat err.txt)"
same out.txt bare.txt
run predict run --in bare.csv --out scores.npy
[ "$(head -c 6 scores.npy | tail -c 5)" = NUMPY ] || fail 'no array'
[ "$(wc -c <scores.npy)" = $((128 + 120 * 3 * 8)) ] || fail 'not 120 x 3 probabilities'
run forward logistic --in scores.npy --json # an array is read like a file of rows
is 3 features

# what is wrong with a file
printf '1,2,a\n3,,b\n' >hole.csv
printf '1,2,a\n3,4,b\n5,6,a\n' >single.csv
printf 'x,y\n1,2\n' >short.csv
expect 3 "ketgrad: hole.csv:2:2: '' is a missing value: fill it in or leave the row out" \
    train logistic --data hole.csv
expect 2 'ketgrad: single.csv: class b has a single row, which cannot be in both parts' \
    train logistic --data single.csv
expect 2 "ketgrad: label is 'kind', no column of short.csv: allowed are a name in its header, 1 to 2, first, last, none" \
    train logistic --data short.csv --label kind
expect 2 "ketgrad: short.csv has no labels to learn: label is 'none'" \
    train logistic --data short.csv --label none
expect 4 'ketgrad: nothing.csv: cannot open: No such file or directory' \
    train logistic --data nothing.csv
expect 2 "ketgrad: test is 'short.csv', but strokes is a data set by name: only files take other test rows" \
    train logistic --test short.csv

# the verb
run data --json
is strokes 0.name
is 'built in' 0.state
is bars-and-stripes 1.name
is absent 2.state
run data info wine --json
is 3 classes
is 10782 files.0.bytes
is absent files.0.state
run data info strokes
run data verify
[ ! -s out.txt ] || fail 'something is verified where nothing is'
"$program" data verify wine >out.txt 2>err.txt
[ $? = 1 ] || fail 'a missing file is no answer no'
expect 2 'ketgrad: data fetch: allowed are list, info, get, verify. See: ketgrad help data' data fetch
expect 2 'ketgrad: data get needs the name of a data set. See: ketgrad data list' data get
expect 2 'ketgrad: data list takes no name, got "wine"; did you mean data info?' data list wine
expect 2 'ketgrad: unknown data set whine, did you mean wine? See: ketgrad data list' data info whine
expect 2 'ketgrad: data set strokes is generated: there is nothing to get' data get strokes
expect 2 'ketgrad: url is ftp://x/, allowed are https://, http:// and file://' \
    data get wine --url ftp://x/
XDG_CACHE_HOME=relative HOME= "$program" data info wine >out.txt 2>err.txt
[ $? = 2 ] || fail 'no folder is no error'

# get: from a folder, into the cache; wrong bytes never arrive
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME
mkdir from
printf '<html>log in</html>' >from/wine.data
expect 3 "ketgrad: file://$work/from/wine.data: 19 bytes, wine.data has 10782; it begins like a web page" \
    data get wine --url "file://$work/from/"
absent cache
if [ -f "$real/tabular/wine.data" ]; then
    cp "$real/tabular/wine.data" from/
    run data get wine --url "file://$work/from/" --json
    is 1 downloaded
    run data get wine --url "file://$work/from/" --json
    is 0 downloaded
    run data verify wine
    run train logistic --data wine --steps 100 --out wine --json
    number test_accuracy.mean 0.85 1
    printf 'x' >>cache/ketgrad/tabular/wine.data
    "$program" data verify >out.txt 2>err.txt
    [ $? = 1 ] || fail 'a wrong file is no answer no'
    [ "$(cat out.txt)" = 'wrong     tabular/wine.data' ] || fail "verify says $(cat out.txt)"
    [ "$(ls cache/ketgrad/tabular)" = wine.data ] || fail "left behind: $(ls cache/ketgrad/tabular)"
    for name in iris wdbc optdigits; do
        run train logistic --data $name --data-folder "$real" --steps 100 --out $name --json
        number test_accuracy.mean 0.7 1
        run eval $name --data-folder "$real" --json
    done
else
    echo 'skipped: KETGRAD_DATA has no tabular/wine.data'
fi
run train logistic --data bars-and-stripes --steps 5 --out bars -q
finish
