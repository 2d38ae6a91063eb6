/* SPDX-License-Identifier: Apache-2.0 */
/* How calls report failure: a status, and a record with one line that the caller owns. */
#ifndef KETGRAD_STATUS_H
#define KETGRAD_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* name, value = exit code of the program (never reused), text. 1 is the program's own: it ran, and
 * the answer is no. */
#define KG_STATUS_LIST(X)                                                                          \
    X(KG_OK, 0, "success")                                                                         \
    X(KG_ERR_ARGUMENT, 2, "argument out of its documented range")                                  \
    X(KG_ERR_FORMAT, 3, "file content does not follow its format")                                 \
    X(KG_ERR_IO, 4, "file could not be read or written")                                           \
    X(KG_ERR_MEMORY, 5, "more memory than there is, or than is allowed")                           \
    X(KG_ERR_NUMERIC, 6, "not finite, not unitary or not converging")                              \
    X(KG_ERR_UNSUPPORTED, 7, "valid request that this build or engine cannot do")                  \
    X(KG_ERR_SHAPE, 8, "array length or circuit width does not match")

typedef enum kg_status {
#define KG_STATUS_ENUM(name, value, text) name = (value),
    KG_STATUS_LIST(KG_STATUS_ENUM)
#undef KG_STATUS_ENUM
} kg_status;

/* Why a call failed, in a record that the caller owns (usually on its stack); may be NULL.
 * Overwritten on failure, untouched on success; nothing in it can leak or go stale. */
typedef struct kg_error {
    kg_status status;
    char message[244]; /* one line, no newline at its end, always NUL-terminated */
} kg_error;

/** The text of a status from KG_STATUS_LIST; "unknown status" for any other number. */
KG_API const char *kg_status_text(kg_status status);

/** The version of the library that runs, "major.minor.patch". */
KG_API const char *kg_version(void);

/** Releases memory that a function of this library says the caller must release with kg_free();
 * NULL is harmless. */
KG_API void kg_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
