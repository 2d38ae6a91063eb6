/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad bench: how fast the engine is on this machine, beside the measured peak. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { MAX_LINES = 64, MAX_NETWORK = 16 };

/* What a run without --qubits and --batch measures; with them, the first row of each task. */
static const struct {
    int task; /* bench_task */
    int qubits;
    int batch;
} rows_to_run[] = {
    {BENCH_FORWARD, 8, 1000},  {BENCH_GRADIENT, 8, 1000}, {BENCH_GRADIENT, 8, 10000},
    {BENCH_GRADIENT, 12, 256}, {BENCH_GRADIENT, 16, 64},  {BENCH_INFERENCE, 8, 10000},
    {BENCH_TRAIN, 8, 25},      {BENCH_STATE, 24, 1},      {BENCH_STATE_GRADIENT, 24, 1},
};
enum { N_ROWS = sizeof rows_to_run / sizeof *rows_to_run };

static struct {
    int only; /* 0: all tasks, else 1 + bench_task */
    int qubits;
    int precision; /* 0: both, else 1 + place in precision_name() */
    int batch;
    int repeat;
    const char *engine;
    const char *kernels;
} args = {0, 0, 0, 0, 25, NULL, NULL};

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
        {"qubits", 'i', offsetof(__typeof__(args), qubits), 0, 30, "0", "of the circuit; 0: 8, 12, 16 for networks and 24 for states", NULL},
        {"precision", 'e', offsetof(__typeof__(args), precision), 0, 0, "all", "of the states", precision_name},
        {"batch", 'i', offsetof(__typeof__(args), batch), 0, 10000000, "0", "samples per call; 0: as many as each row of the table says", NULL},
        {"repeat", 'i', offsetof(__typeof__(args), repeat), 1, 1000, "25", "chunks of a few ms whose median counts", NULL},
        {"engine", 's', offsetof(__typeof__(args), engine), 0, 0, NULL, "tile, pauli, state or reference; else the cheapest", NULL},
        {"kernels", 's', offsetof(__typeof__(args), kernels), 0, 0, NULL, "avx512, avx2 or portable; else the best of this CPU", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"bench", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

typedef struct line {
    bench_case wanted;
    bench_result result;
} line;

/* Over the line before, which is the same case on one thread; 1 if it is not. */
static double speedup(const line *lines, int i)
{
    const bench_case *c = &lines[i].wanted;
    const bench_case *one = &lines[i > 0 ? i - 1 : 0].wanted;
    const int same = one->task == c->task && one->qubits == c->qubits && one->batch == c->batch &&
                     one->precision == c->precision;
    return same && one->threads == 1
               ? lines[i > 0 ? i - 1 : 0].result.seconds / lines[i].result.seconds
               : 1.0;
}

static void print_json(const line *lines, int n, const double *peaks)
{
    FILE *out = cli_results();
    (void)fputc('[', out);
    for (int i = 0; i < n; i++) {
        const bench_case *c = &lines[i].wanted;
        const bench_result *r = &lines[i].result;
        (void)fprintf(
            out,
            "%s{\"task\": \"%s\", \"circuit\": \"%s\", \"qubits\": %d, \"precision\": "
            "\"%s\", \"threads\": %d, \"batch\": %d,\n  \"samples_per_s\": %.6g, "
            "\"gflops\": %.6g, \"share_of_peak\": %.4g, \"engine\": \"%s\", "
            "\"kernels\": \"%s\",\n  \"seconds\": %.6g, \"peak_gflops\": %.6g, \"speedup\": %.4g}",
            i ? ",\n " : "", bench_task_name(c->task), r->circuit, c->qubits,
            precision_name(c->precision == KG_PRECISION_F32 ? 1 : 2), c->threads, c->batch,
            r->samples_per_s, r->gflops, r->share_of_peak, r->engine, r->kernels, r->seconds,
            1e-9 * peaks[c->precision] * c->threads, speedup(lines, i));
    }
    (void)fputs("]\n", out);
}

static void format_line(const line *lines, int i, char cells[8][32])
{
    const bench_case *c = &lines[i].wanted;
    const bench_result *r = &lines[i].result;
    (void)snprintf(cells[0], sizeof *cells, "%d", c->qubits);
    (void)snprintf(cells[1], sizeof *cells, "%d", c->threads);
    (void)snprintf(cells[2], sizeof *cells, "%d", c->batch);
    (void)snprintf(cells[3], sizeof *cells, r->samples_per_s < 100 ? "%.3g" : "%.0f",
                   r->samples_per_s);
    (void)snprintf(cells[4], sizeof *cells, "%.1f", r->gflops);
    (void)snprintf(cells[5], sizeof *cells, "%.0f %%", 100 * r->share_of_peak);
    (void)snprintf(cells[6], sizeof *cells, "%.3g ms", 1e3 * r->seconds);
    cells[7][0] = '\0';
    if (c->threads > 1) {
        (void)snprintf(cells[7], sizeof *cells, "%.2f", speedup(lines, i));
    }
}

static kg_status print_table(const line *lines, int n, const double *peaks, kg_error *err)
{
    static const char *const titles[] = {"task",  "qubits",    "precision", "threads",
                                         "batch", "samples/s", "GFlop/s",   "of peak",
                                         "time",  "speedup",   "engine",    "kernels"};
    kg_table *table = NULL;
    char *text = NULL;
    kg_status status = kg_table_create(&table, "lrlrrrrrrrll", titles, err);
    for (int i = 0; i < n && !status; i++) {
        const bench_case *c = &lines[i].wanted;
        char cells[8][32];
        format_line(lines, i, cells);
        const char *const row[] = {bench_task_name(c->task),
                                   cells[0],
                                   precision_name(c->precision == KG_PRECISION_F32 ? 1 : 2),
                                   cells[1],
                                   cells[2],
                                   cells[3],
                                   cells[4],
                                   cells[5],
                                   cells[6],
                                   cells[7],
                                   lines[i].result.engine,
                                   lines[i].result.kernels};
        kg_table_add(table, row);
    }
    if (!status) {
        status = kg_table_format(&text, table, err);
    }
    if (!status) {
        (void)fprintf(cli_results(),
                      "medians of up to %d\npeak of fused multiply-adds, one thread: f32 %.1f, f64 "
                      "%.1f GFlop/s\n\n%s",
                      args.repeat, 1e-9 * peaks[KG_PRECISION_F32], 1e-9 * peaks[KG_PRECISION_F64],
                      text);
    }
    kg_free(text);
    kg_table_destroy(table);
    return status;
}

/* 1 if the options ask for a row. State and its gradient go together. */
static int is_wanted(int row)
{
    const int task = rows_to_run[row].task;
    const int only = args.only - 1;
    const int first = row == 0 || rows_to_run[row - 1].task != task;
    if (args.only && only != task && !(only == BENCH_STATE && task == BENCH_STATE_GRADIENT)) {
        return 0;
    }
    if (args.qubits > MAX_NETWORK && !args.only && !bench_is_state(task)) {
        return 0; /* networks of that size have no wiring */
    }
    return first || (!args.qubits && !args.batch);
}

/* The cases of a row and precision: with one and with all threads, or as --threads says. */
static int add_cases(line *lines, int n, int row, int precision)
{
    const int cores = cli_cores();
    const int threads[] = {cli.threads ? cli.threads : 1, cores};
    const int n_threads = cli.threads || cores == 1 ? 1 : 2;
    const int task = rows_to_run[row].task;
    for (int t = 0; t < n_threads && n < MAX_LINES; t++) {
        lines[n++].wanted = (bench_case){
            .task = task,
            .qubits = args.qubits ? args.qubits : rows_to_run[row].qubits,
            .precision = precision,
            .threads = threads[t],
            .batch = args.batch && task != BENCH_TRAIN ? args.batch : rows_to_run[row].batch,
            .repeat = args.repeat,
            .case_s = args.only ? 2.0 : 0.3, /* all rows in some 20 s */
            .engine = args.engine,
            .kernels = args.kernels};
    }
    return n;
}

/* The cases that the options ask for. */
static int list_cases(line *lines)
{
    int n = 0;
    for (int row = 0; row < N_ROWS; row++) {
        if (!is_wanted(row)) {
            continue;
        }
        if (args.precision != 2) {
            n = add_cases(lines, n, row, KG_PRECISION_F32);
        }
        if (args.precision != 1) {
            n = add_cases(lines, n, row, KG_PRECISION_F64);
        }
    }
    return n;
}

/* A large state may be too large for this machine: the other rows are still worth a table. */
static int is_skipped(const bench_case *wanted, kg_status status, const kg_error *err)
{
    if (status != KG_ERR_MEMORY || args.only || !bench_is_state(wanted->task)) {
        return 0;
    }
    cli_note("%s %s left out: %s", bench_task_name(wanted->task),
             precision_name(wanted->precision == KG_PRECISION_F32 ? 1 : 2), err->message);
    return 1;
}

static int run_bench(int n_arguments, char **arguments, kg_error *err)
{
    (void)n_arguments;
    (void)arguments;
    static line lines[MAX_LINES];
    double peaks[2]; /* by kg_precision */
    const int n_wanted = list_cases(lines);
    int n = 0;
    kg_status status = KG_OK;
    for (int p = 0; p < 2; p++) {
        peaks[p] = kg_kernels_peak_flops(args.kernels, p);
    }
    for (int i = 0; i < n_wanted && !status; i++) {
        const bench_case wanted = lines[i].wanted;
        if (cli.verbose) {
            cli_note("%s %s, %d threads", bench_task_name(wanted.task),
                     precision_name(wanted.precision == KG_PRECISION_F32 ? 1 : 2), wanted.threads);
        }
        lines[n].wanted = wanted;
        status = bench_run(&wanted, peaks[wanted.precision], &lines[n].result, err);
        if (is_skipped(&wanted, status, err)) {
            status = KG_OK;
        } else {
            n++;
        }
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
    .help = "Measures the engines: networks and one large state, beside the machine's peak.",
    .details =
        "Without --threads: with one thread and with all cores. Without --qubits and --batch:\n"
        "networks of 8, 12 and 16 qubits, and four layers of RY, RZ and a ladder of CX on 24.\n"
        "--only state measures values and gradients of the latter; --qubits goes to 30 there.\n",
    .examples =
        {"ketgrad bench --only state --qubits 20",
         "ketgrad bench --only gradient --qubits 8 --precision f32 --threads 1 --batch 1000 "
         "--json"},
    .max_arguments = 0,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_bench,
};
