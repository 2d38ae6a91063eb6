/* SPDX-License-Identifier: Apache-2.0 */
/* Every gate, on every ordered tuple of up to four qubits, with extra controls on 0 and 1. */
#include "sim/gates.h"

static void up_to_three_qubits_on_every_engine(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    for (int n = 1; n <= 3; n++) {
        gate_sweep_run(n, 1, &rng);
    }
}

/* Each case runs on a quarter of the engines; neighbouring cases run on different ones. */
static void four_qubits(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    gate_sweep_run(4, 4, &rng);
}

int main(void)
{
    const engine_list engines = engines_all();
    for (int e = 0; e < engines.n; e++) {
        print_message("runs: %s\n", engines.config[e].name);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_three_qubits_on_every_engine),
        cmocka_unit_test(four_qubits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
