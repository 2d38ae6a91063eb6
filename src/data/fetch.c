/* SPDX-License-Identifier: Apache-2.0 */
/* One request through libcurl. Redirects are not followed here: who decides about them is download.c,
 * where a test can see it.
 *
 * libcurl brings thirty other libraries (5 ms and 7 MB at the start of a program), so it is opened for the
 * first download and stays; a program that downloads nothing does not pay for it, or need it. */
#include "data/fetch.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

enum { SLOWEST = 100 /* bytes per second that count as something coming */ };

/* Its binary interface has had this number since 2006. */
static const char library_name[] = "libcurl.so.4";

/* What is called of it. */
typedef struct functions {
    CURLcode (*global_init)(long flags);
    void (*global_cleanup)(void);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *curl);
    CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *curl);
    CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
} functions;

/* One request while it runs. */
typedef struct request {
    const functions *lib;
    CURL *curl;
    kgi_sink *sink;
} request;

static kg_status open_library(functions *lib, const char *url, kg_error *err)
{
    const struct {
        const char *name;
        void *function; /* a pointer to a function, to be set as POSIX has it: by its bytes */
    } wanted[] = {
        {"curl_global_init", &lib->global_init},   {"curl_global_cleanup", &lib->global_cleanup},
        {"curl_easy_init", &lib->easy_init},       {"curl_easy_cleanup", &lib->easy_cleanup},
        {"curl_easy_setopt", &lib->easy_setopt},   {"curl_easy_perform", &lib->easy_perform},
        {"curl_easy_getinfo", &lib->easy_getinfo}, {"curl_easy_strerror", &lib->easy_strerror}};
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    for (size_t i = 0; library && i < sizeof wanted / sizeof *wanted; i++) {
        void *symbol = dlsym(library, wanted[i].name);
        library = symbol ? library : NULL;
        memcpy(wanted[i].function, &symbol, sizeof symbol);
    }
    return library
               ? KG_OK
               : kgi_fail(err, KG_ERR_UNSUPPORTED,
                          "%.160s: downloads need %s, which is not installed", url, library_name);
}

static long answer_code(const request *r)
{
    long code = 0;
    (void)r->lib->easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &code);
    return code ? code : 200; /* file:// has none */
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *user)
{
    request *r = user;
    const size_t n_bytes = size * n;
    if (answer_code(r) != 200 || kgi_sink_write(r->sink, bytes, n_bytes)) {
        return n_bytes + 1; /* anything but n_bytes ends the transfer; 0 bytes would not */
    }
    return n_bytes;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    request *r = user;
    (void)a, (void)b, (void)c, (void)d;
    return kgi_sink_alive(r->sink);
}

/* The kinds of addresses; what it may be is checked before, this is the second lock. */
static CURLcode limit_protocols(const request *r, const char *url)
{
    const size_t length = strcspn(url, ":");
    char name[8];
    (void)snprintf(name, sizeof name, "%.*s", length < 7 ? (int)length : 7, url);
#if LIBCURL_VERSION_NUM >= 0x075500
    return r->lib->easy_setopt(r->curl, CURLOPT_PROTOCOLS_STR, name);
#else
    return r->lib->easy_setopt(r->curl, CURLOPT_PROTOCOLS,
                               !strcmp(name, "https")  ? CURLPROTO_HTTPS
                               : !strcmp(name, "http") ? CURLPROTO_HTTP
                                                       : CURLPROTO_FILE);
#endif
}

static CURLcode set_up(request *r, const char *url, char *reason)
{
    const long stall_s = r->sink->options->stall_s;
    CURLcode code = limit_protocols(r, url);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_URL, url);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_ERRORBUFFER, reason);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_FOLLOWLOCATION, 0L);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_NOSIGNAL, 1L);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_CONNECTTIMEOUT, stall_s);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_LOW_SPEED_TIME, stall_s);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_WRITEDATA, r);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_XFERINFODATA, r);
    code = code ? code : r->lib->easy_setopt(r->curl, CURLOPT_NOPROGRESS, 0L);
    code =
        code ? code : r->lib->easy_setopt(r->curl, CURLOPT_USERAGENT, "ketgrad/" KG_VERSION_TEXT);
    return code;
}

/* What the server said, after a transfer that ended, or that we ended. */
static kg_status take_reply(const request *r, const char *url, kgi_reply *reply, kg_error *err)
{
    char *redirect = NULL;
    reply->code = answer_code(r);
    (void)r->lib->easy_getinfo(r->curl, CURLINFO_REDIRECT_URL, &redirect);
    if (redirect) {
        const size_t bytes = strlen(redirect) + 1;
        reply->redirect = malloc(bytes);
        if (!reply->redirect) {
            return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate an address", url);
        }
        memcpy(reply->redirect, redirect, bytes);
    }
    return KG_OK;
}

static kg_status perform(request *r, const char *url, kgi_reply *reply, kg_error *err)
{
    char reason[CURL_ERROR_SIZE] = "";
    CURLcode code = set_up(r, url, reason);
    code = code ? code : r->lib->easy_perform(r->curl);
    const int is_ours = code == CURLE_WRITE_ERROR || code == CURLE_ABORTED_BY_CALLBACK;
    if (code == CURLE_OUT_OF_MEMORY) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: no memory to download", url);
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return kgi_fail(err, KG_ERR_IO, "%.160s: nothing has come for %d s", url,
                        r->sink->options->stall_s);
    }
    if (code && !is_ours) {
        return kgi_fail(err, KG_ERR_IO, "%.120s: cannot be downloaded: %.90s", url,
                        *reason ? reason : r->lib->easy_strerror(code));
    }
    return take_reply(r, url, reply, err);
}

kg_status kgi_fetch_curl(void *self, const char *url, kgi_sink *sink, kgi_reply *reply,
                         kg_error *err)
{
    functions lib;
    (void)self;
    *reply = (kgi_reply){0};
    kg_status status = open_library(&lib, url, err);
    if (status) {
        return status;
    }
    if (lib.global_init(CURL_GLOBAL_DEFAULT)) { /* counted, and safe in threads since 7.84 */
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot start libcurl", url);
    }
    request r = {.lib = &lib, .curl = lib.easy_init(), .sink = sink};
    status = r.curl ? perform(&r, url, reply, err)
                    : kgi_fail(err, KG_ERR_MEMORY, "%s: cannot start libcurl", url);
    lib.easy_cleanup(r.curl);
    lib.global_cleanup();
    return status;
}
