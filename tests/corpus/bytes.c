/* SPDX-License-Identifier: Apache-2.0 */
/* The words of bytes.h. */
#include "bytes.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/hash.h"

enum { MAX_LINE = 32768, LENGTH_BYTES = 8, LOCAL_BYTES = 30 };

static void *need(void *memory)
{
    if (!memory) {
        fprintf(stderr, "corpus: out of memory\n");
        exit(99);
    }
    return memory;
}

void bytes_clear(bytes *b)
{
    free(b->data);
    *b = (bytes){0};
}

void bytes_copy(bytes *to, const bytes *from)
{
    bytes_clear(to);
    *to = *from;
    to->data = need(malloc(from->n + 1));
    memcpy(to->data, from->data, from->n);
}

/* Replaces n_old bytes at `at` by others. */
static void replace(bytes *b, size_t at, size_t n_old, const void *with, size_t n_new)
{
    const size_t n = b->n - n_old + n_new;
    unsigned char *data = need(malloc(n + 1));
    memcpy(data, b->data, at);
    memcpy(data + at, with, n_new);
    memcpy(data + at + n_new, b->data + at + n_old, b->n - at - n_old);
    if (b->n_header && at >= LENGTH_BYTES && at + n_old <= LENGTH_BYTES + b->n_header) {
        b->n_header += n_new - n_old;
    }
    free(b->data);
    b->data = data;
    b->n = n;
}

static void append(bytes *b, const void *with, size_t n)
{
    if (!b->data) {
        b->data = need(malloc(1));
    }
    b->data = need(realloc(b->data, b->n + n + 1));
    memcpy(b->data + b->n, with, n);
    b->n += n;
}

/* T with its escapes undone; its length goes to n. */
static char *unescape(const char *text, size_t *n)
{
    static const char names[] = "nrt\\", values[] = "\n\r\t\\";
    static char out[4][MAX_LINE];
    static int next;
    char *to = out[next = (next + 1) % 4];
    *n = 0;
    while (*text && *n + 1 < MAX_LINE) {
        const char *name = *text == '\\' && text[1] ? strchr(names, text[1]) : NULL;
        if (name) {
            to[(*n)++] = values[name - names];
            text += 2;
        } else if (*text == '\\' && text[1] == 'x') {
            const char hex[3] = {text[2], text[3], '\0'};
            to[(*n)++] = (char)strtol(hex, NULL, 16);
            text += 4;
        } else {
            to[(*n)++] = *text++;
        }
    }
    return to;
}

static void append_number(bytes *b, uint64_t x, int n_bytes, int big)
{
    unsigned char out[8];
    for (int i = 0; i < n_bytes; i++) {
        out[big ? n_bytes - 1 - i : i] = (unsigned char)(x >> 8 * i);
    }
    append(b, out, (size_t)n_bytes);
}

static uint64_t whole(const char *text)
{
    return *text == '-' ? (uint64_t)strtoll(text, NULL, 0) : strtoull(text, NULL, 0);
}

/* ---- model files ------------------------------------------------------------------------------------ */

static void set_length(bytes *b, uint64_t n)
{
    for (int i = 0; i < LENGTH_BYTES; i++) {
        b->data[i] = (unsigned char)(n >> 8 * i);
    }
}

static const char *seal(bytes *b)
{
    static const char mark[] = "\"ketgrad.digest\":\"";
    if (!b->n_header) {
        return "there is no header to seal";
    }
    while (b->n_header > 2 && b->data[LENGTH_BYTES + b->n_header - 1] == ' ') {
        replace(b, LENGTH_BYTES + b->n_header - 1, 1, "", 0);
    }
    while (b->n_header % 8) {
        replace(b, LENGTH_BYTES + b->n_header, 0, " ", 1);
    }
    set_length(b, b->n_header);
    for (size_t at = LENGTH_BYTES; at + sizeof mark + KGI_SHA256_DIGITS < b->n; at++) {
        if (!memcmp(b->data + at, mark, sizeof mark - 1)) {
            char hex[KGI_SHA256_DIGITS + 1];
            unsigned char *digits = b->data + at + sizeof mark - 1;
            memset(digits, '0', KGI_SHA256_DIGITS);
            if (kgi_sha256_bytes(b->data, b->n, hex, NULL)) {
                return "no digest";
            }
            memcpy(digits, hex, KGI_SHA256_DIGITS);
            break;
        }
    }
    return NULL;
}

static void add_header(bytes *b, const char *text, size_t n)
{
    append_number(b, 0, LENGTH_BYTES, 0);
    append(b, text, n);
    b->n_header = n;
    while (b->n_header % 8) {
        append(b, " ", 1);
        b->n_header++;
    }
    set_length(b, b->n_header);
}

/* ---- packing ---------------------------------------------------------------------------------------- */

/* Deflates n bytes; window_bits as in zlib. Deterministic for one zlib only, which is enough here. */
static unsigned char *deflated(const unsigned char *data, size_t n, int window_bits, size_t *n_out)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        exit(99);
    }
    const size_t size = deflateBound(&z, (uLong)n) + 64;
    unsigned char *out = need(malloc(size));
    z.next_in = (z_const Bytef *)data;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)size;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
        exit(99);
    }
    *n_out = size - z.avail_out;
    deflateEnd(&z);
    return out;
}

static void pack_gzip(bytes *b)
{
    size_t n = 0;
    unsigned char *packed = deflated(b->data, b->n, 15 + 16, &n);
    free(b->data);
    b->data = packed;
    b->n = n;
}

/* The fields that a local header and a directory entry share. */
static void zip_fields(bytes *b, int i)
{
    append_number(b, 20, 2, 0); /* version needed */
    append_number(b, 0, 2, 0);  /* flags */
    append_number(b, b->members[i].deflated ? 8 : 0, 2, 0);
    append_number(b, 0, 2, 0);    /* time */
    append_number(b, 0x21, 2, 0); /* 1980-01-01 */
    append_number(b, b->members[i].crc, 4, 0);
    append_number(b, b->members[i].n_packed, 4, 0);
    append_number(b, b->members[i].n_plain, 4, 0);
    append_number(b, strlen(b->members[i].name), 2, 0);
    append_number(b, 0, 2, 0); /* extra field */
}

static const char *add_member(bytes *b, const char *words)
{
    const int i = b->n_members;
    size_t start = 0;
    if (i == (int)(sizeof b->members / sizeof *b->members)) {
        return "too many members";
    }
    if (i > 0) {
        start = b->members[i - 1].start + LOCAL_BYTES + strlen(b->members[i - 1].name) +
                b->members[i - 1].n_packed;
    }
    char how[16] = "";
    if (sscanf(words, "%63s %15s", b->members[i].name, how) < 1) {
        return "a member needs a name";
    }
    const size_t n_plain = b->n - start;
    unsigned char *plain = need(malloc(n_plain + 1));
    memcpy(plain, b->data + start, n_plain);
    b->members[i].start = start;
    b->members[i].n_plain = n_plain;
    b->members[i].deflated = !strcmp(how, "deflated");
    b->members[i].crc = (unsigned)crc32(0, plain, (uInt)n_plain);
    b->members[i].n_packed = n_plain;
    if (b->members[i].deflated) {
        unsigned char *packed = deflated(plain, n_plain, -15, &b->members[i].n_packed);
        free(plain);
        plain = packed;
    }
    b->n = start;
    append_number(b, 0x04034b50, 4, 0);
    zip_fields(b, i);
    append(b, b->members[i].name, strlen(b->members[i].name));
    append(b, plain, b->members[i].n_packed);
    free(plain);
    b->n_members++;
    return NULL;
}

static void add_directory(bytes *b)
{
    const size_t start = b->n;
    for (int i = 0; i < b->n_members; i++) {
        append_number(b, 0x02014b50, 4, 0);
        append_number(b, 20, 2, 0); /* version made by */
        zip_fields(b, i);
        append_number(b, 0, 2, 0); /* comment */
        append_number(b, 0, 2, 0); /* disk */
        append_number(b, 0, 2, 0); /* internal attributes */
        append_number(b, 0, 4, 0); /* external attributes */
        append_number(b, b->members[i].start, 4, 0);
        append(b, b->members[i].name, strlen(b->members[i].name));
    }
    append_number(b, 0x06054b50, 4, 0);
    append_number(b, 0, 4, 0); /* disks */
    append_number(b, (uint64_t)b->n_members, 2, 0);
    append_number(b, (uint64_t)b->n_members, 2, 0);
    append_number(b, b->n - start - 12, 4, 0);
    append_number(b, start, 4, 0);
    append_number(b, 0, 2, 0); /* comment */
}

/* ---- lines ------------------------------------------------------------------------------------------ */

static const char *swap(bytes *b, const char *rest)
{
    char from[MAX_LINE];
    size_t n_from = 0, n_to = 0;
    const char *arrow = strstr(rest, " => ");
    if (!arrow) {
        return "swap needs ' => '";
    }
    (void)snprintf(from, sizeof from, "%.*s", (int)(arrow - rest), rest);
    const char *old = unescape(from, &n_from);
    const char *new = unescape(arrow + 4, &n_to);
    for (size_t at = 0; at + n_from <= b->n; at++) {
        if (!memcmp(b->data + at, old, n_from)) {
            replace(b, at, n_from, new, n_to);
            return NULL;
        }
    }
    return "what is to be swapped is not there";
}

static const char *edit_at(bytes *b, const char *word, const char *rest)
{
    char *end = NULL;
    const long long given = strtoll(rest, &end, 0);
    const size_t at = given < 0 ? b->n - (size_t)-given : (size_t)given;
    size_t n = 0;
    const char *text = unescape(*end == ' ' ? end + 1 : end, &n);
    if (!strcmp(word, "cut")) {
        b->n = at < b->n ? at : b->n;
    } else if (!strcmp(word, "put") && at + n <= b->n) {
        memcpy(b->data + at, text, n);
    } else if (!strcmp(word, "drop") && at + whole(text) <= b->n) {
        replace(b, at, whole(text), "", 0);
    } else {
        return "outside of the bytes";
    }
    return NULL;
}

static const char *add_repeated(bytes *b, const char *rest)
{
    char *end = NULL;
    size_t n = 0;
    const unsigned long long times = strtoull(rest, &end, 10);
    const char *text = unescape(*end == ' ' ? end + 1 : end, &n);
    b->data = need(realloc(b->data, b->n + n * times + 1));
    for (unsigned long long i = 0; i < times; i++) {
        memcpy(b->data + b->n, text, n);
        b->n += n;
    }
    return NULL;
}

static void widen(bytes *b)
{
    unsigned char *wide = need(calloc(2 * b->n + 2, 1));
    wide[0] = 0xff;
    wide[1] = 0xfe;
    for (size_t i = 0; i < b->n; i++) {
        wide[2 * i + 2] = b->data[i];
    }
    free(b->data);
    b->data = wide;
    b->n = 2 * b->n + 2;
}

const char *bytes_edit(bytes *b, const char *line)
{
    char word[16] = "";
    size_t n = 0;
    (void)sscanf(line, "%15s", word);
    const char *rest = line + strlen(word) + (line[strlen(word)] == ' ');
    int size = 0;
    if (!strcmp(word, "text")) {
        const char *text = unescape(rest, &n);
        append(b, text, n);
    } else if (!strcmp(word, "repeat")) {
        return add_repeated(b, rest);
    } else if (sscanf(word, "le%d", &size) == 1 && size >= 16 && size <= 64) {
        append_number(b, whole(rest), size / 8, 0);
    } else if (sscanf(word, "be%d", &size) == 1 && size >= 16 && size <= 64) {
        append_number(b, whole(rest), size / 8, 1);
    } else if (!strcmp(word, "f64")) {
        const double x = strtod(rest, NULL);
        append(b, &x, sizeof x);
    } else if (!strcmp(word, "cut") || !strcmp(word, "put") || !strcmp(word, "drop")) {
        return edit_at(b, word, rest);
    } else if (!strcmp(word, "swap")) {
        return swap(b, rest);
    } else if (!strcmp(word, "header")) {
        const char *text = unescape(rest, &n);
        add_header(b, text, n);
    } else if (!strcmp(word, "seal")) {
        return seal(b);
    } else if (!strcmp(word, "length")) {
        set_length(b, whole(rest));
    } else if (!strcmp(word, "utf16")) {
        widen(b);
    } else if (!strcmp(word, "gzip")) {
        pack_gzip(b);
    } else if (!strcmp(word, "member")) {
        return add_member(b, rest);
    } else if (!strcmp(word, "directory")) {
        add_directory(b);
    } else {
        return "this word is not known";
    }
    return NULL;
}
