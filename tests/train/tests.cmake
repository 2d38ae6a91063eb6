kg_test(train options unit)
kg_test(train optimizer unit)
kg_test(train loop unit property)
# Every allocation of the rooms goes through the counters in test_loop.c.
target_link_options(test_train_loop PRIVATE
  LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=posix_memalign)
kg_test(train trainer unit property)
kg_test(train doctor unit)
kg_test(train long property)
target_link_options(test_train_long PRIVATE
  LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=posix_memalign)
