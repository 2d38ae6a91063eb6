/* SPDX-License-Identifier: Apache-2.0 */
/* Where values come from: built-in, then the user's file, the experiment file, the environment, --set,
 * and flags, each over those before it; and what --print-config says about it.
 *
 * The user's file ($XDG_CONFIG_HOME/ketgrad/config.yaml) holds settings of the machine only: what
 * changes a number comes from flags and experiment files, so that a run can be repeated from them. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { MAX_SECTIONS = 32, MAX_ORIGINS = 2048, MAX_SETS = 64, MAX_PATH = 4096, MAX_NAME = 128 };

typedef enum source { BUILT_IN, USER_FILE, FILE_, ENVIRONMENT, SET, FLAG } source;

/* Who set a field last is the last entry for it. */
typedef struct origin {
    const void *options;
    size_t offset;
    source source;
    int line;
    int column;
} origin;

static struct {
    kg_config *user;
    kg_config *file;
    const char *model_source; /* of the model's name */
    char user_path[MAX_PATH];
    int n_sets;
    const char *sets[MAX_SETS];
    int n_origins;
    origin origins[MAX_ORIGINS];
} state;

/* ---- the options of --config and its sisters --------------------------------------------------------- */

static struct {
    const char *config;
    const char *set;
    int print_config;
} args;

const kg_option_table *cli_config_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"config", 'p', offsetof(__typeof__(args), config), 0, 0, NULL, "experiment file (YAML or JSON); flags win over it", NULL},
        {"set", 's', offsetof(__typeof__(args), set), 0, 0, NULL, "section.key=value, over the file; may be repeated", NULL},
        {"print_config", 'b', offsetof(__typeof__(args), print_config), 0, 1, "false", "print each value and where it comes from, and end", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"experiment files", rows,
                                          (int)(sizeof rows / sizeof *rows)};
    return &table;
}

void *cli_config_options(void)
{
    return &args;
}

int cli_config_wanted(void)
{
    return args.print_config;
}

kg_status cli_config_add(const void *options, const kg_option *row, const char *text, kg_error *err)
{
    if (options != &args || row->offset != offsetof(__typeof__(args), set)) {
        return KG_OK;
    }
    if (state.n_sets == MAX_SETS) {
        return cli_fail(err, KG_ERR_ARGUMENT, "--set is given more than %d times", MAX_SETS);
    }
    state.sets[state.n_sets++] = text;
    return KG_OK;
}

/* ---- sections ---------------------------------------------------------------------------------------- */

/* Of every command's options, those that a file may hold, and those that hold for the user. */
static const kg_option_table *subset(const char *const *names, int n, kg_option *rows,
                                     kg_option_table *table)
{
    *table = (kg_option_table){"run", rows, n};
    for (int i = 0; i < n; i++) {
        const kg_option *row = kg_option_find(cli_common_table(), names[i]);
        rows[i] = *row; /* names are those of rows */
    }
    return table;
}

static const kg_option_table *run_table(void)
{
    static const char *const names[] = {"seed", "threads", "progress", "color"};
    static kg_option rows[4];
    static kg_option_table table;
    return subset(names, 4, rows, &table);
}

static const kg_option_table *machine_table(void)
{
    static const char *const names[] = {"threads", "progress", "color"};
    static kg_option rows[3];
    static kg_option_table table;
    return subset(names, 3, rows, &table);
}

/* The sections that files have, in the order of --print-config. */
static const char *const section_names[] = {"model", "data", "train", "experiment", "run"};
enum { N_SECTIONS = sizeof section_names / sizeof *section_names };

/* The section of a part, NULL if files have none for it. */
const char *cli_config_section(const cli_part *part)
{
    const char *name = part->table()->name;
    for (int i = 0; i < N_SECTIONS; i++) {
        if (!strcmp(name, section_names[i])) {
            return section_names[i];
        }
    }
    return NULL;
}

const char *cli_config_section_name(int i)
{
    return i >= 0 && i < N_SECTIONS ? section_names[i] : NULL;
}

int cli_config_has(const cli_command *command)
{
    for (int i = 0; i < command->n_parts; i++) {
        const char *section = cli_config_section(&command->parts[i]);
        if (section && strcmp(section, "run") != 0) {
            return 1;
        }
    }
    return 0;
}

/* What stands in files beside options: the model's name, and what a model of layers is made of. */
static const char *const model_keys[] = {"name", "layers", "circuit", "circuits"};

static int add_parts(const cli_command *command, int used, kg_config_section *out, int n)
{
    for (int i = 0; i < command->n_parts && n < MAX_SECTIONS - 4; i++) {
        const cli_part *part = &command->parts[i];
        const char *section = cli_config_section(part);
        if (section) {
            const int is_model = !strcmp(section, "model");
            out[n++] = (kg_config_section){section, part->table(), used ? part->options : NULL,
                                           is_model ? model_keys : NULL, is_model ? 4 : 0};
        }
    }
    return n;
}

/* Sections of an experiment file: seed and threads stand beside the options that they belong to as well;
 * what this command does not use, train does, and it is checked all the same. */
static int list_sections(const cli_command *command, kg_config_section out[MAX_SECTIONS])
{
    static kg_option_table beside;
    int n = 0;
    beside = (kg_option_table){"run", run_table()->rows, 2}; /* seed, threads */
    out[n++] = (kg_config_section){"run", run_table(), &cli, NULL, 0};
    out[n++] = (kg_config_section){"train", &beside, &cli, NULL, 0};
    out[n++] = (kg_config_section){"model", &beside, &cli, NULL, 0};
    n = add_parts(command, 1, out, n);
    n = add_parts(cli_command_find("train"), 0, out, n);
    for (int i = 1; i < 4; i++) { /* a table of layers may stand at the top */
        out[n++] = (kg_config_section){model_keys[i], NULL, NULL, NULL, 0};
    }
    return n;
}

/* ---- origins ----------------------------------------------------------------------------------------- */

static void remember(const void *options, const kg_option *row, source from, int line, int column)
{
    if (state.n_origins < MAX_ORIGINS) {
        state.origins[state.n_origins++] = (origin){options, row->offset, from, line, column};
    }
}

void cli_config_flag(const void *options, const kg_option *row)
{
    remember(options, row, FLAG, 0, 0);
}

static void remember_file(const kg_config *config, source from, int n,
                          const kg_config_section *sections)
{
    int line = 0;
    int column = 0;
    for (int i = 0; i < n; i++) {
        for (int r = 0; sections[i].options && r < sections[i].table->n_rows; r++) {
            const kg_option *row = &sections[i].table->rows[r];
            if (kg_config_find(config, sections[i].name, row->name, &line, &column)) {
                remember(sections[i].options, row, from, line, column);
            }
        }
    }
}

static const origin *find_origin(const void *options, const kg_option *row)
{
    for (int i = state.n_origins - 1; i >= 0; i--) {
        if (state.origins[i].options == options && state.origins[i].offset == row->offset) {
            return &state.origins[i];
        }
    }
    return NULL;
}

int cli_is_given(const void *options, const kg_option *row)
{
    return find_origin(options, row) != NULL;
}

const char *cli_config_origin(const void *options, const kg_option *row)
{
    static char text[MAX_PATH + 64];
    const origin *from = find_origin(options, row);
    switch (from ? from->source : BUILT_IN) {
    case USER_FILE:
    case FILE_:
        (void)snprintf(text, sizeof text, "%s:%d:%d",
                       kg_config_path(from->source == FILE_ ? state.file : state.user), from->line,
                       from->column);
        return text;
    case ENVIRONMENT:
        return "KETGRAD_DATA";
    case SET:
        return "--set";
    case FLAG:
        return "flag";
    default:
        return "built-in";
    }
}

const char *cli_config_model_origin(void)
{
    return state.model_source ? state.model_source : "built-in";
}

/* ---- the user's file --------------------------------------------------------------------------------- */

/* Its path; 0 if there is no such file. */
static int find_user_file(void)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = 0;
    if (base && *base == '/') {
        length = snprintf(state.user_path, MAX_PATH, "%s/ketgrad/config.yaml", base);
    } else if (home && *home) {
        length = snprintf(state.user_path, MAX_PATH, "%s/.config/ketgrad/config.yaml", home);
    }
    return length > 0 && length < MAX_PATH && !access(state.user_path, F_OK);
}

/* Its sections: settings of the machine, and where data lie. What this command does not use is checked
 * as train would. */
static int list_user_sections(const cli_command *command, kg_config_section out[MAX_SECTIONS])
{
    static const char *const keys[] = {"data_folder", "max_memory"};
    static kg_option_table tables[MAX_SECTIONS];
    int n = 0;
    out[n++] = (kg_config_section){"run", machine_table(), &cli, NULL, 0};
    for (int used = 1; used >= 0; used--) {
        const cli_command *of = used ? command : cli_command_find("train");
        for (int i = 0; i < 2 * of->n_parts && n < MAX_SECTIONS; i++) {
            const cli_part *part = &of->parts[i / 2];
            const kg_option *row = kg_option_find(part->table(), keys[i % 2]);
            if (row) {
                tables[n] = (kg_option_table){part->table()->name, row, 1};
                out[n] = (kg_config_section){i % 2 ? "run" : "data", &tables[n],
                                             used ? part->options : NULL, NULL, 0};
                n++;
            }
        }
    }
    return n;
}

/* A key that is none of the user's but one of experiments says so. */
static kg_status refuse_results(const cli_command *command, int n_user,
                                const kg_config_section *user, kg_error *err)
{
    kg_config_section sections[MAX_SECTIONS];
    const int n = list_sections(command, sections);
    int line = 0;
    int column = 0;
    for (int i = 0; i < n; i++) {
        for (int r = 0; sections[i].table && r < sections[i].table->n_rows; r++) {
            const char *key = sections[i].table->rows[r].name;
            int known = 0;
            for (int u = 0; u < n_user; u++) {
                known |= !strcmp(user[u].name, sections[i].name) &&
                         kg_option_find(user[u].table, key) != NULL;
            }
            if (!known && kg_config_find(state.user, sections[i].name, key, &line, &column)) {
                return cli_fail(err, KG_ERR_FORMAT,
                                "%s:%d:%d: %s.%s changes results: it belongs into an experiment "
                                "file, this one is for the machine",
                                state.user_path, line, column, sections[i].name, key);
            }
        }
    }
    return KG_OK;
}

static kg_status apply_user_file(const cli_command *command, kg_error *err)
{
    kg_config_section sections[MAX_SECTIONS];
    if (!find_user_file()) {
        return KG_OK;
    }
    kg_status status = kg_config_load(&state.user, state.user_path, err);
    const int n = status ? 0 : list_user_sections(command, sections);
    if (!status) {
        status = refuse_results(command, n, sections, err);
    }
    if (!status) {
        status = kg_config_apply(state.user, n, sections, err);
    }
    if (!status) {
        remember_file(state.user, USER_FILE, n, sections);
    }
    return status;
}

/* ---- the experiment file ------------------------------------------------------------------------------ */

static kg_model_options *model_options_of(const cli_command *command)
{
    for (int i = 0; i < command->n_parts; i++) {
        if (command->parts[i].table == kg_model_options_table) {
            return command->parts[i].options;
        }
    }
    return NULL;
}

/* The name of the model, and its layers if the file has some. */
static void take_model(const cli_command *command)
{
    int line = 0;
    int column = 0;
    int is_defined = 0;
    for (int i = 1; i < 4; i++) {
        is_defined |= kg_config_find(state.file, "model", model_keys[i], &line, &column) ||
                      kg_config_find(state.file, NULL, model_keys[i], &line, &column);
    }
    kg_model_options *options = model_options_of(command);
    if (is_defined && options) {
        options->definition = kg_config_text(state.file);
        options->definition_name = kg_config_path(state.file);
        cli.model = "custom";
    }
    const char *name = kg_config_get(state.file, "model", "name");
    cli.model = name ? name : cli.model;
    state.model_source = cli.model ? kg_config_path(state.file) : NULL;
}

static kg_status apply_file(const cli_command *command, kg_error *err)
{
    kg_config_section sections[MAX_SECTIONS];
    kg_status status = kg_config_load(&state.file, args.config, err);
    if (status) {
        return status;
    }
    const int n = list_sections(command, sections);
    status = kg_config_apply(state.file, n, sections, err);
    if (!status) {
        remember_file(state.file, FILE_, n, sections);
        take_model(command);
    }
    return status;
}

static void apply_environment(const cli_command *command)
{
    const char *folder = getenv("KETGRAD_DATA");
    for (int i = 0; folder && *folder && i < command->n_parts; i++) {
        const kg_option *row = kg_option_find(command->parts[i].table(), "data_folder");
        if (row) {
            void *field = (char *)command->parts[i].options + row->offset;
            *(const char **)field = folder;
            remember(command->parts[i].options, row, ENVIRONMENT, 0, 0);
        }
    }
}

/* ---- --set ------------------------------------------------------------------------------------------- */

static kg_status fail_set(const char *text, const char *section, const char *key,
                          const kg_config_section *sections, int n, kg_error *err)
{
    const char *names[512];
    int n_names = 0;
    for (int i = 0; i < n; i++) {
        for (int r = 0; sections[i].table && r < sections[i].table->n_rows && n_names < 512; r++) {
            if (!strcmp(sections[i].name, section)) {
                names[n_names++] = sections[i].table->rows[r].name;
            }
        }
    }
    if (!n_names) {
        const char *nearest = kg_name_nearest(section, section_names, N_SECTIONS);
        return cli_fail(err, KG_ERR_ARGUMENT,
                        "--set %.60s: no section \"%.60s\"%s%s%s Allowed: model, data, train, "
                        "experiment, run",
                        text, section, nearest ? ", did you mean \"" : ".", nearest ? nearest : "",
                        nearest ? "\"?" : "");
    }
    const char *nearest = kg_name_nearest(key, names, n_names);
    return cli_fail(err, KG_ERR_ARGUMENT, "--set %.60s: %s has no key \"%.60s\"%s%s%s", text,
                    section, key, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                    nearest ? "\"?" : "");
}

/* One "section.key=value". */
static kg_status apply_set(const cli_command *command, const char *text, kg_error *err)
{
    kg_config_section sections[MAX_SECTIONS];
    const int n = list_sections(command, sections);
    char section[MAX_NAME] = "";
    char key[MAX_NAME] = "";
    const char *dot = strchr(text, '.');
    const char *equals = strchr(text, '=');
    if (!dot || !equals || dot > equals || equals == dot + 1 || dot == text || !equals[1]) {
        return cli_fail(err, KG_ERR_ARGUMENT, "--set is \"%.60s\", not section.key=value", text);
    }
    (void)snprintf(section, sizeof section, "%.*s", (int)(dot - text), text);
    (void)snprintf(key, sizeof key, "%.*s", (int)(equals - dot - 1), dot + 1);
    const char *own = !strcmp(key, "name") ? section : key; /* data.name is data.data */
    if (!strcmp(section, "model") && !strcmp(key, "name")) {
        cli.model = equals + 1;
        state.model_source = "--set";
        return KG_OK;
    }
    for (int i = 0; i < n; i++) {
        const int here = sections[i].table && !strcmp(sections[i].name, section);
        const kg_option *row = here ? kg_option_find(sections[i].table, key) : NULL;
        row = here && !row ? kg_option_find(sections[i].table, own) : row;
        if (row && !sections[i].options) {
            return cli_fail(err, KG_ERR_ARGUMENT, "--set %.60s: %s does not use it", text,
                            command->name);
        }
        if (row) {
            kg_option named = *row;
            char name[2 * MAX_NAME + 8];
            (void)snprintf(name, sizeof name, "--set %s.%s", section, key);
            named.name = name;
            remember(sections[i].options, row, SET, 0, 0);
            return kg_option_set(&named, sections[i].options, equals + 1, err);
        }
    }
    return fail_set(text, section, key, sections, n, err);
}

/* ---- all of it --------------------------------------------------------------------------------------- */

kg_status cli_config_apply(const cli_command *command, const char *path, kg_error *err)
{
    if (path && args.config) {
        return cli_fail(err, KG_ERR_ARGUMENT, "two experiment files, %.80s and --config %.80s",
                        path, args.config);
    }
    args.config = path ? path : args.config;
    /* help does not depend on it, and stays when the file is broken */
    const int is_used = command->n_parts && strcmp(command->name, "help") != 0;
    kg_status status = is_used ? apply_user_file(command, err) : KG_OK;
    if (!status && args.config) {
        status = apply_file(command, err);
    }
    if (!status) {
        apply_environment(command);
    }
    for (int i = 0; i < state.n_sets && !status; i++) {
        status = apply_set(command, state.sets[i], err);
    }
    return status;
}

void cli_config_clear(void)
{
    kg_config_destroy(state.user);
    kg_config_destroy(state.file);
    state.user = NULL;
    state.file = NULL;
}
