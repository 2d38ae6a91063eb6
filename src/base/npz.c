/* SPDX-License-Identifier: Apache-2.0 */
/* NPZ through libzip, in memory.
 *
 * Before libzip sees the file we walk its directory ourselves: every entry must be what we read (an
 * ordinary name ending in .npy, stored or deflated, not encrypted), no name may come twice, and the
 * header in front of each member must say the same as the directory, or two programs would read two
 * different files. That walk also knows the byte of a fault, which libzip does not tell. */
#include "base/npz.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "base/text.h"

enum {
    END_BYTES = 22,     /* end of central directory, without its comment */
    CENTRAL_BYTES = 46, /* directory entry, without name, extra, comment */
    LOCAL_BYTES = 30,   /* header before a member, without name and extra */
    MAX_COMMENT = 65535,
    SUFFIX_BYTES = 4, /* ".npy" */
    MAX_RATIO = 1032, /* deflate cannot pack more bytes than this into one */
    STORED = 0,
    DEFLATED = 8,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8, /* sizes and checksum follow the member */
    ZIP64_EXTRA = 1
};
static const uint32_t end_magic = 0x06054b50;
static const uint32_t central_magic = 0x02014b50;
static const uint32_t local_magic = 0x04034b50;
static const uint32_t in_zip64 = 0xffffffff; /* a size that stands in the zip64 extra field */

typedef struct member {
    char *name; /* without ".npy" */
    char *path; /* "x.npz: name.npy", for messages */
    size_t n_packed;
    size_t n_bytes;
} member;

struct kgi_npz {
    const char *path;
    const unsigned char *bytes;
    size_t n_bytes;
    int n_members;
    member *members;
    zip_t *zip;
};

int kgi_npz_check(const unsigned char *bytes, size_t n_bytes)
{
    return n_bytes >= 4 && bytes[0] == 'P' && bytes[1] == 'K' &&
           ((bytes[2] == 3 && bytes[3] == 4) || (bytes[2] == 5 && bytes[3] == 6));
}

static uint32_t get_2(const unsigned char *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static uint32_t get_4(const unsigned char *b)
{
    return get_2(b) | get_2(b + 2) << 16;
}

static uint64_t get_8(const unsigned char *b)
{
    return (uint64_t)get_4(b) | (uint64_t)get_4(b + 4) << 32;
}

static kg_status fail_at(const kgi_npz *npz, size_t at, const char *what, kg_error *err)
{
    return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: %s", npz->path, at, what);
}

/* The end record must be the last thing in the file, with its comment. */
static kg_status find_end(const kgi_npz *npz, size_t *at, kg_error *err)
{
    for (size_t tail = END_BYTES; tail <= npz->n_bytes && tail <= END_BYTES + MAX_COMMENT; tail++) {
        const unsigned char *end = npz->bytes + (npz->n_bytes - tail);
        if (get_4(end) == end_magic && get_2(end + 20) == tail - END_BYTES) {
            *at = npz->n_bytes - tail;
            return KG_OK;
        }
    }
    return fail_at(npz, npz->n_bytes, "the zip directory is missing: cut off, or text behind it",
                   err);
}

/* One entry of the directory. */
typedef struct entry {
    size_t at; /* of the entry */
    uint32_t flags;
    uint32_t method;
    uint32_t crc;
    uint32_t n_packed;
    uint32_t n_bytes;
    size_t name_bytes;
    const char *name;
    size_t local; /* where the header of the member is */
} entry;

/* A name that NumPy would write; also names of arrays only, so never a path. */
static const char *name_problem(const char *name, size_t n)
{
    if (n <= SUFFIX_BYTES || memcmp(name + n - SUFFIX_BYTES, ".npy", SUFFIX_BYTES) != 0) {
        return "a member is not called NAME.npy";
    }
    if (n - SUFFIX_BYTES > KGI_NPZ_MAX_NAME) {
        return "the name of a member is longer than 256 bytes";
    }
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == '/' || name[i] == '\\') {
            return "the name of a member has a character that no array name has";
        }
    }
    return NULL;
}

static const char *entry_problem(const entry *e)
{
    if (e->flags & FLAG_ENCRYPTED) {
        return "the member is encrypted";
    }
    if (e->method != STORED && e->method != DEFLATED) {
        return "the member is packed in a way that is not stored or deflated";
    }
    if (e->n_packed == in_zip64 || e->n_bytes == in_zip64 || e->local == in_zip64) {
        return "the member has 4 GiB or more";
    }
    if (e->method == STORED ? e->n_packed != e->n_bytes
                            : e->n_bytes / MAX_RATIO > (size_t)e->n_packed + 1) {
        return "the directory gives a size that the packed bytes cannot have";
    }
    return name_problem(e->name, e->name_bytes);
}

/* Sizes in the header of a member that are given by its zip64 extra field. */
static void read_zip64(const unsigned char *extra, size_t n, uint64_t *n_bytes, uint64_t *n_packed)
{
    for (size_t at = 0; at + 4 <= n; at += 4 + get_2(extra + at + 2)) {
        if (get_2(extra + at) == ZIP64_EXTRA && get_2(extra + at + 2) >= 16 && at + 20 <= n) {
            *n_bytes = get_8(extra + at + 4);
            *n_packed = get_8(extra + at + 12);
            return;
        }
    }
}

/* The header before the member against the directory; `end` is where the directory begins. */
static kg_status check_local(const kgi_npz *npz, const entry *e, size_t end, kg_error *err)
{
    if (e->local > end || end - e->local < LOCAL_BYTES) {
        return fail_at(npz, e->at + 42, "the directory points outside of the file", err);
    }
    const unsigned char *local = npz->bytes + e->local;
    const size_t name_bytes = get_2(local + 26);
    const size_t extra_bytes = get_2(local + 28);
    const size_t room = end - e->local - LOCAL_BYTES;
    if (get_4(local) != local_magic) {
        return fail_at(npz, e->local, "no member where the directory says that there is one", err);
    }
    if (name_bytes + extra_bytes > room || e->n_packed > room - name_bytes - extra_bytes) {
        return fail_at(npz, e->local, "the member does not fit before the directory", err);
    }
    uint64_t n_bytes = get_4(local + 22);
    uint64_t n_packed = get_4(local + 18);
    if (n_bytes == in_zip64 && n_packed == in_zip64) {
        read_zip64(local + LOCAL_BYTES + name_bytes, extra_bytes, &n_bytes, &n_packed);
    }
    const int later =
        (e->flags & FLAG_DESCRIPTOR) && !get_4(local + 14) && (!n_bytes || n_bytes == in_zip64);
    if (get_2(local + 6) != e->flags || get_2(local + 8) != e->method ||
        name_bytes != e->name_bytes || memcmp(local + LOCAL_BYTES, e->name, name_bytes) != 0 ||
        (!later &&
         (get_4(local + 14) != e->crc || n_bytes != e->n_bytes || n_packed != e->n_packed))) {
        return fail_at(npz, e->local, "the header of the member differs from the directory", err);
    }
    return KG_OK;
}

static kg_status add_member(kgi_npz *npz, const entry *e, kg_error *err)
{
    kgi_text name = {0};
    kgi_text path = {0};
    member *m = &npz->members[npz->n_members++];
    m->n_packed = e->n_packed;
    m->n_bytes = e->n_bytes;
    kgi_text_add(&name, e->name, e->name_bytes - SUFFIX_BYTES);
    kgi_text_printf(&path, "%s: %.*s", npz->path, (int)e->name_bytes, e->name);
    kg_status status = kgi_text_finish(&name, &m->name, err);
    if (!status) {
        status = kgi_text_finish(&path, &m->path, err);
    }
    kgi_text_clear(&path);
    for (int i = 0; i + 1 < npz->n_members && !status; i++) {
        if (!strcmp(npz->members[i].name, m->name)) {
            status = kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: member '%.60s.npy' is there twice",
                              npz->path, e->at, m->name);
        }
    }
    return status;
}

/* Reads and checks the entry at *at, and moves on. */
static kg_status read_entry(kgi_npz *npz, size_t *at, size_t begin, size_t end, kg_error *err)
{
    const unsigned char *central = npz->bytes + *at;
    if (end - *at < CENTRAL_BYTES || get_4(central) != central_magic) {
        return fail_at(npz, *at, "the zip directory is damaged", err);
    }
    const entry e = {
        .at = *at,
        .flags = get_2(central + 8),
        .method = get_2(central + 10),
        .crc = get_4(central + 16),
        .n_packed = get_4(central + 20),
        .n_bytes = get_4(central + 24),
        .name_bytes = get_2(central + 28),
        .name = (const char *)central + CENTRAL_BYTES,
        .local = get_4(central + 42),
    };
    const size_t n = CENTRAL_BYTES + e.name_bytes + get_2(central + 30) + get_2(central + 32);
    if (n > end - *at) {
        return fail_at(npz, *at, "the zip directory is damaged", err);
    }
    const char *problem = entry_problem(&e);
    if (problem) {
        return fail_at(npz, *at, problem, err);
    }
    const kg_status status = check_local(npz, &e, begin, err);
    *at += n;
    return status ? status : add_member(npz, &e, err);
}

static kg_status read_directory(kgi_npz *npz, kg_error *err)
{
    size_t end = 0;
    kg_status status = find_end(npz, &end, err);
    if (status) {
        return status;
    }
    const unsigned char *record = npz->bytes + end;
    const uint32_t n_members = get_2(record + 10);
    const size_t n_directory = get_4(record + 12);
    const size_t begin = get_4(record + 16);
    if (get_2(record + 4) || get_2(record + 6) || get_2(record + 8) != n_members) {
        return fail_at(npz, end, "a zip file in several parts", err);
    }
    if (n_members < 1 || n_members > KGI_NPZ_MAX_MEMBERS) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: %u members, allowed are 1 to %d",
                        npz->path, end, (unsigned)n_members, KGI_NPZ_MAX_MEMBERS);
    }
    if (begin > end || n_directory != end - begin) {
        return fail_at(npz, end, "the zip directory is not where its end says", err);
    }
    npz->members = calloc(n_members, sizeof *npz->members);
    if (!npz->members) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %u members", npz->path,
                        (unsigned)n_members);
    }
    size_t at = begin;
    for (uint32_t i = 0; i < n_members && !status; i++) {
        status = read_entry(npz, &at, begin, end, err);
    }
    if (!status && at != end) {
        status = fail_at(npz, at, "the zip directory has more entries than its end says", err);
    }
    return status;
}

static kg_status fail_zip(const kgi_npz *npz, zip_error_t *error, kg_error *err)
{
    const kg_status status =
        kgi_fail(err, zip_error_code_zip(error) == ZIP_ER_MEMORY ? KG_ERR_MEMORY : KG_ERR_FORMAT,
                 "%s: byte 0: %s", npz->path, zip_error_strerror(error));
    zip_error_fini(error);
    return status;
}

static kg_status open_zip(kgi_npz *npz, kg_error *err)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(npz->bytes, npz->n_bytes, 0, &error);
    npz->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!npz->zip) {
        zip_source_free(source);
        return fail_zip(npz, &error, err);
    }
    zip_error_fini(&error);
    if (zip_get_num_entries(npz->zip, 0) != npz->n_members) {
        return fail_at(npz, 0, "the zip directory can be read in two ways", err);
    }
    return KG_OK;
}

kg_status kgi_npz_open(kgi_npz **out, const char *path, const unsigned char *bytes, size_t n_bytes,
                       kg_error *err)
{
    *out = NULL;
    kgi_npz *npz = calloc(1, sizeof *npz);
    if (!npz) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a zip reader", path);
    }
    npz->path = path;
    npz->bytes = bytes;
    npz->n_bytes = n_bytes;
    kg_status status = kgi_npz_check(bytes, n_bytes)
                           ? read_directory(npz, err)
                           : fail_at(npz, 0, "no NPZ file: it does not begin with PK", err);
    if (!status) {
        status = open_zip(npz, err);
    }
    if (status) {
        kgi_npz_close(npz);
        return status;
    }
    *out = npz;
    return KG_OK;
}

void kgi_npz_close(kgi_npz *npz)
{
    if (!npz) {
        return;
    }
    for (int i = 0; i < npz->n_members; i++) {
        free(npz->members[i].name);
        free(npz->members[i].path);
    }
    if (npz->zip) {
        zip_discard(npz->zip);
    }
    free(npz->members);
    free(npz);
}

int kgi_npz_n_members(const kgi_npz *npz)
{
    return npz->n_members;
}

const char *kgi_npz_name(const kgi_npz *npz, int i)
{
    return i >= 0 && i < npz->n_members ? npz->members[i].name : NULL;
}

int kgi_npz_find(const kgi_npz *npz, const char *name)
{
    for (int i = 0; i < npz->n_members; i++) {
        if (!strcmp(npz->members[i].name, name)) {
            return i;
        }
    }
    return -1;
}

/* Unpacks exactly n bytes. */
static kg_status unpack(zip_file_t *file, const member *m, unsigned char *to, size_t n, size_t at,
                        kg_error *err)
{
    size_t done = 0;
    while (done < n) {
        const zip_int64_t got = zip_fread(file, to + done, n - done);
        if (got < 0) {
            return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: cannot be unpacked: %s", m->path,
                            at + done, zip_file_strerror(file));
        }
        if (got == 0) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "%s: byte %zu: the member ends, the directory promises %zu bytes",
                            m->path, at + done, m->n_bytes);
        }
        done += (size_t)got;
    }
    return KG_OK;
}

/* The header first: only if it fits the size in the directory is memory taken for the numbers. */
static kg_status read_member(zip_file_t *file, const member *m, kgi_npy *npy, unsigned char **bytes,
                             kg_error *err)
{
    unsigned char start[KGI_NPY_MAX_START];
    const size_t n_start = m->n_bytes < sizeof start ? m->n_bytes : sizeof start;
    kg_status status = unpack(file, m, start, n_start, 0, err);
    if (!status) {
        status = kgi_npy_read_header(npy, m->path, start, n_start, err);
    }
    if (!status && npy->n_bytes != m->n_bytes) {
        status = kgi_fail(err, KG_ERR_FORMAT,
                          "%s: byte %zu: its header promises %zu bytes, the zip directory %zu",
                          m->path, npy->start, npy->n_bytes, m->n_bytes);
    }
    if (status) {
        return status;
    }
    *bytes = malloc(m->n_bytes);
    if (!*bytes) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu bytes", m->path, m->n_bytes);
    }
    memcpy(*bytes, start, n_start);
    status = unpack(file, m, *bytes + n_start, m->n_bytes - n_start, n_start, err);
    if (!status && zip_fread(file, start, 1) != 0) { /* libzip compares the checksum here */
        status = kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: wrong checksum, or more bytes follow",
                          m->path, m->n_bytes);
    }
    npy->bytes = *bytes;
    return status;
}

kg_status kgi_npz_read(kgi_npz *npz, int i, kgi_npy *npy, unsigned char **bytes, kg_error *err)
{
    *bytes = NULL;
    zip_file_t *file = zip_fopen_index(npz->zip, (zip_uint64_t)i, 0);
    if (!file) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte 0: cannot be unpacked: %s",
                        npz->members[i].path, zip_strerror(npz->zip));
    }
    const kg_status status = read_member(file, &npz->members[i], npy, bytes, err);
    (void)zip_fclose(file);
    if (status) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}
