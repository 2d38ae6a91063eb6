/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the table of layers: derivatives, shapes that come out, shapes that are refused. */
#include <string.h>

#include "check_layer.h"
#include "refused.h"

/* A kind with options as a definition would set them ("filters=3 size=2,3"), and what comes out. */
typedef struct kind_case {
    const char *kind;
    const char *options;
    kgi_shape in[3];
    kgi_shape out;
    int n_params;
} kind_case;

static const kind_case cases[] = {
    /* clang-format off */
    {"dense",     "units=3",                      {{1, 1, 5}}, {1, 1, 3}, 18},
    {"dense",     "units=2",                      {{2, 3, 1}}, {1, 1, 2}, 14},
    {"conv1d",    "filters=3 size=2 padding=1",   {{1, 1, 8}}, {3, 1, 9}, 9},
    {"conv1d",    "filters=2 size=3 stride=2",    {{3, 1, 8}}, {2, 1, 3}, 20},
    {"conv2d",    "filters=2",                    {{1, 4, 5}}, {2, 2, 3}, 20},
    {"conv2d",    "filters=3 size=2,3 stride=2,1 padding=1,2", {{2, 5, 4}}, {3, 3, 6}, 39},
    {"maxpool1d", "",                             {{2, 1, 7}}, {2, 1, 3}, 0},
    {"maxpool1d", "size=3 stride=1",              {{2, 1, 5}}, {2, 1, 3}, 0},
    {"maxpool2d", "size=2,3",                     {{2, 5, 6}}, {2, 2, 2}, 0},
    {"maxpool2d", "size=3 stride=1,2",            {{1, 4, 5}}, {1, 2, 2}, 0},
    {"avgpool1d", "size=3 stride=2",              {{2, 1, 8}}, {2, 1, 3}, 0},
    {"avgpool2d", "size=3,2 stride=2,1",          {{2, 5, 4}}, {2, 2, 3}, 0},
    {"relu",      "",                             {{2, 3, 2}}, {2, 3, 2}, 0},
    {"tanh",      "",                             {{1, 1, 7}}, {1, 1, 7}, 0},
    {"sigmoid",   "",                             {{1, 2, 3}}, {1, 2, 3}, 0},
    {"softmax",   "",                             {{1, 1, 4}}, {1, 1, 4}, 0},
    {"flatten",   "",                             {{2, 3, 4}}, {1, 1, 24}, 0},
    {"concat",    "",                             {{1, 1, 3}, {1, 1, 5}}, {1, 1, 8}, 0},
    {"concat",    "",                             {{2, 3, 2}, {1, 3, 2}, {4, 3, 2}}, {7, 3, 2}, 0},
    {"add",       "",                             {{2, 1, 3}, {2, 1, 3}, {2, 1, 3}}, {2, 1, 3}, 0},
    {"dropout",   "rate=0.3",                     {{2, 3, 2}}, {2, 3, 2}, 0},
    {"quantum",   "",                             {{1, 1, 3}}, {1, 1, 2}, 2},
    {"quantum",   "",                             {{2, 1, 2}}, {1, 1, 2}, 2},
    {"patch",     "",                             {{1, 4, 6}}, {2, 2, 3}, 2},
    {"patch",     "size=1,2 stride=2,1 padding=0,1", {{2, 3, 2}}, {2, 2, 3}, 2},
    /* clang-format on */
};

enum { N_CASES = sizeof cases / sizeof *cases, BATCH = 3 };

/* Four inputs, two parameters, two outputs; nothing symmetric. */
static void make_circuit(kg_circuit **circuit, kg_observable **observable)
{
    const int pair[] = {1, 0};
    const kg_slot shared = {KG_SLOT_PARAM, 0, 0.7, 0.2}, own = KG_SLOT_OF_PARAM(1);
    const kg_slot scaled = {KG_SLOT_INPUT, 3, 1.3, -0.4};
    assert_int_equal(kg_circuit_create(circuit, 2, NULL), KG_OK);
    for (int i = 0; i < 3; i++) {
        const kg_slot input = KG_SLOT_OF_INPUT(i);
        const int q = i % 2;
        assert_int_equal(
            kg_circuit_add_gate(*circuit, i < 2 ? KG_GATE_RY : KG_GATE_RX, &q, &input, NULL),
            KG_OK);
    }
    assert_int_equal(kg_circuit_add_gate(*circuit, KG_GATE_CRX, pair, &shared, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_gate(*circuit, KG_GATE_RY, &pair[1], &scaled, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_gate(*circuit, KG_GATE_RXX, pair, &own, NULL), KG_OK);
    assert_int_equal(kg_observable_create(observable, 2, NULL), KG_OK);
    assert_int_equal(kg_observable_add(*observable, 0, 1.0, "Z0", NULL), KG_OK);
    assert_int_equal(kg_observable_add(*observable, 1, 0.5, "X0 Y1", NULL), KG_OK);
}

static void set_option(kgi_layer_options *options, const kgi_layer_info *kind, const char *name,
                       char *value)
{
    for (int i = 0; i < kind->n_options; i++) {
        kg_option row = kind->options[i];
        if (strcmp(row.name, name) != 0) {
            continue;
        }
        char *second = strchr(value, ',');
        if (second) {
            *second++ = '\0';
        }
        assert_int_equal(kg_option_set(&row, options, value, NULL), KG_OK);
        if (kgi_layer_option_is_pair(&row)) {
            row.offset += sizeof(int);
            assert_int_equal(kg_option_set(&row, options, second ? second : value, NULL), KG_OK);
        }
        return;
    }
    fail_msg("%s has no option %s", kind->name, name);
}

static void read_options(kgi_layer_options *options, const kind_case *c)
{
    const kgi_layer_info *kind = kgi_layer_kind_find(c->kind);
    char text[128];
    assert_non_null(kind);
    kgi_layer_options_init(options, kind);
    snprintf(text, sizeof text, "%s", c->options);
    for (char *word = text; *word;) {
        char *value = strchr(word, '='), *end = word + strcspn(word, " ");
        const int is_last = *end == '\0';
        *value = *end = '\0';
        set_option(options, kind, word, value + 1);
        word = is_last ? end : end + 1;
    }
    options->in = c->in;
    while (options->n_inputs < 3 && c->in[options->n_inputs].width) {
        options->n_inputs++;
    }
}

static kgi_layer *make(const kind_case *c, const kg_circuit *circuit,
                       const kg_observable *observable, int threads)
{
    kgi_layer_options options;
    kg_plan_options plan = KG_PLAN_OPTIONS_INIT;
    kgi_layer *layer = NULL;
    kg_error err = {0};
    read_options(&options, c);
    plan.threads = threads;
    options.gates = circuit;
    options.observable = observable;
    options.plan = &plan;
    if (kgi_layer_create(&layer, kgi_layer_kind_find(c->kind), &options, &err)) {
        fail_msg("%s %s: %s", c->kind, c->options, err.message);
    }
    return layer;
}

/* Central differences with h = 1e-5: third derivatives of these layers are of order 10, so the
 * truncation is about h^2 / 6 * 10 * (terms, 20) = 3e-9; rounding eps * 50 / h = 1e-9. The kinks of relu
 * and max are further than h from every number that is drawn. */
static void backward_is_the_derivative_of_every_row(void **state)
{
    (void)state;
    int seen[64] = {0};
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    make_circuit(&circuit, &observable);
    for (int i = 0; i < N_CASES; i++) {
        print_message("%s %s\n", cases[i].kind, cases[i].options);
        kgi_layer *layer = make(&cases[i], circuit, observable, 1);
        const kgi_draw draw = {1, 7, 11}; /* training: dropout drops, and its mask stays */
        layer->draw = &draw;
        layer->place = 3;
        check_layer(layer, BATCH, 1e-5, 2e-8);
        kgi_layer_destroy(layer);
        for (int k = 0; kgi_layer_kind_get(k); k++) {
            seen[k] |= kgi_layer_kind_get(k) == kgi_layer_kind_find(cases[i].kind);
        }
    }
    for (int k = 0; kgi_layer_kind_get(k); k++) {
        assert_true(seen[k]);
    }
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

static void shapes_and_parameters_are_as_computed_by_hand(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    make_circuit(&circuit, &observable);
    for (int i = 0; i < N_CASES; i++) {
        kgi_layer_options options;
        kgi_shape shape;
        kgi_layer *layer = make(&cases[i], circuit, observable, 1);
        int n_in = 0, n_params = 0;
        read_options(&options, &cases[i]);
        options.gates = circuit;
        options.observable = observable;
        assert_int_equal(layer->info->shape(&options, &shape, NULL), KG_OK);
        assert_memory_equal(&shape, &cases[i].out, sizeof shape);
        assert_memory_equal(&layer->out, &shape, sizeof shape);
        for (int j = 0; j < options.n_inputs; j++) {
            n_in += kgi_shape_size(cases[i].in[j]);
        }
        for (int s = 0; s < layer->n_segments; s++) {
            n_params += layer->segments[s].n;
        }
        assert_int_equal(layer->n_in, n_in);
        assert_int_equal(layer->n_out, kgi_shape_size(shape));
        assert_int_equal(layer->n_params, cases[i].n_params);
        assert_int_equal(n_params, cases[i].n_params);
        kgi_layer_destroy(layer);
    }
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

/* All outputs and derivatives of a case for a batch that is not a multiple of anything. */
static void run(const kind_case *c, const kg_circuit *circuit, const kg_observable *observable,
                int threads, double *results)
{
    enum { ROWS = 301 };
    kgi_layer *layer = make(c, circuit, observable, threads);
    const size_t n_x = (size_t)(ROWS * layer->n_in), n_y = (size_t)(ROWS * layer->n_out);
    double params[64], *x = calloc(n_x, sizeof *x), *d_y = calloc(n_y, sizeof *d_y);
    assert_true(x && d_y && layer->n_params <= 64);
    for (size_t i = 0; i < n_x + n_y + 64; i++) {
        double *to = i < n_x ? &x[i] : i < n_x + n_y ? &d_y[i - n_x] : &params[i - n_x - n_y];
        *to = kg_random_normal(4, KG_STREAM_TEST, 0, i);
    }
    memset(results, 0, (n_x + n_y + 64) * sizeof *results);
    kgi_layer_forward(layer, ROWS, params, x, results);
    kgi_layer_backward(layer, ROWS, params, x, d_y, results + n_y, results + n_y + 64);
    free(x);
    free(d_y);
    kgi_layer_destroy(layer);
}

static void the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    enum { MAX_NUMBERS = 301 * (42 + 54) + 64 };
    static double one[MAX_NUMBERS], many[MAX_NUMBERS];
    const int threads[] = {2, 3, 8};
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    make_circuit(&circuit, &observable);
    for (int i = 0; i < N_CASES; i++) {
        run(&cases[i], circuit, observable, 1, one);
        for (int t = 0; t < 3; t++) {
            memcpy(many, one, sizeof many);
            run(&cases[i], circuit, observable, threads[t], many);
            assert_memory_equal(one, many, sizeof one);
        }
    }
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    static const struct {
        kind_case c;
        const char *text;
    } refused[] = {
        {{"conv1d", "filters=1", {{1, 2, 8}}, {0, 0, 0}, 0},
         "takes channels x 1 x width, got 1 x 2 x 8"},
        {{"conv2d", "filters=1 size=5", {{1, 3, 9}}, {0, 0, 0}, 0},
         "a window of 5 x 5 with padding 0 x 0 does not fit into 1 x 3 x 9"},
        {{"conv2d", "filters=1 size=2 padding=2", {{1, 3, 3}}, {0, 0, 0}, 0},
         "padding is 2, but a window of 2 then shows zeros only"},
        {{"conv2d", "filters=4096 size=1", {{1, 1024, 1024}}, {0, 0, 0}, 0},
         "4096 filters of 1 numbers at 1048576 places are more than a layer may have"},
        {{"conv2d", "filters=1 size=512", {{1, 1024, 1024}}, {0, 0, 0}, 0},
         "windows of 512 x 512 on 1 x 1024 x 1024 are 263169 times 262144 numbers, more than"},
        {{"maxpool2d", "size=3", {{4, 2, 5}}, {0, 0, 0}, 0},
         "a window of 3 x 3 with padding 0 x 0 does not fit into 4 x 2 x 5"},
        {{"concat", "", {{2, 3, 4}, {2, 4, 3}}, {0, 0, 0}, 0},
         "input 1 is 2 x 3 x 4, input 2 is 2 x 4 x 3: height and width must be the same, or "
         "flatten"},
        {{"add", "", {{1, 1, 4}, {1, 1, 4}, {1, 1, 5}}, {0, 0, 0}, 0},
         "input 1 is 4, input 3 is 5: only equal shapes add"},
        {{"quantum", "", {{1, 1, 5}}, {0, 0, 0}, 0}, "5 features, but the circuit takes 4"},
        {{"patch", "size=3", {{1, 6, 6}}, {0, 0, 0}, 0},
         "a patch has 9 numbers, but the circuit takes 4"},
    };
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    make_circuit(&circuit, &observable);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const kgi_layer_info *kind = kgi_layer_kind_find(refused[i].c.kind);
        kgi_layer_options options;
        kgi_layer *layer = NULL;
        kgi_shape shape;
        kg_error err = {0};
        read_options(&options, &refused[i].c);
        options.gates = circuit;
        options.observable = observable;
        assert_refused(kind->shape(&options, &shape, &err), err, KG_ERR_SHAPE, refused[i].text);
        err = (kg_error){0};
        assert_refused(kgi_layer_create(&layer, kind, &options, &err), err, KG_ERR_SHAPE,
                       refused[i].text);
        assert_null(layer);
    }
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

static void rows_are_found_and_explained(void **state)
{
    (void)state;
    for (int i = 0; kgi_layer_kind_get(i); i++) {
        const kgi_layer_info *kind = kgi_layer_kind_get(i);
        assert_ptr_equal(kgi_layer_kind_find(kind->name), kind);
        assert_true(strlen(kind->help) > 0);
        for (int o = 0; o < kind->n_options; o++) {
            assert_true(strlen(kind->options[o].help) > 0);
        }
    }
    assert_null(kgi_layer_kind_find("lstm"));
    assert_null(kgi_layer_kind_get(-1));
    assert_int_equal(kgi_shape_size((kgi_shape){1 << 12, 1 << 12, 2}), 0);
    assert_int_equal(kgi_shape_size((kgi_shape){1 << 30, 1 << 30, 1 << 30}), 0);
    assert_int_equal(kgi_shape_size((kgi_shape){0, 4, 4}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backward_is_the_derivative_of_every_row),
        cmocka_unit_test(shapes_and_parameters_are_as_computed_by_hand),
        cmocka_unit_test(the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(impossible_shapes_are_refused),
        cmocka_unit_test(rows_are_found_and_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
