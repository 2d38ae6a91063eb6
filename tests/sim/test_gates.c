/* SPDX-License-Identifier: Apache-2.0 */
/* Every gate, on every ordered tuple of up to four qubits, with extra controls on 0 and 1. */
#include "sim/gates.h"

static void every_case_on_every_engine(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    for (int n = 1; n <= 4; n++) {
        gate_sweep_run(n, 1, &rng);
    }
}

int main(void)
{
    const engine_list engines = engines_all();
    for (int e = 0; e < engines.n; e++) {
        print_message("runs: %s\n", engines.config[e].name);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_on_every_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
