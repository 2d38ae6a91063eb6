kg_test(grad shift unit property)
kg_test(grad differences unit property)
