/* SPDX-License-Identifier: Apache-2.0 */
/* Every gate, on every ordered tuple of five and six qubits, with up to three extra controls: five on
 * every engine, kernel set and precision, six (44 406 cases) on one of them by chance. */
#include "sim/gates.h"

static void five_qubits(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    gate_sweep_run(5, 1, &rng);
}

static void six_qubits(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    gate_sweep_run(6, engines_all().n, &rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_qubits),
        cmocka_unit_test(six_qubits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
