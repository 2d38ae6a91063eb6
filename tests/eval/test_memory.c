/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out, from making a model to loading it again: the whole way is repeated with the
 * first, second, third ... allocation refused. Every time it must end with KG_ERR_MEMORY and a message,
 * and leak nothing (which the sanitizer's build checks). The linker leads allocations here. */
#include <string.h>
#include <unistd.h>

#include <ketgrad/eval.h>

#include "fixture.h"

static int n_until_failure = -1; /* -1: never */

static int is_refused(void)
{
    return n_until_failure >= 0 && n_until_failure-- == 0;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t bytes)
{
    return is_refused() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return is_refused() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    return is_refused() ? NULL : __real_realloc(memory, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return is_refused() ? NULL : __real_aligned_alloc(alignment, bytes);
}

char *__wrap_strdup(const char *text)
{
    return is_refused() ? NULL : __real_strdup(text);
}

/* ---- the whole way ------------------------------------------------------------------------------------- */

static char path[] = "/tmp/ketgrad-test-XXXXXX";

static kg_status save(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    (void)result;
    (void)user;
    return kg_model_save(model, path, err);
}

/* Create, fit, train with baselines, save, load, predict. */
static kg_status whole_way(const kg_dataset *train, const kg_dataset *test, kg_error *err)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_experiment_options options = KG_EXPERIMENT_OPTIONS_INIT;
    kg_model *model = NULL, *loaded = NULL;
    kg_experiment *e = NULL;
    double accuracy = 0.0, grad[64];
    const double x[2] = {0.1, 0.2};
    o.qubits = 2;
    training.steps = 1;
    options.on_seed = save;
    kg_status status = kg_model_create(&model, "qcnn", &o, err);
    if (!status) {
        status = kg_experiment_run(&e, model, train, test, &training, &options, err);
    }
    if (!status) {
        status = kg_model_load(&loaded, path, 1, err);
    }
    if (!status) {
        status = kg_eval_dataset(loaded, test, &accuracy, NULL, NULL, NULL, err);
    }
    if (!status) {
        status = kg_model_jacobian(loaded, 1, x, grad, NULL, err);
    }
    kg_experiment_destroy(e);
    kg_model_destroy(model);
    kg_model_destroy(loaded);
    return status;
}

static void every_refused_allocation_is_reported(void **state)
{
    (void)state;
    kg_dataset *train = fixture_bars(12, 2, 1, 0), *test = fixture_bars(6, 2, 2, 0);
    const int file = mkstemp(path);
    int n = 0;
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    for (;; n++) {
        kg_error err = {KG_OK, ""};
        n_until_failure = n;
        const kg_status status = whole_way(train, test, &err);
        const int refused = n_until_failure < 0;
        n_until_failure = -1;
        if (!refused) {
            assert_int_equal(status, KG_OK);
            break;
        }
        if (status != KG_ERR_MEMORY || err.status != KG_ERR_MEMORY || !err.message[0]) {
            fail_msg("allocation %d: status %d, \"%s\"", n, (int)status, err.message);
        }
    }
    print_message("%d allocations\n", n);
    assert_true(n > 100);
    assert_int_equal(unlink(path), 0);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
