/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of the library that files of the corpus are for. */
#ifndef CORPUS_READERS_H
#define CORPUS_READERS_H

#include <ketgrad/status.h>

#include "bytes.h"

typedef struct reader {
    const char *name;
    const char *file; /* under which name the file is written, in the folder of work */
    kg_status (*read)(kg_error *err); /* what it gives is dropped */
} reader;

const reader *reader_find(const char *name);

/* Writes and removes what the readers need beside the file in question. */
void readers_begin(void);
void readers_end(void);

/* A model as kg_model_save() writes it, "logistic" or "qcnn 4" (qubits), or "checkpoint", that of a trainer. 0
 * if it cannot be made. */
int reader_make_model(bytes *out, const char *words);

#endif
