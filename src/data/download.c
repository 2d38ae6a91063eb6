/* SPDX-License-Identifier: Apache-2.0 */
/* Files of data sets: are they there, and getting them.
 *
 * A file comes into memory, at most as many bytes as the table says; only if number and SHA-256 are right
 * is it written, under a temporary name that is then renamed. So nothing wrong is ever under the final
 * name, and two downloads at once put the same bytes there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/options.h"
#include "base/text.h"
#include "data/catalog.h"
#include "data/fetch.h"

enum { MAX_REDIRECTS = 5 };

static const kgi_option option_rows[] = {
    KGI_OPTION(kg_fetch_options, 's', url, 0, 0, NULL,
               "another place: an address that ends in / for all files, or that of the only one"),
    KGI_OPTION(kg_fetch_options, 'i', stall_s, 1, 3600, "30",
               "give up when nothing has come for so many seconds"),
};

const kg_option_table *kg_fetch_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("download", option_rows);
    return &table;
}

/* ---- what is there ---- */

/* "<folder>/<files_in>/<file>", or its folder without a file. */
static kg_status make_path(char **out, const char *folder, const kgi_dataset_row *row,
                           const kg_dataset_file *file, kg_error *err)
{
    kgi_text text = {0};
    kgi_text_printf(&text, "%s/%s%s%s", folder, row->info.files_in, file ? "/" : "",
                    file ? file->name : "");
    return kgi_text_finish(&text, out, err);
}

static kg_status check_path(kg_file_state *state, const char *path, const kg_dataset_file *file,
                            kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    char sha256[KGI_SHA256_DIGITS + 1] = "";
    struct stat info;
    *state = KG_FILE_MISSING;
    if (stat(path, &info)) {
        return KG_OK;
    }
    *state = KG_FILE_WRONG;
    if (S_ISREG(info.st_mode) && (uintmax_t)info.st_size != file->n_bytes) {
        return KG_OK;
    }
    kg_status status = kgi_file_read(path, file->n_bytes, &bytes, &n_bytes, err);
    if (status == KG_ERR_IO && stat(path, &info)) { /* somebody has just removed it */
        *state = KG_FILE_MISSING;
        return KG_OK;
    }
    if (!status) {
        status = kgi_sha256_bytes(bytes, n_bytes, sha256, err);
    }
    if (!status && !strcmp(sha256, file->sha256)) {
        *state = KG_FILE_RIGHT;
    }
    free(bytes);
    return status;
}

kg_status kg_dataset_check_file(kg_file_state *state, const char *folder, const char *name, int i,
                                kg_error *err)
{
    const kgi_dataset_row *row = kgi_dataset_row_find(name);
    const kg_dataset_file *file = row ? kg_dataset_file_get(&row->info, i) : NULL;
    char *path = NULL;
    *state = KG_FILE_MISSING;
    if (!row) {
        return kgi_dataset_unknown(name, err);
    }
    if (!file) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "data set %s has no file %d", name, i);
    }
    kg_status status = make_path(&path, folder, row, file, err);
    if (!status) {
        status = check_path(state, path, file, err);
    }
    free(path);
    return status;
}

/* ---- what comes ---- */

int kgi_sink_alive(kgi_sink *sink)
{
    const kg_fetch_options *options = sink->options;
    if (options->on_progress && options->on_progress(sink->file, sink->n_bytes, options->user)) {
        sink->is_stopped = 1;
    }
    return sink->is_stopped;
}

int kgi_sink_write(kgi_sink *sink, const void *bytes, size_t n_bytes)
{
    if (n_bytes > sink->file->n_bytes - sink->n_bytes) {
        sink->is_too_long = 1;
        return 1;
    }
    memcpy(sink->bytes + sink->n_bytes, bytes, n_bytes);
    sink->n_bytes += n_bytes;
    return kgi_sink_alive(sink);
}

static int starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

/* May this address be asked? `first` is the one that we began with. */
static int is_allowed(const char *url, const char *first, int is_given)
{
    if (starts_with(url, "https://")) {
        return 1;
    }
    if (url == first) {
        return is_given && (starts_with(url, "http://") || starts_with(url, "file://"));
    }
    return is_given && starts_with(url, "http://") && starts_with(first, "http://");
}

/* Web pages come where files should be: from proxies, logins, servers that moved. */
static int looks_like_page(const kgi_sink *sink)
{
    return sink->n_bytes > 0 && sink->bytes[0] == '<';
}

static kg_status check_bytes(const char *url, const kgi_sink *sink, kg_error *err)
{
    char sha256[KGI_SHA256_DIGITS + 1];
    const char *hint = looks_like_page(sink) ? "; it begins like a web page" : "";
    if (sink->is_too_long) {
        return kgi_fail(err, KG_ERR_FORMAT, "%.120s: more than the %zu bytes of %s%s", url,
                        sink->file->n_bytes, sink->file->name, hint);
    }
    if (sink->n_bytes != sink->file->n_bytes) {
        return kgi_fail(err, KG_ERR_FORMAT, "%.120s: %zu bytes, %s has %zu%s", url, sink->n_bytes,
                        sink->file->name, sink->file->n_bytes, hint);
    }
    const kg_status status = kgi_sha256_bytes(sink->bytes, sink->n_bytes, sha256, err);
    if (!status && strcmp(sha256, sink->file->sha256) != 0) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%.120s: SHA-256 %.16s..., %s has %.16s...: it has other bytes%s", url,
                        sha256, sink->file->name, sink->file->sha256, hint);
    }
    return status;
}

/* ---- one file ---- */

/* Asks an address, and those that it is passed on to. */
static kg_status ask(const char *first, kgi_sink *sink, kgi_transport transport, void *self,
                     kg_error *err)
{
    char *moved = NULL; /* where we were sent */
    kg_status status = KG_OK;
    for (int n = 0; !status; n++) {
        const char *url = moved ? moved : first;
        kgi_reply reply = {0};
        sink->n_bytes = 0;
        status = transport(self, url, sink, &reply, err);
        if (!status && sink->is_stopped) {
            status = kgi_fail(err, KG_ERR_IO, "%.160s: the download was stopped", url);
        } else if (!status && reply.redirect && n == MAX_REDIRECTS) {
            status =
                kgi_fail(err, KG_ERR_IO, "%.160s: more than %d redirects", first, MAX_REDIRECTS);
        } else if (!status && reply.redirect &&
                   !is_allowed(reply.redirect, first, sink->options->url != NULL)) {
            status = kgi_fail(err, KG_ERR_IO,
                              "%.90s: passed on to %.90s, allowed are addresses with https://", url,
                              reply.redirect);
        } else if (!status && !reply.redirect && reply.code != 200) {
            status = kgi_fail(err, KG_ERR_IO, "%.160s: the server answered %ld", url, reply.code);
        } else if (!status && !reply.redirect) {
            status = check_bytes(url, sink, err);
            free(moved);
            return status;
        }
        free(moved);
        moved = reply.redirect;
    }
    free(moved);
    return status;
}

/* The address of the file, from the table or as the caller says. */
static kg_status find_address(char **out, const kgi_dataset_row *row, const kg_dataset_file *file,
                              const kg_fetch_options *options, kg_error *err)
{
    const char *given = options->url;
    kgi_text text = {0};
    if (!given && !file->url) {
        return kgi_fail(
            err, KG_ERR_UNSUPPORTED,
            "%s: no address is known that has %s (%zu bytes, SHA-256 %.8s...); look for "
            "it in: %.60s, and put it under %s/",
            row->info.name, file->name, file->n_bytes, file->sha256, row->info.source,
            row->info.files_in);
    }
    const size_t length = given ? strlen(given) : 0;
    const int is_folder = length && given[length - 1] == '/';
    if (given && !is_folder && row->files[1].name) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "url is %.120s, but %s has several files: allowed is an address that ends "
                        "in /",
                        given, row->info.name);
    }
    kgi_text_printf(&text, "%s%s", given ? given : file->url, is_folder ? file->name : "");
    const kg_status status = kgi_text_finish(&text, out, err);
    if (!status && !is_allowed(*out, *out, given != NULL)) {
        free(*out);
        *out = NULL;
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "url is %.120s, allowed are https://, http:// and file://", given);
    }
    return status;
}

static kg_status write_file(const char *folder, const kgi_dataset_row *row, const char *path,
                            const kgi_sink *sink, kg_error *err)
{
    char *parent = NULL;
    kg_status status = make_path(&parent, folder, row, NULL, err);
    if (!status) {
        status = kgi_folder_create(parent, err);
    }
    if (!status) {
        status = kgi_file_write(path, sink->bytes, sink->n_bytes, err);
    }
    free(parent);
    return status;
}

/* What a download needs; the same for all files of a set. */
typedef struct job {
    const kgi_dataset_row *row;
    const char *folder;
    const kg_fetch_options *options;
    kgi_transport transport;
    void *self;
} job;

static kg_status fetch_file(const job *j, const kg_dataset_file *file, const char *path,
                            kg_error *err)
{
    char *url = NULL;
    kg_status status = find_address(&url, j->row, file, j->options, err);
    if (status) {
        return status;
    }
    kgi_sink sink = {.file = file, .options = j->options, .bytes = malloc(file->n_bytes)};
    if (!sink.bytes) {
        status = kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu bytes", path, file->n_bytes);
    } else {
        status = ask(url, &sink, j->transport, j->self, err);
    }
    if (!status) {
        status = write_file(j->folder, j->row, path, &sink, err);
    }
    free(sink.bytes);
    free(url);
    return status;
}

static kg_status fetch_all(const job *j, int *n_fetched, kg_error *err)
{
    kg_status status = KG_OK;
    for (int i = 0; kg_dataset_file_get(&j->row->info, i) && !status; i++) {
        const kg_dataset_file *file = kg_dataset_file_get(&j->row->info, i);
        kg_file_state state = KG_FILE_MISSING;
        char *path = NULL;
        status = make_path(&path, j->folder, j->row, file, err);
        if (!status) {
            status = check_path(&state, path, file, err);
        }
        if (!status && state != KG_FILE_RIGHT) {
            status = fetch_file(j, file, path, err);
            *n_fetched += !status;
        }
        free(path);
    }
    return status;
}

kg_status kgi_dataset_fetch(int *n_fetched, const char *folder, const char *name,
                            const kg_fetch_options *options, kgi_transport transport, void *self,
                            kg_error *err)
{
    kg_fetch_options own = KG_FETCH_OPTIONS_INIT;
    const kgi_dataset_row *row = kgi_dataset_row_find(name);
    int n = 0;
    if (n_fetched) {
        *n_fetched = 0;
    }
    if (!row) {
        return kgi_dataset_unknown(name, err);
    }
    if (!row->info.needs_folder) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "data set %s is generated: there is nothing to get",
                        name);
    }
    kg_status status = kgi_options_take(kg_fetch_options_table(), &own, sizeof own, options, err);
    if (!status) {
        const job j = {row, folder, &own, transport, self};
        status = fetch_all(&j, &n, err);
    }
    if (n_fetched) {
        *n_fetched = n;
    }
    return status;
}

kg_status kg_dataset_fetch(int *n_fetched, const char *folder, const char *name,
                           const kg_fetch_options *options, kg_error *err)
{
    return kgi_dataset_fetch(n_fetched, folder, name, options, kgi_fetch_curl, NULL, err);
}
