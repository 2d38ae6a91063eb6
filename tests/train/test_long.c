/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that last: 10 000 steps and 100 000 predictions take no memory. */
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "bench.h"

/* Resident bytes of this program. */
static long resident(void)
{
    long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &all, &pages), 2);
    (void)fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

enum { STEPS = 10000, WARM = 100, PREDICTIONS = 100000, MIB = 1 << 20 };

static int n_warnings;

static void hear(const kg_warning *warning, void *user)
{
    (void)warning;
    (void)user;
    n_warnings++;
}

/* With validation rows looked at and the doctor listening. */
static void ten_thousand_steps_allocate_nothing(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_trainer *t = NULL;
    bench b = bench_make("qcnn", NULL, 200);
    long count = 0, bytes = 0;
    int running = 1;
    o.steps = STEPS;
    o.schedule = "exponential";
    o.optimizer = "adam";
    o.on_warning = hear;
    assert_int_equal(kg_trainer_create(&t, b.model, &b.train, &b.val, &o, NULL), KG_OK);
    assert_true(alloc_count() > 100); /* it does count */
    for (int i = 1; running; i++) {
        if (i == 2) {
            count = alloc_count();
        }
        if (i == WARM) {
            bytes = resident();
        }
        assert_int_equal(kg_trainer_step(t, &running, NULL), KG_OK);
    }
    assert_int_equal(kg_trainer_n_steps(t), STEPS);
    assert_int_equal(alloc_count(), count);
    assert_in_range(resident() - bytes + MIB, 0, 2 * MIB);
    kg_trainer_destroy(t);
    bench_clear(&b);
}

static void predictions_take_no_memory(void **state)
{
    (void)state;
    double rows[FIXTURE_PIXELS], scores[2];
    int predicted = -1;
    long bytes = 0;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    m.qubits = 4;
    m.ansatz = "ttn";
    bench b = bench_make("qcnn", &m, 60);
    assert_int_equal(kg_train_init(b.model, NULL, NULL), KG_OK);
    for (int i = 0; i < PREDICTIONS; i++) {
        for (int p = 0; p < FIXTURE_PIXELS; p++) {
            rows[p] = (double)((i + 3 * p) % 256);
        }
        assert_int_equal(
            kg_model_predict(b.model, 1, rows, FIXTURE_PIXELS, &predicted, scores, NULL), KG_OK);
        if (i == WARM) {
            bytes = resident();
        }
    }
    assert_in_range(resident() - bytes + MIB, 0, 2 * MIB);
    bench_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_steps_allocate_nothing),
        cmocka_unit_test(predictions_take_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
