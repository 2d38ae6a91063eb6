/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the table of losses: values by hand, gradients, decisions, and where nothing is clipped. */
#include "layer/loss.h"

#include <string.h>

#include <ketgrad/rng.h>

#include "near.h"

static double uniform(uint64_t seed, uint64_t i)
{
    return kg_random_uniform(seed, KG_STREAM_TEST, 0, i);
}

/* ---- values by hand ----------------------------------------------------------------------------- */

static void mse_is_the_squared_distance_of_the_expectation_value(void **state)
{
    (void)state;
    const kgi_loss *mse = kgi_loss_find("mse", KGI_OUTPUT_EXPVAL);
    const double out[] = {0.25, 0.25};
    const int labels[] = {0, 1};
    assert_near(kgi_loss_forward(mse, 1, 1, out, labels), 0.5625, 1e-15);     /* (1 - 0.25)^2 */
    assert_near(kgi_loss_forward(mse, 1, 1, out, labels + 1), 1.5625, 1e-15); /* (-1 - 0.25)^2 */
    assert_near(kgi_loss_forward(mse, 2, 1, out, labels), 2.125, 1e-15);      /* the sum */
}

static void cross_entropy_is_minus_log_of_the_label(void **state)
{
    (void)state;
    const double out[] = {0.8, 0.2};
    const int labels[] = {0, 1};
    const kgi_loss *ce = kgi_loss_find("ce", KGI_OUTPUT_PROBS);
    assert_near(kgi_loss_forward(ce, 1, 2, out, labels), -log(0.8), 1e-15);
    assert_near(kgi_loss_forward(ce, 1, 2, out, labels + 1), -log(0.2), 1e-15);
    const kgi_loss *reversed = kgi_loss_find("ce", KGI_OUTPUT_PROBS_REVERSED);
    assert_near(kgi_loss_forward(reversed, 1, 2, out, labels), -log(0.2), 1e-15);
    assert_near(kgi_loss_forward(reversed, 1, 2, out, labels + 1), -log(0.8), 1e-15);
}

/* One logit z: p(class 1) = 1 / (1 + e^-z). Three logits: softmax. */
static void cross_entropy_of_logits_is_softmax_or_sigmoid(void **state)
{
    (void)state;
    const kgi_loss *ce = kgi_loss_find("ce", KGI_OUTPUT_LOGITS);
    const double one = 0.7, three[] = {0.1, -0.4, 1.3};
    const int labels[] = {0, 1, 2};
    const double norm = exp(0.1) + exp(-0.4) + exp(1.3);
    assert_near(kgi_loss_forward(ce, 1, 1, &one, labels), log(1 + exp(0.7)), 1e-15);
    assert_near(kgi_loss_forward(ce, 1, 1, &one, labels + 1), log(1 + exp(-0.7)), 1e-15);
    assert_near(kgi_loss_forward(ce, 1, 3, three, labels + 2), log(norm) - 1.3, 1e-15);
    double scores[3];
    kgi_loss_decide(ce, 1, 3, three, 3, NULL, scores);
    assert_near(scores[1], exp(-0.4) / norm, 1e-15);
}

/* Logits of 800 would overflow exp(); the loss is then the distance itself. */
static void logits_do_not_overflow(void **state)
{
    (void)state;
    const kgi_loss *ce = kgi_loss_find("ce", KGI_OUTPUT_LOGITS);
    const double one = 800.0, two[] = {800.0, -800.0};
    const int labels[] = {0, 1};
    assert_near(kgi_loss_forward(ce, 1, 1, &one, labels), 800.0, 0.0);
    assert_near(kgi_loss_forward(ce, 1, 1, &one, labels + 1), 0.0, 0.0);
    assert_near(kgi_loss_forward(ce, 1, 2, two, labels + 1), 1600.0, 0.0);
    double d_out[2] = {0};
    kgi_loss_backward(ce, 1, 2, two, labels + 1, 1.0, d_out);
    assert_near(d_out[0], 1.0, 0.0);
    assert_near(d_out[1], -1.0, 0.0);
}

/* ---- properties of every row -------------------------------------------------------------------- */

/* Outputs as the row expects them: <Z> in (-1, 1), probabilities, or logits. */
static int fill(const kgi_loss *loss, uint64_t seed, double *out)
{
    if (loss->output == KGI_OUTPUT_EXPVAL) {
        out[0] = 1.8 * uniform(seed, 0) - 0.9;
        return 1;
    }
    if (loss->output == KGI_OUTPUT_LOGITS) {
        for (uint64_t i = 0; i < 3; i++) {
            out[i] = 4.0 * uniform(seed, i) - 2.0;
        }
        return 3;
    }
    out[0] = 0.1 + 0.8 * uniform(seed, 0);
    out[1] = 1.0 - out[0];
    return 2;
}

/* Central differences, h = 1e-5. Third derivatives: -log p has 2 / p^3 <= 2000 at p >= 0.1, so the
 * truncation is h^2 / 6 * 2000 = 3.3e-8; rounding eps / h = 2e-11. */
static void gradients_match_differences(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(11);
    for (int i = 0; kgi_loss_get(i); i++) {
        const kgi_loss *loss = kgi_loss_get(i);
        double out[3];
        const int n = fill(loss, seed, out);
        const int n_classes = n == 1 ? 2 : n;
        for (int label = 0; label < n_classes; label++) {
            double d_out[3] = {1.0, 1.0, 1.0}; /* backward adds */
            kgi_loss_backward(loss, 1, n, out, &label, 0.5, d_out);
            for (int k = 0; k < n; k++) {
                const double at = out[k], h = 1e-5;
                out[k] = at + h;
                const double up = kgi_loss_forward(loss, 1, n, out, &label);
                out[k] = at - h;
                const double down = kgi_loss_forward(loss, 1, n, out, &label);
                out[k] = at;
                assert_near(d_out[k], 1.0 + 0.5 * (up - down) / (2 * h), 4e-8);
            }
        }
    }
}

/* Scores are probabilities, the decision is the largest, and the loss of the decided class is the
 * smallest: the loss's own decision. */
static void decisions_belong_to_their_loss(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(12);
    for (int i = 0; kgi_loss_get(i); i++) {
        for (uint64_t draw = 0; draw < 50; draw++) {
            const kgi_loss *loss = kgi_loss_get(i);
            double out[3], scores[3], sum = 0.0;
            const int n = fill(loss, seed + draw, out);
            const int n_classes = n == 1 ? 2 : n;
            int predicted = -1;
            kgi_loss_decide(loss, 1, n, out, n_classes, &predicted, scores);
            for (int c = 0; c < n_classes; c++) {
                sum += scores[c];
                assert_true(scores[c] <= scores[predicted]);
                assert_true(kgi_loss_forward(loss, 1, n, out, &c) >=
                            kgi_loss_forward(loss, 1, n, out, &predicted));
                assert_int_equal(kgi_loss_n_correct(loss, 1, n, out, n_classes, &c),
                                 c == predicted);
            }
            assert_near(sum, 1.0, 1e-14);
        }
    }
}

static void ties_go_to_the_first_class(void **state)
{
    (void)state;
    const double zero = 0.0, halves[] = {0.5, 0.5};
    int predicted = -1;
    kgi_loss_decide(kgi_loss_find("mse", KGI_OUTPUT_EXPVAL), 1, 1, &zero, 2, &predicted, NULL);
    assert_int_equal(predicted, 0);
    kgi_loss_decide(kgi_loss_find("ce", KGI_OUTPUT_PROBS), 1, 2, halves, 2, &predicted, NULL);
    assert_int_equal(predicted, 0);
}

/* Nothing is clipped: a probability of 0 costs infinity, a negative one is NaN; the caller stops. */
static void impossible_labels_are_not_clipped(void **state)
{
    (void)state;
    const kgi_loss *ce = kgi_loss_find("ce", KGI_OUTPUT_PROBS);
    const double certain[] = {1.0, 0.0}, below[] = {1.0, -1e-9};
    const int label = 1;
    assert_true(isinf(kgi_loss_forward(ce, 1, 2, certain, &label)));
    assert_true(isnan(kgi_loss_forward(ce, 1, 2, below, &label)));
}

static void losses_are_found_by_name_and_outputs(void **state)
{
    (void)state;
    for (int i = 0; kgi_loss_get(i); i++) {
        assert_ptr_equal(kgi_loss_find(kgi_loss_get(i)->name, kgi_loss_get(i)->output),
                         kgi_loss_get(i));
        assert_true(strlen(kgi_loss_get(i)->help) > 0);
    }
    assert_null(kgi_loss_find("mse", KGI_OUTPUT_LOGITS));
    assert_null(kgi_loss_find("hinge", KGI_OUTPUT_LOGITS));
    assert_null(kgi_loss_get(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mse_is_the_squared_distance_of_the_expectation_value),
        cmocka_unit_test(cross_entropy_is_minus_log_of_the_label),
        cmocka_unit_test(cross_entropy_of_logits_is_softmax_or_sigmoid),
        cmocka_unit_test(logits_do_not_overflow),
        cmocka_unit_test(gradients_match_differences),
        cmocka_unit_test(decisions_belong_to_their_loss),
        cmocka_unit_test(ties_go_to_the_first_class),
        cmocka_unit_test(impossible_labels_are_not_clipped),
        cmocka_unit_test(losses_are_found_by_name_and_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
