/* SPDX-License-Identifier: Apache-2.0 */
/* A team of threads that share jobs.
 *
 * OpenMP's loops end when every thread of the team has arrived, so on a busy machine a thread that got
 * no processor holds up all the others. Here a loop ends when its jobs are done: threads, the caller
 * among them, take jobs from a counter, and one that comes late finds nothing left. Jobs write to
 * places of their own, so results do not depend on who took which. A team with one thread starts
 * none. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include "base/status.h"

enum { KGI_MAX_THREADS = 256 };

typedef struct kgi_team kgi_team;

/* n_threads in [1, KGI_MAX_THREADS], the caller included; they sleep between runs. */
kg_status kgi_team_create(kgi_team **out, int n_threads, kg_error *err);
void kgi_team_destroy(kgi_team *team);

/* Calls work(context, job, lane) once for every job in [0, n_jobs), lane in [0, n_threads) telling
 * threads apart. Returns when all are done. One caller at a time; NULL is a team of one. After a fork
 * the child has no other threads and does all jobs itself. */
void kgi_team_run(kgi_team *team, int n_jobs, void (*work)(void *context, int job, int lane),
                  void *context);

#endif
