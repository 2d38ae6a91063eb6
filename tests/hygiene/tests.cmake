# The hygiene of the source tree, one script each in scripts/; `ctest -L hygiene` runs them all.
find_program(KETGRAD_CXX NAMES c++ clang++ REQUIRED)

function(kg_hygiene name)
  add_test(NAME hygiene/${name} COMMAND ${ARGN})
  set_tests_properties(hygiene/${name} PROPERTIES
    LABELS "unit;hygiene" TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

set(scripts ${CMAKE_SOURCE_DIR}/scripts)
kg_hygiene(arrows ${scripts}/check-arrows)
kg_hygiene(banned ${scripts}/check-banned)
kg_hygiene(docs ${scripts}/check-docs)
kg_hygiene(format ${scripts}/check-format)
kg_hygiene(headers ${scripts}/check-headers ${CMAKE_SOURCE_DIR} ${CMAKE_C_COMPILER} ${KETGRAD_CXX})
kg_hygiene(sizes ${scripts}/check-sizes)
kg_hygiene(symbols ${scripts}/check-symbols $<TARGET_FILE:ketgrad>)
# The checks themselves: each must name the one sin of a small tree made for it.
kg_hygiene(checks ${CMAKE_CURRENT_LIST_DIR}/test_checks.sh ${scripts} ${CMAKE_C_COMPILER})
# A page of the documentation that can be followed.
kg_hygiene(howto ${CMAKE_CURRENT_LIST_DIR}/test_howto.sh ${CMAKE_SOURCE_DIR} ${CMAKE_C_COMPILER}
  $<TARGET_FILE:kg_base> ${CMAKE_C_FLAGS})
