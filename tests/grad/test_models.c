/* SPDX-License-Identifier: Apache-2.0 */
/* The 8-qubit QCNNs: every ansatz, pooling and encoding, adjoint against shift and differences, on one
 * engine, kernel set and precision each, by chance. */
#include "grad/jacobians.h"

static void every_ansatz_pooling_and_encoding(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const engine_list engines = engines_all();
    for (int a = 0; kg_ansatz_get(a); a++) {
        for (int p = 0; kg_pooling_get(p); p++) {
            for (int e = 0; kg_encoding_get(e); e++) {
                check_qcnn(8, kg_encoding_get(e), kg_ansatz_get(a), kg_pooling_get(p), &engines,
                           engines.n, &rng);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ansatz_pooling_and_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
