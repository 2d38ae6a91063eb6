/* SPDX-License-Identifier: Apache-2.0 */
/* The door: finds the command, reads its options, runs it, shows its results or its one message. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"

/* The commands, each in a file cmd_<name>.c. To add one: that file, a line here and a row below. */
extern const cli_command cli_demo, cli_train_command, cli_forward, cli_eval, cli_predict, cli_show,
    cli_gradcheck, cli_runs, cli_verify, cli_data, cli_bench, cli_help, cli_version;

static const cli_command *const commands[] = {
    &cli_demo,  &cli_train_command, &cli_forward, &cli_eval,   &cli_predict,
    &cli_show,  &cli_gradcheck,     &cli_runs,    &cli_verify, &cli_data,
    &cli_bench, &cli_help,          &cli_version, NULL,
};

const cli_command *cli_command_get(int i)
{
    return commands[i];
}

const cli_command *cli_command_find(const char *name)
{
    for (int i = 0; commands[i]; i++) {
        if (!strcmp(commands[i]->name, name)) {
            return commands[i];
        }
    }
    return NULL;
}

const char *cli_command_nearest(const char *name)
{
    enum { MAX_COMMANDS = 64 };
    const char *names[MAX_COMMANDS];
    int n = 0;
    while (n < MAX_COMMANDS && commands[n]) {
        names[n] = commands[n]->name;
        n++;
    }
    return kg_name_nearest(name, names, n);
}

static kg_status fail_command(const char *name, kg_error *err)
{
    const char *nearest = cli_command_nearest(name);
    return cli_fail(err, KG_ERR_ARGUMENT, "unknown command %.60s%s%s%s See: ketgrad help", name,
                    nearest ? ", did you mean " : ".", nearest ? nearest : "", nearest ? "?" : "");
}

/* Large blocks go back to the system when they are freed, so that memory in use is memory needed. The
 * C library's own threshold moves with what was freed before, and keeps blocks of some megabytes. */
static void give_back_large_blocks(void)
{
#ifdef __GLIBC__
    enum { LARGE_BYTES = 1 << 19 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BYTES);
#endif
}

/* Runs a command; the exit code. */
static int run(const cli_command *command, int n_words, char **words, kg_error *err)
{
    int n_arguments = 0;
    const kg_status status = cli_parse(command, n_words, words, &n_arguments, err);
    if (status) {
        return (int)status;
    }
    if (cli.help) {
        cli_print_help(cli_results(), command);
        return (int)cli_show_results(NULL, err);
    }
    if (cli_config_wanted()) {
        cli_print_config(cli_results(), command, n_arguments, words);
        return (int)cli_show_results(NULL, err);
    }
    const clock_t began = clock();
    const int code = command->run(n_arguments, words, err);
    if (cli.verbose) {
        cli_note("%s: %.3f s of CPU time, %d core%s", command->name,
                 (double)(clock() - began) / CLOCKS_PER_SEC, cli_cores(),
                 cli_cores() == 1 ? "" : "s");
    }
    if (code && code != CLI_ANSWER_NO && code < 128) {
        cli_drop_results();
        return code;
    }
    const kg_status shown = cli_show_results(command->out_is_folder ? NULL : cli.out, err);
    return shown ? (int)shown : code;
}

/* A standard stream that is closed would give its number to the first file that is opened, and messages
 * would go into that. Writing to these fails instead. */
static void open_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}

int main(int argc, char **argv)
{
    kg_error err = {KG_OK, ""};
    open_streams();
    give_back_large_blocks();
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write() */
    const char *verb = argc > 1 ? argv[1] : "help";
    verb = !strcmp(verb, "--help") || !strcmp(verb, "-h") ? "help" : verb;
    verb = !strcmp(verb, "--version") ? "version" : verb;
    cli.argc = argc;
    enum { MAX_WORDS = 256 };
    char *words[MAX_WORDS];
    if (argc > MAX_WORDS) {
        (void)fprintf(stderr, "ketgrad: %d words, not at most %d\n", argc, MAX_WORDS);
        return KG_ERR_ARGUMENT;
    }
    memcpy(words, argv,
           sizeof(void *) * (size_t)argc); /* parsing reorders them; run.json does not */
    cli.argv = argv;
    const cli_command *command = cli_command_find(verb);
    const int code = command ? run(command, argc > 2 ? argc - 2 : 0, words + 2, &err)
                             : (int)fail_command(verb, &err);
    cli_config_clear();
    if (*err.message) {
        (void)fprintf(stderr, "ketgrad: %s\n", err.message);
    }
    return code;
}
