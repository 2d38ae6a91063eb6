/* SPDX-License-Identifier: Apache-2.0 */
/* Every gate, on every ordered tuple of five and six qubits, with up to three extra controls: 60 000
 * cases, each on one engine, kernel set and precision in turn. */
#include "sim/gates.h"

static void five_qubits(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    gate_sweep_run(5, engines_all().n, &rng);
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
