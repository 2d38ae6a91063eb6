/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the caller's error record; assertions for our own bugs. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <ketgrad/status.h>

#include "base/assumptions.h"

/* Writes status and message into err (may be NULL) and returns status: `return kgi_fail(...)`.
 * A message says what, got, allowed, in one line; control characters in it become \xNN. */
kg_status kgi_fail(kg_error *err, kg_status status, const char *format, ...) KG_PRINTF(3, 4);

/* Puts context in front of the message that a lower call left in err: "fold 3: ...". Returns
 * status unchanged. */
kg_status kgi_fail_in(kg_error *err, kg_status status, const char *format, ...) KG_PRINTF(3, 4);

/* The analyser cannot see that both return their status, and would follow paths on from failures. */
#ifdef __clang_analyzer__
#    define kgi_fail(err, status, ...) ((void)(err), (status))
#    define kgi_fail_in(err, status, ...) ((void)(err), (status))
#endif

/* For our own bugs only; vanishes in release builds, so input is never checked with it. */
#ifdef NDEBUG
#    define KGI_ASSERT(condition) ((void)0)
#else
#    include <assert.h>
#    define KGI_ASSERT(condition) assert(condition)
#endif

#endif
