/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory there is. A successful malloc proves nothing: Linux grants what it does not have. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Bytes that a program may still take: MemAvailable, or the room left in the memory cgroup if that is
 * less; SIZE_MAX if neither can be read. */
size_t kgi_memory_available_bytes(void);

/* Bytes of this process in memory now, and the most there ever were; 0 if they cannot be read. */
size_t kgi_memory_resident_bytes(void);
size_t kgi_memory_peak_bytes(void);

#endif
