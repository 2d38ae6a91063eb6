/* SPDX-License-Identifier: Apache-2.0 */
/* Results and messages. Results are gathered in memory and shown at the end, so that a command that
 * fails shows none, and a file is written whole or not at all. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): fopencookie */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static struct {
    FILE *file;
    char *text;
    size_t n_bytes;
    size_t capacity;
    int lost;         /* there was no memory for some of them */
    char after[4096]; /* lines for stderr that follow them */
} results;

/* What a stream writes goes to results.text. Not open_memstream(): a lack of memory would shorten the text
 * in silence. */
static ssize_t gather(void *unused, const char *bytes, size_t n_bytes)
{
    (void)unused;
    if (results.n_bytes + n_bytes > results.capacity) {
        const size_t capacity = 2 * (results.n_bytes + n_bytes) + 4096;
        char *text = realloc(results.text, capacity);
        if (!text) {
            results.lost = 1;
            return (ssize_t)n_bytes;
        }
        results.text = text;
        results.capacity = capacity;
    }
    memcpy(results.text + results.n_bytes, bytes, n_bytes);
    results.n_bytes += n_bytes;
    return (ssize_t)n_bytes;
}

FILE *cli_results(void)
{
    if (!results.file) {
        results.file = fopencookie(NULL, "w", (cookie_io_functions_t){.write = gather});
    }
    if (!results.file) { /* nothing was shown yet */
        (void)fprintf(stderr, "ketgrad: cannot allocate the results\n");
        exit(KG_ERR_MEMORY);
    }
    return results.file;
}

void cli_lose_results(void)
{
    results.lost = 1;
}

static void clear_results(void)
{
    free(results.text);
    results.text = NULL;
    results.n_bytes = 0;
    results.capacity = 0;
    results.lost = 0;
}

void cli_drop_results(void)
{
    if (results.file) {
        (void)fclose(results.file);
        results.file = NULL;
        clear_results();
    }
}

/* Writes and closes; 0 or an errno. */
static int write_and_close(FILE *file, const char *text, size_t n_bytes)
{
    int problem = 0;
    if (fwrite(text, 1, n_bytes, file) != n_bytes || fflush(file)) {
        problem = errno;
    }
    if (!problem && fsync(fileno(file)) && errno != EINVAL && errno != EROFS) {
        problem = errno; /* EINVAL: a device or a pipe */
    }
    if (fclose(file) && !problem) {
        problem = errno;
    }
    return problem;
}

kg_status cli_write_file(const char *path, const char *text, size_t n_bytes, kg_error *err)
{
    struct stat info;
    const int special = !stat(path, &info) && !S_ISREG(info.st_mode); /* a device is not replaced */
    const size_t size = strlen(path) + 32;
    char *part = malloc(size);
    if (!part) {
        return cli_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
    }
    (void)snprintf(part, size, "%s.part%ld", path, (long)getpid());
    FILE *file = fopen(special ? path : part, special ? "we" : "wxe");
    int problem = file ? write_and_close(file, text, n_bytes) : errno;
    if (!special && file && !problem && rename(part, path)) {
        problem = errno;
    }
    if (!special && file && problem) {
        (void)unlink(part);
    }
    free(part);
    return problem ? cli_fail(err, KG_ERR_IO, "%s: cannot be written: %s", path, strerror(problem))
                   : KG_OK;
}

kg_status cli_show_results(const char *path, kg_error *err)
{
    if (!results.file) {
        return KG_OK;
    }
    kg_status status = KG_OK;
    if (fclose(results.file) || results.lost) {
        status = cli_fail(err, KG_ERR_MEMORY, "cannot allocate the results");
    }
    results.file = NULL;
    if (!status && path && strcmp(path, "-") != 0) {
        status = cli_write_file(path, results.text, results.n_bytes, err);
    } else if (!status && (fwrite(results.text, 1, results.n_bytes, stdout) != results.n_bytes ||
                           fflush(stdout))) {
        /* a reader that has gone is not worth a line */
        status = errno == EPIPE
                     ? KG_OK
                     : cli_fail(err, KG_ERR_IO, "stdout: cannot be written: %s", strerror(errno));
    }
    clear_results();
    if (!status && *results.after) {
        cli_note("%s", results.after);
    }
    return status;
}

void cli_note_after(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(results.after, sizeof results.after, format, args);
    va_end(args);
}

void cli_note(const char *format, ...)
{
    if (!cli.quiet) {
        va_list args;
        va_start(args, format);
        (void)vfprintf(stderr, format, args);
        va_end(args);
        (void)fputc('\n', stderr);
    }
}

kg_status cli_fail(kg_error *err, kg_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    err->status = status;
    return status;
}

int cli_can_rewrite(FILE *stream)
{
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && !(term && !strcmp(term, "dumb"));
}

int cli_colour(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    if (cli.color != CLI_COLOR_AUTO) {
        return cli.color == CLI_COLOR_ALWAYS;
    }
    return cli_can_rewrite(stream) && !(no_color && *no_color);
}

int cli_columns(FILE *stream)
{
    struct winsize size;
    const int file = fileno(stream);
    return isatty(file) && !ioctl(file, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

void cli_json_string(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            (void)fprintf(out, "\\%c", *c);
        } else if (*c < 0x20) {
            (void)fprintf(out, "\\u%04x", *c);
        } else {
            (void)fputc(*c, out);
        }
    }
    (void)fputc('"', out);
}

void cli_json_numbers(FILE *out, int n, const double *x)
{
    (void)fputc('[', out);
    for (int i = 0; i < n; i++) {
        (void)fputs(i ? ", " : "", out);
        if (isfinite(x[i])) {
            (void)fprintf(out, "%.17g", x[i]);
        } else {
            (void)fputs("null", out);
        }
    }
    (void)fputc(']', out);
}
