/* SPDX-License-Identifier: Apache-2.0 */
/* Experiment files: option structs filled from YAML (or JSON) through their tables.
 *
 *     model: {name: qcnn, ansatz: so4, reduce: "pca:8"}
 *     data:  {name: mnist, classes: [3, 5]}
 *     train: {lr: 0.05, steps: 100}
 *
 *     const kg_config_section sections[] = {
 *         {"model", kg_model_options_table(), &model, names, 1},
 *         {"train", kg_train_options_table(), &train, NULL, 0}};
 *     kg_config_load(&config, "my.yaml", &err);
 *     kg_config_apply(config, 2, sections, &err);
 *     ...                                          the structs borrow texts of the config
 *     kg_config_destroy(config);
 *
 * The file is a plain subset of YAML: maps, lists, scalars and comments in UTF-8, at most 1 MiB, 16
 * levels, 100000 nodes. Anchors, aliases, tags, merge keys, several documents, duplicate keys, tabs
 * and NULs are refused. A scalar has the type of its option: `no` is a text where a text is wanted, and
 * 010 or 1_000 are no numbers. Every refusal is KG_ERR_FORMAT with "path:line:column: text". */
#ifndef KETGRAD_CONFIG_H
#define KETGRAD_CONFIG_H

#include <stddef.h>

#include "export.h"
#include "options.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A key at the top of the file, and the table that describes what stands under it. Several sections may
 * have the same name: each takes its own keys, the first that knows a key has it. */
typedef struct kg_config_section {
    const char *name;
    const kg_option_table *table; /* NULL: what stands there is somebody else's */
    void *options;                /* struct of the table; NULL: values are checked and not kept */
    const char *const *others; /* [n_others] keys that are no options, see kg_config_get(); the */
    int n_others;              /* values may be anything; NULL: none */
} kg_config_section;

typedef struct kg_config kg_config;

/**
 * Reads an experiment file.
 *
 * @param[out] out  release with kg_config_destroy()
 * Errors: KG_ERR_FORMAT, KG_ERR_IO, KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_config_load(kg_config **out, const char *path, kg_error *err);
/** The same from text; `path` stands in messages, and relative paths are taken from its folder. */
KG_API KG_MUST_CHECK kg_status kg_config_parse(kg_config **out, const char *path, const char *text,
                                               size_t n_bytes, kg_error *err);
KG_API void kg_config_destroy(kg_config *config);

/**
 * Sets the fields that the file names and leaves all others. A list of scalars is a text with commas
 * between: [3, 5] is "3,5". Paths (KG_OPTION_PATH) are relative to the folder of the file. In a section
 * with an option of the section's own name, `name` stands for it: `data: {name: mnist}`.
 *
 * Texts are those of the config, which must live as long as the structs are used.
 *
 * Errors: KG_ERR_FORMAT (a section or key that nobody knows, with the nearest name; a value that its
 * option refuses), KG_ERR_MEMORY. On failure some fields may be set.
 */
KG_API KG_MUST_CHECK kg_status kg_config_apply(kg_config *config, int n_sections,
                                               const kg_config_section *sections, kg_error *err);

/** The single value under section.key, or under a key at the top if section is NULL; NULL if there is
 * none, or a map or list. Valid as long as the config. */
KG_API const char *kg_config_get(const kg_config *config, const char *section, const char *key);

/** 1 if section.key is there, whatever it is, and its line and column, from 1; else 0. `name` as in
 * kg_config_apply(). */
KG_API int kg_config_find(const kg_config *config, const char *section, const char *key, int *line,
                          int *column);

/** The path as it was given, and the complete text of the file; valid as long as the config. */
KG_API const char *kg_config_path(const kg_config *config);
KG_API const char *kg_config_text(const kg_config *config);

#ifdef __cplusplus
}
#endif

#endif
