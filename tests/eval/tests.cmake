kg_test(eval metrics unit)
kg_test(eval scores unit)
kg_test(eval validation unit property)
kg_test(eval experiment unit property)
kg_test(eval chance statistical)
kg_test(eval mnist golden slow)
kg_test(eval memory property)
target_link_options(test_eval_memory PRIVATE
  LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=strdup)
