/* SPDX-License-Identifier: Apache-2.0 */
/* What compiling decides: the light cone, shared units, multiplexers, registers that grow, the tail. */
#include <string.h>

#include "compile/program.h"
#include "near.h"

typedef struct compiled {
    kg_circuit *circuit;
    kg_observable *observable;
    kgi_program *program;
} compiled;

static void compiled_clear(compiled *c)
{
    kgi_program_destroy(c->program);
    kg_observable_destroy(c->observable);
    kg_circuit_destroy(c->circuit);
}

static void begin(compiled *c, int n_qubits, const char *word)
{
    kg_error err;
    *c = (compiled){0};
    assert_int_equal(kg_circuit_create(&c->circuit, n_qubits, &err), KG_OK);
    assert_int_equal(kg_observable_create(&c->observable, n_qubits, &err), KG_OK);
    assert_int_equal(kg_observable_add(c->observable, 0, 1.0, word, &err), KG_OK);
}

static void add(compiled *c, kg_gate gate, int a, int b, int param)
{
    kg_error err;
    const int qubits[] = {a, b};
    const kg_slot slot = KG_SLOT_OF_PARAM(param);
    assert_int_equal(
        kg_circuit_add_gate(c->circuit, gate, qubits, kg_gate_n_params(gate) ? &slot : NULL, &err),
        KG_OK);
}

static void finish(compiled *c, int batch_hint, int fuse)
{
    kg_error err;
    assert_int_equal(
        kgi_program_create(&c->program, c->circuit, c->observable, batch_hint, fuse, &err), KG_OK);
}

static void compile_qcnn(compiled *c, const char *ansatz, const char *pooling, int batch_hint,
                         int fuse)
{
    kg_error err;
    int readout;
    begin(c, 8, "Z4");
    assert_int_equal(kg_circuit_add_encoding(c->circuit, kg_encoding_find("angle"), &err), KG_OK);
    assert_int_equal(kg_circuit_add_qcnn(c->circuit, kg_wiring_find("ring"), kg_ansatz_find(ansatz),
                                         kg_pooling_find(pooling), &readout, &err),
                     KG_OK);
    assert_int_equal(readout, 4);
    finish(c, batch_hint, fuse);
}

/* Thirteen convolutions and seven poolings; the last two act on one pair and become one block. The
 * units are three convolutions (the third with its pooling), two poolings, and eight encodings. */
static void blocks_of_a_layer_share_a_unit(void **state)
{
    (void)state;
    for (int i = 0; kg_ansatz_get(i); i++) {
        compiled c;
        compile_qcnn(&c, kg_ansatz_get(i)->name, "zx", 1, 1);
        assert_int_equal(c.program->n_blocks, 13 + 7 - 1);
        assert_int_equal(c.program->n_units, 3 + 2 + 8);
        compiled_clear(&c);
    }
}

/* Without fusion every gate is a block, the encoding's eight included. */
static void without_fusion_every_gate_is_a_block(void **state)
{
    compiled c;
    (void)state;
    compile_qcnn(&c, "ttn", "zx", 1, 0);
    assert_int_equal(c.program->n_blocks, 8 + 13 * 3 + 7 * 3);
    assert_int_equal(c.program->tail.n_blocks, 0);
    compiled_clear(&c);
}

static void gates_outside_the_light_cone_are_dropped(void **state)
{
    compiled c;
    (void)state;
    begin(&c, 5, "X1");
    add(&c, KG_GATE_CRX, 0, 1, 0); /* reaches qubit 1 */
    add(&c, KG_GATE_RY, 0, 0, 1);  /* after it: does not */
    add(&c, KG_GATE_CRZ, 3, 4, 2); /* elsewhere */
    finish(&c, 1, 1);
    assert_int_equal(c.program->n_active, 2);
    assert_int_equal(c.program->n_blocks, 1);
    assert_int_equal(c.program->n_params, 3); /* parameters keep their number and order */
    compiled_clear(&c);
}

/* Pooling: controlled RZ, X on the control, controlled RX. The control (second qubit of the lowered
 * gate, local bit of qubit 1) chooses, and is flipped. */
static void pooling_is_a_multiplexer(void **state)
{
    compiled c;
    (void)state;
    begin(&c, 2, "X0");
    add(&c, KG_GATE_CRZ, 1, 0, 0);
    add(&c, KG_GATE_X, 1, 0, 0);
    add(&c, KG_GATE_CRX, 1, 0, 1);
    finish(&c, 1, 1);
    assert_int_equal(c.program->n_units, 1);
    assert_int_equal(c.program->n_blocks, 1);
    assert_true(c.program->units[0].mux >= 0);
    assert_int_equal(c.program->units[0].flip, 1);
    compiled_clear(&c);
    begin(&c, 2, "X0");
    add(&c, KG_GATE_CRZ, 1, 0, 0);
    add(&c, KG_GATE_RYY, 1, 0, 1); /* mixes both */
    finish(&c, 1, 1);
    assert_int_equal(c.program->units[0].mux, -1);
    compiled_clear(&c);
}

/* The first block of the ring joins qubits 0 and 7: it acts on a register of two qubits. */
static void registers_grow(void **state)
{
    compiled c;
    (void)state;
    compile_qcnn(&c, "su4", "zx", 1000, 1);
    int first = 0;
    while (c.program->steps[first].kind != KGI_STEP_BLOCK) {
        first++;
    }
    assert_int_equal(c.program->registers[c.program->steps[first].reg].n, 2);
    assert_int_equal(c.program->registers[c.program->final].n, 8);
    compiled_clear(&c);
}

/* Pooling after the first convolution keeps qubits 0, 2, 4, 6. Folding more than that pays off for
 * large batches only, and never makes a sample dearer. */
static void tail_grows_with_the_batch(void **state)
{
    compiled small;
    compiled large;
    (void)state;
    compile_qcnn(&small, "su4", "zx", 16, 1);
    compile_qcnn(&large, "su4", "zx", 100000, 1);
    assert_int_equal(small.program->tail.n_kept, 4);
    assert_int_equal(small.program->tail.n_choosers, 0);
    assert_int_equal(large.program->tail.n_choosers, 4);
    assert_true(large.program->tail.n_blocks > small.program->tail.n_blocks);
    assert_true(large.program->backward_fma < small.program->backward_fma);
    compiled_clear(&small);
    compiled_clear(&large);
}

static void engines_run_unitary_circuits_only(void **state)
{
    kg_error err;
    compiled c;
    kgi_program *program;
    (void)state;
    begin(&c, 2, "Z0");
    assert_int_equal(kg_circuit_add_measure(c.circuit, 1, 0, &err), KG_OK);
    assert_int_equal(kgi_program_create(&program, c.circuit, c.observable, 1, 1, &err),
                     KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message,
                        "operation 0 is a measurement; engines run unitary circuits only");
    assert_null(program);
    compiled_clear(&c);
    begin(&c, 2, "Z0");
    assert_int_equal(kg_circuit_add_reset(c.circuit, 1, &err), KG_OK);
    assert_int_equal(kgi_program_create(&program, c.circuit, c.observable, 1, 1, &err),
                     KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "operation 0 is a reset; engines run unitary circuits only");
    compiled_clear(&c);
    begin(&c, 2, "Z0");
    add(&c, KG_GATE_H, 0, 0, 0);
    assert_int_equal(kg_circuit_set_condition(c.circuit, 3, 1, &err), KG_OK);
    add(&c, KG_GATE_X, 1, 0, 0);
    assert_int_equal(kgi_program_create(&program, c.circuit, c.observable, 1, 1, &err),
                     KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message,
                        "operation 1 is conditional; engines run unitary circuits only");
    compiled_clear(&c);
}

static void too_many_active_qubits_are_refused(void **state)
{
    kg_error err;
    compiled c;
    kgi_program *program;
    (void)state;
    begin(&c, 40, "Z0");
    for (int q = 39; q > 0; q--) {
        add(&c, KG_GATE_CX, q, q - 1, 0);
    }
    assert_int_equal(kgi_program_create(&program, c.circuit, c.observable, 1, 1, &err),
                     KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "40 qubits lie inside the light cone, engines take up to 30");
    compiled_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_a_layer_share_a_unit),
        cmocka_unit_test(without_fusion_every_gate_is_a_block),
        cmocka_unit_test(gates_outside_the_light_cone_are_dropped),
        cmocka_unit_test(pooling_is_a_multiplexer),
        cmocka_unit_test(registers_grow),
        cmocka_unit_test(tail_grows_with_the_batch),
        cmocka_unit_test(engines_run_unitary_circuits_only),
        cmocka_unit_test(too_many_active_qubits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
