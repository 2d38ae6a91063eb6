# SPDX-License-Identifier: Apache-2.0
# The library as others meet it: installed into a folder of its own, then a C program is built against
# it by pkg-config, by find_package() and by add_subdirectory(), and run; each folder may be moved.
# Usage: sh test_install.sh SOURCE BUILD CC CMAKE LAUNCHER, SOURCE and BUILD being folders of the project
set -u
source=$1
build=$2
cc=$3
cmake=$4
launcher=$5
. "$source/tests/cli/scratch.sh"
unset LD_LIBRARY_PATH CFLAGS LDFLAGS DESTDIR

# A Bell state: <X0 X1> = 1, <Y0 Y1> = -1, <Z0> = 0
cat >bell.c <<'C'
#include <ketgrad/ketgrad.h>
#include <stdio.h>

int main(void)
{
    const int qubits[] = {0, 1};
    const char *const words[] = {"X0 X1", "Y0 Y1", "Z0"};
    kg_error err = {KG_OK, ""};
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    double out[3] = {7, 7, 7};
    int failed = kg_circuit_create(&circuit, 2, &err) ||
                 kg_circuit_add_gate(circuit, KG_GATE_H, qubits, NULL, &err) ||
                 kg_circuit_add_gate(circuit, KG_GATE_CX, qubits, NULL, &err) ||
                 kg_observable_create(&observable, 2, &err);
    for (int i = 0; i < 3 && !failed; i++) {
        failed = kg_observable_add(observable, i, 1.0, words[i], &err) != KG_OK;
    }
    failed = failed || kg_plan_create(&plan, circuit, observable, NULL, &err) ||
             kg_workspace_create(&ws, plan, &err);
    if (!failed) {
        kg_plan_forward(plan, NULL, 1, NULL, out, ws);
    }
    printf("ketgrad %s, %.3f %.3f %.3f%s\n", kg_version(), out[0], out[1], out[2], err.message);
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    return failed;
}
C

# installed under DESTDIR: all that is promised, and nothing outside of the prefix
DESTDIR=$work/stage "$cmake" --install "$build" --prefix /opt/ketgrad >install.txt 2>&1 ||
    fail "does not install: $(cat install.txt)"
root=$work/stage/opt/ketgrad
[ "$(ls "$work/stage")" = opt ] || fail "files outside of the prefix: $(ls "$work/stage")"
lib=$(dirname "$(find "$root" -name libketgrad.so)")
for file in bin/ketgrad include/ketgrad/ketgrad.h include/ketgrad/config.h share/man/man1/ketgrad.1 \
    share/man/man1/ketgrad-train.1 share/bash-completion/completions/ketgrad \
    share/zsh/site-functions/_ketgrad; do
    [ -f "$root/$file" ] || fail "$file is not installed"
done
[ -z "$(find "$root/include" ! -name '*.h' -type f)" ] || fail "more than headers in include"
[ "$(readlink "$lib/libketgrad.so")" = libketgrad.so.0 ] || fail "libketgrad.so is no link"
if command -v readelf >/dev/null; then
    readelf -d "$lib/libketgrad.so" >elf.txt
    grep -q 'SONAME.*\[libketgrad\.so\.0\]' elf.txt || fail "SONAME: $(grep SONAME elf.txt)"
    grep -q 'NEEDED.*libcurl' elf.txt && fail "libcurl is loaded at the start"
    readelf -d "$root/bin/ketgrad" >elf.txt
    grep NEEDED elf.txt | grep -Evq 'ketgrad|libc\.|libm\.|libasan|libubsan' &&
        fail "the program loads more than it calls: $(grep NEEDED elf.txt)"
fi
if [ -x "$source/scripts/check-symbols" ]; then
    "$source/scripts/check-symbols" "$lib/libketgrad.so" >symbols.txt || fail "$(cat symbols.txt)"
fi

# the folder may be moved: the program finds its library
mv "$work/stage/opt/ketgrad" "$work/moved"
root=$work/moved
lib=$(dirname "$(find "$root" -name libketgrad.so)")
version=$("$root/bin/ketgrad" version) || fail "the moved program does not run"

# runs WAY PROGRAM
runs() {
    said=$("$2" 2>&1) || fail "built by $1, it does not run: $said"
    case $said in
    "$version, 1.000 -1.000 0.000" | "$version, 1.000 -1.000 -0.000") ;;
    *) fail "built by $1, it says '$said'" ;;
    esac
}

# pkg-config
PKG_CONFIG_PATH=$lib/pkgconfig
export PKG_CONFIG_PATH
if command -v pkg-config >/dev/null; then
    [ "ketgrad $(pkg-config --modversion ketgrad)" = "$version" ] || fail "pkg-config: version"
    pkg-config --libs ketgrad | grep -Eq 'openblas|jansson' && fail "pkg-config: private libraries"
    pkg-config --static --libs ketgrad | grep -q openblas || fail "pkg-config: static needs"
    # shellcheck disable=SC2046
    "$cc" -std=c11 -Wall -Werror bell.c -o by_pkg_config $(pkg-config --cflags --libs ketgrad) \
        "-Wl,-rpath,$lib" || fail "pkg-config: does not build"
    runs pkg-config ./by_pkg_config
fi

# find_package()
mkdir package tree
cat >package/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(ketgrad 0.1 REQUIRED)
add_executable(bell ../bell.c)
target_link_libraries(bell PRIVATE ketgrad::ketgrad)
CMAKE
"$cmake" -S package -B package/build -DCMAKE_PREFIX_PATH="$root" -DCMAKE_C_COMPILER="$cc" \
    >package.txt 2>&1 && "$cmake" --build package/build >>package.txt 2>&1 ||
    fail "find_package: $(tail -n 20 package.txt)"
runs find_package package/build/bell
sed 's/ketgrad 0.1/ketgrad 7.0/' package/CMakeLists.txt >package/new.txt
mv package/new.txt package/CMakeLists.txt
"$cmake" -S package -B package/other -DCMAKE_PREFIX_PATH="$root" >package.txt 2>&1 &&
    fail "find_package: version 7.0 is found"

# add_subdirectory(): nothing of ours but the library, and none of our flags on the user's files
cat >tree/CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
add_subdirectory($source ketgrad)
add_executable(bell ../bell.c)
target_link_libraries(bell PRIVATE ketgrad::ketgrad)
foreach(variable IN ITEMS CMAKE_C_FLAGS CMAKE_BUILD_TYPE CMAKE_C_STANDARD CMAKE_C_VISIBILITY_PRESET)
  message("\${variable}=\${\${variable}}.")
endforeach()
foreach(target IN ITEMS ketgrad_cli test_base_text)
  if(TARGET \${target})
    message("TARGET \${target}")
  endif()
endforeach()
CMAKE
"$cmake" -S tree -B tree/build -G Ninja -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_COMPILER_LAUNCHER="$launcher" \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >tree.txt 2>&1 || fail "add_subdirectory: $(tail -n 20 tree.txt)"
for variable in CMAKE_C_FLAGS CMAKE_BUILD_TYPE CMAKE_C_STANDARD CMAKE_C_VISIBILITY_PRESET; do
    grep -q "^$variable=\.\$" tree.txt || fail "add_subdirectory sets $(grep "^$variable" tree.txt)"
done
grep '^TARGET' tree.txt && fail "add_subdirectory brings more than the library"
grep '"command".*bell\.c' tree/build/compile_commands.json | grep -Eq ' -(W|D|f|O)' &&
    fail "our flags on the user's file: $(grep 'bell\.c' tree/build/compile_commands.json)"
"$cmake" --build tree/build --target bell >tree.txt 2>&1 || fail "add_subdirectory: $(tail -n 20 tree.txt)"
runs add_subdirectory tree/build/bell
grep -q 'install' tree/build/ketgrad/cmake_install.cmake 2>/dev/null &&
    grep -q libketgrad tree/build/ketgrad/cmake_install.cmake && fail "add_subdirectory installs ketgrad"

echo "$n_failed failed"
[ "$n_failed" = 0 ]
