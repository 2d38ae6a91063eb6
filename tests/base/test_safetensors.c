/* SPDX-License-Identifier: Apache-2.0 */
/* The container: what goes in comes out, equal content gives equal bytes, and nothing that was
 * damaged, cut, or built by an enemy loads. */
#include "base/safetensors.h"

#include "base/hash.h"
#include "refused.h"

static const double weights[6] = {1.5, -2.0, 0.1, 1e-300, NAN, 3.0};

/* Tensors w [2][3], v [1], empty [0][4], scalar []; a text with quotes. */
static kgi_container *example(int reversed)
{
    kg_error err;
    kgi_container *c = NULL;
    const size_t shape[2] = {2, 3};
    const size_t one[1] = {1};
    const size_t none[2] = {0, 4};
    assert_int_equal(kgi_container_create(&c, &err), KG_OK);
    for (int i = 0; i < 4; i++) {
        const int which = reversed ? 3 - i : i;
        const kg_status status =
            which == 0   ? kgi_container_add(c, "layer.w", 2, shape, weights, &err)
            : which == 1 ? kgi_container_add(c, "layer.v", 1, one, weights + 1, &err)
            : which == 2 ? kgi_container_add(c, "empty", 2, none, NULL, &err)
                         : kgi_container_add(c, "scalar", 0, NULL, weights + 2, &err);
        assert_int_equal(status, KG_OK);
    }
    assert_int_equal(kgi_container_set_text(c, "ketgrad.model", "replaced", &err), KG_OK);
    assert_int_equal(kgi_container_set_text(c, "ketgrad.zeta", "\xc3\xa9\n", &err), KG_OK);
    assert_int_equal(kgi_container_set_text(c, "ketgrad.model", "{\"ketgrad.digest\":\"1\"}", &err),
                     KG_OK);
    return c;
}

static void check_example(const kgi_container *c)
{
    assert_int_equal(kgi_container_n_tensors(c), 4);
    assert_string_equal(kgi_container_tensor(c, 0)->name, "empty");
    assert_string_equal(kgi_container_tensor(c, 3)->name, "scalar");
    assert_null(kgi_container_tensor(c, 4));
    assert_null(kgi_container_tensor(c, -1));
    const kgi_tensor *w = kgi_container_find(c, "layer.w");
    assert_int_equal(w->rank, 2);
    assert_int_equal(w->shape[0], 2);
    assert_int_equal(w->shape[1], 3);
    assert_int_equal(w->count, 6);
    assert_memory_equal(w->data, weights, sizeof weights);
    assert_int_equal(kgi_container_find(c, "empty")->count, 0);
    assert_int_equal(kgi_container_find(c, "scalar")->rank, 0);
    assert_true(kgi_container_find(c, "scalar")->data[0] == 0.1);
    assert_null(kgi_container_find(c, "layer"));
    assert_string_equal(kgi_container_text(c, "ketgrad.model"), "{\"ketgrad.digest\":\"1\"}");
    assert_string_equal(kgi_container_text(c, "ketgrad.zeta"), "\xc3\xa9\n");
    assert_string_equal(kgi_container_text(c, "format"), "ketgrad");
    assert_string_equal(kgi_container_text(c, "ketgrad.version"), kg_version());
    assert_null(kgi_container_text(c, "ketgrad.none"));
}

static void content_survives_a_file(void **state)
{
    (void)state;
    kg_error err;
    char folder[SCRATCH_BYTES];
    kgi_container *back = NULL;
    scratch_make(folder);
    const char *path = scratch_path(folder, "m.safetensors");
    kgi_container *c = example(0);
    assert_string_equal(kgi_container_path(c), "container");
    assert_int_equal(kgi_container_save(c, path, &err), KG_OK);
    assert_int_equal(kgi_container_load(&back, path, &err), KG_OK);
    check_example(c);
    check_example(back);
    assert_string_equal(kgi_container_path(back), path);
    kgi_container_destroy(back);
    assert_refused(kgi_container_save(c, folder, &err), err, KG_ERR_IO, ": is a folder");
    assert_refused(kgi_container_load(&back, folder, &err), err, KG_ERR_IO, ": is a folder");
    assert_null(back);
    kgi_container_destroy(c);
    kgi_container_destroy(NULL);
    scratch_remove(folder);
}

/* Layout, order of keys, padding and digest, from the bytes alone. */
static void equal_content_gives_equal_bytes(void **state)
{
    (void)state;
    kg_error err;
    unsigned char *bytes[3] = {NULL};
    size_t n[3] = {0};
    kgi_container *c[3] = {example(0), example(1), NULL};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kgi_container_format(&bytes[i], &n[i], c[i], &err), KG_OK);
        assert_int_equal(n[i], n[0]);
        assert_memory_equal(bytes[i], bytes[0], n[0]);
        if (i == 1) { /* the third has been through a file */
            assert_int_equal(kgi_container_parse(&c[2], "m", bytes[0], n[0], &err), KG_OK);
        }
    }
    const size_t header = bytes[0][0] + 256u * bytes[0][1];
    assert_int_equal(header % 8, 0);
    assert_int_equal(n[0], 8 + header + 8 * 8);
    char *text = strndup((char *)bytes[0] + 8, header);
    const char *digest = strstr(text, "\"ketgrad.digest\":\"");
    assert_non_null(digest);
    assert_memory_equal(text, "{\"__metadata__\":{\"format\":\"ketgrad\",\"ketgrad.digest\":\"",
                        54);
    assert_non_null(strstr(text,
                           ",\"empty\":{\"dtype\":\"F64\",\"shape\":[0,4],\"data_offsets\":[0,0]}"
                           ",\"layer.v\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}"
                           ",\"layer.w\":{\"dtype\":\"F64\",\"shape\":[2,3],\"data_offsets\":[8,"
                           "56]},\"scalar\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":["
                           "56,64]}}"));
    const size_t at = 8 + (size_t)(digest - text) + strlen("\"ketgrad.digest\":\"");
    char hex[KGI_SHA256_DIGITS + 1];
    memset(bytes[1] + at, '0', KGI_SHA256_DIGITS);
    assert_int_equal(kgi_sha256_bytes(bytes[1], n[0], hex, &err), KG_OK);
    assert_memory_equal(bytes[0] + at, hex, KGI_SHA256_DIGITS);
    free(text);
    for (int i = 0; i < 3; i++) {
        free(bytes[i]);
        kgi_container_destroy(c[i]);
    }
}

static void every_cut_and_every_flipped_bit_is_refused(void **state)
{
    (void)state;
    kg_error err;
    unsigned char *bytes = NULL;
    size_t n = 0;
    kgi_container *c = example(0);
    assert_int_equal(kgi_container_format(&bytes, &n, c, &err), KG_OK);
    kgi_container_destroy(c);
    for (size_t cut = 0; cut < n; cut++) {
        unsigned char *piece = malloc(cut ? cut : 1); /* so that an over-read shows */
        assert_non_null(piece);
        memcpy(piece, bytes, cut);
        assert_int_equal(kgi_container_parse(&c, "m", piece, cut, &err), KG_ERR_FORMAT);
        assert_null(c);
        assert_int_equal(strncmp(err.message, "m: byte ", 8), 0);
        free(piece);
    }
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        const kg_status status = kgi_container_parse(&c, "m", bytes, n, &err);
        assert_true(status == KG_ERR_FORMAT || status == KG_ERR_UNSUPPORTED);
        assert_null(c);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_int_equal(kgi_container_parse(&c, "m", bytes, n, &err), KG_OK);
    kgi_container_destroy(c);
    free(bytes);
}

/* A file from a header and n_data bytes of zeros; 64 digits after a digest key are made right. */
static kg_status parse_made(const char *header, size_t n_data, kg_error *err)
{
    const char key[] = "\"ketgrad.digest\":\"";
    const size_t length = strlen(header);
    const size_t n = 8 + length + n_data;
    unsigned char *bytes = calloc(n, 1);
    kgi_container *c = NULL;
    assert_non_null(bytes);
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(length >> 8 * i);
    }
    memcpy(bytes + 8, header, length);
    const char *digest = strstr(header, key);
    if (digest && strlen(digest) > sizeof key + KGI_SHA256_DIGITS) {
        const size_t at = 8 + (size_t)(digest - header) + sizeof key - 1;
        char hex[KGI_SHA256_DIGITS + 1];
        memset(bytes + at, '0', KGI_SHA256_DIGITS);
        assert_int_equal(kgi_sha256_bytes(bytes, n, hex, err), KG_OK);
        memcpy(bytes + at, hex, KGI_SHA256_DIGITS);
    }
    const kg_status status = kgi_container_parse(&c, "m", bytes, n, err);
    assert_true(!status == (c != NULL));
    kgi_container_destroy(c);
    free(bytes);
    return status;
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define META(version)                                                                              \
    "{\"__metadata__\":{\"format\":\"ketgrad\",\"ketgrad.digest\":\"" ZEROS                        \
    "\",\"ketgrad.version\":\"" version "\"}"
#define F64(shape, offsets) "{\"dtype\":\"F64\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

typedef struct made {
    const char *header;
    size_t n_data;
    kg_status status; /* KG_OK: it loads */
    const char *message;
} made;

static const made files[] = {
    /* clang-format off */
    {META("0.1.0") "}", 0, KG_OK, ""},
    {META("0.9.7") ",\"a\":" F64("[1]", "[0,8]") "}  ", 8, KG_OK, ""},
    {META("0.1.0") ",\"b\":" F64("[]", "[8,16]") ",\"a\":" F64("[1,1]", "[0,8]") ",\"z\":" F64("[3,0]", "[8,8]") "}", 16, KG_OK, ""},
    {META("0.1.0") ",\"a\":" F64("[1,1,1,1,1,1,1,1]", "[0,8]") "}", 8, KG_OK, ""},
    {META("1.0.0") "}", 0, KG_ERR_UNSUPPORTED, "m: written by ketgrad 1.0.0, this is 0.1.0: version 1 is needed"},
    {META("new") "}", 0, KG_ERR_FORMAT, "m: ketgrad.version is 'new', allowed is major.minor.patch"},
    {"{\"__metadata__\":{\"format\":\"pt\",\"ketgrad.digest\":\"" ZEROS "\"}}", 0, KG_ERR_FORMAT, "m: the format is 'pt', allowed is 'ketgrad'"},
    {"{\"__metadata__\":{\"format\":\"ketgrad\"}}", 0, KG_ERR_FORMAT, "m: byte 8: the header has no ketgrad.digest of 64 digits: not a file of ketgrad"},
    {"{\"__metadata__\":{\"ketgrad.digest\":\"12\"}}", 0, KG_ERR_FORMAT, "m: byte 8: the header has no ketgrad.digest"},
    {"{\"a\":" F64("[1]", "[0,8]") "}", 8, KG_ERR_FORMAT, "m: byte 8: the header has no ketgrad.digest"},
    {"", 0, KG_ERR_FORMAT, "m: byte 0: header of 0 bytes, allowed here are 2 to 0"},
    {"[]", 0, KG_ERR_FORMAT, "m: byte 8: the header starts with 0x5b, allowed is '{'"},
    {"{}\t", 0, KG_ERR_FORMAT, "m: byte 10: the header ends with 0x09, allowed is '}' and blanks"},
    {"{ \"a\" }", 0, KG_ERR_FORMAT, "m: byte 8: header:1:7: got '}', allowed is ':'"},
    {"{\"a\":{},\"a\":{}}", 0, KG_ERR_FORMAT, "m: byte 8: header:1:9: this key was there before, allowed is once"},
    {"{\"__metadata__\":[]}", 0, KG_ERR_FORMAT, "m: byte 10: __metadata__ is not an object of texts"},
    {"{\"__metadata__\":{\"format\":7}}", 0, KG_ERR_FORMAT, "m: byte 26: metadata 'format' is not a text"},
    {"{\"__metadata__\":{\"\":\"x\"}}", 0, KG_ERR_FORMAT, "a name has 0 bytes, allowed are 1 to 256"},
    {"{\"\":" F64("[1]", "[0,8]") "}", 8, KG_ERR_FORMAT, "a name has 0 bytes, allowed are 1 to 256"},
    {"{\"a\":7}", 0, KG_ERR_FORMAT, "m: byte 10: tensor 'a' must have dtype, shape and data_offsets and nothing else"},
    {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1]}}", 8, KG_ERR_FORMAT, "tensor 'a' must have dtype"},
    {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8],\"x\":1}}", 8, KG_ERR_FORMAT, "tensor 'a' must have dtype"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, KG_ERR_UNSUPPORTED, "m: byte 10: tensor 'a' has dtype F32, allowed is F64"},
    {"{\"a\":{\"dtype\":\"f64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a' has dtype 'f64', allowed is F64"},
    {"{\"a\":{\"dtype\":64,\"shape\":[1],\"data_offsets\":[0,8]}}", 8, KG_ERR_FORMAT, "tensor 'a' has dtype '(not a text)', allowed is F64"},
    {"{\"a\":" F64("[1,1,1,1,1,1,1,1,1]", "[0,8]") "}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a' has rank 9, allowed is at most 8"},
    {"{\"a\":" F64("[-1]", "[0,8]") "}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a': shape is not a list of whole numbers with a product that fits"},
    {"{\"a\":" F64("[1.0]", "[0,8]") "}", 8, KG_ERR_FORMAT, "shape is not a list of whole numbers"},
    {"{\"a\":" F64("7", "[0,8]") "}", 8, KG_ERR_FORMAT, "shape is not a list of whole numbers"},
    {"{\"a\":" F64("[4294967296,4294967296]", "[0,0]") "}", 0, KG_ERR_FORMAT, "shape is not a list of whole numbers"},
    {"{\"a\":" F64("[2305843009213693952]", "[0,0]") "}", 0, KG_ERR_FORMAT, "shape is not a list of whole numbers"},
    {"{\"a\":" F64("[1]", "[0]") "}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a': data_offsets are not two whole numbers"},
    {"{\"a\":" F64("[1]", "[0,8,16]") "}", 8, KG_ERR_FORMAT, "data_offsets are not two whole numbers"},
    {"{\"a\":" F64("[1]", "[0,8.0]") "}", 8, KG_ERR_FORMAT, "data_offsets are not two whole numbers"},
    {"{\"a\":" F64("[1]", "[-8,0]") "}", 8, KG_ERR_FORMAT, "data_offsets are not two whole numbers"},
    {"{\"a\":" F64("[1]", "[0,9223372036854775808]") "}", 8, KG_ERR_FORMAT, "a whole number that 64 bits do not hold"},
    {"{\"a\":" F64("[1]", "[8,0]") "}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a' lies at [8, 0], allowed is [0, 8] in ascending order"},
    {"{\"a\":" F64("[2]", "[0,16]") "}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a' lies at [0, 16], allowed is [0, 8] in ascending order"},
    {"{\"a\":" F64("[2]", "[0,8]") "}", 8, KG_ERR_FORMAT, "m: byte 10: tensor 'a' has 8 bytes, its shape needs 16"},
    {"{\"a\":" F64("[1]", "[0,8]") ",\"b\":" F64("[1]", "[0,8]") "}", 8, KG_ERR_FORMAT, "tensor 'b' starts at offset 0, inside another: allowed is 8"},
    {"{\"a\":" F64("[1]", "[8,16]") "}", 16, KG_ERR_FORMAT, "tensor 'a' starts at offset 8, after a hole: allowed is 0"},
    {"{\"a\":" F64("[1]", "[0,8]") "}", 9, KG_ERR_FORMAT, ": 1 bytes after the last tensor, allowed are 0"},
    {META("0.1.0") "}", 1, KG_ERR_FORMAT, ": 1 bytes after the last tensor, allowed are 0"},
    /* clang-format on */
};

static void hostile_headers_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        kg_error err = {0};
        if (files[i].status) {
            assert_refused(parse_made(files[i].header, files[i].n_data, &err), err, files[i].status,
                           files[i].message);
        } else if (parse_made(files[i].header, files[i].n_data, &err)) {
            fail_msg("%s: %s", files[i].header, err.message);
        }
    }
}

static void lengths_in_front_are_checked(void **state)
{
    (void)state;
    kg_error err;
    kgi_container *c = NULL;
    unsigned char bytes[16] = {0};
    assert_refused(kgi_container_parse(&c, "m", bytes, 7, &err), err, KG_ERR_FORMAT,
                   "m: byte 0: the file has 7 bytes, a model file at least 10");
    memset(bytes, 0xff, 8);
    assert_refused(kgi_container_parse(&c, "m", bytes, 16, &err), err, KG_ERR_FORMAT,
                   "m: byte 0: header of 18446744073709551615 bytes, allowed here are 2 to 8");
    memset(bytes, 0, 8);
    bytes[7] = 0x80;
    assert_refused(kgi_container_parse(&c, "m", bytes, 16, &err), err, KG_ERR_FORMAT,
                   "header of 9223372036854775808 bytes");
    unsigned char *large = calloc(1, KGI_CONTAINER_MAX_HEADER + 64);
    assert_non_null(large);
    large[0] = 8; /* 4 MiB + 8 */
    large[2] = 0x40;
    assert_refused(kgi_container_parse(&c, "m", large, KGI_CONTAINER_MAX_HEADER + 64, &err), err,
                   KG_ERR_FORMAT, "header of 4194312 bytes, allowed here are 2 to 4194304");
    free(large);
}

static void names_and_shapes_are_checked_when_added(void **state)
{
    (void)state;
    kg_error err;
    kgi_container *c = example(0);
    const size_t one[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const size_t huge[2] = {(size_t)1 << 40, (size_t)1 << 40};
    char name[KGI_CONTAINER_MAX_NAME + 2];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_refused(kgi_container_add(c, name, 1, one, weights, &err), err, KG_ERR_ARGUMENT,
                   "the name of a tensor has 257 bytes, not 1 to 256");
    assert_int_equal(kgi_container_add(c, name + 1, 8, one, weights, &err), KG_OK);
    assert_refused(kgi_container_add(c, "", 1, one, weights, &err), err, KG_ERR_ARGUMENT,
                   "the name of a tensor has 0 bytes");
    assert_refused(kgi_container_add(c, "a\tb", 1, one, weights, &err), err, KG_ERR_ARGUMENT,
                   "the name of a tensor holds byte 0x09, allowed is printable ASCII");
    assert_refused(kgi_container_add(c, "__metadata__", 1, one, weights, &err), err,
                   KG_ERR_ARGUMENT, "a tensor cannot be called '__metadata__'");
    assert_refused(kgi_container_add(c, "scalar", 1, one, weights, &err), err, KG_ERR_ARGUMENT,
                   "there is a tensor 'scalar' already");
    assert_refused(kgi_container_add(c, "x", 9, one, weights, &err), err, KG_ERR_ARGUMENT,
                   "tensor 'x' has rank 9, not in [0, 8]");
    assert_refused(kgi_container_add(c, "x", 2, huge, weights, &err), err, KG_ERR_SHAPE,
                   "tensor 'x' has more numbers than memory can hold");
    assert_refused(kgi_container_set_text(c, "model", "x", &err), err, KG_ERR_ARGUMENT,
                   "'model' is not a key for a text, allowed is 'ketgrad.<name>'");
    assert_refused(kgi_container_set_text(c, "ketgrad.digest", "x", &err), err, KG_ERR_ARGUMENT,
                   "'ketgrad.digest' is not a key for a text");
    assert_refused(kgi_container_set_text(c, "", "x", &err), err, KG_ERR_ARGUMENT,
                   "the name of a text has 0 bytes");
    kgi_container_destroy(c);
}

static void limits_hold_when_writing(void **state)
{
    (void)state;
    kg_error err;
    kgi_container *c = NULL;
    kgi_container *back = NULL;
    unsigned char *bytes = NULL;
    size_t n = 0;
    char name[16];
    assert_int_equal(kgi_container_create(&c, &err), KG_OK);
    for (int i = 0; i < KGI_CONTAINER_MAX_TENSORS; i++) {
        snprintf(name, sizeof name, "t%d", (i * 2741) % KGI_CONTAINER_MAX_TENSORS);
        assert_int_equal(kgi_container_add(c, name, 0, NULL, weights, &err), KG_OK);
    }
    assert_refused(kgi_container_add(c, "more", 0, NULL, weights, &err), err, KG_ERR_UNSUPPORTED,
                   "tensor 'more' is one more than the 4096 allowed");
    assert_int_equal(kgi_container_format(&bytes, &n, c, &err), KG_OK);
    assert_int_equal(kgi_container_parse(&back, "m", bytes, n, &err), KG_OK);
    assert_int_equal(kgi_container_n_tensors(back), KGI_CONTAINER_MAX_TENSORS);
    free(bytes);
    kgi_container_destroy(back);
    char *text = malloc(KGI_CONTAINER_MAX_HEADER + 1);
    assert_non_null(text);
    memset(text, 'x', KGI_CONTAINER_MAX_HEADER);
    text[KGI_CONTAINER_MAX_HEADER] = '\0';
    assert_int_equal(kgi_container_set_text(c, "ketgrad.config", text, &err), KG_OK);
    assert_refused(kgi_container_format(&bytes, &n, c, &err), err, KG_ERR_UNSUPPORTED,
                   "bytes, at most 4194304");
    assert_null(bytes);
    free(text);
    kgi_container_destroy(c);
}

static void needs_name_what_is_missing(void **state)
{
    (void)state;
    kg_error err;
    kgi_container *c = example(0);
    const double *data = NULL;
    const char *text = NULL;
    const size_t shape[2] = {2, 3};
    const size_t other[2] = {3, 2};
    const size_t one[1] = {1};
    assert_int_equal(kgi_container_need(c, "layer.v", 1, one, &data, &err), KG_OK);
    assert_true(data[0] == -2.0);
    assert_refused(kgi_container_need(c, "layer.u", 1, one, &data, &err), err, KG_ERR_FORMAT,
                   "container: there is no tensor 'layer.u'");
    assert_null(data);
    assert_refused(kgi_container_need(c, "layer.w", 2, other, &data, &err), err, KG_ERR_FORMAT,
                   "container: tensor 'layer.w' has shape [2, 3], allowed is [3, 2]");
    assert_refused(kgi_container_need(c, "scalar", 1, one, &data, &err), err, KG_ERR_FORMAT,
                   "container: tensor 'scalar' has shape [], allowed is [1]");
    assert_refused(kgi_container_need(c, "layer.w", 2, shape, &data, &err), err, KG_ERR_FORMAT,
                   "container: tensor 'layer.w': number 4 is not finite");
    assert_int_equal(kgi_container_need_text(c, "ketgrad.zeta", &text, &err), KG_OK);
    assert_refused(kgi_container_need_text(c, "ketgrad.none", &text, &err), err, KG_ERR_FORMAT,
                   "container: there is no text 'ketgrad.none'");
    kgi_container_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_survives_a_file),
        cmocka_unit_test(equal_content_gives_equal_bytes),
        cmocka_unit_test(every_cut_and_every_flipped_bit_is_refused),
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(lengths_in_front_are_checked),
        cmocka_unit_test(names_and_shapes_are_checked_when_added),
        cmocka_unit_test(limits_hold_when_writing),
        cmocka_unit_test(needs_name_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
