/* SPDX-License-Identifier: Apache-2.0 */
/* The 8-qubit QCNNs: every ansatz with every encoding, and every pooling and wiring with every encoding,
 * adjoint against shift and differences, on one engine, kernel set and precision each, by chance. What is
 * not the point takes turns. */
#include "grad/jacobians.h"

static const kg_block *turn(const kg_block *(*get)(int), int i)
{
    int n = 0;
    while (get(n)) {
        n++;
    }
    return get(i % n);
}

static void every_ansatz_and_encoding(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const engine_list engines = engines_of_networks();
    for (int a = 0; kg_ansatz_get(a); a++) {
        for (int e = 0; kg_encoding_get(e); e++) {
            check_qcnn(8, kg_encoding_get(e), kg_wiring_find("ring"), kg_ansatz_get(a),
                       turn(kg_pooling_get, a + e), &engines, engines.n, &rng);
        }
    }
}

static void every_pooling_wiring_and_encoding(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    const engine_list engines = engines_of_networks();
    for (int w = 0; kg_wiring_get(w); w++) {
        const int pools = kg_wiring_pools(kg_wiring_get(w));
        for (int p = 0; kg_pooling_get(p) && (pools || p == 0); p++) {
            for (int e = 0; kg_encoding_get(e); e++) {
                check_qcnn(8, kg_encoding_get(e), kg_wiring_get(w), turn(kg_ansatz_get, w + p + e),
                           kg_pooling_get(p), &engines, engines.n, &rng);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ansatz_and_encoding),
        cmocka_unit_test(every_pooling_wiring_and_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
