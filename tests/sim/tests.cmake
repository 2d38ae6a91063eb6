kg_test(sim reference unit)
