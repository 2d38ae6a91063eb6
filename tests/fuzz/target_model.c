/* SPDX-License-Identifier: Apache-2.0 */
/* A model file: loaded, asked, and never more than that. */
#include "fuzz.h"

#include <stdlib.h>

#include <ketgrad/model.h>

/* A model that loads must also run on rows of its own width. */
static void ask(kg_model *model)
{
    const kg_pipeline *pipeline = kg_model_pipeline(model);
    const int n = pipeline ? kg_pipeline_n_inputs(pipeline) : kg_model_n_features(model);
    double *row = calloc((size_t)n + 1, sizeof *row);
    double *scores = calloc((size_t)kg_model_n_classes(model), sizeof *scores);
    int predicted = 0;
    if (row && scores && n <= 4096) {
        (void)!kg_model_predict(model, 1, row, n, &predicted, scores, NULL);
    }
    free(row);
    free(scores);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    kg_error err;
    kg_model *model = NULL;
    const kg_status status = kg_model_load(&model, fuzz_file(0, bytes, n), 1, &err);
    if (!status != !!model) {
        fuzz_fail("a status that does not fit");
    }
    if (model) {
        ask(model);
    }
    kg_model_destroy(model);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_n, unsigned seed)
{
    return fuzz_mutate_container(bytes, n, max_n, seed);
}
