/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of random circuits, ten thousand times each. */
#include "sim/random.h"

static void fusion_changes_nothing(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    check_fusion(&rng, 10000);
}

static void inverse_undoes(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    check_inverse(&rng, 10000, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fusion_changes_nothing),
        cmocka_unit_test(inverse_undoes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
