#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A check that cannot fail checks nothing: every script in scripts/ must pass a small clean tree,
# then fail on one sin in it and name file, line and reason.
# Usage: test_checks.sh SCRIPTS [C compiler]
set -eu
scripts=$1
cc=${2:-cc}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# A tree of two rooms, circuit above base, in which nothing is wrong.
plant()
{
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/docs" "$tree/include/ketgrad" "$tree/src/base" "$tree/src/circuit" \
        "$tree/tests/ref"
    cat >"$tree/docs/rooms.txt" <<'TREE'
# room   may include
base:
circuit: base
cli:     <ketgrad/*>
status.h base
TREE
    cat >"$tree/include/ketgrad/status.h" <<'TREE'
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATUS_H
#define STATUS_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
#define KG_API __attribute__((visibility("default")))
KG_API int kg_status_text(size_t status);
#ifdef __cplusplus
}
#endif
#endif
TREE
    cat >"$tree/src/base/status.c" <<'TREE'
/* SPDX-License-Identifier: Apache-2.0 */
#include <ketgrad/status.h>
#include <string.h>

/* No call of strcpy() or exit() in a comment counts, nor "printf(" in quotes. */
int kg_status_text(size_t status)
{
    return (int)(status + sizeof "printf(" + strlen("system("));
}
TREE
    cat >"$tree/src/circuit/gates.c" <<'TREE'
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"
TREE
    printf '/* SPDX-License-Identifier: Apache-2.0 */\n' >"$tree/src/base/status.h"
    for room in base circuit; do
        printf 'One room. See [the table](../../docs/rooms.txt#top).\n' >"$tree/src/$room/README.md"
    done
}

# passes CHECK ARGUMENT...: the check has nothing to say about the tree.
passes()
{
    if ! output=$("$scripts/check-$1" "$tree" 2>&1); then
        printf 'check-%s refuses a clean tree: %s\n' "$1" "$output"
        failed=1
    fi
}

# names CHECK TEXT: the check fails, and its output has TEXT in it.
names()
{
    check=$1
    text=$2
    if output=$("$scripts/check-$check" "$tree" 2>&1); then
        printf 'check-%s did not notice: %s\n' "$check" "$text"
        failed=1
        return
    fi
    case $output in
    *"$text"*) ;;
    *)
        printf 'check-%s should have said "%s", said: %s\n' "$check" "$text" "$output"
        failed=1
        ;;
    esac
}

# sin FILE TEXT: a clean tree with one more line at the end of FILE.
sin()
{
    plant
    printf '%s\n' "$2" >>"$tree/$1"
}

plant
for check in arrows banned docs headers sizes; do
    passes "$check"
done

sin src/base/status.c '#include "circuit/gates.h"'
names arrows 'src/base/status.c:10: base may not include circuit ("circuit/gates.h")'
sin src/base/status.c '#include "../circuit/gates.h"'
names arrows 'src/base/status.c:10: "../circuit/gates.h" climbs out of its room'
sin src/circuit/gates.c '#  include <ketgrad/noise.h>'
names arrows 'src/circuit/gates.c:3: <ketgrad/noise.h> belongs to no room'
sin include/ketgrad/status.h '#include "circuit.h"'
names arrows 'include/ketgrad/status.h:14: base may not include circuit'
sin tests/ref/oracle.c '#include <ketgrad/status.h>'
names arrows 'tests/ref/oracle.c:1: tests/ref may not include "ketgrad/status.h"'
sin docs/rooms.txt 'base: circuit'
names arrows 'docs/rooms.txt:6: base has two rows'
sin docs/rooms.txt 'data: train'
names arrows 'docs/rooms.txt:6: data names train, which is not a room above it'
plant
mkdir "$tree/src/cellar"
printf '/* SPDX-License-Identifier: Apache-2.0 */\n' >"$tree/src/cellar/wine.c"
names arrows 'src/cellar/wine.c:1: is in no room of docs/rooms.txt'
mkdir "$tree/src/cli"
printf '#include "base/status.h"\n' >"$tree/src/cli/main.c"
names arrows 'src/cli/main.c:1: cli may not include base ("base/status.h")'

sin src/base/status.c 'static void f(char *a) { strcpy(a, "b"); }'
names banned 'src/base/status.c:10: strcpy() is not used here'
sin src/base/status.c 'static void f(void) { system("ls"); }'
names banned 'src/base/status.c:10: system() is for tests'
sin tests/ref/ref.c '/* SPDX */ static void f(void) { system("ls"); }'
passes banned
sin src/base/status.c 'static void f(void) { /* leave */ exit (1); }'
names banned 'src/base/status.c:10: exit() is for programs'
sin src/base/status.c 'static void f(void) { fputs("x", stderr); }'
names banned 'src/base/status.c:10: the library does not print'
sin src/circuit/gates.c '#pragma omp parallel for'
names banned 'src/circuit/gates.c:3: threads come from base/parallel.h'
sin src/circuit/gates.c '#include <zlib.h>'
names banned 'src/circuit/gates.c:3: <zlib.h> has its one home in src/base/gzip.c'
sin src/circuit/gates.c '#include <gsl/gsl_math.h>'
names banned 'src/circuit/gates.c:3: <gsl/gsl_math.h> is of no library'

sin docs/map.md 'See [nothing](nowhere.md).'
names docs 'docs/map.md:1: leads to nowhere.md, which does not exist'
plant
rm "$tree/src/circuit/README.md"
names docs 'src/circuit/: has no README.md'

sin include/ketgrad/status.h '#include <stdio.h>'
names headers 'include/ketgrad/status.h:14: a public header may not have: #include <stdio.h>'
sin include/ketgrad/status.h 'KG_API kg_missing kg_f(void);'
names headers 'include/ketgrad/status.h:1: does not compile alone as c11'

plant
awk 'BEGIN { print "/* SPDX-License-Identifier: Apache-2.0 */"; for (i = 2; i <= 701; i++) print "" }' \
    >"$tree/src/base/long.c"
names sizes 'src/base/long.c:701: 701 lines, more than 700'
sin src/base/plain.c 'int x;'
names sizes 'src/base/plain.c:1: does not begin with SPDX'

# The symbols of a real library: hidden by default, as ours.
library=$tree/libtiny.so
symbols()
{
    "$cc" -shared -fPIC -fvisibility=hidden -I "$tree/include" -o "$library" "$tree/src/base/status.c"
    "$scripts/check-symbols" "$library" "$tree" 2>&1
}
plant
if ! output=$(symbols); then
    printf 'check-symbols refuses a clean library: %s\n' "$output"
    failed=1
fi
for pair in 'KG_API int leaked; int leaked=1;|exports leaked, which does not begin with kg_' \
    'KG_API int kg_secret; int kg_secret=1;|exports kg_secret, which no public header declares'; do
    sin src/base/status.c "${pair%|*}"
    if output=$(symbols); then
        printf 'check-symbols did not notice: %s\n' "${pair#*|}"
        failed=1
    fi
    case $output in
    *"${pair#*|}"*) ;;
    *)
        printf 'check-symbols should have said "%s", said: %s\n' "${pair#*|}" "$output"
        failed=1
        ;;
    esac
done
sin include/ketgrad/status.h 'KG_API int kg_promised(void);'
output=$(symbols) || true
case $output in
*'lacks kg_promised(), which a public header declares'*) ;;
*)
    echo "check-symbols did not notice that kg_promised() is declared and not there: $output"
    failed=1
    ;;
esac

[ "$failed" -eq 0 ] || exit 1
echo 'test_checks: every check passes a clean tree and names each sin'
