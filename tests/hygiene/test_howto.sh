#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/howto-ansatz.md is true: its diff applies to a copy of the circuit room, which then builds, passes
# the tests of blocks, and gives the help and the drawing that the page shows.
# Usage: test_howto.sh ROOT COMPILER LIBRARY_OF_THE_BASE_ROOM [FLAGS]
set -eu
root=$1
cc=$2
base=$3
flags=${4:-}
page=$root/docs/howto-ansatz.md
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

mkdir -p "$copy/src"
cp -r "$root/src/circuit" "$copy/src/"
awk '/^```diff$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" >"$copy/row.diff"
[ -s "$copy/row.diff" ] || { echo "$page: has no diff"; exit 1; }
(cd "$copy" && patch -p1 --fuzz=2 <row.diff) || { echo "$page: its diff does not apply"; exit 1; }

# The page's own words about the row: what `help ansatz` and `show` print.
cat >"$copy/page.c" <<'PROGRAM'
#include <ketgrad/circuit.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const kg_block *row = argc > 1 ? kg_ansatz_find(argv[1]) : NULL;
    kg_circuit *circuit = NULL;
    char *drawing = NULL;
    int readout = 0;
    if (!row) {
        return 1;
    }
    printf("  %-16s  %s (%d parameters; %s)\n  %-16s  %s\n", row->name, row->help, row->n_params,
           row->paper, "", row->gates);
    if (kg_circuit_create(&circuit, 2, NULL) ||
        kg_circuit_add_encoding(circuit, kg_encoding_find("angle"), NULL) ||
        kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), row, kg_pooling_find("zx"), &readout,
                            NULL) ||
        kg_circuit_draw(&drawing, circuit, KG_DRAW_UTF8, 120, NULL)) {
        return 1;
    }
    fputs(drawing, stdout);
    kg_free(drawing);
    kg_circuit_destroy(circuit);
    return 0;
}
PROGRAM
include="-I$copy/src -I$root/src -I$root/include -I$root/tests -I$root/tests/circuit"
for file in "$copy"/src/circuit/*.c; do
    # shellcheck disable=SC2086 # flags are words
    $cc $flags -std=gnu11 $include -c "$file" -o "$file.o"
done
# shellcheck disable=SC2086
$cc $flags -std=gnu11 $include "$copy/page.c" "$copy"/src/circuit/*.o "$base" -lm -o "$copy/page"
# shellcheck disable=SC2086
$cc $flags -std=gnu11 $include "$root/tests/circuit/test_blocks.c" "$root"/tests/ref/*.c \
    "$copy"/src/circuit/*.o "$base" -lcmocka -lm -o "$copy/test_blocks"

"$copy/test_blocks" >"$copy/log" 2>&1 || { cat "$copy/log"; echo "test_blocks fails with the row"; exit 1; }
name=$(sed -n 's/^+ *{"\([a-z0-9-]*\)".*/\1/p' "$copy/row.diff")
"$copy/page" "$name" >"$copy/shown" || { echo "$page: there is no ansatz $name after its diff"; exit 1; }
# Every line that is printed must stand on the page, in this order and without others between.
awk -v page="$page" '
    BEGIN { while ((getline line < page) > 0) { text[++n] = line } }
    { for (i = last + 1; i <= n && text[i] != $0; i++) { }
      if (i > n) { print page ": does not show: " $0; bad = 1; exit 1 }
      last = i }
    END { exit bad }' "$copy/shown"
echo "howto: the diff of $name applies, builds, passes its tests and looks as shown"
