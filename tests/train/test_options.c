/* SPDX-License-Identifier: Apache-2.0 */
/* Options of training: documented defaults, what "auto" means for a model, and refusals. */
#include <string.h>

#include <ketgrad/train.h>

#include "base/options.h"
#include "near.h"
#include "train/train.h"

static void defaults_are_as_documented(void **state)
{
    (void)state;
    const kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    const kgi_option *row = NULL;
    assert_int_equal(o.struct_size, sizeof o);
    assert_string_equal(o.optimizer, "nesterov");
    assert_near(o.lr, 0.01, 0.0);
    assert_near(o.momentum, 0.9, 0.0);
    assert_near(o.beta1, 0.9, 0.0);
    assert_near(o.beta2, 0.999, 0.0);
    assert_near(o.eps, 1e-8, 0.0);
    assert_int_equal(o.batch, 25);
    assert_int_equal(o.steps, 200);
    assert_string_equal(o.loss_reduction, "auto");
    assert_string_equal(o.sampling, "auto");
    assert_string_equal(o.init, "auto");
    assert_near(o.init_scale, 1.0, 0.0);
    assert_int_equal(o.seed, 1);
    assert_int_equal(o.log_every, 1);
    assert_null(o.on_step);
    assert_null(o.should_stop);
    assert_null(o.user);
    assert_near(o.rho, 0.9, 0.0);
    assert_string_equal(o.schedule, "constant");
    assert_near(o.lr_decay, 0.5, 0.0);
    assert_int_equal(o.lr_every, 100);
    assert_near(o.lr_end, 0.0, 0.0);
    assert_int_equal(o.warmup, 0);
    assert_int_equal(o.val_every, 0);
    assert_int_equal(o.patience, 0);
    assert_near(o.min_delta, 0.0, 0.0);
    assert_int_equal(o.checkpoint_every, 0);
    assert_near(o.checkpoint_seconds, 10.0, 0.0);
    assert_null(o.on_epoch);
    assert_null(o.on_warning);
    assert_null(o.on_checkpoint);
    assert_true(kgi_options_agree(kg_train_options_table(), &o, &row));
}

static const struct {
    const char *model, *loss, *compat, *init;
    int sum, replace;
} autos[] = {
    {"qcnn", "mse", "none", "normal", 0, 0},  {"qcnn", "ce", "none", "normal", 0, 0},
    {"qcnn", "mse", "hur", "normal", 0, 1},   {"qcnn", "ce", "hur", "normal", 1, 1},
    {"logistic", "ce", "none", "zero", 0, 0}, {"logistic", "ce", "hur", "zero", 1, 1},
};

static void auto_depends_on_model_and_compat(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof autos / sizeof *autos; i++) {
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        kg_train_options t = KG_TRAIN_OPTIONS_INIT;
        kg_model *model = NULL;
        kgi_train_choice choice;
        o.loss = autos[i].loss;
        o.compat = autos[i].compat;
        assert_int_equal(kg_model_create(&model, autos[i].model, &o, NULL), KG_OK);
        assert_int_equal(kgi_train_choose(&choice, model, NULL, NULL), KG_OK);
        assert_string_equal(choice.init->name, autos[i].init);
        assert_int_equal(choice.sum, autos[i].sum);
        assert_int_equal(choice.replace, autos[i].replace);
        t.loss_reduction = autos[i].sum ? "mean" : "sum"; /* what is said goes before compat */
        t.sampling = autos[i].replace ? "shuffle" : "replace";
        t.init = "uniform";
        assert_int_equal(kgi_train_choose(&choice, model, &t, NULL), KG_OK);
        assert_int_equal(choice.sum, !autos[i].sum);
        assert_int_equal(choice.replace, !autos[i].replace);
        assert_string_equal(choice.init->name, "uniform");
        kg_model_destroy(model);
    }
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    kg_model *model = NULL;
    kgi_train_choice choice;
    kg_error err = {0};
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    o.optimizer = "nesterof";
    assert_int_equal(kgi_train_choose(&choice, model, &o, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "optimizer is \"nesterof\", did you mean \"nesterov\"? "
                                     "Allowed: nesterov, sgd, adam, momentum, rmsprop, adagrad");
    o.optimizer = NULL; /* the default */
    o.batch = 0;
    assert_int_equal(kgi_train_choose(&choice, model, &o, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "batch is 0, not a whole number in [1, 1000000]");
    o.batch = 1;
    o.lr = NAN;
    assert_int_equal(kgi_train_choose(&choice, model, &o, &err), KG_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "lr is nan, not a number in ["));
    o.lr = 0.5;
    o.sampling = "all";
    assert_int_equal(kgi_train_choose(&choice, model, &o, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "sampling is \"all\", not one of: auto, shuffle, replace");
    o.sampling = "auto";
    assert_int_equal(kgi_train_choose(&choice, model, &o, &err), KG_OK);
    assert_string_equal(choice.optimizer->name, "nesterov");
    kg_model_destroy(model);
}

static void names_are_listed_with_help(void **state)
{
    (void)state;
    const char *const optimizers[] = {"nesterov", "sgd", "adam", "momentum", "rmsprop", "adagrad"};
    const char *const inits[] = {"normal", "uniform", "zero", "fan-in", "small-angle"};
    const char *const schedules[] = {"constant", "step", "exponential", "cosine"};
    for (int i = 0; i < 6; i++) {
        assert_string_equal(kg_optimizer_get(i), optimizers[i]);
        assert_true(strlen(kg_optimizer_help(i)) > 0);
    }
    for (int i = 0; i < 5; i++) {
        assert_string_equal(kg_init_get(i), inits[i]);
        assert_true(strlen(kg_init_help(i)) > 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_string_equal(kg_schedule_get(i), schedules[i]);
        assert_true(strlen(kg_schedule_help(i)) > 0);
    }
    assert_null(kg_optimizer_get(6));
    assert_null(kg_optimizer_help(-1));
    assert_null(kg_init_get(5));
    assert_null(kg_init_help(-1));
    assert_null(kg_schedule_get(4));
    assert_null(kg_schedule_help(-1));
    assert_null(kgi_optimizer_find("lbfgs"));
    assert_null(kgi_init_find("ones"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(auto_depends_on_model_and_compat),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(names_are_listed_with_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
