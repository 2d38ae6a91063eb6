/* SPDX-License-Identifier: Apache-2.0 */
/* The benchmark's parts: its circuits (bench_circuits.c), measuring one case (bench.c), and the command
 * (cmd_bench.c). */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "cli.h"

typedef enum bench_task {
    BENCH_FORWARD,
    BENCH_GRADIENT,
    BENCH_INFERENCE,
    BENCH_TRAIN,
    BENCH_STATE,
    BENCH_STATE_GRADIENT,
    BENCH_N_TASKS
} bench_task;

typedef struct bench_case {
    int task; /* bench_task */
    int qubits;
    int precision; /* kg_precision */
    int threads;
    int batch;
    int repeat;    /* chunks, of which the median counts */
    double case_s; /* no more chunks after this time */
    const char *engine;
    const char *kernels;
} bench_case;

typedef struct bench_result {
    char circuit[64];
    double seconds; /* of one call, or of one training */
    double samples_per_s;
    double gflops;
    double share_of_peak; /* of threads times the peak of one; 0 if that is not known */
    char engine[32];
    char kernels[32];
} bench_result;

const char *bench_task_name(int task);
/** 1 for the tasks that run one large state, not a network. */
int bench_is_state(int task);

/** The network or the layers of a case, and what is measured; name [64] tells which circuit it is. */
kg_status bench_circuit(const bench_case *wanted, kg_circuit **circuit, kg_observable **observable,
                        char *name, kg_error *err);

/** Measures a case. @param[in] peak_flops of one thread with these kernels, 0 if unknown */
kg_status bench_run(const bench_case *wanted, double peak_flops, bench_result *result,
                    kg_error *err);

#endif
