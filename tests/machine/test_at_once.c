/* SPDX-License-Identifier: Apache-2.0 */
/* Eight programs' worth of work in one: threads that fit components, train and predict at the same time,
 * each with the bits that it has alone. BLAS and LAPACK are in it, and the library's own threads. */
#include <pthread.h>
#include <string.h>

#include <ketgrad/eval.h>

#include "fixture.h"

enum { N_THREADS = 8, N_ROWS = 40, MAX_PARAMS = 256 };

typedef struct job {
    const char *model;
    int threads;
    const kg_dataset *data;
    int n_params;
    double params[MAX_PARAMS];
    double scores[N_ROWS][2];
    kg_status status;
} job;

static kg_status train(job *j)
{
    kg_model_options mo = KG_MODEL_OPTIONS_INIT;
    kg_train_options to = KG_TRAIN_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_dataset *rows = NULL;
    mo.reduce = "pca:8";
    mo.threads = j->threads;
    to.steps = 12;
    kg_status status = kg_model_create(&model, j->model, &mo, NULL);
    if (!status) {
        status = kg_model_fit(model, j->data, NULL);
    }
    if (!status) {
        status = kg_pipeline_apply(&rows, kg_model_pipeline(model), j->data, NULL);
    }
    if (!status) {
        status = kg_train_run(model, N_ROWS, kg_dataset_features(rows), kg_dataset_labels(rows),
                              &to, NULL, NULL);
    }
    if (!status) {
        status = kg_model_predict(model, N_ROWS, kg_dataset_features(j->data), FIXTURE_PIXELS, NULL,
                                  j->scores[0], NULL);
    }
    if (!status) {
        j->n_params = kg_model_n_params(model);
        memcpy(j->params, kg_model_params(model),
               (size_t)(j->n_params < MAX_PARAMS ? j->n_params : MAX_PARAMS) * sizeof(double));
    }
    kg_dataset_destroy(rows);
    kg_model_destroy(model);
    return status;
}

static void *work(void *user)
{
    job *j = user;
    j->status = train(j);
    return NULL;
}

static void together_as_alone(void **state)
{
    (void)state;
    static const char *const models[] = {"qcnn", "logistic", "mlp", "cnn"};
    kg_dataset *data = fixture_bars(N_ROWS, 2, 4, 0);
    static job alone[N_THREADS], together[N_THREADS];
    pthread_t threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++) {
        alone[i] = (job){.model = models[i % 4], .threads = 1 + i / 4, .data = data};
        together[i] = alone[i];
        assert_int_equal(train(&alone[i]), KG_OK);
        assert_true(alone[i].n_params > 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &together[i]), 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        assert_int_equal(together[i].status, KG_OK);
        assert_int_equal(together[i].n_params, alone[i].n_params);
        assert_memory_equal(together[i].params, alone[i].params, sizeof alone[i].params);
        assert_memory_equal(together[i].scores, alone[i].scores, sizeof alone[i].scores);
    }
    kg_dataset_destroy(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(together_as_alone)};
    return cmocka_run_group_tests_name("machine/at_once", tests, NULL, NULL);
}
