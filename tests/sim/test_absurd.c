/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes that no machine has: refused at once, with what is needed and what there is, before memory is
 * taken. Whatever is not refused must fit. */
#include <limits.h>
#include <stdint.h>
#include <time.h>

#include <ketgrad/sim.h>

#include "base/memory.h"
#include "refused.h"

/* A chain of entangled qubits, all inside the light cone of what is measured. */
static kg_status make_chain(kg_circuit **circuit, kg_observable **observable, int n, kg_error *err)
{
    kg_status status = kg_circuit_create(circuit, n, err);
    for (int q = 0; q < n && !status; q++) {
        const int pair[2] = {q, (q + 1) % n};
        status = kg_circuit_add_gate(*circuit, KG_GATE_H, pair, NULL, err);
        if (!status && n > 1) {
            status = kg_circuit_add_gate(*circuit, KG_GATE_CX, pair, NULL, err);
        }
    }
    if (!status) {
        status = kg_observable_create(observable, n, err);
    }
    return status ? status : kg_observable_add(*observable, 0, 1.0, "Z0", err);
}

static kg_status plan_chain(int n, const char *engine, int threads, int batch_hint, size_t *bytes,
                            kg_error *err)
{
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    options.engine = engine;
    options.threads = threads;
    options.batch_hint = batch_hint;
    kg_status status = make_chain(&circuit, &observable, n, err);
    if (!status) {
        status = kg_plan_create(&plan, circuit, observable, &options, err);
    }
    *bytes = status ? 0 : kg_plan_workspace_bytes(plan);
    kg_plan_destroy(plan);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    return status;
}

static void check_chain(int n, const char *engine, int threads, int batch_hint)
{
    kg_error err = {KG_OK, ""};
    size_t bytes = 0;
    const size_t before = kgi_memory_peak_bytes();
    const clock_t begin = clock();
    const kg_status status = plan_chain(n, engine, threads, batch_hint, &bytes, &err);
    const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    const char *name = engine ? engine : "the cheapest";
    if (status) { /* 50 ms are promised; a sanitizer and a slow machine get a second */
        if (seconds > 1.0 || kgi_memory_peak_bytes() > before + ((size_t)64 << 20)) {
            fail_msg("%d qubits, %s: refused after %.3f s of CPU, %zu bytes: %s", n, name, seconds,
                     kgi_memory_peak_bytes(), err.message);
        }
        if (status == KG_ERR_MEMORY) {
            assert_true(strstr(err.message, "need") && strstr(err.message, "available"));
        } else {
            assert_true(status == KG_ERR_UNSUPPORTED || status == KG_ERR_ARGUMENT);
        }
    } else if (bytes > kgi_memory_available_bytes()) {
        fail_msg("%d qubits, %s: %zu bytes are promised, there are %zu", n, name, bytes,
                 kgi_memory_available_bytes());
    }
}

static void absurd_numbers_of_qubits_are_refused(void **state)
{
    (void)state;
    static const int sizes[] = {-1, 0, 30, 31, 32, 33, 59, 60, 63, 64, 65, INT_MAX, INT_MIN};
    static const char *const engines[] = {NULL, "tile", "reference", "pauli", "state"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t e = 0; e < sizeof engines / sizeof engines[0]; e++) {
            check_chain(sizes[i], engines[e], 1, 256);
        }
    }
    kg_error err = {KG_OK, ""};
    size_t bytes = 0;
    assert_refused(plan_chain(65, NULL, 1, 256, &bytes, &err), err, KG_ERR_ARGUMENT,
                   "n_qubits is 65, not in [1, 64]");
    assert_refused(plan_chain(-1, NULL, 1, 256, &bytes, &err), err, KG_ERR_ARGUMENT,
                   "n_qubits is -1, not in [1, 64]");
    assert_refused(plan_chain(33, NULL, 1, 256, &bytes, &err), err, KG_ERR_UNSUPPORTED,
                   "33 qubits lie inside the light cone");
}

static void absurd_batches_and_teams_are_refused(void **state)
{
    (void)state;
    static const char *const engines[] = {NULL, "tile", "pauli", "state"};
    for (size_t e = 0; e < sizeof engines / sizeof engines[0]; e++) {
        check_chain(8, engines[e], 256, INT_MAX);
        check_chain(24, engines[e], 256, INT_MAX);
        check_chain(30, engines[e], 256, INT_MAX);
    }
}

/* As many shots as there are, of more qubits than there are. */
static void absurd_shots_are_refused(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_error err = {KG_OK, ""};
    const int qubits[21] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10,
                            11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    uint32_t outcome = 0;
    assert_int_equal(make_chain(&circuit, &observable, 33, &err), KG_OK);
    assert_refused(kg_circuit_sample(circuit, NULL, 1, NULL, 1, qubits, INT_MAX, 1, &outcome, &err),
                   err, KG_ERR_UNSUPPORTED, "33 qubits lie inside the light cone");
    assert_refused(kg_circuit_sample(circuit, NULL, 1, NULL, 21, qubits, 1, 1, &outcome, &err), err,
                   KG_ERR_ARGUMENT, "21");
    assert_refused(kg_circuit_sample(circuit, NULL, 1, NULL, 1, qubits, -1, 1, &outcome, &err), err,
                   KG_ERR_ARGUMENT, "shots");
    assert_refused(kg_circuit_sample(circuit, NULL, -1, NULL, 1, qubits, 1, 1, &outcome, &err), err,
                   KG_ERR_ARGUMENT, "-1");
    assert_int_equal(outcome, 0);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absurd_numbers_of_qubits_are_refused),
        cmocka_unit_test(absurd_batches_and_teams_are_refused),
        cmocka_unit_test(absurd_shots_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
