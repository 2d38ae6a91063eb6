# The same results on other machines: kernel sets, threads of BLAS, many at once, another locale.
add_library(kg_machine INTERFACE) # all rooms
target_link_libraries(kg_machine INTERFACE kg_report)
kg_test(machine kernels unit property)
target_link_options(test_machine_kernels PRIVATE LINKER:--wrap=kgi_kernels_find)
kg_test(machine at_once unit property)
target_link_libraries(test_machine_at_once PRIVATE ketgrad_threads)

if(TARGET ketgrad_cli AND NOT CMAKE_C_FLAGS MATCHES "fsanitize")
  add_test(NAME machine/blas COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/machine/test_blas.sh
    $<TARGET_FILE:ketgrad_cli> $<TARGET_FILE:cli_json_get> ${CMAKE_CURRENT_SOURCE_DIR}/cli)
  add_library(kg_moved MODULE machine/moved.c)
  add_test(NAME machine/locale COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/machine/test_locale.sh
    $<TARGET_FILE:ketgrad_cli> $<TARGET_FILE:cli_json_get> ${CMAKE_CURRENT_SOURCE_DIR}/cli
    $<TARGET_FILE:kg_moved> ${CMAKE_CURRENT_BINARY_DIR})
  set_tests_properties(machine/blas machine/locale PROPERTIES
    LABELS "cli;slow" TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()
