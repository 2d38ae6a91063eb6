/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program again and again, each time with the next call of a kind failing (shim.c), until it runs
 * through without a fault. Usage:
 *
 *     sweep SHIM KIND ERROR HOW MOST CODES CHECK -- PROGRAM WORD...
 *
 *   KIND ERROR HOW  as in KGFAULT
 *   MOST            runs: from the 60th on calls are skipped evenly so that about so many are made
 *   CODES           exit codes that a fault may give, "4,5"; 0 means that it did without, and its results
 *                   are those of the undisturbed run. Killed programs have code 137
 *   CHECK           a line for sh that must succeed after every run; CODE is the exit code. "" for none.
 *                   Run once before the first, with CODE=before, and again before every run
 *
 * A failure must say one line on stderr, beginning "ketgrad: ", and print no result. Prints what went
 * wrong and how many faults there were; exit 1 if something was. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { TEXT_BYTES = 1 << 16, ALL_UP_TO = 60, KILLED = 137 };

typedef struct outcome {
    int code;
    int hit;
    char out[TEXT_BYTES];
    char err[TEXT_BYTES];
} outcome;

static void read_text(const char *path, char *text)
{
    FILE *file = fopen(path, "rb");
    const size_t n = file ? fread(text, 1, TEXT_BYTES - 1, file) : 0;
    text[n] = '\0';
    if (file) {
        fclose(file);
    }
}

/* "0.01 s" becomes "0.00 s": a busy machine is no other result. */
static void mask_times(char *text)
{
    for (char *at = strstr(text, " s"); at; at = strstr(at + 1, " s")) {
        for (char *c = at; c > text && strchr("0123456789.", c[-1]); c--) {
            c[-1] = c[-1] == '.' ? '.' : '0';
        }
    }
}

static int wait_for(pid_t pid)
{
    int state = 0;
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

static int run_check(const char *check, const char *code)
{
    char *words[] = {"sh", "-c", (char *)check, NULL};
    pid_t pid = 0;
    if (!*check) {
        return 0;
    }
    setenv("CODE", code, 1);
    return posix_spawnp(&pid, "sh", NULL, NULL, words, environ) ? 99 : wait_for(pid);
}

/* Runs the program with its streams in files; fault is NULL for none. */
static void run_program(char **words, const char *shim, const char *fault, outcome *o)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    (void)unlink("sweep.hit");
    setenv("LD_PRELOAD", shim, 1);
    if (fault) {
        setenv("KGFAULT", fault, 1);
        setenv("KGFAULT_HIT", "sweep.hit", 1);
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "sweep.out", flags, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, "sweep.err", flags, 0600);
    const int problem = posix_spawn(&pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    unsetenv("LD_PRELOAD");
    unsetenv("KGFAULT");
    o->code = problem ? 99 : wait_for(pid);
    o->hit = !access("sweep.hit", F_OK);
    read_text("sweep.out", o->out);
    mask_times(o->out);
    read_text("sweep.err", o->err);
}

/* 1 if code is in a list like "4,5". */
static int is_listed(int code, const char *codes)
{
    char *end = NULL;
    for (const char *at = codes; *at; at = *end ? end + 1 : end) {
        if (strtol(at, &end, 10) == code) {
            return 1;
        }
        if (end == at) {
            break;
        }
    }
    return 0;
}

static const char *judge(const outcome *o, const outcome *reference, const char *codes)
{
    if (!is_listed(o->code, codes)) {
        return "the exit code";
    }
    if (o->code == KILLED) {
        return NULL;
    }
    if (o->code == 0) {
        return strcmp(o->out, reference->out) ? "other results although it succeeded" : NULL;
    }
    if (*o->out) {
        return "results despite an error";
    }
    if (strncmp(o->err, "ketgrad: ", 9) != 0 || strchr(o->err, '\n') != strrchr(o->err, '\n')) {
        return "not one line that begins with ketgrad:";
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static outcome reference, o;
    if (argc < 10 || strcmp(argv[8], "--") != 0) {
        fprintf(stderr, "sweep: see the head of its source\n");
        return 2;
    }
    const char *shim = argv[1], *check = argv[7];
    const long most = strtol(argv[5], NULL, 10);
    long n_faults = 0, n_bad = 0, n_last = 0;
    int tries_left = 3;
    if (run_check(check, "before")) {
        fprintf(stderr, "sweep: the check fails before anything was done: %s\n", check);
        return 1;
    }
    run_program(argv + 9, shim, NULL, &reference);
    if (reference.code) {
        fprintf(stderr, "sweep: undisturbed, exit %d: %s", reference.code, reference.err);
        return 1;
    }
    for (long n = 1, step = 1; tries_left; n += step) {
        char fault[64], code[16];
        snprintf(fault, sizeof fault, "%s %ld %s %s", argv[2], n, argv[3], argv[4]);
        if (run_check(check, "before")) {
            fprintf(stderr, "sweep: %s: the check before it fails\n", fault);
            return 1;
        }
        run_program(argv + 9, shim, fault, &o);
        snprintf(code, sizeof code, "%d", o.code);
        const char *wrong = o.hit ? judge(&o, &reference, argv[6]) : NULL;
        const char *after = run_check(check, code) ? "what is left behind" : NULL;
        if (wrong || after) {
            printf("%s: %s: exit %d: %s", fault, wrong ? wrong : after, o.code,
                   *o.err ? o.err : "\n");
            n_bad++;
        }
        n_faults += o.hit;
        n_last = o.hit ? n : n_last;
        if (!o.hit && step == 1) {
            break;
        }
        tries_left -= !o.hit;
        step = n < ALL_UP_TO ? 1 : 1 + n * 4 / (most > 0 ? most : 1);
    }
    printf("%s %s %s: %ld faults up to call %ld, %ld wrong: %s\n", argv[2], argv[3], argv[4],
           n_faults, n_last, n_bad, argv[10] ? argv[10] : argv[9]);
    for (const char *const *name =
             (const char *const[]){"sweep.hit", "sweep.out", "sweep.err", NULL};
         *name; name++) {
        (void)unlink(*name);
    }
    return n_bad || !n_faults;
}
