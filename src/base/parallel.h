/* SPDX-License-Identifier: Apache-2.0 */
/* Threads. A loop is spread with an OpenMP pragma where it stands; what such loops share is here. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <omp.h>

enum { KGI_MAX_THREADS = 256 };

/* Number of the calling thread in its team, 0 outside of one. */
static inline int kgi_thread_number(void)
{
    return omp_get_thread_num();
}

#endif
