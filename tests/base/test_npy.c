/* SPDX-License-Identifier: Apache-2.0 */
/* NPY: every type, order and version; what is refused and where; the bytes that we write. */
#include "base/npy.h"

#include <string.h>

#include "refused.h"

enum { MAX_BYTES = 20000 };

/* A file of version `major`: header text, then numbers. Returns its length. */
static size_t make_file(unsigned char *file, int major, const char *header, const void *numbers,
                        size_t n_numbers)
{
    const size_t length = strlen(header);
    const size_t start = major == 1 ? 10 : 12;
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (unsigned char)major;
    file[7] = 0;
    file[8] = (unsigned char)(length & 0xff);
    file[9] = (unsigned char)(length >> 8);
    file[10] = file[11] = 0;
    memcpy(file + start, header, length);
    if (n_numbers) {
        memcpy(file + start + length, numbers, n_numbers);
    }
    return start + length + n_numbers;
}

#define HEADER(descr, fortran, shape)                                                              \
    "{'descr': '" descr "', 'fortran_order': " fortran ", 'shape': " shape ", }     \n"

typedef struct good {
    const char *header;
    const char *numbers;
    size_t n_numbers;
    int n_dims;
    size_t shape[2];
    double values[6]; /* in C order */
} good;

static const good good_files[] = {
    /* clang-format off */
    {HEADER("<f8", "False", "(2,)"), "\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\xc0", 16, 1, {2}, {1.5, -2}},
    {HEADER(">f8", "False", "(2,)"), "\x3f\xf8\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 16, 1, {2}, {1.5, -2}},
    {HEADER("<f4", "False", "(1,)"), "\0\0\xc0\x3f", 4, 1, {1}, {1.5}},
    {HEADER(">f4", "False", "(1,)"), "\x3f\xc0\0\0", 4, 1, {1}, {1.5}},
    {HEADER("<i4", "False", "(3,)"), "\x01\0\0\0\xff\xff\xff\xff\0\0\0\x80", 12, 1, {3}, {1, -1, -2147483648.0}},
    {HEADER(">i4", "False", "(1,)"), "\xff\xff\xff\xfe", 4, 1, {1}, {-2}},
    {HEADER("<i8", "False", "(2,)"), "\x07\0\0\0\0\0\0\0\xf9\xff\xff\xff\xff\xff\xff\xff", 16, 1, {2}, {7, -7}},
    {HEADER(">i8", "False", "(1,)"), "\0\x20\0\0\0\0\0\0", 8, 1, {1}, {9007199254740992.0}},
    {HEADER("|u1", "False", "(2, 3)"), "\x01\x02\x03\x04\x05\xff", 6, 2, {2, 3}, {1, 2, 3, 4, 5, 255}},
    {HEADER("|u1", "True", "(2, 3)"), "\x01\x04\x02\x05\x03\xff", 6, 2, {2, 3}, {1, 2, 3, 4, 5, 255}},
    {HEADER("|b1", "False", "(2,)"), "\0\x01", 2, 1, {2}, {0, 1}},
    {HEADER("|u1", "False", "()"), "\x09", 1, 0, {0}, {9}},
    {"{\"shape\":(1 ,2,),\"fortran_order\":True,\"descr\":\"<u1\"}", "\x08\x09", 2, 2, {1, 2}, {8, 9}},
    /* clang-format on */
};

static void files_of_every_type_order_and_version_are_read(void **state)
{
    (void)state;
    for (int major = 1; major <= 3; major++) {
        for (size_t i = 0; i < sizeof good_files / sizeof *good_files; i++) {
            const good *row = &good_files[i];
            unsigned char file[400];
            double values[6];
            kg_error err;
            kgi_npy npy;
            const size_t n = make_file(file, major, row->header, row->numbers, row->n_numbers);
            if (kgi_npy_parse(&npy, "x.npy", file, n, &err)) {
                fail_msg("%s: %s", row->header, err.message);
            }
            assert_int_equal(npy.n_dims, row->n_dims);
            assert_memory_equal(npy.shape, row->shape, (size_t)row->n_dims * sizeof *npy.shape);
            assert_int_equal(kgi_npy_convert(&npy, 0, npy.n_items, values, &err), KG_OK);
            assert_memory_equal(values, row->values, npy.n_items * sizeof *values);
            for (size_t k = 0; k < npy.n_items; k++) { /* one by one it is the same */
                assert_int_equal(kgi_npy_convert(&npy, k, 1, values, &err), KG_OK);
                assert_true(values[0] == row->values[k]);
            }
        }
    }
}

typedef struct bad {
    const char *header;
    size_t n_numbers;
    const char *message;
} bad;

static const bad bad_headers[] = {
    /* clang-format off */
    {HEADER("|O", "False", "(2,)"), 16, "x.npy: byte 20: type '|O' holds objects, allowed are <f4"},
    {HEADER("O8", "False", "(2,)"), 16, "x.npy: byte 20: type 'O8' holds objects"},
    {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }\n", 16, "x.npy: byte 20: a structured type, allowed are plain numbers"},
    {HEADER("<c16", "False", "(2,)"), 32, "x.npy: byte 20: type '<c16', allowed are"},
    {HEADER("<u4", "False", "(2,)"), 8, "x.npy: byte 20: type '<u4', allowed are"},
    {HEADER("=f8", "False", "(2,)"), 16, "x.npy: byte 20: type '=f8', allowed are"},
    {HEADER("<f8", "0", "(2,)"), 16, "x.npy: byte 44: fortran_order is not True or False"},
    {HEADER("<f8", "False", "(2)"), 16, "byte 63: a shape of one size needs a comma behind it, as in (3,)"},
    {HEADER("<f8", "False", "(2,-1)"), 16, "the shape is not a list of whole numbers in round brackets"},
    {HEADER("<f8", "False", "(0, 4)"), 0, "byte 61: a size of 0, must be at least 1"},
    {HEADER("<f8", "False", "(1.5,)"), 8, "the shape is not a list of whole numbers in round brackets"},
    {HEADER("<f8", "False", "(2L,)"), 16, "the shape is not a list of whole numbers in round brackets"},
    {HEADER("<f8", "False", "[2,]"), 16, "the shape is not a list of whole numbers in round brackets"},
    {HEADER("<f8", "False", "(1,1,1,1,1,1,1,1,1)"), 8, "more than 8 dimensions"},
    {HEADER("<f8", "False", "(4294967296, 4294967296)"), 8, "the sizes of the shape multiply to more than memory can hold"},
    {HEADER("<f8", "False", "(4294967295, 4294967295)"), 8, "the sizes of the shape multiply to more than memory can hold"},
    {HEADER("<f8", "False", "(99999999999999999999999,)"), 8, "a size of the shape has too many digits"},
    {HEADER("<f8", "False", "(1000000000000,)"), 8, "the file ends, its header promises 1000000000000 numbers of 8 bytes"},
    {HEADER("<f8", "False", "(2,)"), 15, "byte 88: the file ends, its header promises 2 numbers of 8 bytes"},
    {HEADER("<f8", "False", "(2,)"), 17, "byte 89: the file goes on, its header promises the end"},
    {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", 16, "byte 27: key 'descr' is there twice, allowed are descr, fortran_order, shape"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}\n", 16, "byte 66: key 'x' is unknown"},
    {"{'descr': '<f8', 'shape': (2,), }\n", 16, "the header lacks one of descr, fortran_order, shape"},
    {"{'descr': '<f8' 'fortran_order': False, 'shape': (2,), }\n", 16, "byte 26: a comma or } is missing in the header"},
    {"{'descr': '<' + 'f8', 'fortran_order': False, 'shape': (2,), }\n", 16, "byte 20: type '<', allowed are"},
    {"{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,), }\n", 16, "byte 20: the type is not a text in quotes"},
    {"{'descr': '\\x3cf8', 'fortran_order': False, 'shape': (2,), }\n", 16, "a text in the header is not closed"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), } # comment\n", 16, "text after the end of the header"},
    {"dict(descr='<f8', fortran_order=False, shape=(2,))\n", 16, "byte 10: the header does not begin with {"},
    {"", 0, "byte 10: the header does not begin with {"},
    {"{'descr", 0, "a text in the header is not closed"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,", 0, "the shape is not a list of whole numbers in round brackets"},
    /* clang-format on */
};

static void bad_headers_are_refused(void **state)
{
    (void)state;
    static unsigned char file[MAX_BYTES];
    static const unsigned char zeros[64];
    for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++) {
        kg_error err;
        kgi_npy npy;
        const size_t n = make_file(file, 1, bad_headers[i].header, zeros, bad_headers[i].n_numbers);
        assert_refused(kgi_npy_parse(&npy, "x.npy", file, n, &err), err, KG_ERR_FORMAT,
                       bad_headers[i].message);
    }
}

static void bad_beginnings_are_refused(void **state)
{
    (void)state;
    static unsigned char file[MAX_BYTES];
    kg_error err;
    kgi_npy npy;
    const char *header = HEADER("<f8", "False", "(1,)");
    const size_t n = make_file(file, 1, header, "\0\0\0\0\0\0\0\0", 8);
    assert_int_equal(kgi_npy_parse(&npy, "x.npy", file, n, &err), KG_OK);
    for (size_t cut = 0; cut < n; cut++) { /* wherever it is cut */
        assert_refused(kgi_npy_parse(&npy, "x.npy", file, cut, &err), err, KG_ERR_FORMAT,
                       "x.npy: byte ");
    }
    assert_refused(kgi_npy_parse(&npy, "x.npy", (const unsigned char *)"PK\3\4....", 8, &err), err,
                   KG_ERR_FORMAT, "x.npy: byte 0: no NPY file: it does not begin with \\x93NUMPY");
    file[6] = 4;
    assert_refused(kgi_npy_parse(&npy, "x.npy", file, n, &err), err, KG_ERR_FORMAT,
                   "x.npy: byte 6: version 4.0, allowed are 1.0, 2.0, 3.0");
    file[6] = 1;
    file[7] = 1;
    assert_refused(kgi_npy_parse(&npy, "x.npy", file, n, &err), err, KG_ERR_FORMAT,
                   "x.npy: byte 6: version 1.1");
    make_file(file, 2, header, NULL, 0);
    memcpy(file + 8, "\xff\xff\xff\xff", 4);
    assert_refused(kgi_npy_parse(&npy, "x.npy", file, n, &err), err, KG_ERR_FORMAT,
                   "x.npy: byte 8: a header of 4294967295 bytes, at most 10000");
}

/* A header of exactly 10 000 bytes is read, one more is not. */
static void the_header_has_a_limit(void **state)
{
    (void)state;
    static unsigned char file[MAX_BYTES];
    static char header[KGI_NPY_MAX_HEADER + 2];
    kg_error err;
    kgi_npy npy;
    const char *text = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }";
    memset(header, ' ', sizeof header - 1);
    memcpy(header, text, strlen(text));
    header[KGI_NPY_MAX_HEADER - 1] = '\n';
    header[KGI_NPY_MAX_HEADER] = '\0';
    size_t n = make_file(file, 1, header, "\x05", 1);
    assert_int_equal(kgi_npy_parse(&npy, "x.npy", file, n, &err), KG_OK);
    assert_int_equal(n, KGI_NPY_MAX_HEADER + 11);
    header[KGI_NPY_MAX_HEADER - 1] = ' ';
    header[KGI_NPY_MAX_HEADER] = '\n';
    header[KGI_NPY_MAX_HEADER + 1] = '\0';
    n = make_file(file, 1, header, "\x05", 1);
    assert_refused(kgi_npy_parse(&npy, "x.npy", file, n, &err), err, KG_ERR_FORMAT,
                   "x.npy: byte 8: a header of 10001 bytes, at most 10000");
}

static void bad_numbers_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        const char *numbers;
        size_t n_numbers;
        const char *message;
    } rows[] = {
        /* clang-format off */
        {HEADER("<f8", "False", "(1, 2)"), "\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\xf0\x7f", 16, "row 1, column 2 is not finite"},
        {HEADER("<f4", "False", "(2, 1)"), "\0\0\0\0\0\0\xc0\x7f", 8, "row 2, column 1 is not finite"},
        {HEADER("|b1", "False", "(3,)"), "\0\x01\x02", 3, "row 3, column 1 is no bool, allowed are the bytes 0 and 1"},
        {HEADER("<i8", "False", "(1,)"), "\x01\0\0\0\0\0\x20\0", 8, "row 1, column 1 is above 2^53 and would lose digits"},
        {HEADER("<i8", "False", "(1,)"), "\0\0\0\0\0\0\0\x80", 8, "row 1, column 1 is above 2^53 and would lose digits"},
        /* clang-format on */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char file[200];
        double values[3];
        kg_error err;
        kgi_npy npy;
        const size_t n = make_file(file, 1, rows[i].header, rows[i].numbers, rows[i].n_numbers);
        assert_int_equal(kgi_npy_parse(&npy, "x.npy", file, n, &err), KG_OK);
        assert_refused(kgi_npy_convert(&npy, 0, npy.n_items, values, &err), err, KG_ERR_FORMAT,
                       rows[i].message);
    }
}

/* What NumPy's own save() writes for np.array([1.5, -2.0, 3.25]), byte for byte. */
static void we_write_what_numpy_writes(void **state)
{
    (void)state;
    static const char header[] = "\x93NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': False, "
                                 "'shape': (3,), }";
    const double values[3] = {1.5, -2.0, 3.25};
    const size_t shape[1] = {3};
    unsigned char *bytes = NULL;
    size_t n = 0;
    assert_int_equal(kgi_npy_format(&bytes, &n, 1, shape, values, NULL), KG_OK);
    assert_int_equal(n, 128 + 24);
    assert_memory_equal(bytes, header, sizeof header - 1);
    for (size_t i = sizeof header - 1; i < 127; i++) {
        assert_int_equal(bytes[i], ' ');
    }
    assert_int_equal(bytes[127], '\n');
    assert_memory_equal(bytes + 128, "\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x0a\x40",
                        24);
    free(bytes);
}

/* For shapes of every rank: numbers begin at a multiple of 64, and reading gives the same bits. */
static void what_is_written_is_read(void **state)
{
    (void)state;
    const size_t shape[KGI_NPY_MAX_DIMS] = {2, 1, 3, 1, 2, 1, 1, 2};
    double values[24];
    double again[24];
    for (int i = 0; i < 24; i++) {
        values[i] = 0.1 * i - 1e-300;
    }
    for (int n_dims = 0; n_dims <= KGI_NPY_MAX_DIMS; n_dims++) {
        unsigned char *bytes = NULL;
        size_t n = 0;
        kgi_npy npy;
        assert_int_equal(kgi_npy_format(&bytes, &n, n_dims, shape, values, NULL), KG_OK);
        assert_int_equal(kgi_npy_parse(&npy, "x", bytes, n, NULL), KG_OK);
        assert_int_equal(npy.start % 64, 0);
        assert_int_equal(npy.n_dims, n_dims);
        assert_memory_equal(npy.shape, shape, (size_t)n_dims * sizeof *shape);
        assert_int_equal(kgi_npy_convert(&npy, 0, npy.n_items, again, NULL), KG_OK);
        assert_memory_equal(again, values, npy.n_items * sizeof *values);
        free(bytes);
    }
}

static void bad_shapes_are_not_written(void **state)
{
    (void)state;
    kg_error err;
    unsigned char *bytes = (unsigned char *)&err;
    size_t n = 7;
    const double x = 0.0;
    const size_t zero[2] = {2, 0};
    const size_t large[2] = {SIZE_MAX / 4, 8};
    assert_refused(kgi_npy_format(&bytes, &n, 9, zero, &x, &err), err, KG_ERR_ARGUMENT,
                   "9 dimensions, not in [0, 8]");
    assert_null(bytes);
    assert_refused(kgi_npy_format(&bytes, &n, 2, zero, &x, &err), err, KG_ERR_ARGUMENT,
                   "dimension 1 has size 0, must be at least 1");
    assert_refused(kgi_npy_format(&bytes, &n, 2, large, &x, &err), err, KG_ERR_ARGUMENT,
                   "the array is too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_every_type_order_and_version_are_read),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(bad_beginnings_are_refused),
        cmocka_unit_test(the_header_has_a_limit),
        cmocka_unit_test(bad_numbers_are_refused_with_their_place),
        cmocka_unit_test(we_write_what_numpy_writes),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(bad_shapes_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
