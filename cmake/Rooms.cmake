# kg_room(<room> [ROOMS <room>...] [LIBS <library>...]): src/<room>/*.c as a static library.
# kg_instruction_sets(<room> <file>): src/<room>/<file>_avx2.c and _avx512.c are compiled for these sets
# (they run only where the CPU has them); in kernels products and sums may fuse.
add_library(ketgrad_warnings INTERFACE)
target_compile_options(ketgrad_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wformat=2 -Wundef -Wcast-align
  -Wdouble-promotion -Wnull-dereference -Wstrict-prototypes -Wmissing-prototypes
  $<$<BOOL:${KETGRAD_WERROR}>:-Werror>)

set(KETGRAD_ROOMS "" CACHE INTERNAL "rooms of the library, lowest first")

function(kg_room room)
  cmake_parse_arguments(arg "" "" "ROOMS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/*.c)
  add_library(kg_${room} STATIC ${sources} ${PROJECT_SOURCE_DIR}/include/ketgrad/ketgrad.h)
  set_target_properties(kg_${room} PROPERTIES LINKER_LANGUAGE C)
  target_compile_definitions(kg_${room} PRIVATE KG_VERSION_TEXT="${PROJECT_VERSION}")
  target_include_directories(kg_${room} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  # ISO rounding: a*b+c is fused only where a kernel says so, so that bits do not depend on flags.
  target_compile_options(kg_${room} PRIVATE -ffp-contract=off)
  target_link_libraries(kg_${room} PRIVATE ketgrad_warnings)
  foreach(lib IN LISTS arg_LIBS)
    target_link_libraries(kg_${room} PUBLIC ketgrad_${lib})
  endforeach()
  foreach(below IN LISTS arg_ROOMS)
    target_link_libraries(kg_${room} PUBLIC kg_${below})
  endforeach()
  set(KETGRAD_ROOMS ${KETGRAD_ROOMS} ${room} CACHE INTERNAL "")
endfunction()

function(kg_instruction_sets room file)
  set(flags_sse2 "")
  set(flags_portable "")
  set(flags_avx2 -mavx2 -mfma)
  set(flags_avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mavx2 -mfma)
  foreach(set IN ITEMS sse2 portable avx2 avx512)
    set(source ${PROJECT_SOURCE_DIR}/src/${room}/${file}_${set}.c)
    if(EXISTS ${source})
      set(flags -ffp-contract=fast -O3)
      if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        list(APPEND flags ${flags_${set}})
      endif()
      set_property(SOURCE ${source} PROPERTY COMPILE_OPTIONS ${flags})
    endif()
  endforeach()
endfunction()
