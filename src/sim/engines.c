/* SPDX-License-Identifier: Apache-2.0 */
/* The table of engines, and the choice by cost: fused multiply-adds of a forward and a backward call,
 * from the program, the precision and the batch hint alone. Nothing is timed and nothing depends on
 * threads or on the size of a call, so the same plan gives the same bits everywhere. */
#include "sim/engines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

static const kgi_engine *const engines[] = {&kgi_engine_tile, &kgi_engine_pauli, &kgi_engine_state,
                                            &kgi_engine_reference};

enum { N_ENGINES = sizeof engines / sizeof *engines };
_Static_assert((int)N_ENGINES <= (int)KGI_MAX_ENGINES, "room for all engines");

const char *kg_engine_get(int i)
{
    return i >= 0 && i < N_ENGINES ? engines[i]->name : NULL;
}

kg_status kgi_engine_find(const kgi_engine **out, const char *name, kg_error *err)
{
    char names[128] = "";
    for (int i = 0; i < N_ENGINES; i++) {
        if (strcmp(name, engines[i]->name) == 0) {
            *out = engines[i];
            return KG_OK;
        }
        const size_t used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", engines[i]->name);
    }
    return kgi_fail(err, KG_ERR_ARGUMENT, "engine is \"%s\", not one of: %s", name, names);
}

int kgi_engines_by_cost(const kgi_engine *order[KGI_MAX_ENGINES], const kg_plan *plan,
                        int batch_hint)
{
    double costs[KGI_MAX_ENGINES];
    int n = 0;
    for (int i = 0; i < N_ENGINES; i++) {
        const double cost = engines[i]->cost ? engines[i]->cost(plan, batch_hint) : HUGE_VAL;
        if (isnan(cost)) {
            return -1;
        }
        if (isinf(cost)) {
            continue;
        }
        int at = n++;
        for (; at > 0 && costs[at - 1] > cost; at--) {
            costs[at] = costs[at - 1];
            order[at] = order[at - 1];
        }
        costs[at] = cost;
        order[at] = engines[i];
    }
    return n;
}
