/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out: each call is repeated with the first, second, third ... allocation refused,
 * until it needs no more. It must say so, change nothing, and leak nothing (which the sanitizer's
 * build checks). */
#include "alloc.h"
#include "support.h"

/* Layers, gates with all kinds of slots, a given unitary, amplitudes. */
static kg_circuit *build(void)
{
    kg_circuit *circuit = NULL;
    int readout = -1;
    const double not_gate[8] = {0, 0, 1, 0, 1, 0, 0, 0};
    assert_ok(kg_circuit_create(&circuit, 4, err));
    assert_ok(kg_circuit_add_encoding(circuit, kg_encoding_find("dense"), err));
    assert_ok(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                  kg_pooling_find("zx"), &readout, err));
    assert_ok(kg_circuit_add_unitary(circuit, 1, &readout, not_gate, 0, NULL, NULL, err));
    return circuit;
}

/* Runs `call` with more and more memory; expects at least `least` refusals before it succeeds, and
 * `unchanged` after each of them. */
#define assert_retried(call, unchanged, least)                                                     \
    do {                                                                                           \
        kg_error record_ = {KG_OK, ""};                                                            \
        kg_error *err = &record_;                                                                  \
        long refusals_ = 0;                                                                        \
        kg_status status_;                                                                         \
        for (;;) {                                                                                 \
            alloc_start(refusals_, ALLOC_ONCE);                                                    \
            status_ = (call);                                                                      \
            (void)alloc_stop();                                                                    \
            if (status_ == KG_OK) {                                                                \
                break;                                                                             \
            }                                                                                      \
            refusals_++;                                                                           \
            assert_int_equal(status_, KG_ERR_MEMORY);                                              \
            assert_non_null(strstr(record_.message, "cannot allocate"));                           \
            assert_true(unchanged);                                                                \
        }                                                                                          \
        assert_true(refusals_ >= (least));                                                         \
    } while (0)

static void creating_and_copying(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_circuit *copy = NULL;
    assert_retried(kg_circuit_create(&circuit, 3, err), !circuit, 1);
    kg_circuit_destroy(circuit);
    circuit = build();
    assert_retried(kg_circuit_copy(&copy, circuit, err), !copy, 6);
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(copy);
}

static int is_empty(const kg_circuit *circuit)
{
    return kg_circuit_n_ops(circuit) == 0 && kg_circuit_n_params(circuit) == 0 &&
           kg_circuit_n_inputs(circuit) == 0 && circuit->n_layers == 0 && circuit->touched == 0;
}

static void appending(void **state)
{
    (void)state;
    kg_circuit *block = build();
    kg_circuit *circuit = NULL;
    const int qubits[4] = {3, 1, 0, 2};
    int readout = -7;
    for (int what = 0; what < 5; what++) {
        assert_ok(kg_circuit_create(&circuit, 4, err));
        switch (what) {
        case 0:
            assert_retried(kg_circuit_append(circuit, block, qubits, 3, 2, err), is_empty(circuit),
                           8);
            break;
        case 1:
            assert_retried(kg_circuit_append_inverse(circuit, block, qubits, 3, 2, err),
                           is_empty(circuit), 8);
            break;
        case 2:
            assert_retried(kg_circuit_add_encoding(circuit, kg_encoding_find("dense"), err),
                           is_empty(circuit), 2);
            break;
        case 3:
            assert_retried(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"),
                                               kg_ansatz_find("su4"), kg_pooling_find("zx"),
                                               &readout, err),
                           is_empty(circuit) && readout == -7, 6);
            break;
        default:
            assert_retried(kg_circuit_add_reset(circuit, 0, err), is_empty(circuit), 1);
            break;
        }
        kg_circuit_destroy(circuit);
    }
    kg_circuit_destroy(block);
}

static void expanding_and_drawing(void **state)
{
    (void)state;
    kg_circuit *circuit = build();
    kg_circuit *expanded = NULL;
    kg_slot *slots = NULL;
    int n_slots = -1;
    assert_retried(kg_circuit_expand(&expanded, circuit, &slots, &n_slots, err),
                   !expanded && !slots && n_slots == 0, 6);
    kg_circuit_destroy(expanded);
    kg_free(slots);
    for (int drawing = KG_DRAW_UTF8; drawing <= KG_DRAW_SVG; drawing++) {
        char *drawn = NULL;
        assert_retried(kg_circuit_draw(&drawn, circuit, (kg_drawing)drawing, 80, err), !drawn, 6);
        kg_free(drawn);
    }
    kg_circuit_destroy(circuit);
}

/* A measurement, an operation that depends on it, one that is not diagonal and a reset. */
static void deferring(void **state)
{
    (void)state;
    const int a = 0;
    const int b = 1;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kgi_deferred deferred;
    assert_ok(kg_circuit_create(&circuit, 2, err));
    assert_ok(kg_circuit_begin_layer(circuit, "layer", err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, &a, NULL, err));
    assert_ok(kg_circuit_add_measure(circuit, 0, 0, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, &a, NULL, err));
    assert_ok(kg_circuit_set_condition(circuit, 0, 1, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_X, &b, NULL, err));
    assert_ok(kg_circuit_add_reset(circuit, 1, err));
    assert_ok(kg_observable_create(&observable, 2, err));
    assert_ok(kg_observable_add(observable, 0, 1.0, "Z0 X1", err));
    assert_ok(kg_observable_add_probs(observable, 1, &b, err));
    assert_retried(kgi_deferred_init(&deferred, circuit, observable, err),
                   !deferred.own_circuit && !deferred.own_observable, 11);
    assert_int_equal(kg_circuit_n_qubits(deferred.circuit), 4);
    kgi_deferred_clear(&deferred);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
}

static void observing(void **state)
{
    (void)state;
    kg_observable *observable = NULL;
    const int qubits[2] = {2, 0};
    assert_retried(kg_observable_create(&observable, 3, err), !observable, 1);
    assert_retried(kg_observable_add(observable, 0, 1.0, "Z1", err),
                   kg_observable_n_outputs(observable) == 0, 2);
    assert_retried(kg_observable_add(observable, 0, 1.0, "X1", err),
                   observable->measured[0].n_words == 1, 1);
    assert_retried(kg_observable_add_probs(observable, 2, qubits, err),
                   kg_observable_n_outputs(observable) == 1, 1);
    kg_observable_destroy(observable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creating_and_copying),
        cmocka_unit_test(appending),
        cmocka_unit_test(expanding_and_drawing),
        cmocka_unit_test(deferring),
        cmocka_unit_test(observing),
    };
    return cmocka_run_group_tests_name("circuit/memory", tests, NULL, NULL);
}
