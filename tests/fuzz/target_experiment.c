/* SPDX-License-Identifier: Apache-2.0 */
/* An experiment file: read as YAML, its options set, its definition of a model built. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <ketgrad/config.h>
#include <ketgrad/model.h>
#include <ketgrad/report.h>
#include <ketgrad/train.h>

#include "base/yaml.h"

/* The tree as JSON is the same tree. */
static void check_round_trip(const char *text, size_t n)
{
    kgi_yaml *file = NULL, *again = NULL;
    kgi_text first = {0}, second = {0};
    char *a = NULL, *b = NULL;
    if (kgi_yaml_parse(&file, "f", text, n, NULL)) {
        return;
    }
    kgi_yaml_json(kgi_yaml_root(file), &first);
    if (!kgi_text_finish(&first, &a, NULL) && strlen(a) < KGI_YAML_MAX_BYTES) {
        const kg_status status = kgi_yaml_parse(&again, "g", a, strlen(a), NULL);
        if (!status) {
            kgi_yaml_json(kgi_yaml_root(again), &second);
            if (!kgi_text_finish(&second, &b, NULL) && strcmp(a, b) != 0) {
                fuzz_fail("written as JSON and read again, another tree");
            }
        }
    }
    free(a);
    free(b);
    kgi_yaml_destroy(file);
    kgi_yaml_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const names[] = {"name", "layers", "circuits"};
    kg_model_options model = KG_MODEL_OPTIONS_INIT;
    kg_train_options train = KG_TRAIN_OPTIONS_INIT;
    kg_run_data data = KG_RUN_DATA_INIT;
    const kg_config_section sections[] = {{"model", kg_model_options_table(), &model, names, 3},
                                          {"train", kg_train_options_table(), &train, NULL, 0},
                                          {"data", kg_run_data_table(), &data, NULL, 0}};
    kg_config *config = NULL;
    kg_model *made = NULL;
    if (!kg_config_parse(&config, "f", (const char *)bytes, n, NULL)) {
        (void)!kg_config_apply(config, 3, sections, NULL);
    }
    kg_config_destroy(config);
    check_round_trip((const char *)bytes, n);
    char *text = malloc(n + 1);
    if (text && !memchr(bytes, '\0', n)) {
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        memcpy(text, bytes, n);
        text[n] = '\0';
        o.definition = text;
        if (!kg_model_create(&made, "custom", &o, NULL)) {
            (void)!kg_model_build(made, 0, 2, NULL, NULL);
        }
        kg_model_destroy(made);
    }
    free(text);
    return 0;
}
