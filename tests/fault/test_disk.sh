# SPDX-License-Identifier: Apache-2.0
# Files that fail, and programs that are killed while they write: what was there before is there after,
# whole; a failure is one line and exit 4; nothing half-written stays, or the next start clears it away.
. "$3/lib.sh"
shim=$4
sweep=$5
common='train --qubits 2 --train-rows 12 --test-rows 6 --steps 3 --threads 1 -q'

# shellcheck disable=SC2086
run $common --seed 1 --out OLD
# shellcheck disable=SC2086
run $common --seed 2 --out OTHER
old=$(cksum <OLD/model.safetensors)
other=$(cksum <OTHER/model.safetensors)
[ "$old" != "$other" ] || fail 'two seeds give one model'
export old other program
cat >check.sh <<'CHECK'
# After each run: the folder R has the old run or the new one, complete, or (killed between two names)
# none; a model there is one of the two, and no part is left but by a killed program.
if [ "$CODE" = before ]; then
    rm -rf R NEW
    cp -r OLD R
    exit
fi
for folder in R NEW; do
    model=$folder/model.safetensors
    if [ -e $model ]; then
        sum=$(cksum <$model)
        [ "$sum" = "$old" ] || [ "$sum" = "$other" ] || { echo "$model is neither"; exit 1; }
        "$program" predict $model --in rows.csv >predict.txt 2>&1 || { cat predict.txt; exit 1; }
    fi
    if [ -e $folder/run.json ]; then
        "$program" eval $folder >eval.txt 2>&1 || { cat eval.txt; exit 1; }
    fi
done
[ "$CODE" = 137 ] && exit
n=$(ls -A R NEW 2>/dev/null | grep -c '\.part\|\.tmp-')
[ "$n" = 0 ] || { ls -A R NEW; exit 1; }
# a run that failed is not there; one that is complete stays, though its experiment.json may be missing
[ "$CODE" = 0 ] || [ ! -e NEW ] || [ -e NEW/run.json ] || { ls -A NEW; exit 1; }
CHECK
awk 'BEGIN { for (i = 0; i < 784; i++) printf "%s%d", (i ? "," : ""), i % 256; print "" }' >rows.csv

# endures KIND ERROR HOW CODES WORD...
endures() {
    n_checks=$((n_checks + 1))
    kind=$1 error=$2 how=$3 codes=$4
    shift 4
    "$sweep" "$shim" "$kind" "$error" "$how" 100 "$codes" 'sh ./check.sh' -- "$program" "$@" \
        >sweep.txt 2>&1 || fail "$kind $error: $(head -n 8 sweep.txt)"
    tail -n 1 sweep.txt
}

# shellcheck disable=SC2086
{
    for folder in R NEW; do
        endures any kill once 137 $common --seed 2 --out $folder
        endures write torn once 137 $common --seed 2 --out $folder
        endures write ENOSPC good 4 $common --seed 2 --out $folder
        endures rename EIO once 4 $common --seed 2 --out $folder
        endures open EACCES once 0,4 $common --seed 2 --out $folder
    done
    endures read EIO once 0,4 $common --seed 2 --out NEW
    endures read EINTR once 0 $common --seed 2 --out NEW
    endures write EIO once 4 $common --seed 2 --out NEW
    endures write EDQUOT good 4 $common --seed 2 --out NEW
    endures write EINTR once 0 $common --seed 2 --out NEW
    endures write short once 0 $common --seed 2 --out NEW
    endures fsync EIO once 4 $common --seed 2 --out NEW
    endures close EIO once 0,4 $common --seed 2 --out R
}

# The same with a checkpoint after every step, and after each fault the run is gone on with: it ends with the
# bits that it would have had.
cat >resume.sh <<'CHECK'
if [ "$CODE" = before ]; then
    rm -rf NEW
    exit
fi
[ "$CODE" = 0 ] || [ ! -e NEW ] || [ -e NEW/checkpoint.safetensors ] || [ -e NEW/run.json ] ||
    [ "$CODE" = 137 ] || { ls -A NEW; exit 1; }
[ -e NEW/checkpoint.safetensors ] && [ ! -e NEW/run.json ] || exit 0
"$program" train --resume NEW -q --threads 1 >resume.txt 2>&1 || { cat resume.txt; exit 1; }
for file in model.safetensors metrics.jsonl; do
    cmp -s NEW/$file WHOLE/$file || { echo "$file differs"; exit 1; }
done
n=$(ls -A NEW | grep -c '\.part\|\.tmp-\|checkpoint')
[ "$n" = 0 ] || { ls -A NEW; exit 1; }
CHECK
lasting="$common --seed 2 --checkpoint-every 1 --baselines none"
# shellcheck disable=SC2086
run $lasting --out WHOLE
endures_checkpoints() {
    n_checks=$((n_checks + 1))
    # shellcheck disable=SC2086
    "$sweep" "$shim" "$1" "$2" "$3" 60 "$4" 'sh ./resume.sh' -- "$program" $lasting --out NEW \
        >sweep.txt 2>&1 || fail "checkpoints, $1 $2: $(head -n 8 sweep.txt)"
    tail -n 1 sweep.txt
}
endures_checkpoints any kill once 137
endures_checkpoints write torn once 137
endures_checkpoints write EIO once 4
endures_checkpoints write ENOSPC good 4
endures_checkpoints write EDQUOT once 4
endures_checkpoints write short once 0
endures_checkpoints write EINTR once 0
endures_checkpoints fsync EIO once 4
endures_checkpoints rename EIO once 4
endures_checkpoints close EIO once 0,4
endures_checkpoints open EACCES once 0,4

# What a power cut may leave is what was synced. So: a file is synced between its last write and the name
# it gets; the older run.json is gone for good before a file of the new run gets its name, the new one
# comes only when the others have theirs for good; and at the end everything is.
rm -rf R
cp -r OLD R
# shellcheck disable=SC2086
LD_PRELOAD=$shim KGFAULT_LOG=calls.txt "$program" $common --seed 2 --out R >/dev/null
n_checks=$((n_checks + 1))
awk '
function bad(what) { print NR ": " $0 ": " what; wrong = 1 }
function folder_of(path) { return sub(/\/[^\/]*$/, "", path) ? path : "." }
$1 == "open" { path[$2] = $NF; dirty[$NF] = dirty[$NF] || $3 == "empty" }
$1 == "write" || $1 == "truncate" { dirty[path[$2]] = 1 }
$1 == "fsync" {
    dirty[path[$2]] = 0
    if (path[$2] in pending) delete pending[path[$2]]
}
$1 == "unlink" { pending[folder_of($2)] = "unlink " $2 }
$1 == "rename" {
    n_renames++
    folder = folder_of($4)
    if (dirty[$2]) bad("not synced")
    if ((folder in pending) && pending[folder] ~ /^unlink .*run\.json$/) bad("the older run.json may come back")
    if ($4 ~ /run\.json$/ && (folder in pending)) bad("before " pending[folder])
    pending[folder] = "rename " $4
}
END {
    for (folder in pending) { print folder ": not synced at the end: " pending[folder]; wrong = 1 }
    exit wrong || n_renames < 6
}' calls.txt >order.txt || fail "order of writes: $(cat order.txt)"

# what a killed program leaves is gone after the next run; where it can be gone on with, a new run is refused
for n in 1 2 3 4 5 6; do
    rm -rf R
    cp -r OLD R
    # shellcheck disable=SC2086
    LD_PRELOAD=$shim KGFAULT="rename $n kill once" "$program" $common --seed 2 --out R 2>/dev/null
    # shellcheck disable=SC2086
    "$program" $common --seed 2 --out R >out.txt 2>err.txt || run train --resume R -q
    ls -A R | grep -q '\.part\|\.tmp-' && fail "after rename $n and a new run: $(ls -A R)"
done
finish
