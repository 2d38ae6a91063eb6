/* SPDX-License-Identifier: Apache-2.0 */
/* One request through libcurl. Redirects are not followed here: who decides about them is download.c,
 * where a test can see it.
 *
 * libcurl is initialised for the download and cleaned up after it; a program that downloads nothing
 * does not pay for it. */
#include "data/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

enum { SLOWEST = 100 /* bytes per second that count as something coming */ };

/* One request while it runs. */
typedef struct request {
    CURL *curl;
    kgi_sink *sink;
} request;

static long answer_code(CURL *curl)
{
    long code = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    return code ? code : 200; /* file:// has none */
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *user)
{
    request *r = user;
    const size_t n_bytes = size * n;
    if (answer_code(r->curl) != 200 || kgi_sink_write(r->sink, bytes, n_bytes)) {
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
static CURLcode limit_protocols(CURL *curl, const char *url)
{
    const size_t length = strcspn(url, ":");
    char name[8];
    (void)snprintf(name, sizeof name, "%.*s", length < 7 ? (int)length : 7, url);
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, name);
#else
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
                            !strcmp(name, "https")  ? CURLPROTO_HTTPS
                            : !strcmp(name, "http") ? CURLPROTO_HTTP
                                                    : CURLPROTO_FILE);
#endif
}

static CURLcode set_up(request *r, const char *url, char *reason)
{
    CURL *curl = r->curl;
    const long stall_s = r->sink->options->stall_s;
    CURLcode code = limit_protocols(curl, url);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_URL, url);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, stall_s);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stall_s);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, r);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_USERAGENT, "ketgrad/" KG_VERSION_TEXT);
    return code;
}

/* What the server said, after a transfer that ended, or that we ended. */
static kg_status take_reply(CURL *curl, const char *url, kgi_reply *reply, kg_error *err)
{
    char *redirect = NULL;
    reply->code = answer_code(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
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
    code = code ? code : curl_easy_perform(r->curl);
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
                        *reason ? reason : curl_easy_strerror(code));
    }
    return take_reply(r->curl, url, reply, err);
}

kg_status kgi_fetch_curl(void *self, const char *url, kgi_sink *sink, kgi_reply *reply,
                         kg_error *err)
{
    (void)self;
    *reply = (kgi_reply){0};
    if (curl_global_init(CURL_GLOBAL_DEFAULT)) { /* counted, and safe in threads since 7.84 */
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot start libcurl", url);
    }
    request r = {.curl = curl_easy_init(), .sink = sink};
    const kg_status status = r.curl ? perform(&r, url, reply, err)
                                    : kgi_fail(err, KG_ERR_MEMORY, "%s: cannot start libcurl", url);
    curl_easy_cleanup(r.curl);
    curl_global_cleanup();
    return status;
}
