# SPDX-License-Identifier: Apache-2.0
# The suite inside programs that have moved to a locale with a decimal comma, and the program itself in the
# environment of one. Usage:
# sh test_locale.sh PROGRAM JSON_GET FOLDER_OF_CLI_SCRIPTS MOVED_LIBRARY FOLDER_OF_TEST_PROGRAMS
set -u
program=$1 json_get=$2 cli=$3 moved=$4 tests=$5
command -v localedef >/dev/null || { echo 'localedef is not here'; exit 77; }
LOCPATH=$(mktemp -d) || exit 99
export LOCPATH
trap 'rm -rf "$LOCPATH"' EXIT
localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" 2>"$LOCPATH/log" ||
    [ -e "$LOCPATH/de_DE.UTF-8/LC_NUMERIC" ] || { echo 'de_DE is not here'; exit 77; }
KG_LOCALE=de_DE.UTF-8
export KG_LOCALE
point=$(LC_ALL=de_DE.UTF-8 locale decimal_point 2>/dev/null)
[ "$point" = , ] || { echo "the decimal mark is '$point', not a comma"; exit 77; }

cat >"$LOCPATH/ketgrad" <<SH
#!/bin/sh
LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 exec '$program' "\$@"
SH
chmod +x "$LOCPATH/ketgrad"
n_failed=0 n_run=0
check() { # check NAME COMMAND...
    name=$1
    shift
    n_run=$((n_run + 1))
    LD_PRELOAD=$moved "$@" >"$LOCPATH/out" 2>&1 || {
        n_failed=$((n_failed + 1))
        echo "FAILED in de_DE.UTF-8: $name"
        grep -v '^\[ *\(RUN\|OK\|=*\)' "$LOCPATH/out" | tail -n 15
    }
}
for room in base circuit data layer model train report eval; do
    for test in "$tests"/test_${room}_*; do
        case $test in
        *_chance | *_mnist | *_long | *_memory | *_doctor | *_strokes | *.dir) continue ;; # slow, or of no text
        esac
        [ ! -x "$test" ] || [ -d "$test" ] || check "$(basename "$test")" "$test"
    done
done
for name in errors files json config values run; do
    check "cli/$name" sh "$cli/test_$name.sh" "$LOCPATH/ketgrad" "$json_get" "$cli"
done
echo "$n_run programs and scripts in de_DE.UTF-8, $n_failed failed"
[ $n_failed = 0 ]
