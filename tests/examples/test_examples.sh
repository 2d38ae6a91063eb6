# SPDX-License-Identifier: Apache-2.0
# The examples as their reader builds them: against an installed library, by pkg-config, with warnings as
# errors; each runs, and says what its head promises. Usage: sh test_examples.sh SOURCE BUILD CC CMAKE
set -u
source=$1 build=$2 cc=$3 cmake=$4
. "$source/tests/cli/scratch.sh"
unset LD_LIBRARY_PATH CFLAGS LDFLAGS DESTDIR

"$cmake" --install "$build" --prefix "$work/root" >install.txt 2>&1 || fail "$(cat install.txt)"
lib=$(dirname "$(find "$work/root" -name libketgrad.so)")
PKG_CONFIG_PATH=$lib/pkgconfig
export PKG_CONFIG_PATH

for file in "$source"/examples/*.c; do
    name=$(basename "$file" .c)
    [ "$(wc -l <"$file")" -lt 80 ] || fail "$name has 80 lines or more"
    grep -q "\`$name.c\`" "$source/examples/README.md" || fail "$name.c is not in the README"
    # shellcheck disable=SC2046
    "$cc" -std=c11 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror "$file" -o "$name" \
        $(pkg-config --cflags --libs ketgrad) -lm "-Wl,-rpath,$lib" 2>cc.txt ||
        fail "$name does not build: $(cat cc.txt)"
    "./$name" >"$name.txt" 2>"$name.err" || fail "$name: exit $?, $(cat "$name.err")"
    [ ! -s "$name.err" ] || fail "$name says $(cat "$name.err")"
done

# says NAME PATTERN: a line of its output
says() {
    grep -Eq "$2" "$1.txt" || fail "$1 does not say '$2' but: $(cat "$1.txt")"
}
says bell '^<ZZ> = \+1\.000  <XX> = \+1\.000  <YY> = -1\.000$'
says bell '^1000 shots: 00 [45][0-9][0-9], 01 0, 10 0, 11 [45][0-9][0-9]$'
says gradient '^step 10: <X0> = -0\.9[89]'
# cos(1.1/2) cos(0.8) and -1/2 sin(1.1/2) sin(0.8), and the other two ways agree to all digits shown
says gradient '^adjoint  *\+0\.593959554402 -0\.187476433654$'
[ "$(sed -n 's/^[a-z]*  *\([+-]\)/\1/p' gradient.txt | sort -u | wc -l)" = 1 ] ||
    fail "gradient: three ways, several results: $(cat gradient.txt)"
says own_ansatz '^14 parameters, depth [0-9]+, the answer is <Z2>$'
says own_ansatz 'RXX\(t2\)'
says own_ansatz 'wrong by at most 1e-9$'
says own_loss '^at x = 0 the curve is 0\.6, the circuit says 0\.(5[5-9]|6[0-5])$'
says own_model '^57 parameters, test accuracy (0\.9|1\.0)'
says train '^model\.safetensors: qcnn with 51 parameters, test accuracy 0\.[7-9]'
[ -s model.safetensors ] || fail 'train leaves no model'

echo "$(ls "$source"/examples/*.c | wc -l) examples, $n_failed failed"
[ "$n_failed" = 0 ]
