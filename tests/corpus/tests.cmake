# Files that are wrong, with what is said about them; see README.md here.
add_executable(corpus corpus/corpus.c corpus/bytes.c corpus/readers.c)
target_link_libraries(corpus PRIVATE kg_report ketgrad_zlib)
target_include_directories(corpus PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})

file(GLOB corpus_tables CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/*.txt)
foreach(table IN LISTS corpus_tables)
  get_filename_component(name ${table} NAME_WE)
  add_test(NAME corpus/${name} COMMAND corpus check ${table})
  set_tests_properties(corpus/${name} PROPERTIES LABELS "unit;property" TIMEOUT 120)
endforeach()
