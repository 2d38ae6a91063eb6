/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions: what a circuit in YAML is, what is said of a slip and where, what is saved. */
#include <string.h>

#include "base/text.h"
#include "circuit/circuit.h"
#include "model/definition.h"
#include "near.h"
#include "refused.h"

static kgi_definition *parse(const char *text)
{
    kgi_definition *d = NULL;
    kg_error err = {0};
    if (kgi_definition_parse(&d, "file", text, &err)) {
        fail_msg("%s", err.message);
    }
    return d;
}

/* Same operations, qubits and angles; names of layers and blocks are for drawings. */
static void assert_same_circuit(const kg_circuit *a, const kg_circuit *b)
{
    assert_int_equal(a->n_qubits, b->n_qubits);
    assert_int_equal(a->n_ops, b->n_ops);
    assert_int_equal(kg_circuit_n_params(a), kg_circuit_n_params(b));
    assert_int_equal(kg_circuit_n_inputs(a), kg_circuit_n_inputs(b));
    for (int i = 0; i < a->n_ops; i++) {
        const kgi_op *p = &a->ops[i], *q = &b->ops[i];
        assert_int_equal(p->kind, q->kind);
        assert_int_equal(p->n_qubits, q->n_qubits);
        assert_memory_equal(kgi_op_qubits(a, p), kgi_op_qubits(b, q),
                            (size_t)p->n_qubits * sizeof(int));
        if (p->kind == KGI_OP_GATE) {
            assert_int_equal(p->gate, q->gate);
            for (int s = 0; s < kg_gate_n_params((int)p->gate); s++) {
                assert_memory_equal(&kgi_op_slots(a, p)[s], &kgi_op_slots(b, q)[s],
                                    sizeof(kg_slot));
            }
        }
    }
}

/* The same circuit in YAML and through the public functions. */
static void a_circuit_is_what_it_says(void **state)
{
    (void)state;
    kgi_definition *d = parse("circuit:\n"
                              "  qubits: 3\n"
                              "  blocks: {mine: 'ry a 0; crx a b 1'}\n"
                              "  ops:\n"
                              "    - encode: dense\n"
                              "    - {block: mine, on: [[0, 1], [2, 1]]}\n"
                              "    - {block: ttn, on: [2, 0], params: 1}\n"
                              "    - rz * p; ry 1 2*x0-0.5\n"
                              "    - {block: mine, on: chain, share: false}\n"
                              "    - {repeat: 2, ops: [rx 0 p, {block: zx, on: ring}]}\n"
                              "    - {encode: angle, on: [2, 0], inputs: 4}\n"
                              "    - ry 0 x\n"
                              "  measure: [Z0, 0.5*X0 Z2 - 2 * Y1, Z*]\n");
    const kg_block mine = {"mine", "", 2, "ry a 0; crx a b 1", ""};
    const kg_block *ttn = kg_ansatz_find("ttn"), *zx = kg_pooling_find("zx");
    const int pairs[][2] = {{0, 1}, {2, 1}, {2, 0}, {1, 2}, {2, 0}};
    const int zero = 0, one = 1;
    kg_circuit *c = NULL;
    assert_int_equal(kg_circuit_create(&c, 3, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_encoding(c, kg_encoding_find("dense"), NULL), KG_OK);
    assert_int_equal(kg_circuit_add_block(c, &mine, pairs[0], 0, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_block(c, &mine, pairs[1], 0, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_block(c, ttn, pairs[2], 1, NULL), KG_OK);
    for (int q = 0; q < 3; q++) {
        const kg_slot slot = KG_SLOT_OF_PARAM(3 + q);
        assert_int_equal(kg_circuit_add_gate(c, KG_GATE_RZ, &q, &slot, NULL), KG_OK);
    }
    const kg_slot scaled = {KG_SLOT_INPUT, 0, 2.0, -0.5};
    assert_int_equal(kg_circuit_add_gate(c, KG_GATE_RY, &one, &scaled, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_block(c, &mine, pairs[0], 6, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_block(c, &mine, pairs[3], 8, NULL), KG_OK);
    for (int r = 0; r < 2; r++) {
        const kg_slot slot = KG_SLOT_OF_PARAM(10 + 3 * r);
        assert_int_equal(kg_circuit_add_gate(c, KG_GATE_RX, &zero, &slot, NULL), KG_OK);
        for (int i = 0; i < 3; i++) {
            const int *pair = i == 0 ? pairs[0] : i == 1 ? pairs[3] : pairs[4];
            assert_int_equal(kg_circuit_add_block(c, zx, pair, 11 + 3 * r, NULL), KG_OK);
        }
    }
    for (int i = 0; i < 3; i++) {
        const int q = i == 0 ? 2 : 0;
        const kg_slot slot = KG_SLOT_OF_INPUT(i < 2 ? 4 + i : 6);
        assert_int_equal(kg_circuit_add_gate(c, KG_GATE_RY, &q, &slot, NULL), KG_OK);
    }
    assert_same_circuit(d->circuits[0].circuit, c);
    assert_int_equal(d->circuits[0].n_outputs, 5);
    assert_int_equal(kg_observable_n_outputs(d->circuits[0].observable), 5);
    const kgi_measured *sum = &d->circuits[0].observable->measured[1];
    assert_int_equal(sum->n_words, 2);
    assert_near(sum->words[0].coefficient, 0.5, 0);
    assert_near(sum->words[1].coefficient, -2.0, 0);
    assert_int_equal(sum->words[1].x, 2);
    assert_string_equal(d->circuits[0].outputs[0], "<Z0>");
    assert_string_equal(d->circuits[0].outputs[4], "<Z2>");
    assert_int_equal(d->input.range, KGI_RANGE_ANGLES);
    kg_circuit_destroy(c);
    kgi_definition_destroy(d);
}

static void layers_read_layers_before_them(void **state)
{
    (void)state;
    kgi_definition *d =
        parse("model:\n"
              "  circuits:\n"
              "    a: {qubits: 2, ops: [{encode: amplitude}], measure: {probs: [1, 0]}}\n"
              "    b: {qubits: 1, ops: [rx 0 x], measure: Z0}\n"
              "  layers:\n"
              "    - {kind: input, range: auto}\n"
              "    - {kind: quantum, circuit: a, name: left}\n"
              "    - {kind: quantum, circuit: b, from: features}\n"
              "    - {kind: concat, from: [left, quantum_2, features]}\n"
              "    - {kind: dropout, rate: 0.25}\n"
              "    - {kind: dense, units: classes}\n"
              "    - softmax\n"
              "data: {name: strokes}\n");
    assert_int_equal(d->n_layers, 6);
    assert_int_equal(d->layers[0].circuit, 0);
    assert_int_equal(d->layers[1].circuit, 1);
    assert_int_equal(d->layers[1].inputs[0], KGI_FEATURES);
    assert_int_equal(d->layers[2].n_inputs, 3);
    assert_int_equal(d->layers[2].inputs[1], 1);
    assert_int_equal(d->layers[2].inputs[2], KGI_FEATURES);
    assert_near(d->layers[3].options.rate, 0.25, 0);
    assert_string_equal(d->layers[3].name, "dropout_1");
    assert_true(d->layers[4].units_are_classes);
    assert_int_equal(d->circuits[0].n_outputs, 4);
    assert_int_equal(d->input.range, KGI_RANGE_PLAIN); /* circuit a reads them as amplitudes */
    kgi_definition_destroy(d);
}

/* What is saved does not know the file: comments, order of other keys, quotes, layout. */
static void the_text_that_is_saved_is_canonical(void **state)
{
    (void)state;
    kgi_definition *a = parse("# mine\n"
                              "train: {steps: 3}\n"
                              "model:\n"
                              "  name: custom\n"
                              "  layers:\n"
                              "  - {kind: \"dense\", units: 2} # two\n"
                              "  -   tanh\n"
                              "  - {kind: dense, units: classes}\n");
    kgi_definition *b = parse(a->text);
    assert_string_equal(a->text, "{\"layers\": [{\"kind\": \"dense\", \"units\": 2}, \"tanh\", "
                                 "{\"kind\": \"dense\", \"units\": \"classes\"}]}");
    assert_string_equal(a->text, b->text);
    kgi_definition_destroy(a);
    kgi_definition_destroy(b);
}

/* What help pages list: every kind has a line of help, and so has each of its options. */
static void kinds_of_layers_are_listed(void **state)
{
    (void)state;
    int n = 0;
    for (; kg_layer_kind_get(n); n++) {
        assert_ptr_equal(kg_layer_kind_get(n), kgi_layer_kind_find(kg_layer_kind_get(n))->name);
        assert_true(strlen(kg_layer_kind_help(n)) > 10);
        for (int j = 0; kg_layer_kind_option(n, j); j++) {
            assert_true(strlen(kg_layer_kind_option(n, j)->help) > 10);
        }
    }
    assert_true(n > 10);
    assert_string_equal(kg_layer_kind_get(0), "dense");
    assert_string_equal(kg_layer_kind_option(0, 0)->name, "units");
    assert_null(kg_layer_kind_option(0, 0)->default_text);
    for (int past = -1; past <= n; past += n + 1) {
        assert_null(kg_layer_kind_get(past));
        assert_null(kg_layer_kind_help(past));
        assert_null(kg_layer_kind_option(past, 0));
    }
}

/* ---- slips ----------------------------------------------------------------------------------------- */

#define LAYERS "layers:\n"
#define CIRCUIT "circuit:\n  qubits: 2\n  measure: Z0\n  ops:\n"
#define MEASURE "circuit:\n  qubits: 2\n  ops: [ry 0 x]\n  measure: "

static const struct {
    const char *text;
    const char *message;
} slips[] = {
    {"data: {name: strokes}", "file:1:1: no layers and no circuit, at the top or under model"},
    {"layers: dense", "file:1:9: layers is a single value, not a list"},
    {"layers: []", "file:1:9: there are no layers"},
    {LAYERS "- dens", "file:2:3: kind is \"dens\", did you mean \"dense\"?"},
    {LAYERS "- lstm", "file:2:3: kind is \"lstm\", not one of: dense, conv1d, conv2d, "},
    {LAYERS "- [relu]", "file:2:3: a layer is a kind, or a map with kind"},
    {LAYERS "- {units: 3}", "file:2:3: a layer is a kind, or a map with kind"},
    {LAYERS "- {kind: dense, unit: 3}", "file:2:17: "},
    {LAYERS "- dense", "file:2:3: a dense layer needs units: numbers that come out"},
    {LAYERS "- {kind: dense, units: 0}",
     "file:2:24: units is \"0\", not a whole number in [1, 65536]"},
    {LAYERS "- {kind: dense, units: 1e3}", "file:2:24: units is \"1e3\", not a whole number"},
    {LAYERS "- {kind: conv2d, filters: 1, size: [1, 2, 3]}",
     "file:2:36: size has 3 numbers, not height and width"},
    {LAYERS "- {kind: dropout, rate: 1}", "file:2:25: rate is \"1\", not a number in [0, 0.99]"},
    {LAYERS "- relu\n- {kind: add, from: [relu_1, relu1]}",
     "file:3:30: from is \"relu1\", did you mean \"relu_1\"?"},
    {LAYERS "- relu\n- {kind: tanh, from: [relu_1, features]}",
     "file:3:22: from has 2 layers, but tanh takes one"},
    {LAYERS "- {name: a, kind: relu}\n- {name: a, kind: relu}",
     "file:3:10: there is a layer \"a\" already, in line 2"},
    {LAYERS "- {name: 'a b', kind: relu}", "file:2:10: name is \"a b\", not 1 to 20 letters"},
    {LAYERS "- {name: features, kind: relu}", "file:2:10: name is \"features\", not 1 to 20"},
    {LAYERS "- relu\n- {kind: tanh, from: features}",
     "file:2:3: layer \"relu_1\" is read by no other layer"},
    {LAYERS "- relu\n- {kind: input, shape: [1, 2, 3]}",
     "file:3:10: input is not the first of the layers"},
    {LAYERS "- {kind: input, shape: [2, 3]}\n- relu",
     "file:2:24: shape has 2 numbers, not channels, height and width"},
    {LAYERS "- {kind: input, shape: [5000, 5000, 1]}\n- relu",
     "file:2:24: shape has more than 16777216 numbers"},
    {LAYERS "- {kind: input, range: angle}\n- relu",
     "file:2:24: range is \"angle\", did you mean \"angles\"?"},
    {LAYERS "- quantum", "file:2:3: a quantum layer needs a circuit: there are 0"},
    {"circuits: {a: {qubits: 1, ops: [], measure: Z0}}\nlayers:\n- {kind: quantum, circuit: b}",
     "file:3:28: circuit is \"b\", did you mean \"a\"?"},
    {"circuits: {a: {qubits: 1, ops: [], measure: Z0}}\nlayers: [relu]",
     "file:1:15: circuit \"a\" is used by no layer"},
    {"circuit: {qubits: 1}\ncircuits: {}", "file:2:1: circuits stands beside circuit"},
    {"circuit: {qubits: 31, ops: [], measure: Z0}",
     "file:1:19: qubits is \"31\", not a whole number in [1, 30]"},
    {"circuit: {qubits: 1, ops: []}", "file:1:10: circuit \"main\" has no measure"},
    {CIRCUIT "  - rry 0 p0", "file:5:5: gate is \"rry\", did you mean \"r"},
    {CIRCUIT "  - ry 0", "file:5:5: ry has 1 qubit and 1 angle, not 1 word"},
    {CIRCUIT "  - cx 0 1 p0", "file:5:5: cx has 2 qubits and 0 angles, not 3 words"},
    {CIRCUIT "  - ry 2 p0", "file:5:5: qubit is \"2\", not in [0, 1]"},
    {CIRCUIT "  - ry -1 p0", "file:5:5: qubit is \"-1\", not in [0, 1]"},
    {CIRCUIT "  - cx 0 0", "file:5:5: "},
    {CIRCUIT "  - cx * *", "file:5:5: qubit is \"*\", not in [0, 1]"},
    {CIRCUIT "  - ry 0 p0*p1", "file:5:5: angle \"p0*p1\" multiplies parameters"},
    {CIRCUIT "  - ry 0 p1", "file:2:3: circuit \"main\" uses p1, but not p0"},
    {CIRCUIT "  - encode: angel", "file:5:13: encode is \"angel\", did you mean \"angle\"?"},
    {CIRCUIT "  - {encode: angle, on: [0, 2]}", "file:5:29: qubit is \"2\", not a whole number in"},
    {CIRCUIT "  - {block: su5, on: [0, 1]}", "file:5:13: block is \"su5\", did you mean \"u5\"?"},
    {CIRCUIT "  - {block: su4}", "file:5:5: a block needs on: a pair of qubits"},
    {CIRCUIT "  - {block: su4, on: rings}", "file:5:22: on is \"rings\", not a pair of qubits"},
    {CIRCUIT "  - {block: su4, on: [[0, 1, 1]]}", "file:5:23: a pair of on has 3 qubits, not 2"},
    {CIRCUIT "  - {block: su4, on: [1, 1]}", "file:5:22: block \"su4\": qubit 1 is named twice"},
    {CIRCUIT "  - {gate: ry}", "file:5:5: an operation is a gate such as \"ry 0 p0\""},
    {CIRCUIT "  - {repeat: 0, ops: []}", "file:5:14: repeat is \"0\", not a whole number in [1, 1"},
    {CIRCUIT "  - {repeat: 9999, ops: [{repeat: 9999, ops: []}]}",
     "file:5:26: the circuit has more than 100000 operations"},
    {CIRCUIT "  - {repeat: 9999, ops: [x *, x *, x *, x *, x *, x *, x *, x *, x *, x *]}",
     "the circuit has more than 100000 operations"},
    {"circuit: {qubits: 2, blocks: {su4: cx a b}, ops: [], measure: Z0}",
     "file:1:31: block \"su4\" is there already"},
    {"circuit: {qubits: 2, blocks: {b: cx a c}, ops: [], measure: Z0}",
     "file:1:34: block \"b\": gate 1 of the block: qubit \"c\" is not a or b"},
    {MEASURE "Z2", "file:4:12: word \"Z2\": Z is not followed by a qubit in [0, 1]"},
    {MEASURE "2 Z0", "file:4:12: \"2 Z0\" has a number without * behind it"},
    {MEASURE "Z0 +", "file:4:12: word \"\" has no letters"},
    {MEASURE "[]", "file:4:12: circuit \"main\" measures nothing"},
    {MEASURE "{prob: [0]}", "file:4:13: "},
    {MEASURE "{probs: [0, 0]}", "file:4:20: "},
    {MEASURE "{probs: []}", "file:4:20: probs has 0 qubits, not 1 to 10"},
};

static void slips_are_found_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        kgi_definition *d = (kgi_definition *)state;
        kg_error err = {0};
        print_message("%s\n", slips[i].message);
        assert_refused(kgi_definition_parse(&d, "file", slips[i].text, &err), err, KG_ERR_FORMAT,
                       slips[i].message);
        assert_null(d);
    }
    kgi_definition_destroy(NULL);
}

static void there_are_not_too_many_layers(void **state)
{
    (void)state;
    kgi_text text = {0};
    char *layers = NULL;
    kgi_definition *d = NULL;
    kg_error err = {0};
    kgi_text_printf(&text, "layers: [");
    kgi_text_repeat(&text, "relu, ", KGI_MAX_LAYERS + 1);
    kgi_text_printf(&text, "]");
    assert_int_equal(kgi_text_finish(&text, &layers, NULL), KG_OK);
    assert_refused(kgi_definition_parse(&d, "file", layers, &err), err, KG_ERR_FORMAT,
                   "file:1:9: 129 layers, not at most 128");
    free(layers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_circuit_is_what_it_says),
        cmocka_unit_test(layers_read_layers_before_them),
        cmocka_unit_test(the_text_that_is_saved_is_canonical),
        cmocka_unit_test(kinds_of_layers_are_listed),
        cmocka_unit_test(slips_are_found_with_their_place),
        cmocka_unit_test(there_are_not_too_many_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
