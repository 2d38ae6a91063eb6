# What goes wrong outside: memory that runs out, files that cannot be written, programs that are killed.
#
# kg_fault(<name> <label>...): tests/fault/test_<name>.c with all rooms.
# kg_fault_memory(<name> <label>...): the same, its allocations led by the linker through alloc.h.
add_library(kg_fault INTERFACE) # kg_test() links kg_<room>: here that is all of them
target_link_libraries(kg_fault INTERFACE kg_report)

function(kg_fault name)
  kg_test(fault ${name} ${ARGN})
endfunction()

function(kg_fault_memory name)
  kg_fault(${name} ${ARGN})
  target_link_options(test_fault_${name} PRIVATE
    LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
    LINKER:--wrap=posix_memalign,--wrap=strdup)
endfunction()

kg_fault_memory(base property)
kg_fault_memory(engine property)
kg_fault_memory(data property)
kg_fault_memory(tables property)
kg_fault_memory(models property)
kg_fault_memory(runs property)
kg_fault(bits property)

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
endif()
