/* SPDX-License-Identifier: Apache-2.0 */
/* The team: every job once, lanes of their own, many short runs, late threads, children of a fork. */
#include "base/parallel.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "near.h"

enum { MAX_JOBS = 1000 };

typedef struct record {
    _Atomic int times[MAX_JOBS];
    _Atomic int busy[KGI_MAX_THREADS]; /* threads inside a lane */
    _Atomic int clashes;
    int n_threads;
} record;

static void count(void *context, int job, int lane)
{
    record *r = context;
    if (lane < 0 || lane >= r->n_threads || atomic_fetch_add(&r->busy[lane], 1) != 0) {
        atomic_fetch_add(&r->clashes, 1);
    }
    atomic_fetch_add(&r->times[job], 1);
    atomic_fetch_sub(&r->busy[lane], 1);
}

static void every_job_is_done_once(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 8};
    for (int s = 0; s < 4; s++) {
        kg_error err;
        kgi_team *team;
        assert_int_equal(kgi_team_create(&team, sizes[s], &err), KG_OK);
        for (int n = 0; n <= MAX_JOBS; n += n < 20 ? 1 : 245) {
            static record r;
            r = (record){.n_threads = sizes[s]};
            kgi_team_run(team, n, count, &r);
            for (int job = 0; job < MAX_JOBS; job++) {
                assert_int_equal(atomic_load(&r.times[job]), job < n);
            }
            assert_int_equal(atomic_load(&r.clashes), 0);
        }
        kgi_team_destroy(team);
    }
}

/* Runs so short that threads are still on their way when the next one begins. */
static void late_threads_take_no_job_of_the_next_run(void **state)
{
    kg_error err;
    kgi_team *team;
    (void)state;
    assert_int_equal(kgi_team_create(&team, 4, &err), KG_OK);
    for (int run = 0; run < 20000; run++) {
        static record r;
        const int n = 2 + run % 7;
        r = (record){.n_threads = 4};
        kgi_team_run(team, n, count, &r);
        int done = 0;
        for (int job = 0; job < 16; job++) {
            done += atomic_load(&r.times[job]);
        }
        assert_int_equal(done, n);
        assert_int_equal(atomic_load(&r.clashes), 0);
    }
    kgi_team_destroy(team);
}

static void no_team_is_a_team_of_one(void **state)
{
    static record r;
    (void)state;
    r = (record){.n_threads = 1};
    kgi_team_run(NULL, 5, count, &r);
    for (int job = 0; job < 6; job++) {
        assert_int_equal(atomic_load(&r.times[job]), job < 5);
    }
    kgi_team_destroy(NULL);
}

static void a_forked_child_does_all_jobs_itself(void **state)
{
    kg_error err;
    kgi_team *team;
    (void)state;
    assert_int_equal(kgi_team_create(&team, 3, &err), KG_OK);
    const pid_t child = fork();
    if (child == 0) {
        static record r;
        r = (record){.n_threads = 3};
        kgi_team_run(team, 50, count, &r);
        int done = 0;
        for (int job = 0; job < 50; job++) {
            done += atomic_load(&r.times[job]);
        }
        _exit(done == 50 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    kgi_team_destroy(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_done_once),
        cmocka_unit_test(late_threads_take_no_job_of_the_next_run),
        cmocka_unit_test(no_team_is_a_team_of_one),
        cmocka_unit_test(a_forked_child_does_all_jobs_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
