/* SPDX-License-Identifier: Apache-2.0 */
/* A model of one's own, written as text: a dense layer, a circuit, and a decision. docs/custom.md says what
 * can stand there; `ketgrad train FILE.yaml` takes the same text from a file. */
#include <stdio.h>

#include <ketgrad/ketgrad.h>

static const char definition[] = "circuits:\n"
                                 "  entangle:\n"
                                 "    qubits: 3\n"
                                 "    ops:\n"
                                 "      - encode: angle\n"
                                 "      - {block: su4, on: chain, share: false}\n"
                                 "    measure: [Z0, Z2]\n"
                                 "layers:\n"
                                 "  - {kind: dense, units: 3}\n"
                                 "  - tanh\n"
                                 "  - {kind: quantum, circuit: entangle}\n"
                                 "  - {kind: dense, units: classes}\n";

int main(void)
{
    kg_error err;
    kg_model_options options = KG_MODEL_OPTIONS_INIT;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_dataset_options which = KG_DATASET_OPTIONS_INIT;
    kg_dataset *train = NULL, *test = NULL;
    kg_model *model = NULL;
    kg_experiment *result = NULL;
    const int classes[2] = {0, 1};

    options.definition = definition;
    options.reduce = "pca:6";
    training.steps = 150;
    which.classes = classes;
    which.n_classes = 2;
    which.n_train = 400;
    which.n_test = 200;
    kg_status status = kg_dataset_load(&train, &test, "strokes", &which, &err);
    if (!status) {
        status = kg_model_create(&model, "custom", &options, &err);
    }
    if (!status) {
        status = kg_experiment_run(&result, model, train, test, &training, NULL, &err);
    }
    if (!status) {
        kg_segment segment;
        for (int i = 0; kg_model_get_segment(model, i, &segment); i++) {
            printf("%-16s %3d parameters\n", segment.name, segment.n);
        }
        printf("%d parameters, test accuracy %.3f\n", kg_model_n_params(model),
               result->test_accuracy.mean);
    } else {
        fprintf(stderr, "own_model: %s\n", err.message);
    }
    kg_experiment_destroy(result);
    kg_model_destroy(model);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    return (int)status;
}
