# SPDX-License-Identifier: Apache-2.0
# What the scripts share. Usage: sh test_x.sh PROGRAM JSON_GET FOLDER_OF_THE_SCRIPTS
program=$1
json_get=$2
unset KETGRAD_DATA NO_COLOR
LC_ALL=C
export LC_ALL
XDG_CACHE_HOME=/nonexistent # no data sets of whoever runs this
export XDG_CACHE_HOME
n_checks=0
. "$3/scratch.sh"

ketgrad() {
    "$program" "$@"
}

# expect CODE MESSAGE WORD...: the program ends with CODE, says exactly MESSAGE on stderr (one line),
# and prints no result.
expect() {
    n_checks=$((n_checks + 1))
    code=$1
    message=$2
    shift 2
    "$program" "$@" >out.txt 2>err.txt </dev/null
    got=$?
    [ "$got" = "$code" ] || fail "exit $got, not $code: ketgrad $*"
    [ "$(cat err.txt)" = "$message" ] || fail "ketgrad $*
    said     $(cat err.txt)
    expected $message"
    [ ! -s out.txt ] || fail "results despite an error: ketgrad $*"
}

# run WORD...: the program succeeds; its results are in out.txt, its messages in err.txt.
run() {
    n_checks=$((n_checks + 1))
    "$program" "$@" >out.txt 2>err.txt </dev/null
    got=$?
    [ "$got" = 0 ] || fail "exit $got: ketgrad $*: $(cat err.txt)"
}

# is EXPECTED PATH [FILE]: the JSON value at PATH of out.txt (or FILE).
is() {
    n_checks=$((n_checks + 1))
    value=$("$json_get" "${3:-out.txt}" "$2" 2>&1)
    [ "$value" = "$1" ] || fail "$2 is '$value', not '$1'"
}

# number PATH LOW HIGH [FILE]: a JSON number in [LOW, HIGH].
number() {
    n_checks=$((n_checks + 1))
    value=$("$json_get" "${4:-out.txt}" "$1" 2>&1)
    echo "$value" | awk -v lo="$2" -v hi="$3" '
        !/^-?[0-9]/ { exit 1 }
        { exit !($1 + 0 >= lo + 0 && $1 + 0 <= hi + 0) }' || fail "$1 is '$value', not in [$2, $3]"
}

# same FILE FILE
same() {
    n_checks=$((n_checks + 1))
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# absent PATH...
absent() {
    n_checks=$((n_checks + 1))
    for path in "$@"; do
        [ ! -e "$path" ] || fail "$path is there: $(ls -R "$path")"
    done
}

finish() {
    echo "$n_checks checks, $n_failed failed"
    [ "$n_failed" = 0 ]
    exit
}
