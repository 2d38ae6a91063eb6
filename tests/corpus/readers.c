/* SPDX-License-Identifier: Apache-2.0 */
/* One function a reader; to add one: the function, and a row in the table below. */
#include "readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ketgrad/config.h>
#include <ketgrad/data.h>
#include <ketgrad/model.h>
#include <ketgrad/report.h>

#include "base/file.h"
#include "base/npy.h"
#include "base/npz.h"
#include "base/yaml.h"

static kg_status read_model(kg_error *err)
{
    kg_model *model = NULL;
    const kg_status status = kg_model_load(&model, "f", 1, err);
    kg_model_destroy(model);
    return status;
}

static kg_status read_images(kg_error *err)
{
    kg_dataset *data = NULL;
    const kg_status status = kg_dataset_load_idx(&data, "f", "labels", 3, err);
    kg_dataset_destroy(data);
    return status;
}

static kg_status read_pictures(kg_error *err)
{
    kg_dataset *data = NULL;
    const kg_status status = kg_dataset_load_idx(&data, "f", NULL, 0, err);
    kg_dataset_destroy(data);
    return status;
}

static kg_status read_labels(kg_error *err)
{
    kg_dataset *data = NULL;
    const kg_status status = kg_dataset_load_idx(&data, "images", "f", 3, err);
    kg_dataset_destroy(data);
    return status;
}

static kg_status read_csv(kg_error *err)
{
    double *values = NULL;
    int n_rows = 0, n_columns = 0;
    const kg_status status = kg_csv_load(&values, &n_rows, &n_columns, NULL, "f", err);
    kg_free(values);
    return status;
}

static kg_status read_npy(kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    kgi_npy npy;
    kg_status status = kgi_file_read("f", (size_t)1 << 30, &bytes, &n, err);
    if (!status) {
        status = kgi_npy_parse(&npy, "f", bytes, n, err);
    }
    if (!status) {
        double *values = malloc((npy.n_items + 1) * sizeof *values);
        status = values ? kgi_npy_convert(&npy, 0, npy.n_items, values, err) : KG_ERR_MEMORY;
        free(values);
    }
    free(bytes);
    return status;
}

static kg_status read_member(kgi_npz *npz, int i, kg_error *err)
{
    unsigned char *bytes = NULL;
    kgi_npy npy;
    kg_status status = kgi_npz_read(npz, i, &npy, &bytes, err);
    if (!status) {
        double *values = malloc((npy.n_items + 1) * sizeof *values);
        status = values ? kgi_npy_convert(&npy, 0, npy.n_items, values, err) : KG_ERR_MEMORY;
        free(values);
    }
    free(bytes);
    return status;
}

static kg_status read_npz(kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    kgi_npz *npz = NULL;
    kg_status status = kgi_file_read("f", (size_t)1 << 30, &bytes, &n, err);
    if (!status) {
        status = kgi_npz_open(&npz, "f", bytes, n, err);
    }
    for (int i = 0; npz && i < kgi_npz_n_members(npz) && !status; i++) {
        status = read_member(npz, i, err);
    }
    kgi_npz_close(npz);
    free(bytes);
    return status;
}

static kg_status read_run(kg_error *err)
{
    kg_run_record *record = NULL;
    const kg_status status = kg_run_load(&record, ".", err);
    kg_run_record_destroy(record);
    return status;
}

static kg_status read_yaml(kg_error *err)
{
    kgi_yaml *file = NULL;
    const kg_status status = kgi_yaml_load(&file, "f", err);
    kgi_yaml_destroy(file);
    return status;
}

static kg_status read_experiment(kg_error *err)
{
    static const char *const names[] = {"name"};
    kg_model_options model = KG_MODEL_OPTIONS_INIT;
    kg_train_options train = KG_TRAIN_OPTIONS_INIT;
    kg_run_data data = KG_RUN_DATA_INIT;
    const kg_config_section sections[] = {{"model", kg_model_options_table(), &model, names, 1},
                                          {"train", kg_train_options_table(), &train, NULL, 0},
                                          {"data", kg_run_data_table(), &data, NULL, 0}};
    kg_config *config = NULL;
    kg_status status = kg_config_load(&config, "f", err);
    if (!status) {
        status = kg_config_apply(config, 3, sections, err);
    }
    kg_config_destroy(config);
    return status;
}

/* A trainer that has taken no step, on a model and rows of its own. */
static kg_status make_trainer(kg_trainer **trainer, kg_model **model)
{
    static const double features[8] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
    static const int labels[4] = {0, 1, 1, 0};
    static kg_train_options options;
    const kg_rows rows = {4, features, labels};
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    options = (kg_train_options)KG_TRAIN_OPTIONS_INIT;
    options.optimizer = "adam";
    options.steps = 9;
    options.batch = 3;
    o.qubits = 2;
    kg_status status = kg_model_create(model, "qcnn", &o, NULL);
    if (!status) {
        status = kg_model_build(*model, 2, 2, NULL, NULL);
    }
    return status ? status : kg_trainer_create(trainer, *model, &rows, NULL, &options, NULL);
}

static kg_status read_checkpoint(kg_error *err)
{
    kg_trainer *trainer = NULL;
    kg_model *model = NULL;
    kg_status status = make_trainer(&trainer, &model);
    if (!status) {
        status = kg_trainer_load(trainer, "f", err);
    }
    kg_trainer_destroy(trainer);
    kg_model_destroy(model);
    return status;
}

static const reader readers[] = {
    {"model", "f", read_model},
    {"checkpoint", "f", read_checkpoint},
    {"images", "f", read_images},
    {"labels", "f", read_labels},
    {"csv", "f", read_csv},
    {"npy", "f", read_npy},
    {"npz", "f", read_npz},
    {"run", "./run.json", read_run},
    {"yaml", "f", read_yaml},
    {"pictures", "f", read_pictures},
    {"experiment", "f", read_experiment},
};

const reader *reader_find(const char *name)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (!strcmp(readers[i].name, name)) {
            return &readers[i];
        }
    }
    return NULL;
}

static void write_file(const char *path, const void *content, size_t n)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(content, 1, n, file) != n || fclose(file)) {
        fprintf(stderr, "corpus: %s: cannot be written\n", path);
        exit(99);
    }
}

void readers_begin(void)
{
    /* three images of 2 x 3 pixels, and their labels */
    write_file("images",
               "\0\0\x08\x03\0\0\0\x03\0\0\0\x02\0\0\0\x03"
               "abcdefghijklmnopqr",
               34);
    write_file("labels", "\0\0\x08\x01\0\0\0\x03\0\x01\x02", 11);
}

void readers_end(void)
{
    static const char *const files[] = {"images", "labels", "f", "run.json", "model"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)unlink(files[i]);
    }
}

/* A model that kg_model_save() writes. */
static kg_status save_model(const char *words)
{
    char name[32] = "";
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    o.qubits = 2;
    if (sscanf(words, "%31s %d", name, &o.qubits) < 1) {
        return KG_ERR_ARGUMENT;
    }
    kg_status status = kg_model_create(&model, name, &o, NULL);
    if (!status) {
        status = kg_model_build(model, 2, 2, NULL, NULL);
    }
    if (!status) {
        status = kg_model_save(model, "model", NULL);
    }
    kg_model_destroy(model);
    return status;
}

/* The checkpoint of a run after four steps. */
static kg_status save_checkpoint(void)
{
    kg_trainer *trainer = NULL;
    kg_model *model = NULL;
    int running = 1;
    kg_status status = make_trainer(&trainer, &model);
    for (int i = 0; i < 4 && !status; i++) {
        status = kg_trainer_step(trainer, &running, NULL);
    }
    if (!status) {
        status = kg_trainer_save(trainer, "model", NULL);
    }
    kg_trainer_destroy(trainer);
    kg_model_destroy(model);
    return status;
}

int reader_make_model(bytes *out, const char *words)
{
    size_t n = 0;
    kg_status status = strcmp(words, "checkpoint") ? save_model(words) : save_checkpoint();
    if (!status) {
        status = kgi_file_read("model", (size_t)1 << 30, &out->data, &out->n, NULL);
    }
    for (size_t i = 8; i > 0 && !status; i--) {
        n = n << 8 | out->data[i - 1];
    }
    out->n_header = n;
    return !status;
}
