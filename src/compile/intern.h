/* SPDX-License-Identifier: Apache-2.0 */
/* The table of units: equal runs of gates are one unit. */
#ifndef COMPILE_INTERN_H
#define COMPILE_INTERN_H

#include "compile/lower.h"

/* A hash table with open addressing. */
typedef struct kgi_unit_table {
    int *known;  /* [size] unit numbers, -1 where empty */
    size_t size; /* a power of two, at least twice the number of units */
} kgi_unit_table;

/* Room for the units and uses of n_gates gates, in the table and in program. */
kg_status kgi_unit_table_init(kgi_unit_table *table, kgi_program *program, int n_gates,
                              kg_error *err);
void kgi_unit_table_clear(kgi_unit_table *table);

/* The number of the unit that is these gates [n] in order, on a block's qubits [n_targets]: an equal
 * one that exists, else a new one of program. */
int kgi_unit_intern(kgi_unit_table *table, kgi_program *program, const kgi_lowered *const *gates,
                    int n, int n_targets, const int *qubits);

#endif
