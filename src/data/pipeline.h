/* SPDX-License-Identifier: Apache-2.0 */
/* A fitted pipeline as part of a model file. */
#ifndef DATA_PIPELINE_H
#define DATA_PIPELINE_H

#include <ketgrad/data.h>

#include "base/safetensors.h"

/* Puts the pipeline into a container: the text "ketgrad.preprocessing" (JSON: sizes, rows seen, the
 * steps) and tensors "pipeline.<step>.<name>". */
kg_status kgi_pipeline_save(const kg_pipeline *pipeline, kgi_container *container, kg_error *err);

/* Takes it out again; applies with the same bits. Errors: KG_ERR_FORMAT, KG_ERR_NUMERIC,
 * KG_ERR_MEMORY, each with the container's path. */
kg_status kgi_pipeline_load(kg_pipeline **out, const kgi_container *container, kg_error *err);

#endif
