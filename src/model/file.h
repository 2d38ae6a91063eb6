/* SPDX-License-Identifier: Apache-2.0 */
/* A model inside a container that holds more: checkpoints are model files too. */
#ifndef MODEL_FILE_H
#define MODEL_FILE_H

#include <ketgrad/model.h>

#include "base/safetensors.h"

/* Adds all that kg_model_save() writes. */
kg_status kgi_model_put(const kg_model *model, kgi_container *container, kg_error *err);

/* Sets the numbers (parameters, fitted state) of a built model from such a container, all or none.
 * Errors: KG_ERR_FORMAT (missing, other shape), KG_ERR_NUMERIC, KG_ERR_MEMORY. */
kg_status kgi_model_take(kg_model *model, const kgi_container *container, kg_error *err);

#endif
