kg_test(base options unit)
kg_test(base rng unit statistical)
