/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are wrong, each with what is said about it. A table (tests/corpus/NAME.txt) has a block per file:
 *
 *     read csv                      which reader the following files are for
 *     base good                     a file that must be accepted; cases begin with it by "from good"
 *       text 1,2\n3,4\n
 *     case ragged                   a file that must be refused
 *       from good
 *       text 5\n                    (the words are in bytes.h)
 *     > f:3:1: the line ends ...    the message, to the letter
 *     = 8                           the exit code if it is not 3
 *
 *     corpus check TABLE...         each refused with its message, within 100 ms and 64 MiB
 *     corpus bless TABLE...         writes the messages into the tables; read the difference well
 *     corpus write FOLDER READER TABLE...   writes the files of one reader, for fuzzing
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "readers.h"
#include "sanitized.h"

enum { MAX_LINE = 32768, MAX_BASES = 64, MAX_MS = SANITIZED ? 4000 : 100, MAX_MIB = 64 };

typedef struct entry {
    char name[128];
    char reader[32];
    char message[512];
    int status;
    int is_base;
    bytes content;
} entry;

static struct {
    const char *path;
    int line;
    char reader[32];
    entry bases[MAX_BASES];
    int n_bases;
    int n_cases;
    int n_wrong;
} table;

static void complain(const entry *e, const char *what, const char *more)
{
    fprintf(stderr, "%s:%d: %s: %s%s\n", table.path, table.line, e->name, what, more);
    table.n_wrong++;
}

/* ---- reading a file --------------------------------------------------------------------------------- */

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* From now on the program may grow by so many bytes; 0 ends that. */
static void limit_memory(size_t bytes_more)
{
    struct rlimit limit;
    if (SANITIZED || getrlimit(RLIMIT_AS, &limit)) {
        return; /* a sanitizer maps terabytes */
    }
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld", &pages) != 1) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    limit.rlim_cur = bytes_more && pages
                         ? (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes_more
                         : limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

/* The beginnings of digests, "0123abcd...", become "########...": what was trained has other last bits on
 * other machines. */
static void mask_digests(char *message)
{
    for (char *dots = strstr(message, "..."); dots; dots = strstr(dots + 3, "...")) {
        if (dots - message >= 8 && strspn(dots - 8, "0123456789abcdef") >= 8) {
            memset(dots - 8, '#', 8);
        }
    }
}

/* Writes the file, reads it with its reader; the message goes to err. */
static kg_status try_file(const entry *e, kg_error *err, double *ms)
{
    const reader *r = reader_find(e->reader);
    *err = (kg_error){KG_OK, ""};
    if (!r) {
        complain(e, "no such reader: ", e->reader);
        return KG_OK;
    }
    FILE *file = fopen(r->file, "wb");
    if (!file || fwrite(e->content.data, 1, e->content.n, file) != e->content.n || fclose(file)) {
        fprintf(stderr, "corpus: %s: cannot be written: %s\n", r->file, strerror(errno));
        exit(99);
    }
    limit_memory((size_t)MAX_MIB << 20);
    const double began = cpu_ms();
    const kg_status status = r->read(err);
    *ms = cpu_ms() - began;
    limit_memory(0);
    mask_digests(err->message);
    return status;
}

/* "f:3:1: text" or "f: byte 7: text", in one line. */
static int is_well_formed(const char *message, const char *file)
{
    /* labels that do not fit are told at the file of images beside them */
    const char *const beside = "images";
    const size_t n = strlen(strncmp(message, beside, strlen(beside)) ? file : beside);
    int line = 0, column = 0, used = 0;
    unsigned long at = 0;
    if ((strncmp(message, file, n) != 0 && strncmp(message, beside, n) != 0) ||
        strchr(message, '\n')) {
        return 0;
    }
    message += n;
    return (sscanf(message, ":%d:%d: %n", &line, &column, &used) == 2 && used) ||
           (sscanf(message, ": byte %lu: %n", &at, &used) == 1 && used) ||
           (sscanf(message, ": byte %lu (unpacked): %n", &at, &used) == 1 && used) ||
           !strncmp(message, ": ", 2);
}

static void check(const entry *e)
{
    kg_error err;
    double ms = 0;
    const kg_status status = try_file(e, &err, &ms);
    if (e->is_base) {
        if (status) {
            complain(e, "a base is refused: ", err.message);
        }
        return;
    }
    table.n_cases++;
    if ((int)status != e->status) {
        char text[64];
        snprintf(text, sizeof text, "exit code %d, expected %d: ", (int)status, e->status);
        complain(e, text, status ? err.message : "accepted");
    } else if (strcmp(err.message, e->message) != 0) {
        complain(e, "says\n  ", err.message);
    } else if (!is_well_formed(err.message, reader_find(e->reader)->file)) {
        complain(e, "not of the form file:line:column: text: ", err.message);
    } else if (ms > MAX_MS) {
        complain(e, "takes too long", "");
    }
}

/* ---- reading a table -------------------------------------------------------------------------------- */

static int from_base(entry *e, const char *name)
{
    for (int i = 0; i < table.n_bases; i++) {
        if (!strcmp(table.bases[i].name, name)) {
            bytes_copy(&e->content, &table.bases[i].content);
            return 1;
        }
    }
    return 0;
}

static void edit(entry *e, const char *line)
{
    const char *wrong = NULL;
    if (!strncmp(line, "from ", 5)) {
        wrong = from_base(e, line + 5) ? NULL : "no such base";
    } else if (!strncmp(line, "model ", 6)) {
        wrong = reader_make_model(&e->content, line + 6) ? NULL : "this model cannot be made";
    } else {
        wrong = bytes_edit(&e->content, line);
    }
    if (wrong) {
        complain(e, wrong, line);
    }
}

/* What happens to a complete block. */
typedef void (*entry_action)(const entry *e, void *user);

static void finish(entry *e, entry_action action, void *user)
{
    if (*e->name) {
        action(e, user);
        if (e->is_base && table.n_bases < MAX_BASES) {
            table.bases[table.n_bases++] = *e; /* keeps the content */
            e->content = (bytes){0};
        }
    }
    bytes_clear(&e->content);
    *e = (entry){.status = KG_ERR_FORMAT};
}

/* Goes through a table; echo (may be NULL) gets its lines but for messages and codes, which the action
 * may write anew. */
static void each_entry(const char *path, const char *here, entry_action action, void *user,
                       FILE *echo)
{
    static char line[MAX_LINE];
    char full[4096];
    entry e = {.status = KG_ERR_FORMAT};
    snprintf(full, sizeof full, "%s%s%s", *path == '/' ? "" : here, *path == '/' ? "" : "/", path);
    FILE *file = fopen(full, "r");
    if (!file) {
        fprintf(stderr, "corpus: %s: cannot be opened\n", full);
        exit(99);
    }
    table.path = path;
    table.line = 0;
    while (fgets(line, sizeof line, file)) {
        table.line++;
        line[strcspn(line, "\n")] = '\0';
        const int is_case = !strncmp(line, "case ", 5), is_base = !strncmp(line, "base ", 5);
        const int is_reader = !strncmp(line, "read ", 5);
        if (is_case || is_base || is_reader || *line == '#' || !*line) {
            finish(&e, action, user);
        }
        if (echo && *line != '>' && *line != '=') {
            fprintf(echo, "%s\n", line);
        }
        if (is_reader) {
            snprintf(table.reader, sizeof table.reader, "%s", line + 5);
        } else if (is_case || is_base) {
            snprintf(e.name, sizeof e.name, "%s", line + 5);
            snprintf(e.reader, sizeof e.reader, "%s", table.reader);
            e.is_base = is_base;
        } else if (*line == '>') {
            snprintf(e.message, sizeof e.message, "%s", line + 1 + (line[1] == ' '));
        } else if (*line == '=') {
            e.status = (int)strtol(line + 1, NULL, 10);
        } else if (*line == ' ') {
            edit(&e, line + strspn(line, " "));
        }
    }
    finish(&e, action, user);
    fclose(file);
}

/* ---- what can be done with it ----------------------------------------------------------------------- */

static void check_entry(const entry *e, void *user)
{
    (void)user;
    check(e);
}

static void bless_entry(const entry *e, void *user)
{
    kg_error err;
    double ms = 0;
    const kg_status status = try_file(e, &err, &ms);
    if (e->is_base) {
        if (status) {
            complain(e, "a base is refused: ", err.message);
        }
        return;
    }
    fprintf(user, "> %s\n", status ? err.message : "ACCEPTED");
    if (status != KG_ERR_FORMAT) {
        fprintf(user, "= %d\n", (int)status);
    }
    if (ms > MAX_MS) {
        complain(e, "takes too long", "");
    }
}

typedef struct destination {
    const char *folder;
    const char *reader;
    int n;
} destination;

static void write_entry(const entry *e, void *user)
{
    destination *to = user;
    char path[4096];
    if (strcmp(e->reader, to->reader) != 0 || e->content.n > 65536) {
        return;
    }
    snprintf(path, sizeof path, "%s/%s-%03d", to->folder, to->reader, to->n++);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(e->content.data, 1, e->content.n, file) != e->content.n || fclose(file)) {
        fprintf(stderr, "corpus: %s: cannot be written\n", path);
        exit(99);
    }
}

/* The lines of a table with messages put after each case. */
static void bless(const char *path, const char *here)
{
    char *text = NULL, full[4096];
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    each_entry(path, here, bless_entry, out, out);
    fclose(out);
    snprintf(full, sizeof full, "%s%s%s", *path == '/' ? "" : here, *path == '/' ? "" : "/", path);
    FILE *file = fopen(full, "w");
    if (!file || fwrite(text, 1, n, file) != n || fclose(file)) {
        exit(99);
    }
    free(text);
}

static void free_bases(void)
{
    for (int i = 0; i < table.n_bases; i++) {
        bytes_clear(&table.bases[i].content);
    }
    table.n_bases = 0;
}

int main(int argc, char **argv)
{
    char here[2048], folder[512];
    const char *parent = getenv("TMPDIR");
    const int blesses = argc > 2 && !strcmp(argv[1], "bless");
    const int writes = argc > 4 && !strcmp(argv[1], "write");
    if (argc < 3 || (!blesses && !writes && strcmp(argv[1], "check") != 0)) {
        fprintf(stderr, "corpus: see the head of its source\n");
        return 2;
    }
    snprintf(folder, sizeof folder, "%.400s/corpus-XXXXXX", parent ? parent : "/tmp");
    if (!getcwd(here, sizeof here) || !mkdtemp(folder) || chdir(folder)) {
        return 99;
    }
    char to_folder[4096];
    destination to = {to_folder, writes ? argv[3] : "", 0};
    snprintf(to_folder, sizeof to_folder, "%s%s%s", *argv[2] == '/' ? "" : here,
             *argv[2] == '/' ? "" : "/", argv[2]);
    readers_begin();
    for (int i = writes ? 4 : 2; i < argc; i++) {
        if (blesses) {
            bless(argv[i], here);
        } else {
            each_entry(argv[i], here, writes ? write_entry : check_entry, &to, NULL);
        }
        free_bases();
    }
    readers_end();
    if (chdir("/") || rmdir(folder)) {
        fprintf(stderr, "corpus: %s is not empty\n", folder);
    }
    printf("%d files, %d wrong\n", writes ? to.n : table.n_cases, table.n_wrong);
    return table.n_wrong > 0 || (!blesses && !writes && !table.n_cases);
}
