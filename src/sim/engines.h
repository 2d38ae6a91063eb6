/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that engines are, and the choice among them.
 *
 * To add an engine: declare its row here and put it into the table of engines.c. Nothing else has to
 * know of it: help texts, errors, reports and tests read the table. */
#ifndef SIM_ENGINES_H
#define SIM_ENGINES_H

#include "compile/plan.h"

extern const kgi_engine kgi_engine_tile;
extern const kgi_engine kgi_engine_pauli;
extern const kgi_engine kgi_engine_state;
extern const kgi_engine kgi_engine_reference;

enum { KGI_MAX_ENGINES = 8 };

/* The engine of that name. KG_ERR_ARGUMENT with the names of all. */
kg_status kgi_engine_find(const kgi_engine **out, const char *name, kg_error *err);

/* The engines that can run plan->program, cheapest first for calls of batch_hint samples; of equal
 * prices the one that stands first in the table. Returns how many, -1 without memory. */
int kgi_engines_by_cost(const kgi_engine *order[KGI_MAX_ENGINES], const kg_plan *plan,
                        int batch_hint);

#endif
