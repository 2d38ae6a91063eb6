/* SPDX-License-Identifier: Apache-2.0 */
/* Values of layers: by hand, or by loops that say what the layer is. */
#include <string.h>

#include "check_layer.h"

static kgi_layer *make(const kgi_layer_info *kind, kgi_layer_options *options, const kgi_shape *in)
{
    kgi_layer *layer = NULL;
    options->in = in;
    assert_int_equal(kgi_layer_create(&layer, kind, options, NULL), KG_OK);
    return layer;
}

static void fill(double *x, int n, uint32_t what)
{
    for (int i = 0; i < n; i++) {
        x[i] = kg_random_normal(3, KG_STREAM_TEST, what, (uint64_t)i);
    }
}

/* As the definition has it: y[f][i][j] = bias[f] + sum W[f][c][u][v] x[c][i s + u - p][j s + v - p]. */
static void convolution_is_its_definition(void **state)
{
    (void)state;
    enum { BATCH = 2, C = 2, H = 5, W = 4, F = 3, KH = 2, KW = 3, SH = 2, SW = 1, PH = 1, PW = 2 };
    enum { OH = 3, OW = 6, WEIGHTS = C * KH * KW };
    const kgi_shape in = {C, H, W};
    kgi_layer_options options = {
        .n_inputs = 1, .filters = F, .size = {KH, KW}, .stride = {SH, SW}, .padding = {PH, PW}};
    kgi_layer *layer = make(&kgi_layer_conv2d, &options, &in);
    double x[BATCH * C * H * W], y[BATCH * F * OH * OW], params[F * (WEIGHTS + 1)];
    fill(x, BATCH * C * H * W, 0);
    fill(params, F * (WEIGHTS + 1), 1);
    kgi_layer_forward(layer, BATCH, params, x, y);
    for (int o = 0; o < BATCH * F * OH * OW; o++) {
        const int j = o % OW, i = o / OW % OH, f = o / (OW * OH) % F, b = o / (OW * OH * F);
        double sum = params[F * WEIGHTS + f];
        for (int k = 0; k < WEIGHTS; k++) {
            const int v = k % KW, u = k / KW % KH, c = k / (KW * KH);
            const int row = i * SH + u - PH, column = j * SW + v - PW;
            if (row >= 0 && row < H && column >= 0 && column < W) {
                sum += params[f * WEIGHTS + k] * x[((b * C + c) * H + row) * W + column];
            }
        }
        assert_near(y[o], sum, 1e-14);
    }
    kgi_layer_destroy(layer);
}

/* One dimension, two filters, by hand: no flip of the filter, zeros at both ends. */
static void convolution_of_a_row_by_hand(void **state)
{
    (void)state;
    const kgi_shape in = {1, 1, 3};
    kgi_layer_options options = {
        .n_inputs = 1, .filters = 2, .size = {0, 2}, .stride = {0, 1}, .padding = {0, 1}};
    kgi_layer *layer = make(&kgi_layer_conv1d, &options, &in);
    const double params[] = {10, 1, 2, -1, /* bias */ 0.5, 0};
    const double x[] = {1, 2, 3}, expected[] = {1.5, 12.5, 23.5, 30.5, -1, 0, 1, 6};
    double y[8];
    kgi_layer_forward(layer, 1, params, x, y);
    assert_memory_equal(y, expected, sizeof y);
    kgi_layer_destroy(layer);
}

/* The largest of overlapping windows, ties to the first; the mean beside it. */
static void poolings_by_hand(void **state)
{
    (void)state;
    const kgi_shape in = {1, 2, 5};
    kgi_layer_options options = {.n_inputs = 1, .size = {2, 2}, .stride = {2, 1}};
    const double x[] = {1, 4, 4, 0, -1, 2, 3, 4, -5, -1};
    const double largest[] = {4, 4, 4, 0}, mean[] = {2.5, 3.75, 0.75, -1.75};
    const double d_y[] = {1, 10, 100, 1000};
    const double d_largest[] = {0, 11, 100, 1000, 0, 0, 0, 0, 0, 0};
    double y[4], d_x[10] = {0};
    kgi_layer *layer = make(&kgi_layer_maxpool2d, &options, &in);
    kgi_layer_forward(layer, 1, NULL, x, y);
    assert_memory_equal(y, largest, sizeof y);
    kgi_layer_backward(layer, 1, NULL, x, d_y, NULL, d_x);
    assert_memory_equal(d_x, d_largest, sizeof d_x);
    kgi_layer_destroy(layer);
    layer = make(&kgi_layer_avgpool2d, &options, &in);
    kgi_layer_forward(layer, 1, NULL, x, y);
    assert_memory_equal(y, mean, sizeof y);
    kgi_layer_destroy(layer);
}

static void activations_by_hand(void **state)
{
    (void)state;
    const kgi_shape in = {1, 1, 3};
    kgi_layer_options options = {.n_inputs = 1};
    const double x[] = {-0.5, 0.0, 2.0, 800.0, -800.0, 799.0};
    double y[6];
    kgi_layer *layer = make(&kgi_layer_relu, &options, &in);
    kgi_layer_forward(layer, 2, NULL, x, y);
    const double rectified[] = {0, 0, 2, 800, 0, 799};
    assert_memory_equal(y, rectified, sizeof y);
    const double bad = NAN;
    double still_bad[3];
    kgi_layer_forward(layer, 1, NULL, (const double[]){bad, 1, 2}, still_bad);
    assert_true(isnan(still_bad[0])); /* what went wrong before is not hidden */
    kgi_layer_destroy(layer);
    layer = make(&kgi_layer_sigmoid, &options, &in);
    kgi_layer_forward(layer, 2, NULL, x, y);
    assert_near(y[0], 1 / (1 + exp(0.5)), 1e-16);
    assert_near(y[3], 1.0, 0.0);
    assert_near(y[4], 0.0, 0.0); /* no overflow on either side */
    kgi_layer_destroy(layer);
    layer = make(&kgi_layer_softmax, &options, &in);
    kgi_layer_forward(layer, 2, NULL, x, y);
    assert_near(y[1], 1 / (exp(-0.5) + 1 + exp(2)), 1e-16);
    assert_near(y[3], 1 / (1 + exp(-1)), 1e-15);
    assert_near(y[3] + y[4] + y[5], 1.0, 1e-15);
    kgi_layer_destroy(layer);
}

/* What is kept is scaled, what is kept is drawn by address, and nothing happens when scoring. The
 * fraction that is dropped lies within 5 sigma = 5 sqrt(0.3 0.7 / 20000) = 0.016 of the rate. */
static void dropout_drops_by_address(void **state)
{
    (void)state;
    enum { WIDTH = 1000, ROWS = 20, N = WIDTH * ROWS };
    static double x[N], y[N], again[N];
    const kgi_shape in = {1, 1, WIDTH};
    kgi_layer_options options = {.n_inputs = 1, .rate = 0.3};
    kgi_layer *layer = make(&kgi_layer_dropout, &options, &in);
    kgi_draw draw = {1, 5, 1};
    int dropped = 0, differ[3] = {0};
    fill(x, N, 0);
    kgi_layer_forward(layer, ROWS, NULL, x, y);
    assert_memory_equal(x, y, sizeof x); /* no draw, no dropping */
    layer->draw = &draw;
    kgi_layer_forward(layer, ROWS, NULL, x, y);
    for (int i = 0; i < N; i++) {
        dropped += y[i] == 0.0;
        assert_true(y[i] == 0.0 || fabs(y[i] - x[i] / 0.7) < 1e-12);
    }
    assert_near((double)dropped / N, 0.3, 0.016);
    kgi_layer_forward(layer, ROWS, NULL, x, again);
    assert_memory_equal(y, again, sizeof y);
    for (int what = 0; what < 3; what++) { /* another step, seed, place: other draws */
        draw = (kgi_draw){1, what == 1 ? 6 : 5, what == 0 ? 2 : 1};
        layer->place = what == 2;
        kgi_layer_forward(layer, ROWS, NULL, x, again);
        for (int i = 0; i < N; i++) {
            differ[what] += (y[i] == 0.0) != (again[i] == 0.0);
        }
        assert_near((double)differ[what] / N, 0.42, 0.02); /* 2 * 0.3 * 0.7, as for strangers */
    }
    draw.training = 0;
    kgi_layer_forward(layer, ROWS, NULL, x, y);
    assert_memory_equal(x, y, sizeof x);
    kgi_layer_destroy(layer);
}

/* A patch layer is its circuit, patch by patch; 700 samples are several batches of the plan. */
static void a_patch_layer_is_its_circuit_patch_by_patch(void **state)
{
    (void)state;
    enum { ROWS = 700, H = 3, W = 4, PLACES = 4, OUTPUTS = 4 };
    const kgi_shape in = {1, H, W};
    const int qubits[] = {0, 1};
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    static double x[ROWS * H * W], y[ROWS * PLACES * OUTPUTS];
    double params[2], patch[4], out[OUTPUTS];
    assert_int_equal(kg_circuit_create(&circuit, 2, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_encoding(circuit, kg_encoding_find("dense"), NULL), KG_OK);
    assert_int_equal(kg_circuit_add_block(circuit, kg_ansatz_find("ttn"), qubits, 0, NULL), KG_OK);
    assert_int_equal(kg_observable_create(&observable, 2, NULL), KG_OK);
    assert_int_equal(kg_observable_add_probs(observable, 2, qubits, NULL), KG_OK);
    assert_int_equal(kg_plan_create(&plan, circuit, observable, NULL, NULL), KG_OK);
    assert_int_equal(kg_workspace_create(&ws, plan, NULL), KG_OK);
    kgi_layer_options options = {.n_inputs = 1,
                                 .size = {2, 1},
                                 .stride = {1, 2},
                                 .gates = circuit,
                                 .observable = observable};
    kgi_layer *layer = make(&kgi_layer_patch, &options, &in); /* 2 x 1 patches: 2 of 4 inputs */
    fill(x, ROWS * H * W, 0);
    fill(params, 2, 1);
    kgi_layer_forward(layer, ROWS, params, x, y);
    for (int i = 0; i < ROWS * PLACES; i++) {
        const int b = i / PLACES, place = i % PLACES, top = place / 2, left = place % 2 * 2;
        patch[0] = x[(b * H + top) * W + left];
        patch[1] = x[(b * H + top + 1) * W + left];
        patch[2] = patch[3] = 0.0;
        kg_plan_forward(plan, params, 1, patch, out, ws);
        for (int k = 0; k < OUTPUTS; k++) {
            assert_near(y[(b * OUTPUTS + k) * PLACES + place], out[k], 1e-14);
        }
    }
    assert_ptr_equal(kgi_quantum_plan(layer), kgi_patch_plan(layer));
    kgi_layer_destroy(layer);
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_is_its_definition),
        cmocka_unit_test(convolution_of_a_row_by_hand),
        cmocka_unit_test(poolings_by_hand),
        cmocka_unit_test(activations_by_hand),
        cmocka_unit_test(dropout_drops_by_address),
        cmocka_unit_test(a_patch_layer_is_its_circuit_patch_by_patch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
