/* SPDX-License-Identifier: Apache-2.0 */
/* gzip: pieces of any size, members in a row, and damage of every kind. */
#include "base/gzip.h"

#include "refused.h"

/* "hello, hello, hello, world\n" by gzip -9n. */
static const unsigned char hello[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                      0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0xc8,
                                      0x40, 0xa1, 0xca, 0xf3, 0x8b, 0x72, 0x52, 0xb8, 0x00,
                                      0xc3, 0x70, 0xa3, 0xc2, 0x1b, 0x00, 0x00, 0x00};
static const char text[] = "hello, hello, hello, world\n";
enum { HELLO = sizeof hello, TEXT = sizeof text - 1 };

/* Unpacks with reads of `piece` bytes into out[size]. */
static kg_status unpack(const unsigned char *bytes, size_t n, size_t piece, unsigned char *out,
                        size_t size, size_t *total, kg_error *err)
{
    kgi_gzip *gzip = NULL;
    size_t got = 0;
    *total = 0;
    kg_status status = kgi_gzip_open(&gzip, "f.gz", bytes, n, err);
    while (!status && *total + piece <= size) {
        status = kgi_gzip_read(gzip, out + *total, piece, &got, err);
        *total += got;
        if (got < piece) {
            break;
        }
    }
    kgi_gzip_close(gzip);
    return status || *total + piece <= size ? status : KG_ERR_FORMAT; /* never ended */
}

static void every_piece_size_reads_the_same(void **state)
{
    (void)state;
    kg_error err;
    unsigned char out[256];
    size_t n = 0;
    assert_true(kgi_gzip_check(hello, HELLO));
    assert_false(kgi_gzip_check(hello, 1));
    assert_false(kgi_gzip_check((const unsigned char *)text, TEXT));
    for (size_t piece = 1; piece < 40; piece++) {
        assert_int_equal(unpack(hello, HELLO, piece, out, sizeof out, &n, &err), KG_OK);
        assert_int_equal(n, TEXT);
        assert_memory_equal(out, text, TEXT);
    }
}

static void members_in_a_row_are_one(void **state)
{
    (void)state;
    kg_error err;
    unsigned char two[2 * HELLO];
    unsigned char out[256];
    size_t n = 0;
    memcpy(two, hello, HELLO);
    memcpy(two + HELLO, hello, HELLO);
    for (size_t piece = 1; piece < 60; piece++) {
        assert_int_equal(unpack(two, sizeof two, piece, out, sizeof out, &n, &err), KG_OK);
        assert_int_equal(n, 2 * TEXT);
        assert_memory_equal(out, text, TEXT);
        assert_memory_equal(out + TEXT, text, TEXT);
    }
}

static void every_cut_and_flip_is_refused(void **state)
{
    (void)state;
    kg_error err;
    unsigned char copy[HELLO];
    unsigned char out[256];
    size_t n = 0;
    for (size_t cut = 0; cut < HELLO; cut++) {
        assert_refused(unpack(hello, cut, 16, out, sizeof out, &n, &err), err, KG_ERR_FORMAT,
                       ": the gzip data is cut off");
    }
    int n_harmless = 0;
    for (size_t bit = 0; bit < (size_t)8 * HELLO; bit++) {
        memcpy(copy, hello, HELLO);
        copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (unpack(copy, HELLO, 16, out, sizeof out, &n, &err) == KG_OK) {
            n_harmless++;
            assert_int_equal(n, TEXT);
            assert_memory_equal(out, text, TEXT);
        }
    }
    /* time, extra flags and system (6 bytes), the bit that calls the text a text, and the bits
     * between the end of the packed data and the next byte carry no data */
    assert_true(n_harmless >= 8 * 6 + 1 && n_harmless <= 8 * 6 + 1 + 7);
    memcpy(copy, hello, HELLO);
    copy[HELLO - 8] ^= 1;
    assert_refused(unpack(copy, HELLO, 64, out, sizeof out, &n, &err), err, KG_ERR_FORMAT,
                   "f.gz: byte 31: damaged gzip data: incorrect data check");
}

static void bytes_after_the_end_are_refused(void **state)
{
    (void)state;
    kg_error err;
    unsigned char longer[HELLO + 3] = {0};
    unsigned char out[256];
    size_t n = 0;
    memcpy(longer, hello, HELLO);
    assert_refused(unpack(longer, sizeof longer, 64, out, sizeof out, &n, &err), err, KG_ERR_FORMAT,
                   "f.gz: byte 35: 3 bytes after the end of the gzip data, allowed is another gzip "
                   "member");
}

static void the_buffer_is_the_bound(void **state)
{
    (void)state;
    kg_error err;
    unsigned char out[8];
    kgi_gzip *gzip = NULL;
    size_t n = 0;
    memset(out, 0x55, sizeof out);
    assert_int_equal(kgi_gzip_open(&gzip, "f.gz", hello, HELLO, &err), KG_OK);
    assert_int_equal(kgi_gzip_read(gzip, out, 5, &n, &err), KG_OK);
    assert_int_equal(n, 5);
    assert_memory_equal(out, "hello\x55\x55\x55", 8);
    kgi_gzip_close(gzip);
    kgi_gzip_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_size_reads_the_same),
        cmocka_unit_test(members_in_a_row_are_one),
        cmocka_unit_test(every_cut_and_flip_is_refused),
        cmocka_unit_test(bytes_after_the_end_are_refused),
        cmocka_unit_test(the_buffer_is_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
