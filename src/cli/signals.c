/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C: the first one asks, the second one insists. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    static const char text[] =
        "\nketgrad: finishing the step and saving (again to leave at once)\n";
    if (caught) {
        _exit(128 + number);
    }
    caught = number;
    if (!cli.quiet) {
        const ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
        (void)written;
    }
}

void cli_catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN; /* a training run outlives the reader of its messages */
    (void)sigaction(SIGPIPE, &action, NULL);
}

int cli_signal(void)
{
    return caught;
}
