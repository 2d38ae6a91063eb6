/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads: everything that can come instead of the file, over a fake transport that tells the story,
 * and over libcurl with a server of our own. Nothing may be under the final name unless it is right, and
 * no temporary file may stay.
 *
 * The file is wine.data. Nothing but the file itself has its SHA-256, so the stories that end well need
 * KETGRAD_DATA and are skipped without it. */
#include "data/fetch.h"
#include "data/server.h"
#include "refused.h"

enum { WINE_BYTES = 10782, ROOM = 3 * WINE_BYTES };

static unsigned char right[ROOM]; /* the file, then more */
static int have_right;

static int load_right(void **state)
{
    (void)state;
    char path[2 * SCRATCH_BYTES];
    const char *folder = getenv("KETGRAD_DATA");
    snprintf(path, sizeof path, "%.500s/tabular/wine.data", folder ? folder : "");
    FILE *file = folder ? fopen(path, "rb") : NULL;
    have_right = file && fread(right, 1, sizeof right, file) == WINE_BYTES;
    if (file) {
        fclose(file);
    }
    if (!have_right && getenv("KETGRAD_REQUIRE_DATA")) {
        return -1;
    }
    return 0;
}

/* ---- stories ---- */

/* One answer of the fake server. */
typedef struct answer {
    long code;
    const char *redirect;
    int first; /* bytes of `right` that come */
    int n;
    int turned;        /* turn a bit of this byte */
    const char *text;  /* comes instead of bytes of `right` */
    const char *fault; /* after the bytes the transport fails so */
} answer;

typedef struct story {
    const char *name;
    const char *url; /* of the options */
    answer answers[8];
    kg_status status;
    const char *message;
} story;

typedef struct fake {
    const story *story;
    int n_asked;
    char asked[8][200];
} fake;

static kg_status tell(void *self, const char *url, kgi_sink *sink, kgi_reply *reply, kg_error *err)
{
    fake *f = self;
    const answer *a = &f->story->answers[f->n_asked];
    snprintf(f->asked[f->n_asked], sizeof f->asked[0], "%s", url);
    f->n_asked++;
    assert_true(f->n_asked < 8);
    *reply = (kgi_reply){a->code, a->redirect ? strdup(a->redirect) : NULL};
    if (a->code == 200 && a->text) {
        (void)kgi_sink_write(sink, a->text, strlen(a->text));
    } else if (a->code == 200) {
        for (int done = 0; done < a->n; done += 1000) { /* in pieces, as networks do */
            unsigned char piece[1000];
            const int n = a->n - done < 1000 ? a->n - done : 1000;
            memcpy(piece, right + a->first + done, (size_t)n);
            if (a->turned >= done && a->turned < done + n && a->turned) {
                piece[a->turned - done] ^= 4;
            }
            if (kgi_sink_write(sink, piece, (size_t)n)) {
                return KG_OK;
            }
        }
    }
    return a->fault ? kgi_fail(err, KG_ERR_IO, "%s: %s", url, a->fault) : KG_OK;
}

#define TO(address)                                                                                \
    {                                                                                              \
        301, address, 0, 0, 0, NULL, NULL                                                          \
    }
#define FILE_COMES                                                                                 \
    {                                                                                              \
        200, NULL, 0, WINE_BYTES, 0, NULL, NULL                                                    \
    }

static const story stories[] = {
    /* clang-format off */
    {"short", NULL, {{200, NULL, 0, WINE_BYTES - 1, 0, NULL, NULL}}, KG_ERR_FORMAT, "wine.data: 10781 bytes, wine.data has 10782"},
    {"empty", NULL, {{200, NULL, 0, 0, 0, NULL, NULL}}, KG_ERR_FORMAT, "wine.data: 0 bytes, wine.data has 10782"},
    {"long", NULL, {{200, NULL, 0, WINE_BYTES + 1, 0, NULL, NULL}}, KG_ERR_FORMAT, "wine.data: more than the 10782 bytes of wine.data"},
    {"endless", NULL, {{200, NULL, 0, ROOM, 0, NULL, NULL}}, KG_ERR_FORMAT, "more than the 10782 bytes of wine.data"},
    {"wrong byte", NULL, {{200, NULL, 0, WINE_BYTES, 5000, NULL, NULL}}, KG_ERR_FORMAT, "wine.data has 6be6b1203f3d51df...: it has other bytes"},
    {"shifted", NULL, {{200, NULL, 1, WINE_BYTES, 0, NULL, NULL}}, KG_ERR_FORMAT, ": it has other bytes"},
    {"page", NULL, {{200, NULL, 0, 0, 0, "<!DOCTYPE html><html>Please log in</html>", NULL}}, KG_ERR_FORMAT, "41 bytes, wine.data has 10782; it begins like a web page"},
    {"404", NULL, {{404, NULL, 0, 0, 0, NULL, NULL}}, KG_ERR_IO, "wine.data: the server answered 404"},
    {"500", NULL, {{500, NULL, 0, 0, 0, NULL, NULL}}, KG_ERR_IO, "the server answered 500"},
    {"206", NULL, {{206, NULL, 0, 0, 0, NULL, NULL}}, KG_ERR_IO, "the server answered 206"},
    {"to plain http", NULL, {TO("http://archive.ics.uci.edu/wine.data")}, KG_ERR_IO, "passed on to http://archive.ics.uci.edu/wine.data, allowed are addresses with https://"},
    {"to a file", NULL, {TO("file:///etc/passwd")}, KG_ERR_IO, "passed on to file:///etc/passwd, allowed"},
    {"to a file from http", "http://x/", {TO("file:///etc/passwd")}, KG_ERR_IO, "passed on to file:///etc/passwd, allowed"},
    {"to http from https given", "https://x/", {TO("http://y/w")}, KG_ERR_IO, "passed on to http://y/w, allowed"},
    {"second to http", NULL, {TO("https://x/"), TO("http://x/")}, KG_ERR_IO, "https://x/: passed on to http://x/"},
    {"to scp", NULL, {TO("scp://x/")}, KG_ERR_IO, "passed on to scp://x/"},
    {"to something like https", NULL, {TO("HTTPS.example/")}, KG_ERR_IO, "passed on to HTTPS.example/"},
    {"in circles", NULL, {TO("https://a/"), TO("https://b/"), TO("https://a/"), TO("https://b/"), TO("https://a/"), TO("https://b/")}, KG_ERR_IO, "more than 5 redirects"},
    {"stall", NULL, {{200, NULL, 0, 4000, 0, NULL, "nothing has come for 30 s"}}, KG_ERR_IO, "nothing has come for 30 s"},
    {"reset", NULL, {{200, NULL, 0, 9000, 0, NULL, "Connection reset by peer"}}, KG_ERR_IO, "Connection reset by peer"},
    {"ftp", "ftp://x/", {{0}}, KG_ERR_ARGUMENT, "url is ftp://x/, allowed are https://, http:// and file://"},
    {"nothing", "", {{0}}, KG_ERR_ARGUMENT, "url is , allowed are https://"},
    {"path", "/tmp/", {{0}}, KG_ERR_ARGUMENT, "url is /tmp/, allowed are https://"},
    /* clang-format on */
};

static void whatever_else_comes_is_not_kept(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        fake f = {.story = &stories[i]};
        kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
        kg_error err;
        kg_file_state found = KG_FILE_RIGHT;
        int n = 7;
        options.url = stories[i].url;
        assert_refused(kgi_dataset_fetch(&n, folder, "wine", &options, tell, &f, &err), err,
                       stories[i].status, stories[i].message);
        assert_int_equal(n, 0);
        assert_int_equal(scratch_count(folder), 0); /* not even a folder */
        assert_int_equal(kg_dataset_check_file(&found, folder, "wine", 0, &err), KG_OK);
        assert_int_equal(found, KG_FILE_MISSING);
    }
    scratch_remove(folder);
}

static const story good_stories[] = {
    {"at once", NULL, {FILE_COMES}, KG_OK, ""},
    {"five redirects",
     NULL,
     {TO("https://a/"), TO("https://b/"), TO("https://c/"), TO("https://d/"), TO("https://e/"),
      FILE_COMES},
     KG_OK,
     ""},
    {"http given", "http://x/dir/", {TO("http://y/z"), TO("https://y/z"), FILE_COMES}, KG_OK, ""},
    {"the file itself given", "file:///srv/w", {FILE_COMES}, KG_OK, ""},
};

static void the_right_file_gets_its_name(void **state)
{
    (void)state;
    if (!have_right) {
        print_message("skipped: KETGRAD_DATA has no tabular/wine.data\n");
        skip();
    }
    for (size_t i = 0; i < sizeof good_stories / sizeof *good_stories; i++) {
        fake f = {.story = &good_stories[i]};
        kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
        kg_error err;
        kg_file_state found = KG_FILE_MISSING;
        int n = 0;
        char folder[SCRATCH_BYTES];
        scratch_make(folder);
        options.url = good_stories[i].url;
        if (kgi_dataset_fetch(&n, folder, "wine", &options, tell, &f, &err)) {
            fail_msg("%s: %s", good_stories[i].name, err.message);
        }
        assert_int_equal(n, 1);
        assert_int_equal(kg_dataset_check_file(&found, folder, "wine", 0, &err), KG_OK);
        assert_int_equal(found, KG_FILE_RIGHT);
        assert_int_equal(scratch_count(scratch_path(folder, "tabular")), 1);
        /* a second time nothing is asked; a spoiled file is replaced */
        f.n_asked = 0;
        assert_int_equal(kgi_dataset_fetch(&n, folder, "wine", &options, tell, &f, &err), KG_OK);
        assert_int_equal(n + f.n_asked, 0);
        scratch_write(scratch_path(folder, "tabular/wine.data"), "1,2\n", 4);
        assert_int_equal(kg_dataset_check_file(&found, folder, "wine", 0, &err), KG_OK);
        assert_int_equal(found, KG_FILE_WRONG);
        assert_int_equal(kgi_dataset_fetch(&n, folder, "wine", &options, tell, &f, &err), KG_OK);
        assert_int_equal(n, 1);
        assert_int_equal(kg_dataset_check_file(&found, folder, "wine", 0, &err), KG_OK);
        assert_int_equal(found, KG_FILE_RIGHT);
        scratch_remove(folder);
    }
}

/* A failure leaves the file that was there, even a wrong one: it is not ours to remove. */
static void a_failure_changes_nothing(void **state)
{
    (void)state;
    fake f = {.story = &stories[0]};
    kg_error err;
    kg_file_state found = KG_FILE_MISSING;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    assert_int_equal(mkdir(scratch_path(folder, "tabular"), 0777), 0);
    scratch_write(scratch_path(folder, "tabular/wine.data"), "1,2\n", 4);
    assert_int_equal(kgi_dataset_fetch(NULL, folder, "wine", NULL, tell, &f, &err), KG_ERR_FORMAT);
    assert_int_equal(kg_dataset_check_file(&found, folder, "wine", 0, &err), KG_OK);
    assert_int_equal(found, KG_FILE_WRONG);
    assert_int_equal(scratch_count(scratch_path(folder, "tabular")), 1);
    scratch_remove(folder);
}

static void what_is_asked_follows_the_table_and_the_url(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *asked;
    } rows[] = {
        {NULL, "https://archive.ics.uci.edu/ml/machine-learning-databases/wine/wine.data"},
        {"http://host/a/", "http://host/a/wine.data"},
        {"http://host/a/other.txt", "http://host/a/other.txt"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake f = {.story = &stories[1]};
        kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
        kg_error err;
        options.url = rows[i].url;
        assert_int_equal(kgi_dataset_fetch(NULL, "/nowhere", "wine", &options, tell, &f, &err),
                         KG_ERR_FORMAT);
        assert_int_equal(f.n_asked, 1);
        assert_string_equal(f.asked[0], rows[i].asked);
    }
}

static void requests_without_sense_are_refused(void **state)
{
    (void)state;
    fake f = {.story = &stories[0]};
    kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
    kg_error err;
    kg_file_state found = KG_FILE_MISSING;
    assert_refused(kgi_dataset_fetch(NULL, "/nowhere", "whine", NULL, tell, &f, &err), err,
                   KG_ERR_ARGUMENT, "unknown data set 'whine', did you mean wine?");
    assert_refused(kgi_dataset_fetch(NULL, "/nowhere", "strokes", NULL, tell, &f, &err), err,
                   KG_ERR_ARGUMENT, "data set strokes is generated: there is nothing to get");
    assert_refused(
        kgi_dataset_fetch(NULL, "/nowhere", "iris", NULL, tell, &f, &err), err, KG_ERR_UNSUPPORTED,
        "iris: no address is known that has iris.data (4549 bytes, SHA-256 f5d0c11e...); "
        "look for it in: UCI Machine Learning Repository");
    options.url = "https://host/mnist.tar";
    assert_refused(kgi_dataset_fetch(NULL, "/nowhere", "mnist", &options, tell, &f, &err), err,
                   KG_ERR_ARGUMENT,
                   "but mnist has several files: allowed is an address that ends in /");
    options.stall_s = 0;
    assert_refused(kgi_dataset_fetch(NULL, "/nowhere", "mnist", &options, tell, &f, &err), err,
                   KG_ERR_ARGUMENT, "stall_s is 0, not a whole number in [1, 3600]");
    assert_refused(kg_dataset_check_file(&found, "/nowhere", "wine", 1, &err), err, KG_ERR_ARGUMENT,
                   "data set wine has no file 1");
    assert_refused(kg_dataset_check_file(&found, "/nowhere", "strokes", 0, &err), err,
                   KG_ERR_ARGUMENT, "data set strokes has no file 0");
    assert_int_equal(f.n_asked, 0);
}

static int stop_late(const kg_dataset_file *file, size_t n_bytes, void *user)
{
    int *n_calls = user;
    assert_string_equal(file->name, "wine.data");
    ++*n_calls;
    return n_bytes > 5000;
}

static void the_caller_may_stop(void **state)
{
    (void)state;
    fake f = {.story = &good_stories[0]};
    kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
    kg_error err;
    int n_calls = 0;
    options.on_progress = stop_late;
    options.user = &n_calls;
    assert_refused(kgi_dataset_fetch(NULL, "/nowhere", "wine", &options, tell, &f, &err), err,
                   KG_ERR_IO, "wine.data: the download was stopped");
    assert_int_equal(n_calls, 6); /* at 1000, ... 6000 bytes */
}

/* ---- libcurl and a server ---- */

static kg_status fetch_from(server *s, const char *folder, int stall_s, kg_error *err)
{
    char url[100];
    kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
    server_start(s);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/data/", s->port);
    options.url = url;
    options.stall_s = stall_s;
    const kg_status status = kg_dataset_fetch(NULL, folder, "wine", &options, err);
    server_end(s);
    return status;
}

#define OK_HEAD "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
#define LENGTH_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 10782\r\n\r\n"

static void libcurl_tells_the_same_stories(void **state)
{
    (void)state;
    static const char *const ok[] = {OK_HEAD, NULL};
    static const char *const with_length[] = {LENGTH_HEAD, NULL};
    static const char *const missing[] = {"HTTP/1.0 404 Not Found\r\n\r\n<html>gone</html>", NULL};
    static const char *const to_file[] = {
        "HTTP/1.0 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", NULL};
    static const char *const nothing[] = {"", NULL};
    static const char *const around[] = {
        "HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:%d/1\r\n\r\n",
        "HTTP/1.0 301 Moved\r\nLocation: /2\r\n\r\n",
        "HTTP/1.0 307 Moved\r\nLocation: 3\r\n\r\n",
        "HTTP/1.0 308 Moved\r\nLocation: /4\r\n\r\n",
        "HTTP/1.0 303 Moved\r\nLocation: /5\r\n\r\n",
        "HTTP/1.0 302 Found\r\nLocation: /6\r\n\r\n",
        NULL};
    static const struct {
        const char *const *scripts;
        int n_bytes;
        int stalls;
        int resets;
        kg_status status;
        const char *message;
    } rows[] = {
        /* clang-format off */
        {ok, WINE_BYTES - 1, 0, 0, KG_ERR_FORMAT, "10781 bytes, wine.data has 10782"},
        {ok, WINE_BYTES + 1, 0, 0, KG_ERR_FORMAT, "more than the 10782 bytes of wine.data"},
        {ok, ROOM, 0, 0, KG_ERR_FORMAT, "more than the 10782 bytes of wine.data"},
        {with_length, 5000, 0, 0, KG_ERR_IO, "cannot be downloaded: transfer closed with 5782 bytes remaining"},
        {with_length, 5000, 0, 1, KG_ERR_IO, "cannot be downloaded: "},
        {with_length, 100, 1, 0, KG_ERR_IO, "nothing has come for 1 s"},
        {missing, 0, 0, 0, KG_ERR_IO, "wine.data: the server answered 404"},
        {to_file, 0, 0, 0, KG_ERR_IO, "passed on to file:///etc/passwd, allowed are addresses with https://"},
        {around, 0, 0, 0, KG_ERR_IO, "more than 5 redirects"},
        {nothing, 0, 0, 0, KG_ERR_IO, "cannot be downloaded: "},
        /* clang-format on */
    };
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_error err;
        server s = {.scripts = rows[i].scripts,
                    .bytes = right,
                    .n_bytes = rows[i].n_bytes,
                    .stalls = rows[i].stalls,
                    .resets = rows[i].resets};
        assert_refused(fetch_from(&s, folder, 1, &err), err, rows[i].status, rows[i].message);
        assert_int_equal(scratch_count(folder), 0);
    }
    scratch_remove(folder);
}

static void libcurl_brings_the_file(void **state)
{
    (void)state;
    static const char *const moved[] = {
        "HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:%d/elsewhere\r\n\r\n", LENGTH_HEAD, NULL};
    kg_error err;
    kg_file_state found = KG_FILE_MISSING;
    char folder[SCRATCH_BYTES];
    if (!have_right) {
        print_message("skipped: KETGRAD_DATA has no tabular/wine.data\n");
        skip();
    }
    scratch_make(folder);
    server s = {.scripts = moved, .bytes = right, .n_bytes = WINE_BYTES};
    if (fetch_from(&s, folder, 30, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(kg_dataset_check_file(&found, folder, "wine", 0, &err), KG_OK);
    assert_int_equal(found, KG_FILE_RIGHT);
    scratch_remove(folder);
}

/* Two threads, twenty times each, into one folder: whenever one is done the file is right. */
static void *fetch_often(void *user)
{
    for (int i = 0; i < 20; i++) {
        fake f = {.story = &good_stories[0]};
        kg_file_state found = KG_FILE_MISSING;
        char path[2 * SCRATCH_BYTES];
        snprintf(path, sizeof path, "%s/tabular/wine.data", (const char *)user);
        if (kgi_dataset_fetch(NULL, user, "wine", NULL, tell, &f, NULL) ||
            kg_dataset_check_file(&found, user, "wine", 0, NULL)) {
            return user;
        }
        /* the other one may have removed it just now, but it is never anything else */
        if (found == KG_FILE_WRONG) {
            return user;
        }
        unlink(path);
    }
    return NULL;
}

static void two_at_once_do_no_harm(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    pthread_t threads[2];
    if (!have_right) {
        print_message("skipped: KETGRAD_DATA has no tabular/wine.data\n");
        skip();
    }
    scratch_make(folder);
    for (int t = 0; t < 2; t++) {
        assert_int_equal(pthread_create(&threads[t], NULL, fetch_often, folder), 0);
    }
    for (int t = 0; t < 2; t++) {
        void *failed = NULL;
        pthread_join(threads[t], &failed);
        assert_null(failed);
    }
    assert_int_equal(scratch_count(scratch_path(folder, "tabular")), 0); /* no temporary file */
    scratch_remove(folder);
}

static void defaults_are_as_documented(void **state)
{
    (void)state;
    const kg_fetch_options options = KG_FETCH_OPTIONS_INIT;
    assert_null(options.url);
    assert_int_equal(options.stall_s, 30);
    assert_null(options.on_progress);
    assert_int_equal(kg_options_check(kg_fetch_options_table(), &options, NULL), KG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_else_comes_is_not_kept),
        cmocka_unit_test(the_right_file_gets_its_name),
        cmocka_unit_test(a_failure_changes_nothing),
        cmocka_unit_test(what_is_asked_follows_the_table_and_the_url),
        cmocka_unit_test(requests_without_sense_are_refused),
        cmocka_unit_test(the_caller_may_stop),
        cmocka_unit_test(libcurl_tells_the_same_stories),
        cmocka_unit_test(libcurl_brings_the_file),
        cmocka_unit_test(two_at_once_do_no_harm),
        cmocka_unit_test(defaults_are_as_documented),
    };
    return cmocka_run_group_tests(tests, load_right, NULL);
}
