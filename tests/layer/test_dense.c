/* SPDX-License-Identifier: Apache-2.0 */
/* The dense and the constant layer: values by hand, derivatives, shapes that are refused. */
#include "check_layer.h"

static void dense_is_matrix_times_row_plus_bias(void **state)
{
    (void)state;
    kgi_layer *layer = NULL;
    assert_int_equal(kgi_dense_create(&layer, 3, 2, NULL), KG_OK);
    assert_int_equal(layer->n_params, 8);
    const double params[] = {1, 2, 3, -1, 0, 4, /* bias */ 10, 20};
    const double x[] = {1, 1, 1, 2, 0, -1};
    double y[4];
    kgi_layer_forward(layer, 2, params, x, y);
    const double expected[] = {16, 23, 9, 14};
    for (int i = 0; i < 4; i++) {
        assert_near(y[i], expected[i], 0.0);
    }
    kgi_layer_destroy(layer);
}

/* The layer is linear in each number, so differences have rounding only: eps * |sum| / h with sums
 * below 100 and h = 1e-3 is 2e-11. */
static void dense_backward_is_its_derivative(void **state)
{
    (void)state;
    kgi_layer *layer = NULL;
    assert_int_equal(kgi_dense_create(&layer, 5, 3, NULL), KG_OK);
    check_layer(layer, 4, 1e-3, 1e-10);
    kgi_layer_destroy(layer);
    assert_int_equal(kgi_dense_create(&layer, 8, 1, NULL), KG_OK);
    assert_int_equal(layer->n_params, 9);
    check_layer(layer, 7, 1e-3, 1e-10);
    kgi_layer_destroy(layer);
}

static void constant_says_its_state(void **state)
{
    (void)state;
    kgi_layer *layer = NULL;
    assert_int_equal(kgi_constant_create(&layer, 2, 3, NULL), KG_OK);
    assert_int_equal(layer->n_params, 0);
    assert_int_equal(layer->n_state, 3);
    layer->state[0] = 0.5;
    layer->state[2] = 0.25;
    const double x[] = {7, 8, 9, 10};
    double y[6];
    kgi_layer_forward(layer, 2, NULL, x, y);
    const double expected[] = {0.5, 0, 0.25, 0.5, 0, 0.25};
    assert_memory_equal(y, expected, sizeof y);
    check_layer(layer, 2, 1e-3, 0.0);
    kgi_layer_destroy(layer);
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    kgi_layer *layer = (kgi_layer *)state;
    kg_error err;
    assert_int_equal(kgi_dense_create(&layer, 0, 2, &err), KG_ERR_ARGUMENT);
    assert_null(layer);
    assert_string_equal(err.message, "a dense layer of 0 inputs and 2 outputs");
    assert_int_equal(kgi_dense_create(&layer, 1 << 20, 1 << 20, &err), KG_ERR_ARGUMENT);
    assert_int_equal(kgi_constant_create(&layer, 1, 0, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "a constant layer of 1 inputs and 0 outputs");
    kgi_layer_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_is_matrix_times_row_plus_bias),
        cmocka_unit_test(dense_backward_is_its_derivative),
        cmocka_unit_test(constant_says_its_state),
        cmocka_unit_test(impossible_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
