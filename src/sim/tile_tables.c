/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan of the tile engine prepares once: kernels, places of matrices, columns of the tail. */
#include "sim/tile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

enum { LARGE_BYTES = 64 << 20 }; /* from there on memory is asked for before it is taken */

/* Amplitudes of the final register with given bits taken out, as indices with zeros there. */
static size_t spread(size_t i, const int *bits, int n)
{
    size_t out = 0;
    for (int k = 0; k < n; k++) {
        out |= (i >> k & 1) << bits[k];
    }
    return out;
}

/* A register of one group of lanes must fit before tables of its size are filled, which takes seconds
 * for 28 qubits; the whole workspace is checked when these are there. */
static kg_status check_register(const kgi_tile_tables *t, const kg_plan *plan, int n_final,
                                kg_error *err)
{
    const size_t real_bytes = plan->precision == KG_PRECISION_F32 ? sizeof(float) : sizeof(double);
    const size_t least = 2 * real_bytes * (size_t)t->kernels->lanes << n_final;
    const size_t available = least > LARGE_BYTES ? kgi_memory_available_bytes() : SIZE_MAX;
    if (least <= available) {
        return KG_OK;
    }
    return kgi_fail(err, KG_ERR_MEMORY,
                    "a state of the tile engine needs at least %zu bytes, %zu are available; the "
                    "state engine needs less",
                    least, available);
}

static kg_status prepare_columns(kgi_tile_tables *t, const kgi_program *program, kg_error *err)
{
    const kgi_tail *tail = &program->tail;
    const int n_final = program->registers[program->final].n;
    int spectators[KGI_MAX_REGISTER];
    int n_spectators = 0;
    for (int bit = 0; bit < n_final; bit++) {
        int used = 0;
        for (int k = 0; k < tail->n_kept; k++) {
            used |= tail->kept[k] == bit;
        }
        for (int k = 0; k < tail->n_choosers; k++) {
            used |= tail->choosers[k] == bit;
        }
        if (!used) {
            spectators[n_spectators++] = bit;
        }
    }
    const size_t size = (size_t)1 << tail->n_kept;
    const size_t n_columns = (size_t)1 << n_spectators;
    t->n_choices = (size_t)1 << tail->n_choosers;
    t->offsets = malloc(size * sizeof *t->offsets);
    t->column_bases = malloc(t->n_choices * n_columns * sizeof *t->column_bases);
    if (!t->offsets || !t->column_bases) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu columns",
                        t->n_choices * n_columns);
    }
    for (size_t j = 0; j < size; j++) {
        t->offsets[j] = spread(j, tail->kept, tail->n_kept);
    }
    for (size_t d = 0; d < t->n_choices; d++) {
        for (size_t c = 0; c < n_columns; c++) {
            t->column_bases[d * n_columns + c] =
                spread(d, tail->choosers, tail->n_choosers) | spread(c, spectators, n_spectators);
        }
    }
    t->columns = (kgi_columns){(int)size, n_columns, t->offsets, t->column_bases};
    t->n_outer = t->n_choices * kgi_outer_reals(size);
    t->tail_amplitudes = t->n_choices * size;
    t->tail_tiles = (int)((size + (size_t)t->kernels64->lanes - 1) / (size_t)t->kernels64->lanes);
    return KG_OK;
}

void kgi_tile_release(kg_plan *plan)
{
    kgi_tile_tables *t = plan->engine_data;
    if (t) {
        free(t->matrix_of_unit);
        free(t->offsets);
        free(t->column_bases);
        free(t);
    }
    plan->engine_data = NULL;
}

kg_status kgi_tile_prepare(kg_plan *plan, kg_error *err)
{
    const kgi_program *program = plan->program;
    const kgi_kernels *kernels = kgi_kernels_find(plan->kernels, plan->precision);
    if (!kernels) {
        return kgi_kernels_fail(plan->kernels, err);
    }
    kgi_tile_tables *t = calloc(1, sizeof *t);
    if (!t) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the tables of a plan");
    }
    plan->engine_data = t;
    t->kernels = kernels;
    t->kernels64 = kgi_kernels_find(kernels->name, KG_PRECISION_F64);
    t->matrix_of_unit = malloc(((size_t)program->n_units + 1) * sizeof *t->matrix_of_unit);
    if (!t->matrix_of_unit) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a table of %d units",
                        program->n_units);
    }
    for (int u = 0; u < program->n_units; u++) {
        t->matrix_of_unit[u] = -1;
    }
    for (int i = 0; i < program->n_steps; i++) { /* start units need no matrix */
        const kgi_step *step = &program->steps[i];
        if (step->kind == KGI_STEP_BLOCK && program->units[step->unit].per_sample &&
            t->matrix_of_unit[step->unit] < 0) {
            t->matrix_of_unit[step->unit] = t->n_lane_matrices++;
        }
    }
    if (program->tail.n_blocks) {
        const int n_final = program->registers[program->final].n;
        kg_status status = check_register(t, plan, n_final, err);
        if (!status) {
            status = prepare_columns(t, program, err);
        }
        if (status) {
            return status;
        }
    }
    t->n_sums =
        (size_t)program->n_units * KGI_ENV_REALS + (size_t)program->n_operators * t->n_outer;
    return KG_OK;
}
