# What goes wrong outside: memory that runs out, files that cannot be written, programs that are killed.
#
# kg_fault(<name> <label>...): tests/fault/test_<name>.c with all rooms, its allocations led by the
# linker (alloc.h).
function(kg_fault name)
  kg_test(fault ${name} ${ARGN})
  target_link_libraries(test_fault_${name} PRIVATE kg_report)
  target_link_options(test_fault_${name} PRIVATE
    LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=posix_memalign,--wrap=strdup)
endfunction()

add_library(kg_fault INTERFACE) # kg_test() links kg_<room>: here that is all of them, below
kg_fault(base property)
kg_fault(engine property)
kg_fault(data property)
kg_fault(models property)
kg_fault(runs property)
