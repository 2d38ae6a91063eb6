# Fuzz targets, one a reader. With clang and its address sanitizer they are fuzzers: the rooms that read
# files tell libFuzzer which way was taken, and `ctest -L fuzz` runs each for KETGRAD_FUZZ_SECONDS. Else they
# are programs that replay the corpus.
set(KETGRAD_FUZZ_SECONDS 20 CACHE STRING "How long each fuzz target runs as a test")
set(fuzz_targets model model_roundtrip checkpoint npy npz idx csv experiment json)

if(CMAKE_C_COMPILER_ID MATCHES "Clang" AND CMAKE_C_FLAGS MATCHES "fsanitize=address")
  set(fuzz_main "")
  foreach(room IN ITEMS base data model train report)
    target_compile_options(kg_${room} PRIVATE -fsanitize=fuzzer-no-link)
  endforeach()
else()
  set(fuzz_main fuzz/replay.c)
endif()

foreach(name IN LISTS fuzz_targets)
  add_executable(fuzz_${name} fuzz/target_${name}.c fuzz/fuzz.c corpus/bytes.c ${fuzz_main})
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(fuzz_${name} PRIVATE kg_report ketgrad_zlib)
  if(fuzz_main)
    set(seconds 0)
    set(labels "unit;property")
  else()
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set(seconds ${KETGRAD_FUZZ_SECONDS})
    set(labels "fuzz")
  endif()
  add_test(NAME fuzz/${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/run_one.sh ${name}
    $<TARGET_FILE:fuzz_${name}> $<TARGET_FILE:corpus> ${seconds})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS "${labels}" TIMEOUT 600)
endforeach()
