/* SPDX-License-Identifier: Apache-2.0 */
/* A model fitted on bars, those bars prepared, and a validation set beside them. */
#ifndef TESTS_TRAIN_BENCH_H
#define TESTS_TRAIN_BENCH_H

#include <ketgrad/train.h>

#include "fixture.h"

typedef struct bench {
    kg_model *model;
    kg_dataset *data;
    kg_dataset *more;
    kg_rows train;
    kg_rows val;
} bench;

static inline kg_rows bench_rows(const kg_dataset *data)
{
    return (kg_rows){kg_dataset_n_rows(data), kg_dataset_features(data), kg_dataset_labels(data)};
}

static inline bench bench_make(const char *name, const kg_model_options *options, int n_rows)
{
    bench b = {0};
    kg_dataset *bars = fixture_bars(n_rows, 2, 2, 0), *others = fixture_bars(20, 2, 9, 0);
    assert_int_equal(kg_model_create(&b.model, name, options, NULL), KG_OK);
    assert_int_equal(kg_model_fit(b.model, bars, NULL), KG_OK);
    assert_int_equal(kg_pipeline_apply(&b.data, kg_model_pipeline(b.model), bars, NULL), KG_OK);
    assert_int_equal(kg_pipeline_apply(&b.more, kg_model_pipeline(b.model), others, NULL), KG_OK);
    kg_dataset_destroy(bars);
    kg_dataset_destroy(others);
    b.train = bench_rows(b.data);
    b.val = bench_rows(b.more);
    return b;
}

static inline void bench_clear(bench *b)
{
    kg_model_destroy(b->model);
    kg_dataset_destroy(b->data);
    kg_dataset_destroy(b->more);
}

#endif
