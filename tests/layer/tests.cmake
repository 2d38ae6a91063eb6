kg_test(layer loss unit property)
kg_test(layer dense unit property)
kg_test(layer quantum unit property)
