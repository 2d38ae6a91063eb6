kg_test(data csv unit)
kg_test(data dataset unit statistical)
kg_test(data idx unit)
target_link_libraries(test_data_idx PRIVATE ketgrad_zlib) # packs its own files
kg_test(data strokes unit)
kg_test(data affine unit)
kg_test(data catalog unit)
kg_test(data mnist golden)
kg_test(data pipeline unit property)
