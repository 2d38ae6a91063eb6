kg_test(compile program unit)
kg_test(compile unit unit property)
