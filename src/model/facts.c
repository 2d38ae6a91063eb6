/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to ask about a model. */
#include <math.h>
#include <string.h>

#include "model/definition.h"

kg_status kgi_model_need_built(const kg_model *model, kg_error *err)
{
    if (model->n_layers) {
        return KG_OK;
    }
    return kgi_fail(err, KG_ERR_ARGUMENT, "model \"%s\" is not built: fit, build or load it first",
                    model->row->name);
}

const char *kg_model_name(const kg_model *model)
{
    return model->row->name;
}

const kg_model_options *kg_model_get_options(const kg_model *model)
{
    return &model->options;
}

int kg_model_n_features(const kg_model *model)
{
    return model->n_features;
}

int kg_model_n_outputs(const kg_model *model)
{
    return model->n_outputs;
}

int kg_model_n_classes(const kg_model *model)
{
    return model->n_classes;
}

const char *kg_model_class(const kg_model *model, int i)
{
    return i >= 0 && i < model->n_classes ? model->classes[i] : NULL;
}

const char *kg_model_output_name(const kg_model *model, int i)
{
    return i >= 0 && i < model->n_outputs ? model->output_names[i] : NULL;
}

int kg_model_n_params(const kg_model *model)
{
    return model->n_params;
}

const double *kg_model_params(const kg_model *model)
{
    return model->params;
}

kg_status kg_model_set_params(kg_model *model, int n, const double *params, kg_error *err)
{
    const kg_status status = kgi_model_need_built(model, err);
    if (status) {
        return status;
    }
    if (n != model->n_params) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d parameters given, but model \"%s\" has %d", n,
                        model->row->name, model->n_params);
    }
    for (int i = 0; i < n; i++) {
        if (!isfinite(params[i])) {
            return kgi_fail(err, KG_ERR_NUMERIC, "parameter %d is not finite", i);
        }
    }
    memcpy(model->params, params, (size_t)n * sizeof *params);
    return KG_OK;
}

int kg_model_get_segment(const kg_model *model, int i, kg_segment *segment)
{
    if (i < 0 || i >= model->n_segments) {
        return 0;
    }
    *segment = model->segments[i];
    return 1;
}

int kg_model_get_layer(const kg_model *model, int i, kg_model_layer *layer)
{
    if (i < 0 || i >= model->n_layers) {
        return 0;
    }
    const kgi_layer *from = model->layers[i];
    const kgi_definition *d = model->definition;
    const int circuit = d ? d->layers[i].circuit : -1;
    *layer = (kg_model_layer){
        .name = model->nodes[i].name,
        .kind = from->info->name,
        .channels = from->out.channels,
        .height = from->out.height,
        .width = from->out.width,
        .n_params = from->n_params,
        .circuit = circuit >= 0             ? d->circuits[circuit].circuit
                   : kgi_quantum_plan(from) ? model->circuit
                                            : NULL,
        .plan = kgi_quantum_plan(from),
    };
    return 1;
}

const kg_pipeline *kg_model_pipeline(const kg_model *model)
{
    return model->pipeline;
}

/* A defined model that is nothing but a circuit; else NULL. */
static const kgi_defined_circuit *lone_circuit(const kg_model *model)
{
    const kgi_definition *d = model->definition;
    return d && d->n_layers == 1 && d->layers[0].kind == &kgi_layer_quantum
               ? &d->circuits[d->layers[0].circuit]
               : NULL;
}

const kg_circuit *kg_model_circuit(const kg_model *model)
{
    const kgi_defined_circuit *lone = lone_circuit(model);
    return lone ? lone->circuit : model->circuit;
}

const kg_observable *kg_model_observable(const kg_model *model)
{
    const kgi_defined_circuit *lone = lone_circuit(model);
    return lone ? lone->observable : model->observable;
}

const kg_plan *kg_model_plan(const kg_model *model)
{
    for (int l = 0; l < model->n_layers; l++) {
        if (kgi_quantum_plan(model->layers[l])) {
            return kgi_quantum_plan(model->layers[l]);
        }
    }
    return NULL;
}
