/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint: a trainer goes on from it or stays as it was. The seeds have a second part, so that a file
 * that fits this trainer is among them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <ketgrad/train.h>

enum { N_ROWS = 6 };

static const double features[2 * N_ROWS] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6,
                                            0.7, 0.8, 0.9, 1.0, 1.1, 1.2};
static const int labels[N_ROWS] = {0, 1, 0, 1, 1, 0};
static kg_model *model;
static kg_trainer *trainer;
static kg_train_options options = KG_TRAIN_OPTIONS_INIT;

static void start(void)
{
    const kg_rows rows = {N_ROWS, features, labels};
    kg_trainer_destroy(trainer);
    trainer = NULL;
    if (kg_trainer_create(&trainer, model, &rows, &rows, &options, NULL)) {
        fuzz_fail("no trainer");
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    (void)argc;
    (void)argv;
    o.qubits = 2;
    options.steps = 20;
    options.batch = 2;
    options.optimizer = "adam";
    if (kg_model_create(&model, "qcnn", &o, NULL) || kg_model_build(model, 2, 2, NULL, NULL)) {
        fuzz_fail("no model");
    }
    start();
    const char *seed_path = getenv("FUZZ_WRITE_SEED"); /* what fits this trainer */
    int running = 1;
    for (int i = 0; seed_path && i < 3; i++) {
        if (kg_trainer_step(trainer, &running, NULL)) {
            fuzz_fail("no step");
        }
    }
    if (seed_path && kg_trainer_save(trainer, seed_path, NULL)) {
        fuzz_fail("no checkpoint");
    }
    start();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    kg_error err;
    int running = 1;
    if (kg_trainer_load(trainer, fuzz_file(0, bytes, n), &err)) {
        if (kg_trainer_n_steps(trainer) != 0) {
            fuzz_fail("a trainer that refused its checkpoint is not as it was");
        }
        return 0;
    }
    for (int i = 0; i < 2 && running; i++) {
        if (kg_trainer_step(trainer, &running, &err)) {
            break;
        }
    }
    start();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_n, unsigned seed)
{
    return fuzz_mutate_container(bytes, n, max_n, seed);
}
