/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of models with many layers: steps allocate nothing; and when it runs out, from reading a
 * definition to loading the saved model, every refused allocation ends with KG_ERR_MEMORY and a message,
 * and leaks nothing (which the sanitizer's build checks). */
#include <string.h>

#include <ketgrad/rng.h>

#include "alloc.h"
#include "model/model.h"
#include "near.h"
#include "refused.h"

/* Every kind of layer that there is. */
static const char definition[] =
    "circuit: {qubits: 2, blocks: {b: cx a b}, ops: [ry * x, {block: b, on: chain}, rx * p],\n"
    "          measure: [Z0, X0 Z1]}\n"
    "layers:\n"
    "  - {kind: input, shape: [1, 2, 8]}\n"
    "  - {name: eyes, kind: patch, size: [1, 2]}\n"
    "  - {name: left, kind: conv2d, filters: 2, size: [1, 2], stride: [1, 2], from: features}\n"
    "  - {kind: add, from: [eyes, left]}\n"
    "  - relu\n"
    "  - {kind: maxpool2d, size: [2, 1]}\n"
    "  - {kind: conv1d, filters: 2, size: 2}\n"
    "  - {kind: avgpool1d, size: 2, stride: 1}\n"
    "  - {kind: maxpool1d, size: 1}\n"
    "  - {name: tail, kind: avgpool2d, size: 1}\n"
    "  - {kind: flatten}\n"
    "  - {kind: dropout}\n"
    "  - sigmoid\n"
    "  - {kind: dense, units: 2}\n"
    "  - tanh\n"
    "  - quantum\n"
    "  - {kind: concat, from: [quantum_1, tail]}\n"
    "  - {kind: dense, units: classes}\n"
    "  - softmax\n";

enum { ROWS = 40, FEATURES = 16 };

static kg_status make(kg_model **model, kg_error *err)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    o.definition = definition;
    o.definition_name = "file";
    const kg_status status = kg_model_create(model, "custom", &o, err);
    return status ? status : kg_model_build(*model, 0, 3, NULL, err);
}

static void steps_allocate_nothing(void **state)
{
    (void)state;
    kg_model *model = NULL;
    kg_error err = {0};
    double x[ROWS * FEATURES], d_params[512] = {0}, scores[ROWS * 3];
    int labels[ROWS], n_correct = 0;
    for (int i = 0; i < ROWS * FEATURES; i++) {
        x[i] = kg_random_normal(1, KG_STREAM_TEST, 0, (uint64_t)i);
        labels[i / FEATURES] = i % 3;
    }
    if (make(&model, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(kg_model_n_params(model) < 512);
    assert_int_equal(kgi_model_reserve(model, ROWS, NULL), KG_OK);
    alloc_start(-1, ALLOC_ONCE);
    for (int step = 1; step <= 3; step++) {
        kgi_model_set_step(model, 1, step);
        const double loss = kgi_model_gradient(model, kg_model_params(model), ROWS, x, labels, 1.0,
                                               d_params, &n_correct);
        assert_true(isfinite(loss));
        assert_int_equal(kg_model_score(model, ROWS, x, labels, NULL, scores, NULL, NULL), KG_OK);
    }
    assert_int_equal(alloc_count(), 0);
    kg_model_destroy(model);
}

static char folder[SCRATCH_BYTES];

/* Read, build, run, save, load. */
static kg_status whole_way(kg_error *err)
{
    static const double x[FEATURES] = {0.5, 0.25};
    kg_model *model = NULL, *loaded = NULL;
    double out[3];
    kg_status status = make(&model, err);
    if (!status) {
        status = kg_model_jacobian(model, 1, x, NULL, NULL, err);
    }
    if (!status) {
        status = kg_model_save(model, scratch_path(folder, "model"), err);
    }
    if (!status) {
        status = kg_model_load(&loaded, scratch_path(folder, "model"), 1, err);
    }
    if (!status) {
        status = kg_model_forward(loaded, 1, x, out, err);
    }
    kg_model_destroy(model);
    kg_model_destroy(loaded);
    return status;
}

static void every_refused_allocation_is_reported(void **state)
{
    (void)state;
    kg_error err;
    scratch_make(folder);
    assert_survives(whole_way(&err), 1, (void)0, 100);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_allocate_nothing),
        cmocka_unit_test(every_refused_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
