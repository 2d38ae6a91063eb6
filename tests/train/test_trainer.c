/* SPDX-License-Identifier: Apache-2.0 */
/* Trainers: saved and gone on with at every step, validation and patience, what a checkpoint belongs to,
 * and damaged ones. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "refused.h"

enum { STEPS = 50, MAX_PARAMS = 64, MAX_EPOCHS = 64 };

static char path[64];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/ketgrad-trainer-%ld.safetensors", (long)getpid());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return 0;
}

/* All that a run tells. */
typedef struct record {
    int n_steps, n_epochs, n_warnings;
    kg_step steps[STEPS];
    kg_epoch epochs[MAX_EPOCHS];
    double params[MAX_PARAMS];
    kg_train_report report;
} record;

static void keep_step(const kg_step *step, void *user)
{
    record *r = user;
    assert_int_equal(step->step, r->n_steps + 1);
    r->steps[r->n_steps++] = *step;
}

static void keep_epoch(const kg_epoch *epoch, void *user)
{
    record *r = user;
    assert_true(r->n_epochs < MAX_EPOCHS);
    kg_epoch *e = &r->epochs[r->n_epochs++]; /* field by field: records are compared as bytes */
    e->epoch = epoch->epoch;
    e->step = epoch->step;
    e->loss = epoch->loss;
    e->accuracy = epoch->accuracy;
    e->grad_norm = epoch->grad_norm;
    e->lr = epoch->lr;
    e->has_val = epoch->has_val;
    e->val_loss = epoch->val_loss;
    e->val_accuracy = epoch->val_accuracy;
    e->is_best = epoch->is_best;
    e->best_epoch = epoch->best_epoch;
    e->best_loss = epoch->best_loss;
}

static void keep_warning(const kg_warning *warning, void *user)
{
    (void)warning;
    ((record *)user)->n_warnings++;
}

static kg_trainer *make(bench *b, const kg_train_options *o)
{
    kg_trainer *t = NULL;
    assert_int_equal(kg_trainer_create(&t, b->model, &b->train, &b->val, o, NULL), KG_OK);
    return t;
}

/* Steps to `until` or the end; 0 at the end. */
static int walk(kg_trainer *t, int until)
{
    int running = 1;
    while (running && kg_trainer_n_steps(t) < until) {
        assert_int_equal(kg_trainer_step(t, &running, NULL), KG_OK);
    }
    return running;
}

static void finish(bench *b, kg_trainer *t, record *r)
{
    kg_train_report report;
    kg_trainer_finish(t, &report);
    r->report.stop = report.stop;
    r->report.steps = report.steps;
    r->report.loss = report.loss;
    r->report.has_val = report.has_val;
    r->report.best_step = report.best_step;
    r->report.best_epoch = report.best_epoch;
    r->report.val_loss = report.val_loss;
    r->report.val_accuracy = report.val_accuracy;
    memcpy(r->params, kg_model_params(b->model),
           (size_t)kg_model_n_params(b->model) * sizeof(double));
    kg_trainer_destroy(t);
}

static const kg_train_options *options(const char *optimizer, record *r, int replace, int patience)
{
    static kg_train_options o;
    o = (kg_train_options)KG_TRAIN_OPTIONS_INIT;
    o.optimizer = optimizer;
    o.steps = STEPS;
    o.batch = 7;
    o.seed = 3;
    o.schedule = "cosine";
    o.warmup = 5;
    o.sampling = replace ? "replace" : "shuffle";
    o.patience = patience;
    o.val_every = patience ? 3 : 0;
    o.on_step = keep_step;
    o.on_epoch = keep_epoch;
    o.on_warning = keep_warning;
    o.user = r;
    return &o;
}

/* Stopped after k steps, saved, loaded into a new trainer of a new model, and taken to the end. */
static void resume_at(const char *optimizer, int k, int replace, int patience, const record *whole)
{
    static record r;
    memset(&r, 0, sizeof r);
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    m.qubits = 4;
    bench b = bench_make("qcnn", &m, 30);
    kg_trainer *t = make(&b, options(optimizer, &r, replace, patience));
    (void)walk(t, k);
    assert_int_equal(kg_trainer_save(t, path, NULL), KG_OK);
    kg_trainer_destroy(t);
    bench_clear(&b);
    b = bench_make("qcnn", &m, 30);
    t = make(&b, options(optimizer, &r, replace, patience));
    assert_int_equal(kg_trainer_load(t, path, NULL), KG_OK);
    assert_int_equal(kg_trainer_n_steps(t), r.n_steps);
    (void)walk(t, STEPS + 1);
    finish(&b, t, &r);
    bench_clear(&b);
    if (memcmp(&r, whole, sizeof r) != 0) {
        fail_msg("%s, resumed at step %d: %d steps, %d epochs, %d warnings; loss %.17g, not %.17g",
                 optimizer, k, r.n_steps, r.n_epochs, r.n_warnings, r.report.loss,
                 whole->report.loss);
    }
}

static void run_whole(const char *optimizer, int replace, int patience, record *whole)
{
    memset(whole, 0, sizeof *whole);
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    m.qubits = 4;
    bench b = bench_make("qcnn", &m, 30);
    kg_trainer *t = make(&b, options(optimizer, whole, replace, patience));
    (void)walk(t, STEPS + 1);
    finish(&b, t, whole);
    bench_clear(&b);
}

static void every_step_of_every_optimizer_can_be_resumed(void **state)
{
    (void)state;
    static record whole;
    for (int i = 0; kg_optimizer_get(i); i++) {
        run_whole(kg_optimizer_get(i), 0, 0, &whole);
        assert_int_equal(whole.n_steps, STEPS);
        assert_true(whole.n_epochs >= 11); /* 350 rows of 30 */
        for (int k = 0; k <= STEPS; k++) {
            resume_at(kg_optimizer_get(i), k, 0, 0, &whole);
        }
    }
}

static void with_replacement_and_patience_too(void **state)
{
    (void)state;
    static record whole;
    run_whole("adam", 1, 2, &whole);
    for (int k = 0; k <= STEPS; k++) {
        resume_at("adam", k, 1, 2, &whole);
    }
}

/* A checkpoint is a function of the run and its step. */
static void the_same_step_gives_the_same_bytes(void **state)
{
    (void)state;
    size_t n[2];
    unsigned char *bytes[2];
    for (int i = 0; i < 2; i++) {
        static record r;
        memset(&r, 0, sizeof r);
        kg_model_options m = KG_MODEL_OPTIONS_INIT;
        m.threads = 1 + i;
        bench b = bench_make("qcnn", &m, 30);
        kg_trainer *t = make(&b, options("adam", &r, 0, 0));
        (void)walk(t, 17);
        assert_int_equal(kg_trainer_save(t, path, NULL), KG_OK);
        bytes[i] = fixture_read(path, &n[i]);
        kg_trainer_destroy(t);
        bench_clear(&b);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

/* A checkpoint is a model file too. */
static void a_checkpoint_predicts(void **state)
{
    (void)state;
    static record r;
    memset(&r, 0, sizeof r);
    bench b = bench_make("qcnn", NULL, 30);
    kg_trainer *t = make(&b, options("sgd", &r, 0, 0));
    kg_model *loaded = NULL;
    (void)walk(t, 5);
    assert_int_equal(kg_trainer_save(t, path, NULL), KG_OK);
    assert_int_equal(kg_model_load(&loaded, path, 1, NULL), KG_OK);
    assert_memory_equal(kg_model_params(loaded), kg_model_params(b.model),
                        (size_t)kg_model_n_params(loaded) * sizeof(double));
    kg_model_destroy(loaded);
    kg_trainer_destroy(t);
    bench_clear(&b);
}

/* ---- what it belongs to -------------------------------------------------------------------------------- */

static void another_run_is_refused(void **state)
{
    (void)state;
    static record r;
    memset(&r, 0, sizeof r);
    kg_error err = {0};
    bench b = bench_make("qcnn", NULL, 30), other = bench_make("qcnn", NULL, 31);
    kg_train_options o = *options("adam", &r, 0, 0);
    kg_trainer *t = make(&b, &o);
    (void)walk(t, 4);
    assert_int_equal(kg_trainer_save(t, path, NULL), KG_OK);
    kg_trainer_destroy(t);
    o.lr = 0.02;
    t = make(&b, &o);
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_ARGUMENT,
                   "belongs to another run: lr is 0.01 there, 0.02 here");
    assert_int_equal(kg_trainer_n_steps(t), 0);
    kg_trainer_destroy(t);
    o.lr = 0.01;
    o.checkpoint_every = 7; /* of no number */
    t = make(&b, &o);
    assert_int_equal(kg_trainer_load(t, path, NULL), KG_OK);
    kg_trainer_destroy(t);
    t = make(&other, &o);
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_ARGUMENT,
                   "the number of training rows is 30 there, 31 here");
    kg_trainer_destroy(t);
    other.train.n = 30; /* other rows, as many */
    assert_int_equal(kg_trainer_create(&t, b.model, &other.train, &b.val, &o, NULL), KG_OK);
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_ARGUMENT,
                   "the training rows have SHA-256 ");
    kg_trainer_destroy(t);
    assert_int_equal(kg_trainer_create(&t, b.model, &b.train, NULL, &o, NULL), KG_OK);
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_ARGUMENT,
                   "the number of validation rows is 20 there, 0 here");
    kg_trainer_destroy(t);
    bench_clear(&other);
    bench_clear(&b);
}

static void other_models_are_refused(void **state)
{
    (void)state;
    static record r;
    memset(&r, 0, sizeof r);
    kg_error err = {0};
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    bench b = bench_make("qcnn", NULL, 30);
    kg_trainer *t = make(&b, options("adam", &r, 0, 0));
    assert_int_equal(kg_trainer_save(t, path, NULL), KG_OK);
    kg_trainer_destroy(t);
    bench_clear(&b);
    m.ansatz = "ttn";
    b = bench_make("qcnn", &m, 30);
    t = make(&b, options("adam", &r, 0, 0));
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_ARGUMENT,
                   "ansatz is su4 there, ttn here");
    kg_trainer_destroy(t);
    assert_int_equal(kg_model_save(b.model, path, NULL), KG_OK);
    t = make(&b, options("adam", &r, 0, 0));
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_FORMAT,
                   "not a checkpoint: it has no ketgrad.checkpoint");
    kg_trainer_destroy(t);
    bench_clear(&b);
    b = bench_make("logistic", NULL, 30);
    t = make(&b, options("adam", &r, 0, 0));
    assert_refused(kg_trainer_load(t, path, &err), err, KG_ERR_FORMAT, "not a checkpoint");
    kg_trainer_destroy(t);
    bench_clear(&b);
}

/* Every 97th byte with each bit flipped, and every 211th length. */
static void damage_is_refused(void **state)
{
    (void)state;
    static record r;
    memset(&r, 0, sizeof r);
    size_t n = 0;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    m.qubits = 4;
    bench b = bench_make("qcnn", &m, 30);
    kg_trainer *t = make(&b, options("adam", &r, 0, 0));
    (void)walk(t, 9);
    assert_int_equal(kg_trainer_save(t, path, NULL), KG_OK);
    unsigned char *bytes = fixture_read(path, &n);
    for (size_t i = 0; i < n; i += 97) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        bytes[i] ^= (unsigned char)(1u << (i % 8));
        assert_int_equal(fwrite(bytes, 1, i % 211 ? n : i, file), i % 211 ? n : i);
        bytes[i] ^= (unsigned char)(1u << (i % 8));
        assert_int_equal(fclose(file), 0);
        assert_int_equal(kg_trainer_load(t, path, NULL), KG_ERR_FORMAT);
    }
    assert_int_equal(kg_trainer_n_steps(t), 9);
    free(bytes);
    kg_trainer_destroy(t);
    bench_clear(&b);
}

/* ---- validation --------------------------------------------------------------------------------------------- */

/* Looks at their places, the best is what it says, and its parameters are those of the model. Returns the
 * step of the best. */
static int train_and_look(uint64_t seed)
{
    static record r;
    memset(&r, 0, sizeof r);
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    m.qubits = 4;
    bench b = bench_make("qcnn", &m, 30);
    kg_train_options o = *options("sgd", &r, 0, 0);
    o.schedule = "constant";
    o.lr = 2.0; /* it jumps about */
    o.seed = seed;
    o.val_every = 4;
    kg_trainer *t = make(&b, &o);
    (void)walk(t, STEPS + 1);
    finish(&b, t, &r);
    double best = 1e300, loss = 0.0;
    int best_step = 0, n_looks = 0;
    for (int i = 0; i < r.n_epochs; i++) {
        const kg_epoch *e = &r.epochs[i];
        assert_int_equal(e->has_val, e->step % 4 == 0 || e->step == STEPS);
        if (e->has_val) {
            assert_int_equal(e->is_best, e->val_loss < best);
            best_step = e->val_loss < best ? e->step : best_step;
            best = e->val_loss < best ? e->val_loss : best;
            n_looks++;
        }
    }
    assert_int_equal(n_looks, STEPS / 4 + 1);
    assert_int_equal(r.report.best_step, best_step);
    assert_near(r.report.val_loss, best, 0.0);
    assert_int_equal(
        kg_model_score(b.model, b.val.n, b.val.features, b.val.labels, NULL, NULL, &loss, NULL),
        KG_OK);
    assert_near(loss, best, 0.0);
    bench_clear(&b);
    return best_step;
}

static void the_best_parameters_are_kept(void **state)
{
    (void)state;
    int not_last = 0; /* the interesting case, for some seed with any rounding */
    for (uint64_t seed = 1; seed <= 6; seed++) {
        not_last += train_and_look(seed) < STEPS;
    }
    assert_in_range(not_last, 1, 6);
}

static void patience_ends_a_run(void **state)
{
    (void)state;
    static record r;
    memset(&r, 0, sizeof r);
    kg_error err = {0};
    bench b = bench_make("qcnn", NULL, 30);
    kg_train_options o = *options("sgd", &r, 0, 3);
    o.min_delta = 1000.0; /* nothing but the first look is an improvement */
    kg_trainer *t = make(&b, &o);
    (void)walk(t, STEPS + 1);
    finish(&b, t, &r);
    assert_int_equal(r.report.stop, KG_STOP_PATIENCE);
    assert_int_equal(r.report.steps, 3 + 3 * 3);
    assert_int_equal(r.report.best_step, 3);
    assert_refused(kg_trainer_create(&t, b.model, &b.train, NULL, &o, &err), err, KG_ERR_ARGUMENT,
                   "patience is 3, but there are no validation rows to look at");
    assert_null(t);
    bench_clear(&b);
}

/* Means of an epoch are those of its steps. */
static void an_epoch_is_the_mean_of_its_steps(void **state)
{
    (void)state;
    static record r;
    run_whole("sgd", 0, 0, &r);
    int step = 0;
    for (int i = 0; i < r.n_epochs; i++) {
        double loss = 0.0, norm = 0.0;
        const int first = step;
        for (; step < r.epochs[i].step; step++) {
            loss += r.steps[step].loss;
            norm += r.steps[step].grad_norm;
        }
        assert_near(r.epochs[i].loss, loss / (step - first), 1e-15);
        assert_near(r.epochs[i].grad_norm, norm / (step - first), 1e-14);
        const int epoch = (7 * step + 29) / 30; /* 30 rows in batches of 7 */
        assert_int_equal(r.epochs[i].epoch, r.epochs[i].step == STEPS ? epoch : 7 * step / 30);
    }
}

/* ---- checkpoints by themselves ---------------------------------------------------------------------------- */

typedef struct saves {
    int n;
    int steps[16];
    int stop_at;
    const kg_trainer *trainer;
} saves;

static kg_status note(const kg_trainer *trainer, void *user, kg_error *err)
{
    saves *s = user;
    (void)err;
    assert_true(s->n < 16);
    s->steps[s->n++] = kg_trainer_n_steps(trainer);
    return KG_OK;
}

static int stop(void *user)
{
    saves *s = user;
    return s->stop_at && kg_trainer_n_steps(s->trainer) >= s->stop_at;
}

static void checkpoints_come_when_they_are_due(void **state)
{
    (void)state;
    saves s = {0};
    bench b = bench_make("logistic", NULL, 30);
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    o.steps = 30;
    o.checkpoint_every = 10;
    o.checkpoint_seconds = 0;
    o.on_checkpoint = note;
    o.user = &s;
    kg_trainer *t = make(&b, &o);
    (void)walk(t, 31);
    kg_trainer_destroy(t);
    assert_int_equal(s.n, 2); /* at its end there is nothing to go on with */
    assert_int_equal(s.steps[0], 10);
    assert_int_equal(s.steps[1], 20);
    o.should_stop = stop;
    s = (saves){.stop_at = 14};
    t = make(&b, &o);
    s.trainer = t;
    (void)walk(t, 31);
    kg_trainer_destroy(t);
    assert_int_equal(s.n, 2); /* and when it is stopped */
    assert_int_equal(s.steps[1], 14);
    bench_clear(&b);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(every_step_of_every_optimizer_can_be_resumed),
        FILE_TEST(with_replacement_and_patience_too),
        FILE_TEST(the_same_step_gives_the_same_bytes),
        FILE_TEST(a_checkpoint_predicts),
        FILE_TEST(another_run_is_refused),
        FILE_TEST(other_models_are_refused),
        FILE_TEST(damage_is_refused),
        cmocka_unit_test(the_best_parameters_are_kept),
        cmocka_unit_test(patience_ends_a_run),
        cmocka_unit_test(an_epoch_is_the_mean_of_its_steps),
        cmocka_unit_test(checkpoints_come_when_they_are_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
