/* SPDX-License-Identifier: Apache-2.0 */
/* The team: a counter of jobs, threads that spin briefly and then sleep.
 *
 * `turn` holds the number of the run in its upper half and the next job in its lower half, in one atomic
 * word: a thread that is late by a whole run cannot take a job of the next one by mistake. */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { NO_MORE_JOBS = 0x7fffffff }; /* as the number of the next job */
enum { SPINS = 3000 }; /* some 30 us: shorter than the pause between two training steps */

typedef void job_work(void *context, int job, int lane);

struct kgi_team {
    int n_threads;
    pthread_t *threads; /* [n_threads - 1], lanes 1 and up */
    int n_started;
    _Atomic uint64_t turn;
    _Atomic int n_jobs;
    _Atomic int n_done;
    _Atomic(job_work *) work;
    _Atomic(void *) context;
    _Atomic int n_asleep;
    _Atomic int stop;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

typedef struct member {
    kgi_team *team;
    int lane;
} member;

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static uint32_t run_of(uint64_t turn)
{
    return (uint32_t)(turn >> 32);
}

/* Takes jobs of one run until none is left. */
static void take_jobs(kgi_team *team, uint32_t run, int lane)
{
    const int n_jobs = atomic_load(&team->n_jobs);
    job_work *work = atomic_load(&team->work);
    void *context = atomic_load(&team->context);
    uint64_t turn = atomic_load(&team->turn);
    while (run_of(turn) == run && (int)(uint32_t)turn < n_jobs) {
        if (atomic_compare_exchange_weak(&team->turn, &turn, turn + 1)) {
            work(context, (int)(uint32_t)turn, lane);
            atomic_fetch_add(&team->n_done, 1);
            turn = atomic_load(&team->turn);
        }
    }
}

/* Returns when a run other than the last one has begun, or the team stops. */
static uint32_t wait_for_run(kgi_team *team, uint32_t last)
{
    for (int i = 0; i < SPINS; i++) {
        if (run_of(atomic_load(&team->turn)) != last || atomic_load(&team->stop)) {
            return run_of(atomic_load(&team->turn));
        }
        relax();
    }
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->n_asleep, 1);
    while (run_of(atomic_load(&team->turn)) == last && !atomic_load(&team->stop)) {
        pthread_cond_wait(&team->wake, &team->mutex);
    }
    atomic_fetch_sub(&team->n_asleep, 1);
    pthread_mutex_unlock(&team->mutex);
    return run_of(atomic_load(&team->turn));
}

static void *serve(void *argument)
{
    member self = *(member *)argument;
    free(argument);
    uint32_t run = 0;
    while (!atomic_load(&self.team->stop)) {
        run = wait_for_run(self.team, run);
        take_jobs(self.team, run, self.lane);
    }
    return NULL;
}

static void wake_sleepers(kgi_team *team)
{
    if (atomic_load(&team->n_asleep) > 0) {
        pthread_mutex_lock(&team->mutex);
        pthread_cond_broadcast(&team->wake);
        pthread_mutex_unlock(&team->mutex);
    }
}

static kg_status start_thread(kgi_team *team, int lane, kg_error *err)
{
    member *self = malloc(sizeof *self);
    if (!self) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate thread %d", lane);
    }
    *self = (member){team, lane};
    if (pthread_create(&team->threads[lane - 1], NULL, serve, self)) {
        free(self);
        return kgi_fail(err, KG_ERR_MEMORY, "the system refuses thread %d of %d", lane + 1,
                        team->n_threads);
    }
    team->n_started++;
    return KG_OK;
}

kg_status kgi_team_create(kgi_team **out, int n_threads, kg_error *err)
{
    *out = NULL;
    kgi_team *team = calloc(1, sizeof *team);
    pthread_t *threads = calloc((size_t)n_threads, sizeof *threads);
    if (!team || !threads) {
        free(team);
        free(threads);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a team of %d threads", n_threads);
    }
    team->n_threads = n_threads;
    team->threads = threads;
    (void)pthread_mutex_init(&team->mutex, NULL);
    (void)pthread_cond_init(&team->wake, NULL);
    for (int lane = 1; lane < n_threads; lane++) {
        const kg_status status = start_thread(team, lane, err);
        if (status) {
            kgi_team_destroy(team);
            return status;
        }
    }
    *out = team;
    return KG_OK;
}

void kgi_team_destroy(kgi_team *team)
{
    if (!team) {
        return;
    }
    pthread_mutex_lock(&team->mutex);
    atomic_store(&team->stop, 1);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
    for (int i = 0; i < team->n_started; i++) {
        pthread_join(team->threads[i], NULL);
    }
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->threads);
    free(team);
}

void kgi_team_run(kgi_team *team, int n_jobs, void (*work)(void *context, int job, int lane),
                  void *context)
{
    if (!team || team->n_started == 0 || n_jobs < 2) {
        for (int job = 0; job < n_jobs; job++) {
            work(context, job, 0);
        }
        return;
    }
    const uint32_t run = run_of(atomic_load(&team->turn)) + 1;
    atomic_fetch_or(&team->turn, NO_MORE_JOBS); /* closes the last run for those who are late */
    atomic_store(&team->n_jobs, n_jobs);
    atomic_store(&team->n_done, 0);
    atomic_store(&team->work, work);
    atomic_store(&team->context, context);
    atomic_store(&team->turn, (uint64_t)run << 32);
    wake_sleepers(team);
    take_jobs(team, run, 0);
    for (int i = 0; atomic_load(&team->n_done) < n_jobs; i++) {
        if (i < SPINS) {
            relax();
        } else {
            (void)sched_yield(); /* whoever holds the last job may need this processor */
        }
    }
}
