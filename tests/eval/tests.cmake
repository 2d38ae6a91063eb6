kg_test(eval metrics unit)
kg_test(eval experiment unit property)
kg_test(eval chance statistical)
kg_test(eval mnist golden slow)
