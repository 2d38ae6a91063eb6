/* SPDX-License-Identifier: Apache-2.0 */
/* NPZ: members as others write them, zip files that lie, and the bytes that we write. */
#include "base/npz.h"

#include <string.h>

#include "base/zip.h"
#include "refused.h"

/* A small array as NPY bytes. */
static size_t array_bytes(unsigned char *to, int n, double first)
{
    double values[64];
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    const size_t shape[1] = {(size_t)n};
    for (int i = 0; i < n; i++) {
        values[i] = first + i;
    }
    assert_int_equal(kgi_npy_format(&bytes, &n_bytes, 1, shape, values, NULL), KG_OK);
    memcpy(to, bytes, n_bytes);
    free(bytes);
    return n_bytes;
}

static zip_file *begin(void)
{
    zip_file *zip = calloc(1, sizeof *zip);
    assert_non_null(zip);
    return zip;
}

/* Members "a" (stored) and "b" (deflated), each with flags. */
static zip_file *two_members(int flags)
{
    unsigned char data[1024];
    zip_file *zip = begin();
    const size_t n_a = array_bytes(data, 3, 1);
    zip_add(zip, "a.npy", ZIP_STORED, flags, data, n_a);
    const size_t n_b = array_bytes(data, 20, 0.5);
    zip_add(zip, "b.npy", ZIP_DEFLATED, flags, data, n_b);
    zip_end(zip);
    return zip;
}

static void members_are_read(void **state)
{
    (void)state;
    static const int all_flags[] = {0, ZIP_DESCRIPTOR, ZIP_ZIP64, ZIP_DESCRIPTOR | ZIP_ZIP64};
    for (size_t f = 0; f < sizeof all_flags / sizeof *all_flags; f++) {
        kg_error err;
        kgi_npz *npz = NULL;
        kgi_npy npy;
        unsigned char *bytes = NULL;
        double values[20];
        zip_file *zip = two_members(all_flags[f]);
        if (kgi_npz_open(&npz, "x.npz", zip->bytes, zip->n, &err)) {
            fail_msg("flags %d: %s", all_flags[f], err.message);
        }
        assert_int_equal(kgi_npz_n_members(npz), 2);
        assert_string_equal(kgi_npz_name(npz, 1), "b");
        assert_null(kgi_npz_name(npz, 2));
        assert_int_equal(kgi_npz_find(npz, "b"), 1);
        assert_int_equal(kgi_npz_find(npz, "c"), -1);
        if (kgi_npz_read(npz, 1, &npy, &bytes, &err)) {
            fail_msg("flags %d: %s", all_flags[f], err.message);
        }
        assert_int_equal(npy.n_items, 20);
        assert_int_equal(kgi_npy_convert(&npy, 0, 20, values, &err), KG_OK);
        assert_true(values[0] == 0.5 && values[19] == 19.5);
        free(bytes);
        assert_int_equal(kgi_npz_read(npz, 0, &npy, &bytes, &err), KG_OK);
        assert_int_equal(npy.n_items, 3);
        free(bytes);
        kgi_npz_close(npz);
        free(zip);
    }
}

/* One change of a good file, and what is said about it. */
typedef struct change {
    int where; /* 'l' header of member 1, 'c' its directory entry, 'e' the end, 0 .. from the start */
    int offset;
    uint32_t value;
    int n;
    const char *message;
} change;

static const change changes[] = {
    /* clang-format off */
    {'c', 8, 1, 2, "the member is encrypted"},
    {'c', 10, 12, 2, "the member is packed in a way that is not stored or deflated"},
    {'c', 20, 0xffffffff, 4, "the member has 4 GiB or more"},
    {'c', 42, 0xffffffff, 4, "the member has 4 GiB or more"},
    {'c', 24, 0x7fffffff, 4, "the directory gives a size that the packed bytes cannot have"},
    {'c', 42, 0x7fffffff, 4, "the directory points outside of the file"},
    {'c', 42, 5, 4, "no member where the directory says that there is one"},
    {'c', 20, 100000, 4, "the member does not fit before the directory"},
    {'c', 28, 3, 2, "a member is not called NAME.npy"},
    {'c', 28, 60000, 2, "the zip directory is damaged"},
    {'c', 46, '/', 1, "the name of a member has a character that no array name has"},
    {'c', 46, '\n', 1, "the name of a member has a character that no array name has"},
    {'c', 46, 0, 1, "the name of a member has a character that no array name has"},
    {'c', 46, 'a', 1, "the header of the member differs from the directory"},
    {'c', 0, 0, 1, "the zip directory is damaged"},
    {'c', 16, 0, 4, "the header of the member differs from the directory"},
    {'l', 14, 0, 4, "the header of the member differs from the directory"},
    {'l', 18, 7, 4, "the header of the member differs from the directory"},
    {'l', 22, 7, 4, "the header of the member differs from the directory"},
    {'l', 8, 0, 2, "the header of the member differs from the directory"},
    {'l', 6, 1, 2, "the header of the member differs from the directory"},
    {'l', 30, 'c', 1, "the header of the member differs from the directory"},
    {'l', 26, 60000, 2, "the member does not fit before the directory"},
    {'l', 0, 0, 1, "no member where the directory says that there is one"},
    {'e', 0, 0, 1, "the zip directory is missing: cut off, or text behind it"},
    {'e', 4, 1, 2, "a zip file in several parts"},
    {'e', 8, 1, 2, "a zip file in several parts"},
    {'e', 10, 0xffff, 2, "a zip file in several parts"},
    {'e', 12, 1, 4, "the zip directory is not where its end says"},
    {'e', 16, 0xffffffff, 4, "the zip directory is not where its end says"},
    {'e', 20, 1, 2, "the zip directory is missing"},
    {0, 0, 'Q', 1, "x.npz: byte 0: no NPZ file: it does not begin with PK"},
    /* clang-format on */
};

static void zip_files_that_lie_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const change *c = &changes[i];
        kg_error err;
        kgi_npz *npz = (kgi_npz *)&err;
        zip_file *zip = two_members(0);
        const size_t place = c->where == 'l'   ? zip->local[1]
                             : c->where == 'c' ? zip->directory + 46 + strlen("a.npy")
                             : c->where == 'e' ? zip->n - 22
                                               : 0;
        zip_put(zip->bytes + place + c->offset, c->value, c->n);
        assert_refused(kgi_npz_open(&npz, "x.npz", zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
                       c->message);
        assert_non_null(strstr(err.message, "x.npz: byte "));
        assert_null(npz);
        free(zip);
    }
}

static kg_status open_and_read(const unsigned char *bytes, size_t n, kg_error *err)
{
    kgi_npz *npz = NULL;
    kg_status status = kgi_npz_open(&npz, "x.npz", bytes, n, err);
    for (int i = 0; !status && i < kgi_npz_n_members(npz); i++) {
        kgi_npy npy;
        unsigned char *data = NULL;
        status = kgi_npz_read(npz, i, &npy, &data, err);
        free(data);
    }
    kgi_npz_close(npz);
    return status;
}

static void duplicates_are_refused(void **state)
{
    (void)state;
    kg_error err;
    unsigned char data[512];
    zip_file *zip = begin();
    const size_t n = array_bytes(data, 3, 1);
    zip_add(zip, "a.npy", ZIP_STORED, 0, data, n);
    zip_add(zip, "a.npy", ZIP_STORED, 0, data, n);
    zip_end(zip);
    assert_refused(open_and_read(zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
                   "member 'a.npy' is there twice");
    free(zip);
}

/* The size in the directory, the size that the inner header promises, and what is packed must agree;
 * nothing is allocated for a promise. */
static void bombs_are_refused(void **state)
{
    (void)state;
    kg_error err;
    static unsigned char zeros[400000];
    unsigned char data[512];
    zip_file *zip = begin();
    zip_add(zip, "a.npy", ZIP_DEFLATED, 0, zeros, sizeof zeros); /* packs a thousand to one */
    zip_end(zip);
    assert_refused(open_and_read(zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
                   "x.npz: a.npy: byte 0: no NPY file");
    free(zip);

    zip = begin();
    const size_t n = array_bytes(data, 3, 1);
    memcpy(zeros, data, n); /* a header for three numbers, and 400 kB of zeros behind them */
    zip_add(zip, "a.npy", ZIP_DEFLATED, 0, zeros, sizeof zeros);
    zip_end(zip);
    assert_refused(
        open_and_read(zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
        "x.npz: a.npy: byte 128: its header promises 152 bytes, the zip directory 400000");
    free(zip);

    zip = begin(); /* a header for 10^12 numbers in a member of a few bytes */
    const char *text = "\x93NUMPY\1\0\x46\0{'descr': '<f8', 'fortran_order': False, "
                       "'shape': (1000000000000,), } ";
    memset(data, ' ', sizeof data);
    memcpy(data, text, 10);
    memcpy(data + 10, text + 10, strlen(text + 10));
    data[79] = '\n';
    zip_add(zip, "a.npy", ZIP_DEFLATED, 0, data, 80);
    zip_end(zip);
    assert_refused(open_and_read(zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
                   "its header promises 8000000000080 bytes, the zip directory 80");
    free(zip);
}

/* The sizes are right, the bytes are not: both kinds of member find it by the checksum. */
static void damaged_members_are_refused(void **state)
{
    (void)state;
    kg_error err;
    zip_file *zip = two_members(0);
    zip->bytes[zip->local[0] + 30 + 5 + 130] ^= 1;
    assert_refused(open_and_read(zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
                   "x.npz: a.npy: byte ");
    free(zip);
    zip = two_members(0);
    zip->bytes[zip->directory - 10] ^= 0x55;
    assert_refused(open_and_read(zip->bytes, zip->n, &err), err, KG_ERR_FORMAT,
                   "x.npz: b.npy: byte ");
    free(zip);
}

/* Wherever it is cut, and whichever bit is turned: an answer, never a crash; most turned bits are
 * noticed, and those that are not change nothing that we read (dates, versions). */
static void no_change_makes_it_crash(void **state)
{
    (void)state;
    kg_error err;
    zip_file *zip = two_members(ZIP_DESCRIPTOR);
    int n_accepted = 0;
    for (size_t cut = 0; cut < zip->n; cut++) {
        assert_int_equal(open_and_read(zip->bytes, cut, &err), KG_ERR_FORMAT);
    }
    for (size_t bit = 0; bit < 8 * zip->n; bit++) {
        zip->bytes[bit / 8] ^= (unsigned char)(1U << (bit % 8));
        const kg_status status = open_and_read(zip->bytes, zip->n, &err);
        assert_true(status == KG_OK || status == KG_ERR_FORMAT);
        n_accepted += !status;
        zip->bytes[bit / 8] ^= (unsigned char)(1U << (bit % 8));
    }
    print_message("%d of %zu turned bits change nothing\n", n_accepted, 8 * zip->n);
    assert_true(n_accepted < (int)(8 * zip->n / 4));
    free(zip);
}

static void what_is_written_is_read_and_is_always_the_same(void **state)
{
    (void)state;
    const double x[6] = {1, 2, 3, 4, 5, 6};
    const size_t shape[2] = {2, 3};
    const size_t one[1] = {1};
    const kgi_npz_array arrays[2] = {{"y", 1, one, x}, {"X", 2, shape, x}};
    unsigned char *bytes = NULL;
    unsigned char *again = NULL;
    size_t n = 0;
    size_t n_again = 0;
    kgi_npz *npz = NULL;
    kgi_npy npy;
    unsigned char *member = NULL;
    double values[6];
    kg_error err;
    assert_int_equal(kgi_npz_format(&bytes, &n, 2, arrays, &err), KG_OK);
    setenv("TZ", "Asia/Kolkata", 1); /* zip files have local times */
    assert_int_equal(kgi_npz_format(&again, &n_again, 2, arrays, &err), KG_OK);
    unsetenv("TZ");
    assert_int_equal(n, n_again);
    assert_memory_equal(bytes, again, n);
    if (kgi_npz_open(&npz, "x.npz", bytes, n, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(kgi_npz_name(npz, 0), "X"); /* sorted */
    assert_string_equal(kgi_npz_name(npz, 1), "y");
    assert_int_equal(kgi_npz_read(npz, 0, &npy, &member, &err), KG_OK);
    assert_int_equal(npy.n_dims, 2);
    assert_int_equal(kgi_npy_convert(&npy, 0, 6, values, &err), KG_OK);
    assert_memory_equal(values, x, sizeof x);
    kgi_npz_close(npz);
    free(member);
    free(bytes);
    free(again);
}

static void bad_arrays_are_not_written(void **state)
{
    (void)state;
    kg_error err;
    unsigned char *bytes = NULL;
    size_t n = 0;
    const double x = 1;
    const size_t one[1] = {1};
    const size_t none[1] = {0};
    const kgi_npz_array twice[2] = {{"y", 1, one, &x}, {"y", 1, one, &x}};
    const kgi_npz_array slash = {"../y", 1, one, &x};
    const kgi_npz_array nameless = {"", 1, one, &x};
    const kgi_npz_array empty = {"y", 1, none, &x};
    assert_refused(kgi_npz_format(&bytes, &n, 2, twice, &err), err, KG_ERR_ARGUMENT,
                   "array name 'y' is there twice");
    assert_refused(kgi_npz_format(&bytes, &n, 1, &slash, &err), err, KG_ERR_ARGUMENT,
                   "array name '../y', allowed are 1 to 256 characters without / and \\");
    assert_refused(kgi_npz_format(&bytes, &n, 1, &nameless, &err), err, KG_ERR_ARGUMENT,
                   "array name ''");
    assert_refused(kgi_npz_format(&bytes, &n, 1, &empty, &err), err, KG_ERR_ARGUMENT,
                   "array 'y': dimension 0 has size 0");
    assert_refused(kgi_npz_format(&bytes, &n, 0, twice, &err), err, KG_ERR_ARGUMENT,
                   "0 arrays, not in [1, 4096]");
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_read),
        cmocka_unit_test(zip_files_that_lie_are_refused),
        cmocka_unit_test(duplicates_are_refused),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(damaged_members_are_refused),
        cmocka_unit_test(no_change_makes_it_crash),
        cmocka_unit_test(what_is_written_is_read_and_is_always_the_same),
        cmocka_unit_test(bad_arrays_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
