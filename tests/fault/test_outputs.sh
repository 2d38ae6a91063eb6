# SPDX-License-Identifier: Apache-2.0
# Where results cannot go, and what the program does about it: one line, its exit code, nothing half-written.
# Then: two programs on one folder, numbers that are none, environments that are bare.
. "$3/lib.sh"
common='train --qubits 2 --train-rows 12 --test-rows 6 --steps 3 --threads 1 -q'
# shellcheck disable=SC2086
run $common --out OLD
sum=$(cat OLD/* | cksum)

# streams that are closed: no file takes their place
n_checks=$((n_checks + 1))
"$program" version >&- 2>err.txt
[ $? = 4 ] || fail 'a closed stdout is not exit 4'
[ "$(cat err.txt)" = 'ketgrad: stdout: cannot be written: Bad file descriptor' ] ||
    fail "a closed stdout: $(cat err.txt)"
# shellcheck disable=SC2086
"$program" $common --out CLOSED --progress plain >&- 2>&- <&-
[ -s CLOSED/model.safetensors ] || fail 'training without streams leaves no model'
for file in metrics.jsonl run.json model.safetensors; do
    grep -q 'test accuracy\|^seed\|wrote' CLOSED/$file && fail "the screen went into CLOSED/$file"
done
same CLOSED/metrics.jsonl OLD/metrics.jsonl

# readers that go away: filters end quietly, training goes on
n_checks=$((n_checks + 1))
"$program" predict OLD 2>pipe.txt | true
[ ! -s pipe.txt ] || fail "a pipe that closes says: $(cat pipe.txt)"
# shellcheck disable=SC2086
"$program" $common --out PIPED --progress plain 2>&1 | true
sleep 0.1
tries=0
while [ ! -s PIPED/run.json ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
same PIPED/model.safetensors OLD/model.safetensors

# places that are no files
mkdir folder
expect 4 'ketgrad: folder: cannot be written: Is a directory' forward --qubits 2 -o folder
mkfifo fifo
cat fifo >from_fifo.txt &
run forward --qubits 2 -o fifo
wait
[ -s from_fifo.txt ] || fail 'nothing came through the pipe'
expect 4 'ketgrad: fifo: is not a folder' train --qubits 2 --steps 2 --out fifo
expect 4 'ketgrad: fifo: no run here: neither run.json nor seed-1/run.json' predict fifo
expect 4 'ketgrad: fifo: is a pipe, not a regular file' forward --qubits 2 --in fifo
expect 4 'ketgrad: folder: is a folder, not a regular file' forward --qubits 2 --in folder
if [ -c /dev/full ]; then
    "$program" predict OLD >/dev/full 2>err.txt
    [ $? = 4 ] || fail 'a full stdout is not exit 4'
fi

# a folder that may not be written: as somebody else than root, who may everything
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null &&
    setpriv --reuid=65534 --regid=65534 --clear-groups "$program" version >out.txt 2>&1; then
    n_checks=$((n_checks + 1))
    chmod 755 . OLD
    mkdir locked
    # shellcheck disable=SC2086
    setpriv --reuid=65534 --regid=65534 --clear-groups "$program" $common --out locked >out.txt 2>err.txt
    [ $? = 4 ] || fail "a folder of somebody else is not exit 4: $(cat err.txt)"
    grep -q '^ketgrad: locked.*: .*Permission denied$' err.txt || fail "locked: $(cat err.txt)"
    # shellcheck disable=SC2086
    setpriv --reuid=65534 --regid=65534 --clear-groups "$program" $common --out OLD >out.txt 2>err.txt
    [ $? = 4 ] || fail "a run of somebody else is not exit 4: $(cat err.txt)"
    [ "$(cat OLD/* | cksum)" = "$sum" ] || fail 'a run of somebody else was changed'
else
    echo 'no other user here: permissions are not tested'
fi

# two programs on one folder: the second is refused and changes nothing
"$program" train --qubits 2 --train-rows 60 --steps 100000000 --log-every 100000 --threads 1 --out TWO -q \
    >one.txt 2>&1 &
first=$!
tries=0
while [ ! -s TWO/run.json.part ] && [ ! -s TWO/checkpoint.safetensors ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
n_checks=$((n_checks + 1))
# shellcheck disable=SC2086
"$program" $common --out TWO >out.txt 2>err.txt
[ $? = 4 ] || fail "the second program on a folder is not exit 4: $(cat err.txt)"
grep -q '^ketgrad: TWO: ' err.txt || fail "the second program: $(cat err.txt)"
"$program" train --resume TWO >out.txt 2>err.txt
[ $? = 4 ] || fail "going on with a run that goes on is not exit 4: $(cat err.txt)"
kill -INT $first
wait $first
[ $? = 130 ] || fail 'the first program is not exit 130'
"$program" predict TWO >out.txt 2>err.txt || fail "TWO: $(cat err.txt)"

# a loss that is no number: exit 6, the last good parameters are in the checkpoint
n_checks=$((n_checks + 1))
awk 'BEGIN { for (b = 0; b < 40; b++)
    printf "%d,%d,%s\n", b % 5, b * 7 % 11, (int(b * 13 / 3) % 2 ? "x" : "y") }' >mixed.csv
cat >deep.yaml <<'YAML'
model:
  layers: [{kind: dense, units: 8}, {kind: dense, units: 8}, {kind: dense, units: 8}, {kind: dense, units: classes}]
data: {name: mixed.csv}
train: {optimizer: sgd, lr: 10, loss_reduction: sum, steps: 200, checkpoint_every: 1}
YAML
"$program" train deep.yaml --baselines none --threads 1 --out NAN -q >out.txt 2>err.txt
[ $? = 6 ] || fail "a loss that is no number is not exit 6: $(cat err.txt)"
[ "$(wc -l <err.txt)" = 1 ] && grep -q '^ketgrad: step [0-9]*: loss or gradient is not finite' err.txt ||
    fail "a loss that is no number: $(cat err.txt)"
[ ! -s out.txt ] || fail 'results despite a loss that is no number'
cp NAN/checkpoint.safetensors before.safetensors || fail 'the last good checkpoint is gone'
"$program" train --resume NAN -q >out.txt 2>err.txt
[ $? = 6 ] || fail "the same again is not exit 6: $(cat err.txt)"
same NAN/checkpoint.safetensors before.safetensors
# ... in data, parameters and settings: refused where they are read
printf '1,2\n3,nan\n' >nan.csv
expect 3 "ketgrad: nan.csv:2:2: 'nan' is not finite" forward --qubits 2 --in nan.csv
expect 3 "ketgrad: nan.csv:2:2: 'nan' is not finite" forward --qubits 2 --params nan.csv
printf '1,2,a\n3,inf,b\n' >inf.csv
expect 3 "ketgrad: inf.csv:2:2: 'inf' is not finite" train --qubits 2 --data inf.csv --out NEVER
expect 2 'ketgrad: --lr is inf, not a number in [1e-12, 10]' train --lr inf
absent NEVER

# environments that are bare
for words in 'HOME= TERM= XDG_CACHE_HOME=' 'COLUMNS=0 TERM=dumb' 'HOME=/nonexistent XDG_CACHE_HOME=/dev/null' \
    'LC_ALL=xx_YY.nope TZ=nowhere'; do
    n_checks=$((n_checks + 1))
    rm -rf BARE
    # shellcheck disable=SC2086
    env $words "$program" $common --out BARE >out.txt 2>err.txt || fail "$words: $(cat err.txt)"
    cmp -s BARE/model.safetensors OLD/model.safetensors || fail "$words: another model"
done
n_checks=$((n_checks + 1))
rm -rf BARE
# shellcheck disable=SC2086
env -i "$program" $common --out BARE >out.txt 2>err.txt || fail "no environment: $(cat err.txt)"
mkdir gone
(cd gone && rmdir ../gone && "$program" version >/dev/null 2>&1) || fail 'a folder that is gone'
strange=$(printf 'a b\nc\002\377')
# shellcheck disable=SC2086
run $common --out "$strange"
[ -s "$strange/model.safetensors" ] || fail 'a path with a line end'
run predict "$strange"
long=$(awk 'BEGIN { for (i = 0; i < 5000; i++) printf "x" }')
# shellcheck disable=SC2086
"$program" $common --out "$long" >out.txt 2>err.txt
[ $? = 2 ] || fail "a path of 5000 letters: $(cat err.txt)"
[ "$(wc -l <err.txt)" = 1 ] || fail "a path of 5000 letters: $(cat err.txt)"
finish
