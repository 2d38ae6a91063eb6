# What goes wrong outside: memory that runs out, files that cannot be written, programs that are killed.
add_library(kg_fault INTERFACE) # kg_test() links kg_<room>: here that is all rooms
target_link_libraries(kg_fault INTERFACE kg_report)

kg_test_alloc(fault base property)
kg_test_alloc(fault engine property)
kg_test_alloc(fault data property)
kg_test_alloc(fault tables property)
kg_test_alloc(fault models property)
kg_test_alloc(fault runs property)
kg_test(fault bits property)

# The program as a whole, by a library loaded before all others; the sanitizers come with such a library
# of their own.
if(TARGET ketgrad_cli AND NOT CMAKE_C_FLAGS MATCHES "fsanitize")
  add_library(kg_shim MODULE fault/shim.c)
  target_link_libraries(kg_shim PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(kg_shim PROPERTIES C_VISIBILITY_PRESET default)
  add_executable(fault_sweep fault/sweep.c)
  foreach(name IN ITEMS memory disk outputs)
    add_test(NAME fault/${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/fault/test_${name}.sh
      $<TARGET_FILE:ketgrad_cli> $<TARGET_FILE:cli_json_get> ${CMAKE_CURRENT_SOURCE_DIR}/cli
      $<TARGET_FILE:kg_shim> $<TARGET_FILE:fault_sweep>)
    set_tests_properties(fault/${name} PROPERTIES LABELS "cli;slow" TIMEOUT 600)
  endforeach()
  add_test(NAME fault/kills COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/fault/kills.sh
    $<TARGET_FILE:ketgrad_cli> 50)
  set_tests_properties(fault/kills PROPERTIES LABELS "cli;slow" TIMEOUT 900)
  if(EXISTS /dev/shm) # hundreds of small runs: what is synced need not wait for a disk
    set_tests_properties(fault/disk fault/kills PROPERTIES ENVIRONMENT "TMPDIR=/dev/shm")
  endif()
endif()
