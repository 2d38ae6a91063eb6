/* SPDX-License-Identifier: Apache-2.0 */
/* From words to option structs: every option is a row of a table, a row is found by its name. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): affinity */
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MAX_OPTIONS = 128, MAX_NAME = 64 };

cli_common cli = {.seed = 1};

/* ---- common options ------------------------------------------------------------------------------ */

static const char *progress_name(int i)
{
    static const char *const names[] = {"auto", "plain", "json", "none"};
    return i >= 0 && i < 4 ? names[i] : NULL;
}

static const char *color_name(int i)
{
    static const char *const names[] = {"auto", "always", "never"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

#define OPT(t, field, lo, hi, text, help)                                                          \
    {                                                                                              \
#        field, t, offsetof(cli_common, field), lo, hi, text, help, NULL                           \
    }

static const kg_option common_rows[] = {
    /* clang-format off */
    OPT('u', seed, 0, 18446744073709551615.0, "1", "seed of every random number; of saved runs: which one, if given"),
    OPT('i', threads, 0, 256, "0", "threads; 0: all cores this program may use, for train as many as its batch keeps busy"),
    OPT('b', json, 0, 1, "false", "results for programs"),
    OPT('s', out, 0, 0, NULL, "where results go"),
    OPT('b', quiet, 0, 1, "false", "no messages but errors"),
    OPT('b', verbose, 0, 1, "false", "more messages: what is measured, time used"),
    OPT('b', help, 0, 1, "false", "this page"),
    {"progress", 'e', offsetof(cli_common, progress), 0, 0, "auto", "how progress is shown", progress_name},
    {"color", 'e', offsetof(cli_common, color), 0, 0, "auto", "colours; auto: on terminals, unless NO_COLOR is set", color_name},
    /* clang-format on */
};

const kg_option_table *cli_common_table(void)
{
    static const kg_option_table table = {"run", common_rows,
                                          (int)(sizeof common_rows / sizeof *common_rows)};
    return &table;
}

/* ---- cores --------------------------------------------------------------------------------------- */

/* Cores that the control group pays for, INT_MAX if there is no limit: cpu.max is "max 100000" or
 * "150000 100000", time per period. */
static int quota_cores(void)
{
    long quota = 0;
    long period = 0;
    char line[64] = "";
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file) {
        if (fgets(line, sizeof line, file)) {
            char *end = NULL;
            quota = strtol(line, &end, 10); /* 0 for "max" */
            period = end == line ? 0 : strtol(end, NULL, 10);
        }
        (void)fclose(file);
    }
    return quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 1 << 30;
}

int cli_cores(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    const int quota = quota_cores();
    n = n < quota ? n : quota;
    return n < 1 ? 1 : n > 256 ? 256 : n;
}

int cli_threads(void)
{
    return cli.threads ? cli.threads : cli_cores();
}

/* ---- words --------------------------------------------------------------------------------------- */

const cli_part *cli_part_get(const cli_command *command, int i)
{
    static const cli_part common = {cli_common_table, &cli};
    static cli_part config = {cli_config_table, NULL};
    const int n_shared = cli_config_has(command) ? 2 : 1;
    config.options = cli_config_options();
    return i == 0                            ? &common
           : i < n_shared                    ? &config
           : i - n_shared < command->n_parts ? &command->parts[i - n_shared]
                                             : NULL;
}

/* The row of that name and the struct it belongs to; the common options come first. */
static const kg_option *find_row(const cli_command *command, const char *name, void **options)
{
    const cli_part *part = NULL;
    for (int i = 0; (part = cli_part_get(command, i)); i++) {
        const kg_option *row = kg_option_find(part->table(), name);
        if (row) {
            *options = part->options;
            return row;
        }
    }
    return NULL;
}

/* "--loss-reduction" for the row loss_reduction. */
static void flag_name(char out[MAX_NAME], const char *name)
{
    (void)snprintf(out, MAX_NAME, "--%s", name);
    for (char *c = out; *c; c++) {
        if (*c == '_') {
            *c = '-';
        }
    }
}

static kg_status fail_unknown(const cli_command *command, const char *name, kg_error *err)
{
    static char names[MAX_OPTIONS][MAX_NAME];
    const char *list[MAX_OPTIONS];
    int n = 0;
    const cli_part *part = NULL;
    for (int i = 0; (part = cli_part_get(command, i)); i++) {
        const kg_option_table *table = part->table();
        for (int r = 0; r < table->n_rows && n < MAX_OPTIONS; r++) {
            flag_name(names[n], table->rows[r].name);
            list[n] = names[n] + 2;
            n++;
        }
    }
    const char *nearest = kg_name_nearest(name, list, n);
    return cli_fail(err, KG_ERR_ARGUMENT, "unknown option --%.60s%s%s%s See: ketgrad help %s", name,
                    nearest ? ", did you mean --" : ".", nearest ? nearest : "", nearest ? "?" : "",
                    command->name);
}

/* What flags have set: they win over files, which are read when all words are known. */
enum { MAX_FLAGS = 256 };
static struct {
    int n;
    struct {
        const kg_option *row;
        void *options;
        const char *text;
    } list[MAX_FLAGS];
} flags;

/* Sets a row from text; in messages it is called as the user wrote it. */
static kg_status set_row(const kg_option *row, void *options, const char *text, kg_error *err)
{
    char flag[MAX_NAME];
    flag_name(flag, row->name);
    kg_option named = *row;
    named.name = flag;
    if (options == &cli && row->offset == offsetof(cli_common, seed)) {
        cli.seed_given = 1;
    }
    if (flags.n < MAX_FLAGS) { /* as many as words */
        flags.list[flags.n].row = row;
        flags.list[flags.n].options = options;
        flags.list[flags.n++].text = text;
    }
    const kg_status status = kg_option_set(&named, options, text, err);
    return status ? status : cli_config_add(options, row, text, err);
}

/* One word "--name", "--name=value", "--no-name" with the word after it; *used words are taken. */
static kg_status set_long(const cli_command *command, const char *word, const char *next, int *used,
                          kg_error *err)
{
    char name[MAX_NAME];
    const char *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    (void)snprintf(name, sizeof name, "%.*s", (int)(length < MAX_NAME ? length : MAX_NAME - 1),
                   word);
    void *options = NULL;
    *used = 1;
    const kg_option *row = find_row(command, name, &options);
    if (!strcmp(name, "no-color")) {
        return set_row(find_row(command, "color", &options), options, "never", err);
    }
    if (!row && !strncmp(name, "no-", 3) && !equals) {
        row = find_row(command, name + 3, &options);
        if (row && row->type == KG_OPTION_FLAG) {
            return set_row(row, options, "false", err);
        }
        row = NULL;
    }
    if (!row) {
        return fail_unknown(command, name, err);
    }
    if (equals) {
        return set_row(row, options, equals + 1, err);
    }
    if (row->type == KG_OPTION_FLAG) {
        return set_row(row, options, "true", err);
    }
    if (!next) {
        return cli_fail(err, KG_ERR_ARGUMENT, "option --%s needs a value. See: ketgrad help %s",
                        name, command->name);
    }
    *used = 2;
    return set_row(row, options, next, err);
}

/* A word "-q", "-qv", "-oFILE" or "-o" with the word after it. */
static kg_status set_short(const cli_command *command, const char *word, const char *next,
                           int *used, kg_error *err)
{
    *used = 1;
    for (const char *c = word; *c; c++) {
        if (*c == 'o') {
            cli.out = c[1] ? c + 1 : next;
            *used = c[1] ? 1 : 2;
            return cli.out
                       ? KG_OK
                       : cli_fail(err, KG_ERR_ARGUMENT,
                                  "option -o needs a value. See: ketgrad help %s", command->name);
        }
        cli.quiet |= *c == 'q';
        cli.verbose |= *c == 'v';
        cli.help |= *c == 'h';
        if (!strchr("qvh", *c)) {
            return cli_fail(err, KG_ERR_ARGUMENT,
                            "unknown option -%c, there are -o, -q, -v, -h. See: ketgrad help %s",
                            *c, command->name);
        }
    }
    return KG_OK;
}

/* Moves the words that are no options to the front. */
static kg_status read_words(const cli_command *command, int n_words, char **words, int *n_arguments,
                            kg_error *err)
{
    int n = 0;
    int only_arguments = 0; /* after "--" */
    for (int i = 0; i < n_words;) {
        char *word = words[i];
        const char *next = i + 1 < n_words ? words[i + 1] : NULL;
        kg_status status = KG_OK;
        int used = 1;
        if (only_arguments || word[0] != '-' || !word[1]) {
            words[n++] = word;
        } else if (!strcmp(word, "--")) {
            only_arguments = 1;
        } else if (word[1] == '-') {
            status = set_long(command, word + 2, next, &used, err);
        } else {
            status = set_short(command, word + 1, next, &used, err);
        }
        if (status) {
            return status;
        }
        i += used;
    }
    *n_arguments = n;
    return KG_OK;
}

/* A name of an experiment file, where a model may stand. */
static int is_file(const cli_command *command, const char *word)
{
    static const char *const ends[] = {".yaml", ".yml", ".json"};
    const size_t length = strlen(word);
    for (size_t i = 0; cli_config_has(command) && i < sizeof ends / sizeof *ends; i++) {
        const size_t end = strlen(ends[i]);
        if (length > end && !strcmp(word + length - end, ends[i])) {
            return 1;
        }
    }
    return 0;
}

kg_status cli_parse(const cli_command *command, int n_words, char **words, int *n_arguments,
                    kg_error *err)
{
    kg_status status = read_words(command, n_words, words, n_arguments, err);
    if (status) {
        return status;
    }
    const int n = *n_arguments;
    if (n > command->max_arguments && !cli.help) {
        return cli_fail(err, KG_ERR_ARGUMENT,
                        "%s takes at most %d argument%s, got also \"%.60s\". See: ketgrad help %s",
                        command->name, command->max_arguments,
                        command->max_arguments == 1 ? "" : "s", words[command->max_arguments],
                        command->name);
    }
    if (cli.help) {
        return KG_OK;
    }
    const int names_file = n == 1 && is_file(command, words[0]);
    status = cli_config_apply(command, names_file ? words[0] : NULL, err);
    for (int i = 0; i < flags.n && !status; i++) {
        status = kg_option_set(flags.list[i].row, flags.list[i].options, flags.list[i].text, err);
        cli_config_flag(flags.list[i].options, flags.list[i].row);
    }
    *n_arguments = names_file ? 0 : n;
    return status;
}
