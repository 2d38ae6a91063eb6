# The programs in examples/, built by pkg-config against an installed library.
if(KETGRAD_INSTALL AND NOT CMAKE_C_FLAGS MATCHES "sanitize")
  add_test(NAME examples/all COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/examples/test_examples.sh
    ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER} ${CMAKE_COMMAND})
  set_tests_properties(examples/all PROPERTIES LABELS cli TIMEOUT 300)
endif()
