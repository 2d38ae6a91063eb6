# The program from outside: POSIX shell scripts, each in a folder of its own; JSON is read by a small
# C program, so that nothing but a shell and the usual tools is needed.
if(TARGET ketgrad_cli)
  add_executable(cli_json_get cli/json_get.c)
  target_link_libraries(cli_json_get PRIVATE ketgrad_json ketgrad_warnings)
  foreach(name IN ITEMS config pages errors files help json run bits interrupt values custom data resume)
    add_test(NAME cli/${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${name}.sh
      $<TARGET_FILE:ketgrad_cli> $<TARGET_FILE:cli_json_get> ${CMAKE_CURRENT_SOURCE_DIR}/cli)
    set_tests_properties(cli/${name} PROPERTIES LABELS cli TIMEOUT 300)
  endforeach()
  add_executable(cli_peak_of cli/peak_of.c)
  target_link_libraries(cli_peak_of PRIVATE ketgrad_warnings)
  add_test(NAME cli/preflight COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_preflight.sh
    $<TARGET_FILE:ketgrad_cli> $<TARGET_FILE:cli_json_get> ${CMAKE_CURRENT_SOURCE_DIR}/cli
    $<TARGET_FILE:cli_peak_of>)
  set_tests_properties(cli/preflight PROPERTIES LABELS cli TIMEOUT 300)
  if(CMAKE_C_FLAGS MATCHES "sanitize")
    set_tests_properties(cli/preflight PROPERTIES ENVIRONMENT "SANITIZED=1")
  endif()
  if(KETGRAD_INSTALL AND NOT CMAKE_C_FLAGS MATCHES "sanitize")
    add_test(NAME cli/install COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_install.sh
      ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER} ${CMAKE_COMMAND}
      "${CMAKE_C_COMPILER_LAUNCHER}")
    set_tests_properties(cli/install PROPERTIES LABELS "cli;slow" TIMEOUT 900)
  endif()
  # It measures how long --version takes: beside a busy neighbour it would measure the neighbour.
  set_tests_properties(cli/help PROPERTIES RUN_SERIAL TRUE)
endif()
