/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad bench: how fast the engine is on this machine, beside the measured peak. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { MAX_ROWS = 64, DEFAULT_BATCH = 1000, INFERENCE_BATCH = 10000 };

static struct {
    int only; /* 0: all tasks, else 1 + bench_task */
    int qubits;
    int precision; /* 0: both, else 1 + place in precision_name() */
    int batch;
    int repeat;
    const char *engine;
    const char *kernels;
} args = {0, 8, 0, 0, 25, NULL, NULL};

static const char *only_name(int i)
{
    return i ? bench_task_name(i - 1) : "all";
}

static const char *precision_name(int i)
{
    static const char *const names[] = {"all", "f32", "f64"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

static const kg_option_table *bench_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"only", 'e', offsetof(__typeof__(args), only), 0, 0, "all", "task", only_name},
        {"qubits", 'i', offsetof(__typeof__(args), qubits), 2, 16, "8", "qubits of the network", NULL},
        {"precision", 'e', offsetof(__typeof__(args), precision), 0, 0, "all", "of the states", precision_name},
        {"batch", 'i', offsetof(__typeof__(args), batch), 0, 10000000, "0", "samples per call; 0: 1000, for inference 10000", NULL},
        {"repeat", 'i', offsetof(__typeof__(args), repeat), 1, 1000, "25", "chunks of a few ms whose median counts", NULL},
        {"engine", 's', offsetof(__typeof__(args), engine), 0, 0, NULL, "engine; none: the cheapest", NULL},
        {"kernels", 's', offsetof(__typeof__(args), kernels), 0, 0, NULL, "kernel set; none: the best of this CPU", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"bench", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

typedef struct line {
    bench_case wanted;
    bench_result result;
} line;

static void print_json(const line *lines, int n, const double *peaks)
{
    FILE *out = cli_results();
    (void)fputc('[', out);
    for (int i = 0; i < n; i++) {
        const bench_case *c = &lines[i].wanted;
        const bench_result *r = &lines[i].result;
        (void)fprintf(out,
                      "%s{\"task\": \"%s\", \"circuit\": \"%s\", \"qubits\": %d, \"precision\": "
                      "\"%s\", \"threads\": %d, \"batch\": %d,\n  \"samples_per_s\": %.6g, "
                      "\"gflops\": %.6g, \"share_of_peak\": %.4g, \"engine\": \"%s\", "
                      "\"kernels\": \"%s\",\n  \"seconds\": %.6g, \"peak_gflops\": %.6g}",
                      i ? ",\n " : "", bench_task_name(c->task), r->circuit, c->qubits,
                      precision_name(c->precision == KG_PRECISION_F32 ? 1 : 2), c->threads,
                      c->batch, r->samples_per_s, r->gflops, r->share_of_peak, r->engine,
                      r->kernels, r->seconds, 1e-9 * peaks[c->precision] * c->threads);
    }
    (void)fputs("]\n", out);
}

static kg_status print_table(const line *lines, int n, const double *peaks, kg_error *err)
{
    static const char *const titles[] = {"task",    "precision", "threads", "batch",  "samples/s",
                                         "GFlop/s", "of peak",   "time",    "engine", "kernels"};
    kg_table *table = NULL;
    char *text = NULL;
    kg_status status = kg_table_create(&table, "llrrrrrrll", titles, err);
    for (int i = 0; i < n && !status; i++) {
        const bench_case *c = &lines[i].wanted;
        const bench_result *r = &lines[i].result;
        char cells[6][32];
        (void)snprintf(cells[0], sizeof *cells, "%d", c->threads);
        (void)snprintf(cells[1], sizeof *cells, "%d", c->batch);
        (void)snprintf(cells[2], sizeof *cells, "%.0f", r->samples_per_s);
        (void)snprintf(cells[3], sizeof *cells, "%.1f", r->gflops);
        (void)snprintf(cells[4], sizeof *cells, "%.0f %%", 100 * r->share_of_peak);
        (void)snprintf(cells[5], sizeof *cells, "%.3g ms", 1e3 * r->seconds);
        const char *const row[] = {bench_task_name(c->task),
                                   precision_name(c->precision == KG_PRECISION_F32 ? 1 : 2),
                                   cells[0],
                                   cells[1],
                                   cells[2],
                                   cells[3],
                                   cells[4],
                                   cells[5],
                                   r->engine,
                                   r->kernels};
        kg_table_add(table, row);
    }
    if (!status) {
        status = kg_table_format(&text, table, err);
    }
    if (!status) {
        (void)fprintf(cli_results(),
                      "%s, %d qubits, medians of %d\npeak of fused multiply-adds, one thread: f32 "
                      "%.1f, f64 %.1f GFlop/s\n\n%s",
                      lines[0].result.circuit, args.qubits, args.repeat,
                      1e-9 * peaks[KG_PRECISION_F32], 1e-9 * peaks[KG_PRECISION_F64], text);
    }
    kg_free(text);
    kg_table_destroy(table);
    return status;
}

static int batch_of(int task)
{
    const int standard = task == BENCH_INFERENCE ? INFERENCE_BATCH : DEFAULT_BATCH;
    return task == BENCH_TRAIN ? 25 : args.batch ? args.batch : standard;
}

/* The cases of a task and precision: with one and with all threads, or as --threads says. */
static int add_cases(line *lines, int n, int task, int precision)
{
    const int cores = cli_cores();
    const int threads[] = {cli.threads ? cli.threads : 1, cores};
    const int n_threads = cli.threads || cores == 1 ? 1 : 2;
    for (int t = 0; t < n_threads && n < MAX_ROWS; t++) {
        lines[n++].wanted = (bench_case){.task = task,
                                         .qubits = args.qubits,
                                         .precision = precision,
                                         .threads = threads[t],
                                         .batch = batch_of(task),
                                         .repeat = args.repeat,
                                         .engine = args.engine,
                                         .kernels = args.kernels};
    }
    return n;
}

/* The cases that the options ask for. */
static int list_cases(line *lines)
{
    int n = 0;
    for (int task = 0; task < BENCH_N_TASKS; task++) {
        if (args.only && args.only != task + 1) {
            continue;
        }
        if (args.precision != 2) {
            n = add_cases(lines, n, task, KG_PRECISION_F32);
        }
        if (args.precision != 1) {
            n = add_cases(lines, n, task, KG_PRECISION_F64);
        }
    }
    return n;
}

static int run_bench(int n_arguments, char **arguments, kg_error *err)
{
    (void)n_arguments;
    (void)arguments;
    static line lines[MAX_ROWS];
    double peaks[2]; /* by kg_precision */
    const int n = list_cases(lines);
    kg_status status = KG_OK;
    for (int p = 0; p < 2; p++) {
        peaks[p] = kg_kernels_peak_flops(args.kernels, p);
    }
    for (int i = 0; i < n && !status; i++) {
        const bench_case *c = &lines[i].wanted;
        if (cli.verbose) {
            cli_note("%s %s, %d threads", bench_task_name(c->task),
                     precision_name(c->precision == KG_PRECISION_F32 ? 1 : 2), c->threads);
        }
        status = bench_run(c, peaks[c->precision], &lines[i].result, err);
    }
    if (!status && cli.json) {
        print_json(lines, n, peaks);
    } else if (!status) {
        status = print_table(lines, n, peaks, err);
    }
    return (int)status;
}

static const cli_part parts[] = {{bench_table, &args}};

const cli_command cli_bench = {
    .name = "bench",
    .arguments = "",
    .help = "Measures the engine: forward, gradient, inference, train; beside the machine's peak.",
    .details = "Without --threads: with one thread and with all cores.\n",
    .examples =
        {"ketgrad bench --repeat 5",
         "ketgrad bench --only gradient --qubits 8 --precision f32 --threads 1 --batch 1000 "
         "--json"},
    .max_arguments = 0,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_bench,
};
