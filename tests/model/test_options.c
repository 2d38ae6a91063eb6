/* SPDX-License-Identifier: Apache-2.0 */
/* Options of models: documented defaults, and every documented refusal with its text. */
#include <string.h>

#include <ketgrad/model.h>

#include "base/options.h"
#include "near.h"

static void defaults_are_as_documented(void **state)
{
    (void)state;
    const kg_model_options o = KG_MODEL_OPTIONS_INIT;
    const kgi_option *row = NULL;
    assert_int_equal(o.struct_size, sizeof o);
    assert_string_equal(o.ansatz, "su4");
    assert_string_equal(o.pooling, "auto");
    assert_string_equal(o.wiring, "auto");
    assert_string_equal(o.encoding, "angle");
    assert_int_equal(o.qubits, 8);
    assert_int_equal(o.params_per_block, 0);
    assert_string_equal(o.reduce, "auto");
    assert_string_equal(o.loss, "auto");
    assert_string_equal(o.compat, "none");
    assert_int_equal(o.precision, KG_PRECISION_F64);
    assert_int_equal(o.threads, 1);
    assert_int_equal(o.filters, 0);
    assert_int_equal(o.hidden, 0);
    assert_int_equal(o.target_params, 0);
    assert_null(o.definition);
    assert_null(o.definition_name);
    assert_int_equal(o.arrangement, 1);
    assert_true(kgi_options_agree(kg_model_options_table(), &o, &row));
}

/* NULL options, NULL texts and the defaults written out are the same model. */
static void null_means_the_default(void **state)
{
    (void)state;
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    o.ansatz = o.pooling = o.wiring = o.encoding = o.reduce = o.loss = o.compat = NULL;
    const kg_model_options *cases[] = {NULL, &o};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kg_model_create(&model, "qcnn", cases[i], NULL), KG_OK);
        const kg_model_options *used = kg_model_get_options(model);
        assert_string_equal(used->ansatz, "su4");
        assert_string_equal(used->pooling, "zx");
        assert_string_equal(used->wiring, "ring");
        assert_string_equal(used->encoding, "angle");
        assert_string_equal(used->reduce, "auto");
        assert_string_equal(used->loss, "mse");
        assert_string_equal(used->compat, "none");
        kg_model_destroy(model);
    }
    assert_int_equal(kg_model_create(&model, "logistic", &o, NULL), KG_OK);
    assert_string_equal(kg_model_get_options(model)->loss, "ce");
    kg_model_destroy(model);
    kg_model_destroy(NULL);
}

static void names_are_listed_with_help(void **state)
{
    (void)state;
    assert_string_equal(kg_model_kind_get(0), "qcnn");
    assert_string_equal(kg_model_kind_get(1), "logistic");
    assert_string_equal(kg_model_kind_get(2), "majority");
    assert_string_equal(kg_model_kind_get(3), "cnn");
    assert_string_equal(kg_model_kind_get(4), "mlp");
    assert_string_equal(kg_model_kind_get(5), "hierarchical");
    assert_string_equal(kg_model_kind_get(6), "custom");
    assert_null(kg_model_kind_get(7));
    assert_null(kg_model_kind_help(7));
    assert_null(kg_model_kind_get(-1));
    assert_string_equal(kg_loss_get(0), "mse");
    assert_string_equal(kg_loss_get(1), "ce");
    assert_null(kg_loss_get(2)); /* ce has three rows and is listed once */
    assert_null(kg_loss_help(2));
    assert_string_equal(kg_compat_get(0), "none");
    assert_string_equal(kg_compat_get(1), "hur");
    assert_null(kg_compat_get(2));
    for (int i = 0; kg_model_kind_get(i); i++) {
        assert_true(strlen(kg_model_kind_help(i)) > 0);
    }
    for (int i = 0; kg_loss_get(i); i++) {
        assert_true(strlen(kg_loss_help(i)) > 0);
    }
    for (int i = 0; kg_compat_get(i); i++) {
        assert_true(strlen(kg_compat_help(i)) > 0);
    }
}

/* ---- refusals ---------------------------------------------------------------------------------------- */

/* Field by its row's name, as the command line sets it, and what creation then says. */
typedef struct refusal {
    const char *model;
    const char *option;
    const char *value;
    const char *option2;
    const char *value2;
    kg_status status;
    const char *message;
} refusal;

static const refusal refusals[] = {
    /* clang-format off */
    {"qcnm", NULL, NULL, NULL, NULL, KG_ERR_ARGUMENT,
     "model is \"qcnm\", did you mean \"qcnn\"? Allowed: qcnn, logistic, majority, cnn, mlp, hierarchical, custom"},
    {"forest", NULL, NULL, NULL, NULL, KG_ERR_ARGUMENT,
     "model is \"forest\", not one of: qcnn, logistic, majority, cnn, mlp, hierarchical, custom"},
    {"qcnn", "params_per_block", "51", NULL, NULL, KG_ERR_ARGUMENT,
     "params_per_block is 51, but ansatz \"su4\" has 15 parameters per block"},
    {"qcnn", "reduce", "pca8", NULL, NULL, KG_ERR_ARGUMENT,
     "reduce is \"pca8\", not auto, none, pca:K or resize:N"},
    {"qcnn", "reduce", "pca:0", NULL, NULL, KG_ERR_ARGUMENT,
     "reduce is \"pca:0\", not auto, none, pca:K or resize:N"},
    {"qcnn", "reduce", "pca:8x", NULL, NULL, KG_ERR_ARGUMENT,
     "reduce is \"pca:8x\", not auto, none, pca:K or resize:N"},
    {"qcnn", "reduce", "pca:-8", NULL, NULL, KG_ERR_ARGUMENT,
     "reduce is \"pca:-8\", not auto, none, pca:K or resize:N"},
    {"qcnn", "reduce", "nonesuch", NULL, NULL, KG_ERR_ARGUMENT,
     "reduce is \"nonesuch\", not auto, none, pca:K or resize:N"},
    {"qcnn", "reduce", "pca:00000000000000000000000000000000000008", NULL, NULL, KG_ERR_ARGUMENT,
     "reduce is \"pca:000000000000000000000000000...\", not auto, none, pca:K or resize:N"},
    {"qcnn", "reduce", "pca:16", NULL, NULL, KG_ERR_SHAPE,
     "reduce \"pca:16\" leaves 16 features, but encoding \"angle\" takes at most 8 on 8 qubits"},
    {"qcnn", "reduce", "resize:17", "encoding", "amplitude", KG_ERR_SHAPE,
     "reduce \"resize:17\" leaves 289 features, but encoding \"amplitude\" takes at most 256 on 8 qubits"},
    {"qcnn", "arrangement", "2", NULL, NULL, KG_ERR_ARGUMENT,
     "arrangement is 2, but encoding \"angle\" has no blocks to arrange"},
    {"qcnn", "wiring", "chain", "pooling", "weak", KG_ERR_UNSUPPORTED,
     "wiring \"chain\" does not pool: pooling is \"weak\", not \"none\""},
    {"qcnn", "wiring", "tree", "qubits", "6", KG_ERR_UNSUPPORTED,
     "wiring \"tree\" is defined for powers of 2 in [2, 16], not for 6 qubits"},
    {"qcnn", "encoding", "hde:4", "qubits", "6", KG_ERR_UNSUPPORTED,
     "encoding \"hde:4\" is defined for multiples of 4 qubits, not for 6"},
    {"hierarchical", "wiring", "open", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"hierarchical\" is a tree, so wiring cannot be \"open\""},
    {"hierarchical", "pooling", "zx", NULL, NULL, KG_ERR_UNSUPPORTED,
     "wiring \"tree\" does not pool: pooling is \"zx\", not \"none\""},
    {"logistic", "arrangement", "3", "encoding", "hde:4", KG_ERR_ARGUMENT,
     "model \"logistic\" has no circuit, so no option arrangement"},
    {"logistic", "ansatz", "u9", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"logistic\" has no circuit, so no option ansatz"},
    {"majority", "params_per_block", "3", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"majority\" has no circuit, so no option params_per_block"},
    {"qcnn", "filters", "3", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"qcnn\" has no filters, so no option filters"},
    {"cnn", "hidden", "3", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"cnn\" has no hidden layer, so no option hidden"},
    {"mlp", "ansatz", "u9", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"mlp\" has no circuit, so no option ansatz"},
    {"logistic", "target_params", "51", NULL, NULL, KG_ERR_ARGUMENT,
     "model \"logistic\" has one size, so no option target_params"},
    {"cnn", "target_params", "51", "filters", "3", KG_ERR_ARGUMENT,
     "target_params chooses filters, so it cannot be given too"},
    {"mlp", "target_params", "51", "hidden", "3", KG_ERR_ARGUMENT,
     "target_params chooses hidden, so it cannot be given too"},
    {"logistic", "loss", "mse", NULL, NULL, KG_ERR_UNSUPPORTED,
     "model \"logistic\" has no loss \"mse\", only \"ce\""},
    /* clang-format on */
};

static void refusals_say_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        const kg_option_table *table = kg_model_options_table();
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        kg_model *model = (kg_model *)state;
        kg_error err = {0};
        if (r->option && kg_options_set(table, &o, r->option, r->value, &err)) {
            fail_msg("%s: %s", r->option, err.message);
        }
        if (r->option2) {
            assert_int_equal(kg_options_set(table, &o, r->option2, r->value2, NULL), KG_OK);
        }
        assert_int_equal(kg_model_create(&model, r->model, &o, &err), r->status);
        assert_string_equal(err.message, r->message);
        assert_int_equal(err.status, r->status);
        assert_null(model);
    }
}

/* What the table of options refuses, it refuses here too, whoever filled the struct. */
static void ranges_and_names_are_checked(void **state)
{
    (void)state;
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    o.qubits = 1;
    assert_int_equal(kg_model_create(&model, "qcnn", &o, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "qubits is 1, not a whole number in [2, 16]");
    o.qubits = 8;
    o.threads = 0;
    assert_int_equal(kg_model_create(&model, "qcnn", &o, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "threads is 0, not a whole number in [1, 256]");
    o.threads = 1;
    o.ansatz = "su44";
    assert_int_equal(kg_model_create(&model, "qcnn", &o, &err), KG_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "ansatz is \"su44\", did you mean \"su4\"? Allowed: "));
    o.ansatz = "su4";
    o.precision = 7;
    assert_int_equal(kg_model_create(&model, "qcnn", &o, &err), KG_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "precision"));
}

/* An asserted number that is right passes. */
static void params_per_block_is_an_assertion(void **state)
{
    (void)state;
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    for (int i = 0; kg_ansatz_get(i); i++) {
        o.ansatz = kg_ansatz_get(i)->name;
        o.params_per_block = kg_ansatz_get(i)->n_params;
        assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
        kg_model_destroy(model);
        o.params_per_block++;
        assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_ERR_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(null_means_the_default),
        cmocka_unit_test(names_are_listed_with_help),
        cmocka_unit_test(refusals_say_what_is_wrong),
        cmocka_unit_test(ranges_and_names_are_checked),
        cmocka_unit_test(params_per_block_is_an_assertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
