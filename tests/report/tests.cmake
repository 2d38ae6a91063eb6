kg_test(report table unit)
kg_test(report experiment unit)
kg_test(report run unit)
kg_test(report choice unit)
