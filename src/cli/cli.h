/* SPDX-License-Identifier: Apache-2.0 */
/* The program: commands as rows, options from the library's own tables, one way to print results.
 *
 * Results go to stdout (or --out), everything else to stderr. It includes public headers only. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <ketgrad/ketgrad.h>
#include <ketgrad/report.h>
#include <stdio.h>

enum { CLI_ANSWER_NO = 1 }; /* exit code: it ran, and the answer is no */

/* ---- commands ----------------------------------------------------------------------------------- */

/* An option struct of the library or of a command, with the table that describes it; in experiment files
 * the table's name is its section. */
typedef struct cli_part {
    const kg_option_table *(*table)(void);
    void *options;
} cli_part;

typedef struct cli_command {
    const char *name;
    const char *arguments;   /* "[MODEL]", "" if there are none */
    const char *help;        /* one line */
    const char *details;     /* more lines, each with its newline; may be "" */
    const char *examples[2]; /* two commands that run as they stand */
    int max_arguments;
    int out_is_folder; /* what --out names */
    int n_parts;
    const cli_part *parts;
    /* The exit code: 0, CLI_ANSWER_NO or a kg_status with its message in err. */
    int (*run)(int n_arguments, char **arguments, kg_error *err);
} cli_command;

/** Row i of the commands, from 0 to the first NULL. */
const cli_command *cli_command_get(int i);
const cli_command *cli_command_find(const char *name);
/** The name of a command that is near enough to suggest, or NULL. */
const char *cli_command_nearest(const char *name);

/* ---- options that every command has --------------------------------------------------------------- */

typedef enum cli_progress {
    CLI_PROGRESS_AUTO,
    CLI_PROGRESS_PLAIN,
    CLI_PROGRESS_JSON,
    CLI_PROGRESS_NONE
} cli_progress;

typedef enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER } cli_color;

typedef struct cli_common {
    uint64_t seed;
    int threads; /* 0: all cores that the program may use */
    int json;
    const char *out;
    int quiet;
    int verbose;
    int help;
    int progress; /* cli_progress */
    int color;    /* cli_color */
    /* not options: */
    const char *model; /* its name in the experiment file; NULL: none there */
    int seed_given;
    int argc; /* the command, word by word */
    char **argv;
} cli_common;

extern cli_common cli; /* of this call of the program; set by cli_parse() */

const kg_option_table *cli_common_table(void);

/** Reads the words after the verb into the command's option structs and `cli`; what is no option is
 * moved to the front of words, *n_arguments of them. KG_ERR_ARGUMENT with a message that ends with
 * the page to look at. */
kg_status cli_parse(const cli_command *command, int n_words, char **words, int *n_arguments,
                    kg_error *err);

/** The parts of a command with those that it shares with others, NULL past the end. */
const cli_part *cli_part_get(const cli_command *command, int i);

/** Cores that the program may use: affinity and the quota of its control group. */
int cli_cores(void);
/** cli.threads, or cli_cores() if it is 0. */
int cli_threads(void);

/* ---- experiment files ------------------------------------------------------------------------------ */

/** The options --config, --set, --print-config, for commands with settings that files may hold. */
const kg_option_table *cli_config_table(void);
void *cli_config_options(void);
int cli_config_has(const cli_command *command);
/** --print-config was given. */
int cli_config_wanted(void);

/** Keeps a --set; any other option is left alone. */
kg_status cli_config_add(const void *options, const kg_option *row, const char *text,
                         kg_error *err);
/** Reads the user's file, the experiment file (path, or --config), the environment and every --set into
 * the options of the command. Flags come after it. */
kg_status cli_config_apply(const cli_command *command, const char *path, kg_error *err);
/** Remembers that a flag has set an option. */
void cli_config_flag(const void *options, const kg_option *row);
void cli_config_clear(void);

/** 1 if anybody has set the option; where it was set: "flag", "my.yaml:3:7", "built-in". */
int cli_is_given(const void *options, const kg_option *row);
const char *cli_config_origin(const void *options, const kg_option *row);
const char *cli_config_model_origin(void);
/** The section of a part in files, NULL if it has none; section i in their order, NULL past the end. */
const char *cli_config_section(const cli_part *part);
const char *cli_config_section_name(int i);

/** Every value in effect and where it comes from, as an experiment file (or JSON with --json). */
void cli_print_config(FILE *out, const cli_command *command, int n_arguments, char **arguments);

/* ---- help --------------------------------------------------------------------------------------- */

void cli_print_overview(FILE *out);
void cli_print_help(FILE *out, const cli_command *command);
/** The lines that say what MODEL may be, from the registry; "" if the command takes none. */
enum { CLI_MODELS_SIZE = 1024 };
void cli_models(const cli_command *command, char text[CLI_MODELS_SIZE]);

/* Of an option, for pages: "--no-fuse"; " X"; "-o, "; "0.01"; its help with range or names and default;
 * whether part t of the command has it, but a part before counts. */
enum { CLI_FLAG_SIZE = 72 };
void cli_option_flag(const kg_option *row, char flag[CLI_FLAG_SIZE]);
const char *cli_option_value(const kg_option *row);
const char *cli_option_short(const kg_option *row);
const char *cli_option_default(const kg_option *row);
void cli_option_help(FILE *out, const kg_option *row);
int cli_option_is_hidden(const cli_command *command, int t, const char *name);

/** A manual page in roff: of a command, or of the program if command is NULL. */
void cli_print_manual(FILE *out, const cli_command *command);
/** A script that completes words for a shell: "bash", "zsh". */
void cli_print_completion(FILE *out, const char *shell);

/* ---- output ------------------------------------------------------------------------------------- */

/** Where a command prints its results; shown when it ends well. */
FILE *cli_results(void);
/** Shows what was printed to cli_results(): on stdout, or in a file if path is not NULL or "-".
 * Errors: KG_ERR_IO, and then no half-written file is there. */
kg_status cli_show_results(const char *path, kg_error *err);
/** Says that memory was missing for some of the results: cli_show_results() fails. */
void cli_lose_results(void);
/** Forgets what was printed to cli_results(). */
void cli_drop_results(void);
/** Writes a file whole or not at all. */
kg_status cli_write_file(const char *path, const char *text, size_t n_bytes, kg_error *err);

/** A line to stderr, unless --quiet. */
void cli_note(const char *format, ...) KG_PRINTF(1, 2);
/** The same, after the results: what was written, what to do next. One text per command. */
void cli_note_after(const char *format, ...) KG_PRINTF(1, 2);
kg_status cli_fail(kg_error *err, kg_status status, const char *format, ...) KG_PRINTF(3, 4);

/** 1 if colours may be used on that stream. */
int cli_colour(FILE *stream);
/** Columns of the terminal that a stream is, 0 if it is none. */
int cli_columns(FILE *stream);
/** 1 if a line on that stream can be rewritten: a terminal that is not dumb. */
int cli_can_rewrite(FILE *stream);

/** A JSON string in quotes. */
void cli_json_string(FILE *out, const char *text);
/** n numbers as [1, 2], with 17 significant digits; null where not finite. */
void cli_json_numbers(FILE *out, int n, const double *x);

/* ---- interrupts --------------------------------------------------------------------------------- */

/** From now on the first SIGINT or SIGTERM is only remembered, the second one ends the program. */
void cli_catch_signals(void);
/** The signal that came, 0 if none. */
int cli_signal(void);

/* ---- progress of a training run ------------------------------------------------------------------- */

/** Draws, prints or leaves out the progress of a step, as --progress says. */
void cli_progress_step(const kg_step *step, int seed_number, int n_seeds);
/** The same of an epoch with a look at the validation rows. */
void cli_progress_epoch(const kg_epoch *epoch);
/** Something that keeps the run from learning, on lines of its own. */
void cli_progress_warning(const kg_warning *warning);
/** Ends a line that waits to be rewritten. */
void cli_progress_end(void);
/** Ends the line of a seed. */
void cli_progress_seed(const kg_seed_result *result, int seed_number, int n_seeds);

/* ---- before a run ----------------------------------------------------------------------------------- */

/** The options --dry-run and --max-memory, for commands that train. */
typedef struct cli_preflight_args {
    int dry_run;
    size_t max_memory; /* 0: what is available */
} cli_preflight_args;

extern cli_preflight_args cli_limits;
const kg_option_table *cli_preflight_table(void);
/** Refuses data that alone are more than --max-memory, before they are read (KG_ERR_MEMORY). */
kg_status cli_preflight_data(const kg_run_data *data, kg_error *err);
/** Refuses a run that needs too much memory (KG_ERR_MEMORY); with --dry-run it prints what the run would
 * take, and *is_done is 1. */
kg_status cli_preflight(const kg_model *model, const kg_dataset *train, const kg_dataset *test,
                        const kg_train_options *training, const kg_experiment_options *options,
                        int *is_done, kg_error *err);

/* ---- what several commands do --------------------------------------------------------------------- */

/** Folder of real data: the option, else KETGRAD_DATA, else that of the cache if it is there, else
 * NULL. */
const char *cli_data_folder(const char *option);
/** Where data sets are put if nobody says where: $XDG_CACHE_HOME/ketgrad, else ~/.cache/ketgrad; NULL
 * without a home. */
const char *cli_cache_folder(void);
/** Rows of features from a CSV, NPY or NPZ file, "-" is stdin: kg_dataset_read_rows(). */
kg_status cli_read_rows(kg_dataset **rows, const char *path, int n_features, const char *label,
                        kg_error *err);
/** A matrix from a CSV file, "-" is stdin. */
kg_status cli_read_csv(const char *path, double **values, int *n_rows, int *n_columns,
                       kg_error *err);
/** The model argument, else that of the experiment file, else "qcnn". */
const char *cli_model_name(int n_arguments, char **arguments);
/** The run argument (a folder or a model file; without one the newest under runs/), loaded. *record
 * is NULL for a model file. */
kg_status cli_load_run(int n_arguments, char **arguments, kg_model **model, kg_run_record **record,
                       kg_error *err);
/** n random numbers in [lo, hi); `what` keeps numbers for different purposes apart. */
void cli_random(double *x, int n, double lo, double hi, uint32_t what);

/* The one run of training that train and demo share. */
typedef struct cli_training {
    const char *model;
    const char *run_name; /* of a numbered folder under runs/ */
    int seed_folders;     /* folder/seed-1 ... */
    int epochs;           /* passes over the training rows; 0: train_options->steps counts */
    kg_run_data *data;
    kg_model_options *model_options;
    kg_train_options *train_options;
    kg_experiment_options *experiment_options;
    double require_accuracy; /* exit 1 below it */
    const char *resume;      /* folder of the run to go on with; NULL: a new run */
    kg_run_record *resumed;  /* what it says, of the first of its seeds */
} cli_training;

/** Fills a training from the run in a folder, the options included. Options that were given and say
 * something else are KG_ERR_ARGUMENT. The record is the caller's to destroy. */
kg_status cli_resume(cli_training *training, const char *model, kg_error *err);

int cli_train(const cli_training *training, kg_error *err);

#endif
