/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of metrics.jsonl with the same rows of metrics.csv, and predictions.csv. Numbers in the shortest form
 * that reads back to the same bits; nothing here knows the clock. */
#include "report/run.h"

#include <string.h>

#include "base/options.h"

const char kgi_csv_head[] = "kind,epoch,step,loss,accuracy,val_loss,val_accuracy,grad_norm,lr,"
                            "train_accuracy,test_accuracy\n";

/* A field of both: `,"key":x` and `x,`. */
static void both(kgi_text *json, kgi_text *csv, const char *key, double x)
{
    kgi_text_printf(json, ",\"%s\":", key);
    kgi_text_json_number(json, x);
    kgi_text_json_number(csv, x);
    kgi_text_add(csv, ",", 1);
}

void kgi_step_lines(const kg_step *step, kgi_text *json, kgi_text *csv)
{
    kgi_text_printf(json, "{\"kind\":\"step\",\"step\":%d", step->step);
    kgi_text_printf(csv, "step,,%d,", step->step);
    both(json, csv, "loss", step->loss);
    both(json, csv, "accuracy", step->accuracy);
    kgi_text_printf(csv, ",,");
    both(json, csv, "grad_norm", step->grad_norm);
    both(json, csv, "lr", step->lr);
    kgi_text_printf(json, "}\n");
    kgi_text_printf(csv, ",\n");
}

void kgi_epoch_lines(const kg_epoch *epoch, kgi_text *json, kgi_text *csv)
{
    kgi_text_printf(json, "{\"kind\":\"epoch\",\"epoch\":%d,\"step\":%d", epoch->epoch,
                    epoch->step);
    kgi_text_printf(csv, "epoch,%d,%d,", epoch->epoch, epoch->step);
    both(json, csv, "loss", epoch->loss);
    both(json, csv, "accuracy", epoch->accuracy);
    if (epoch->has_val) {
        both(json, csv, "val_loss", epoch->val_loss);
        both(json, csv, "val_accuracy", epoch->val_accuracy);
    } else {
        kgi_text_printf(csv, ",,");
    }
    both(json, csv, "grad_norm", epoch->grad_norm);
    both(json, csv, "lr", epoch->lr);
    kgi_text_printf(json, "}\n");
    kgi_text_printf(csv, ",\n");
}

void kgi_result_lines(const kg_seed_result *result, kgi_text *json, kgi_text *csv)
{
    kgi_text_printf(json, "{\"kind\":\"result\",\"steps\":%d", result->steps);
    kgi_text_printf(csv, "result,,%d,", result->steps);
    both(json, csv, "loss", result->loss);
    kgi_text_printf(csv, ",");
    if (result->has_val) {
        both(json, csv, "val_loss", result->val_loss);
        both(json, csv, "val_accuracy", result->val_accuracy);
    } else {
        kgi_text_printf(csv, ",,");
    }
    kgi_text_printf(csv, ",,");
    both(json, csv, "train_accuracy", result->train_accuracy);
    kgi_text_printf(json, ",\"test_accuracy\":");
    kgi_text_json_number(json, result->test_accuracy);
    kgi_text_json_number(csv, result->test_accuracy);
    kgi_text_printf(json, "}\n");
    kgi_text_printf(csv, "\n");
}

/* A cell as RFC 4180 has it: in quotes if it holds a comma, a quote or a line's end. */
static void cell(kgi_text *text, const char *prefix, const char *value)
{
    if (!strpbrk(value, ",\"\r\n")) {
        kgi_text_printf(text, "%s%s", prefix, value);
        return;
    }
    kgi_text_printf(text, "\"%s", prefix);
    for (const char *c = value; *c; c++) {
        kgi_text_add(text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    kgi_text_add(text, "\"", 1);
}

void kgi_predictions_csv(kgi_text *text, const kg_model *model, const kg_seed_result *result)
{
    const int n_classes = kg_model_n_classes(model);
    kgi_text_printf(text, "row,label,predicted");
    for (int c = 0; c < n_classes; c++) {
        kgi_text_add(text, ",", 1);
        cell(text, "p_", kg_model_class(model, c));
    }
    kgi_text_add(text, "\n", 1);
    for (int i = 0; i < result->n_test; i++) {
        kgi_text_printf(text, "%d,", i);
        cell(text, "", kg_model_class(model, result->labels[i]));
        kgi_text_add(text, ",", 1);
        cell(text, "", kg_model_class(model, result->predicted[i]));
        for (int c = 0; c < n_classes; c++) {
            kgi_text_add(text, ",", 1);
            kgi_text_json_number(text, result->scores[(size_t)i * (size_t)n_classes + (size_t)c]);
        }
        kgi_text_add(text, "\n", 1);
    }
}
