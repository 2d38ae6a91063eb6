/* SPDX-License-Identifier: Apache-2.0 */
/* Reading NPY files. The header is a Python dictionary; we accept the dictionaries that NumPy writes and
 * nothing else, one byte at a time, so that no text of a file is ever evaluated. */
#include "base/npy.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC_BYTES = 6, MAX_EXACT_BITS = 53 };

static const struct {
    const char *text; /* without its byte order */
    size_t bytes;
} types[] = {
    [KGI_NPY_F4] = {"f4", 4}, [KGI_NPY_F8] = {"f8", 8}, [KGI_NPY_I4] = {"i4", 4},
    [KGI_NPY_I8] = {"i8", 8}, [KGI_NPY_U1] = {"u1", 1}, [KGI_NPY_B1] = {"b1", 1},
};
enum { N_TYPES = sizeof types / sizeof types[0] };

/* The text of the header while it is read. */
typedef struct scanner {
    const char *path;
    const unsigned char *bytes; /* of the file */
    size_t at;
    size_t end; /* of the header */
} scanner;

static kg_status fail_at(const scanner *in, kg_error *err, const char *what)
{
    return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: %s", in->path, in->at, what);
}

static void skip_blanks(scanner *in)
{
    while (in->at < in->end && in->bytes[in->at] == ' ') {
        in->at++;
    }
}

/* Takes the character if it is the next one that is not blank. */
static int take(scanner *in, char c)
{
    skip_blanks(in);
    if (in->at < in->end && in->bytes[in->at] == (unsigned char)c) {
        in->at++;
        return 1;
    }
    return 0;
}

/* Takes a word of letters if it comes next. */
static int take_word(scanner *in, const char *word)
{
    const size_t length = strlen(word);
    skip_blanks(in);
    if (in->end - in->at >= length && !memcmp(in->bytes + in->at, word, length)) {
        in->at += length;
        return 1;
    }
    return 0;
}

/* A string in single or double quotes, without escapes; *text points into the file. */
static kg_status take_string(scanner *in, const char *what, const char **text, size_t *length,
                             kg_error *err)
{
    skip_blanks(in);
    const unsigned char quote = in->at < in->end ? in->bytes[in->at] : 0;
    if (quote != '\'' && quote != '"') {
        return fail_at(in, err, what);
    }
    const size_t first = in->at + 1;
    size_t last = first;
    while (last < in->end && in->bytes[last] != quote && in->bytes[last] != '\\' &&
           in->bytes[last] != '\n') {
        last++;
    }
    if (last >= in->end || in->bytes[last] != quote) {
        in->at = last;
        return fail_at(in, err, "a text in the header is not closed");
    }
    *text = (const char *)in->bytes + first;
    *length = last - first;
    in->at = last + 1;
    return KG_OK;
}

static kg_status fail_type(const scanner *in, size_t at, const char *text, size_t length,
                           kg_error *err)
{
    const int has_objects = memchr(text, 'O', length) != NULL;
    return kgi_fail(
        err, KG_ERR_FORMAT,
        "%s: byte %zu: type '%.*s'%s, allowed are <f4 <f8 <i4 <i8 |u1 |b1 and the other "
        "byte order",
        in->path, at, length < 20 ? (int)length : 20, text, has_objects ? " holds objects" : "");
}

static kg_status read_type(scanner *in, kgi_npy *out, kg_error *err)
{
    const char *text = NULL;
    size_t length = 0;
    skip_blanks(in);
    const size_t at = in->at;
    if (at < in->end && in->bytes[at] == '[') {
        return fail_at(in, err, "a structured type, allowed are plain numbers");
    }
    const kg_status status =
        take_string(in, "the type is not a text in quotes", &text, &length, err);
    if (status) {
        return status;
    }
    for (int t = 0; t < N_TYPES; t++) {
        if (length != 3 || memcmp(text + 1, types[t].text, 2) != 0) {
            continue;
        }
        const char order = text[0];
        const int is_byte = types[t].bytes == 1;
        if (is_byte ? order == '|' || order == '<' || order == '>' || order == '='
                    : order == '<' || order == '>') {
            out->type = (kgi_npy_type)t;
            out->item_bytes = types[t].bytes;
            out->is_big_endian = order == '>' && !is_byte;
            return KG_OK;
        }
    }
    return fail_type(in, at, text, length, err);
}

static kg_status read_order(scanner *in, kgi_npy *out, kg_error *err)
{
    out->is_fortran = take_word(in, "True");
    return out->is_fortran || take_word(in, "False")
               ? KG_OK
               : fail_at(in, err, "fortran_order is not True or False");
}

/* One size of the shape. */
static kg_status read_size(scanner *in, size_t *size, kg_error *err)
{
    const size_t first = in->at;
    uint64_t value = 0;
    while (in->at < in->end && in->bytes[in->at] >= '0' && in->bytes[in->at] <= '9') {
        if (value > (UINT64_MAX - 9) / 10) {
            return fail_at(in, err, "a size of the shape has too many digits");
        }
        value = 10 * value + (uint64_t)(in->bytes[in->at] - '0');
        in->at++;
    }
    if (in->at == first) {
        return fail_at(in, err, "the shape is not a list of whole numbers in round brackets");
    }
    if (!value || value > SIZE_MAX) {
        in->at = first;
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: a size of %llu, must be at least 1",
                        in->path, first, (unsigned long long)value);
    }
    *size = (size_t)value;
    return KG_OK;
}

static kg_status read_shape(scanner *in, kgi_npy *out, kg_error *err)
{
    int comma = 0;
    out->n_dims = 0;
    if (!take(in, '(')) {
        return fail_at(in, err, "the shape is not a list of whole numbers in round brackets");
    }
    while (!take(in, ')')) {
        if (out->n_dims && !comma) {
            return fail_at(in, err, "the shape is not a list of whole numbers in round brackets");
        }
        if (out->n_dims == KGI_NPY_MAX_DIMS) {
            return fail_at(in, err, "more than 8 dimensions");
        }
        const kg_status status = read_size(in, &out->shape[out->n_dims], err);
        if (status) {
            return status;
        }
        out->n_dims++;
        comma = take(in, ',');
    }
    return out->n_dims == 1 && !comma
               ? fail_at(in, err, "a shape of one size needs a comma behind it, as in (3,)")
               : KG_OK;
}

/* {'descr': ..., 'fortran_order': ..., 'shape': ..., } in any order, each once; then blanks and \n. */
static kg_status read_dictionary(scanner *in, kgi_npy *out, kg_error *err)
{
    static const struct {
        const char *key;
        kg_status (*read)(scanner *in, kgi_npy *out, kg_error *err);
    } entries[] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};
    enum { N_ENTRIES = sizeof entries / sizeof entries[0] };
    int seen[N_ENTRIES] = {0};
    int n_seen = 0;
    int comma = 1;
    if (!take(in, '{')) {
        return fail_at(in, err, "the header does not begin with {");
    }
    while (!take(in, '}')) {
        const char *key = NULL;
        size_t length = 0;
        if (!comma) {
            return fail_at(in, err, "a comma or } is missing in the header");
        }
        skip_blanks(in);
        const size_t at = in->at;
        kg_status status =
            take_string(in, "a key in quotes is missing in the header", &key, &length, err);
        int e = 0;
        while (!status && e < N_ENTRIES &&
               (strlen(entries[e].key) != length || memcmp(entries[e].key, key, length) != 0)) {
            e++;
        }
        if (!status && (e == N_ENTRIES || seen[e])) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "%s: byte %zu: key '%.*s' %s, allowed are descr, fortran_order, shape",
                            in->path, at, length < 20 ? (int)length : 20, key,
                            e == N_ENTRIES ? "is unknown" : "is there twice");
        }
        if (!status && !take(in, ':')) {
            status = fail_at(in, err, "a colon is missing after a key");
        }
        if (!status) {
            status = entries[e].read(in, out, err);
        }
        if (status) {
            return status;
        }
        seen[e] = 1;
        n_seen++;
        comma = take(in, ',');
    }
    if (n_seen < N_ENTRIES) {
        return fail_at(in, err, "the header lacks one of descr, fortran_order, shape");
    }
    skip_blanks(in);
    if (in->at < in->end && in->bytes[in->at] == '\n') {
        in->at++;
    }
    return in->at == in->end ? KG_OK : fail_at(in, err, "text after the end of the header");
}

/* Numbers and bytes that the header promises, without wrapping around. */
static kg_status count_items(const scanner *in, kgi_npy *out, kg_error *err)
{
    size_t n = 1;
    for (int d = 0; d < out->n_dims; d++) {
        if (out->shape[d] > SIZE_MAX / n) {
            return fail_at(in, err, "the sizes of the shape multiply to more than memory can hold");
        }
        n *= out->shape[d];
    }
    if (n > (SIZE_MAX / 2 - out->start) / out->item_bytes) {
        return fail_at(in, err, "the sizes of the shape multiply to more than memory can hold");
    }
    out->n_items = n;
    out->n_bytes = out->start + n * out->item_bytes;
    return KG_OK;
}

kg_status kgi_npy_read_header(kgi_npy *out, const char *path, const unsigned char *bytes,
                              size_t n_bytes, kg_error *err)
{
    scanner in = {.path = path, .bytes = bytes};
    *out = (kgi_npy){.path = path};
    if (n_bytes < MAGIC_BYTES || memcmp(bytes, magic, MAGIC_BYTES) != 0) {
        return fail_at(&in, err, "no NPY file: it does not begin with \\x93NUMPY");
    }
    in.at = n_bytes;
    if (n_bytes < 10 || (bytes[6] != 1 && n_bytes < 12)) {
        return fail_at(&in, err, "the file ends inside its header");
    }
    in.at = MAGIC_BYTES;
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte 6: version %d.%d, allowed are 1.0, 2.0, 3.0",
                        path, bytes[6], bytes[7]);
    }
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1) {
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    }
    in.at = bytes[6] > 1 ? 12 : 10;
    if (length > KGI_NPY_MAX_HEADER) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte 8: a header of %zu bytes, at most %d", path,
                        length, KGI_NPY_MAX_HEADER);
    }
    in.end = in.at + length;
    if (in.end > n_bytes) {
        in.at = n_bytes;
        return fail_at(&in, err, "the file ends inside its header");
    }
    const kg_status status = read_dictionary(&in, out, err);
    out->start = in.end;
    return status ? status : count_items(&in, out, err);
}

kg_status kgi_npy_parse(kgi_npy *out, const char *path, const unsigned char *bytes, size_t n_bytes,
                        kg_error *err)
{
    const kg_status status = kgi_npy_read_header(out, path, bytes, n_bytes, err);
    if (status) {
        return status;
    }
    if (n_bytes < out->n_bytes) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: the file ends, its header promises %zu numbers of %zu bytes",
                        path, n_bytes, out->n_items, out->item_bytes);
    }
    if (n_bytes > out->n_bytes) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: the file goes on, its header promises the end", path,
                        out->n_bytes);
    }
    out->bytes = bytes;
    return KG_OK;
}

/* Where the number with index i in C order lies, counted in numbers. */
static size_t stored_at(const kgi_npy *npy, size_t i)
{
    if (!npy->is_fortran) {
        return i;
    }
    size_t at = 0;
    size_t stride = npy->n_items;
    for (int d = npy->n_dims - 1; d >= 0; d--) {
        stride /= npy->shape[d];
        at += i % npy->shape[d] * stride;
        i /= npy->shape[d];
    }
    return at;
}

size_t kgi_npy_place(const kgi_npy *npy, size_t i)
{
    return npy->start + stored_at(npy, i) * npy->item_bytes;
}

static uint64_t read_bits(const unsigned char *from, size_t n, int is_big_endian)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        bits |= (uint64_t)from[is_big_endian ? n - 1 - i : i] << (8 * i);
    }
    return bits;
}

/* The number; *problem says why it is none that we take. */
static double read_item(const kgi_npy *npy, const unsigned char *from, const char **problem)
{
    const uint64_t bits = read_bits(from, npy->item_bytes, npy->is_big_endian);
    const uint32_t low = (uint32_t)bits;
    const uint64_t limit = UINT64_C(1) << MAX_EXACT_BITS;
    double x = 0.0;
    float single = 0.0F;
    switch (npy->type) {
    case KGI_NPY_F4:
        memcpy(&single, &low, sizeof single);
        x = (double)single;
        *problem = isfinite(x) ? NULL : "is not finite";
        return x;
    case KGI_NPY_F8:
        memcpy(&x, &bits, sizeof x);
        *problem = isfinite(x) ? NULL : "is not finite";
        return x;
    case KGI_NPY_I4:
        return low < UINT32_C(0x80000000) ? (double)low
                                          : (double)low - 4294967296.0; /* two's complement */
    case KGI_NPY_I8:
        if (bits <= limit) {
            return (double)bits;
        }
        *problem = UINT64_MAX - bits < limit ? NULL : "is above 2^53 and would lose digits";
        return -(double)(UINT64_MAX - bits + 1);
    case KGI_NPY_B1:
        *problem = bits <= 1 ? NULL : "is no bool, allowed are the bytes 0 and 1";
        return (double)bits;
    case KGI_NPY_U1:
    default:
        return (double)bits;
    }
}

kg_status kgi_npy_convert(const kgi_npy *npy, size_t first, size_t n, double *values, kg_error *err)
{
    const size_t width = npy->n_dims > 1 ? npy->n_items / npy->shape[0] : 1;
    for (size_t i = 0; i < n; i++) {
        const char *problem = NULL;
        const size_t at = kgi_npy_place(npy, first + i);
        values[i] = read_item(npy, npy->bytes + at, &problem);
        if (problem) {
            return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: row %zu, column %zu %s", npy->path,
                            at, (first + i) / width + 1, (first + i) % width + 1, problem);
        }
    }
    return KG_OK;
}
