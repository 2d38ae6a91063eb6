kg_test(base options unit)
