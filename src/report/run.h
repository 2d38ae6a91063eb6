/* SPDX-License-Identifier: Apache-2.0 */
/* Names that writing and reading of run folders share. */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include <ketgrad/report.h>

#include "base/text.h"

#define KGI_RUN_FORMAT "ketgrad run 1"
#define KGI_RUN_JSON "run.json"
#define KGI_RUN_METRICS "metrics.jsonl"
#define KGI_RUN_MODEL "model.safetensors"
#define KGI_RUN_PART ".part" /* follows the name of a file that is not finished */

/* Why a run stopped, as run.json says it; NULL if stop is not one of kg_stop. */
const char *kgi_stop_name(int stop);

/* "folder/name" + suffix; release with free(). NULL if there is no memory. */
char *kgi_run_path(const char *folder, const char *name, const char *suffix);

/* The object of run.json: what it is made on, and all of it. */
void kgi_machine_json(kgi_text *text, const kg_model *model, int threads);
kg_status kgi_run_json(kgi_text *text, const kg_run_info *info, const char *started,
                       const kg_model *model, const kg_seed_result *result, int exit_code,
                       kg_error *err);

#endif
