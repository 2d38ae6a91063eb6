# SPDX-License-Identifier: Apache-2.0
# Ctrl-C: the step is finished, the model is saved and can be loaded, the exit code says which signal;
# the second one ends at once; a reader that goes away is no error.
. "$3/lib.sh"

# interrupted SIGNAL CODE FOLDER
interrupted() {
    n_checks=$((n_checks + 1))
    "$program" train --steps 100000000 --log-every 100 --threads 1 --out "$3" --json >out.txt 2>err.txt &
    pid=$!
    tries=0
    while [ ! -s "$3/metrics.jsonl.part" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -s "$1" $pid
    wait $pid
    got=$?
    [ "$got" = "$2" ] || fail "$1: exit $got, not $2: $(cat err.txt)"
    is interrupted stop "$3/run.json"
    is "$2" exit "$3/run.json"
    is 'array 1' seeds
    is 'array 0' baselines
    number seeds.0.steps 1 99999999
    absent "$3/metrics.jsonl.part" "$3/model.safetensors.part" "$3/run.json.part"
    grep -q 'finishing the step and saving' err.txt || fail "$1: $(cat err.txt)"
    "$program" predict "$3" >classes.txt 2>err.txt || fail "$1: not loadable: $(cat err.txt)"
    grep -q '^[01]$' classes.txt || fail "$1: no classes"
}
interrupted INT 130 A
interrupted TERM 143 B

# with seeds: those that were done, and the one in work
"$program" train --steps 2000000 --log-every 1000 --train-rows 50 --test-rows 20 --threads 1 --seeds 3 \
    --out C >out.txt 2>err.txt &
pid=$!
tries=0
while [ ! -s C/seed-1/metrics.jsonl.part ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -s INT $pid
wait $pid
[ $? = 130 ] || fail 'seeds: not exit 130'
is interrupted stop C/seed-1/run.json
absent C/seed-2

# a reader that goes away
n_checks=$((n_checks + 1))
{
    "$program" predict A 2>pipe.txt
    echo $? >code.txt
} | head -n 1 >/dev/null
[ ! -s pipe.txt ] || fail "a closed pipe says: $(cat pipe.txt)"
finish
