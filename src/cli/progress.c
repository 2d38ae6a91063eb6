/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of training on stderr: one line that is rewritten on a terminal, plain lines elsewhere. */
#include <stdio.h>
#include <time.h>

#include "cli.h"

static const double redraw_s = 0.1; /* a terminal is drawn at most ten times a second */
static const double plain_s = 5.0;  /* a log grows by at most a line per this time within a seed */

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct {
    double began; /* of the seed; 0 before the first step */
    double last;  /* when it was drawn */
    uint64_t seed;
    int line_is_open; /* a terminal line waits for its end */
    char val[48];     /* of the last look at the validation rows: ", val 0.95 (best 12)" */
} shown;

static int mode(void)
{
    if (cli.quiet) {
        return CLI_PROGRESS_NONE;
    }
    return cli.progress; /* auto: a line on a terminal, plain elsewhere */
}

/* The line fits the terminal: what is left of it is the bar. */
static void draw_line(const kg_step *step, int number, int n_seeds, double elapsed)
{
    enum { MAX_BAR = 20 };
    static const char full[] = "####################";
    static const char empty[] = "....................";
    char left_part[64];
    char right_part[160];
    const double left = step->step ? elapsed * (step->steps - step->step) / step->step : 0;
    const int n_left =
        snprintf(left_part, sizeof left_part, "seed %llu (%d/%d) step %d/%d",
                 (unsigned long long)step->seed, number, n_seeds, step->step, step->steps);
    const int n_right =
        snprintf(right_part, sizeof right_part, "loss %.4f acc %.3f%s %.1f s, %.1f s left",
                 step->loss, step->accuracy, shown.val, elapsed, left);
    int bar = cli_columns(stderr) - n_left - n_right - 3;
    bar = bar < 0 ? 0 : bar > MAX_BAR ? MAX_BAR : bar;
    const int filled = step->steps ? (int)((double)bar * step->step / step->steps) : bar;
    const int colour = cli_colour(stderr);
    (void)fprintf(stderr, "\r\x1b[K%s %s%.*s%s%.*s %s", left_part, colour ? "\x1b[32m" : "", filled,
                  full, colour ? "\x1b[0m" : "", bar - filled, empty, right_part);
    (void)fflush(stderr);
    shown.line_is_open = 1;
}

void cli_progress_step(const kg_step *step, int seed_number, int n_seeds)
{
    const int how = mode();
    if (how == CLI_PROGRESS_NONE) {
        return;
    }
    const double now = now_s();
    const int first = shown.began == 0.0 || step->seed != shown.seed;
    if (first) {
        shown.began = now;
        shown.seed = step->seed;
        *shown.val = '\0';
    }
    const int on_terminal = how == CLI_PROGRESS_AUTO && cli_can_rewrite(stderr);
    const double pause = on_terminal || how == CLI_PROGRESS_JSON ? redraw_s : plain_s;
    if (first && !on_terminal) {
        shown.last = now; /* the first plain line comes after a pause: short runs have only one */
    }
    if (now - shown.last < pause && !(first && on_terminal) &&
        !(how == CLI_PROGRESS_JSON && step->step == step->steps)) {
        return;
    }
    shown.last = now;
    if (on_terminal) {
        draw_line(step, seed_number, n_seeds, now - shown.began);
    } else if (how == CLI_PROGRESS_JSON) {
        (void)fprintf(stderr,
                      "{\"kind\": \"step\", \"seed\": %llu, \"step\": %d, \"steps\": %d, \"loss\": "
                      "%.9g, \"accuracy\": %.9g, \"grad_norm\": %.9g, \"seconds\": %.3f}\n",
                      (unsigned long long)step->seed, step->step, step->steps, step->loss,
                      step->accuracy, step->grad_norm, now - shown.began);
    } else {
        (void)fprintf(stderr, "seed %llu  step %d/%d  loss %.4f  accuracy %.3f%s  %.1f s\n",
                      (unsigned long long)step->seed, step->step, step->steps, step->loss,
                      step->accuracy, shown.val, now - shown.began);
    }
}

void cli_progress_epoch(const kg_epoch *epoch)
{
    if (!epoch->has_val) {
        return;
    }
    (void)snprintf(shown.val, sizeof shown.val, "  val %.3f (best epoch %d)", epoch->val_accuracy,
                   epoch->best_epoch);
    if (mode() == CLI_PROGRESS_JSON) {
        (void)fprintf(
            stderr,
            "{\"kind\": \"epoch\", \"seed\": %llu, \"epoch\": %d, \"step\": %d, \"loss\": "
            "%.9g, \"accuracy\": %.9g, \"val_loss\": %.9g, \"val_accuracy\": %.9g}\n",
            (unsigned long long)epoch->seed, epoch->epoch, epoch->step, epoch->loss,
            epoch->accuracy, epoch->val_loss, epoch->val_accuracy);
    }
}

void cli_progress_end(void)
{
    if (shown.line_is_open) {
        (void)fputs("\r\x1b[K", stderr);
        shown.line_is_open = 0;
    }
}

void cli_progress_warning(const kg_warning *warning)
{
    char when[64] = "";
    cli_progress_end();
    if (warning->epoch) {
        (void)snprintf(when, sizeof when, "epoch %d: ", warning->epoch);
    }
    cli_note("ketgrad: warning: %s%s\n         %s", when, warning->what, warning->remedy);
}

void cli_progress_seed(const kg_seed_result *result, int seed_number, int n_seeds)
{
    const int how = mode();
    if (how == CLI_PROGRESS_NONE) {
        return;
    }
    cli_progress_end();
    if (how == CLI_PROGRESS_JSON) {
        (void)fprintf(stderr,
                      "{\"kind\": \"seed\", \"seed\": %llu, \"steps\": %d, \"loss\": %.9g, "
                      "\"train_accuracy\": %.9g, \"test_accuracy\": %.9g, \"seconds\": %.3f}\n",
                      (unsigned long long)result->seed, result->steps, result->loss,
                      result->train_accuracy, result->test_accuracy, result->seconds);
    } else {
        char val[64] = "";
        if (result->has_val) {
            (void)snprintf(val, sizeof val, "  val %.4f (step %d)", result->val_accuracy,
                           result->best_step);
        }
        (void)fprintf(
            stderr, "seed %llu (%d/%d)  %d steps  loss %.4f  train %.4f%s  test %.4f  %.2f s\n",
            (unsigned long long)result->seed, seed_number, n_seeds, result->steps, result->loss,
            result->train_accuracy, val, result->test_accuracy, result->seconds);
    }
}
