/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads: what decides (download.c), and what moves bytes (fetch.c, or a fake one in a test). */
#ifndef DATA_FETCH_H
#define DATA_FETCH_H

#include <ketgrad/data.h>

#include "base/status.h"

/* Where the bytes of one answer go: into memory, never more of them than the file has. */
typedef struct kgi_sink {
    const kg_dataset_file *file;
    const kg_fetch_options *options;
    unsigned char *bytes; /* [file->n_bytes] */
    size_t n_bytes;       /* came so far */
    int is_too_long;
    int is_stopped; /* by the caller's on_progress */
} kgi_sink;

/* What a server said beside the bytes. */
typedef struct kgi_reply {
    long code;      /* of HTTP; 200 where there is none and the bytes came */
    char *redirect; /* the address to ask instead, released by the caller; NULL */
} kgi_reply;

/* Asks one address, following no redirect. The body of an answer 200 goes to kgi_sink_write(), others
 * are dropped. Errors: KG_ERR_IO (no connection, nothing came for options->stall_s seconds, cut off),
 * KG_ERR_MEMORY. A sink that stopped is no error here. */
typedef kg_status (*kgi_transport)(void *self, const char *url, kgi_sink *sink, kgi_reply *reply,
                                   kg_error *err);

/* Takes bytes; nonzero: no more are wanted. */
int kgi_sink_write(kgi_sink *sink, const void *bytes, size_t n_bytes);
/* Tells the caller that we are still here; nonzero: it wants to stop. */
int kgi_sink_alive(kgi_sink *sink);

/* libcurl. */
kg_status kgi_fetch_curl(void *self, const char *url, kgi_sink *sink, kgi_reply *reply,
                         kg_error *err);

/* kg_dataset_fetch() over a transport. */
kg_status kgi_dataset_fetch(int *n_fetched, const char *folder, const char *name,
                            const kg_fetch_options *options, kgi_transport transport, void *self,
                            kg_error *err);

#endif
