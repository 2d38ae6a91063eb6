/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the vectors of FIPS 180-4, at every split of the input. */
#include "base/hash.h"

#include "refused.h"

typedef struct vector {
    const char *text;
    const char *hex;
} vector;

/* https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values */
static const vector vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void vectors_are_met_at_every_split(void **state)
{
    (void)state;
    kg_error err;
    char hex[KGI_SHA256_DIGITS + 1];
    for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
        const size_t n = strlen(vectors[v].text);
        assert_int_equal(kgi_sha256_bytes(vectors[v].text, n, hex, &err), KG_OK);
        assert_string_equal(hex, vectors[v].hex);
        for (size_t split = 0; split <= n; split++) {
            kgi_sha256 *hash = NULL;
            assert_int_equal(kgi_sha256_create(&hash, &err), KG_OK);
            kgi_sha256_add(hash, vectors[v].text, split);
            kgi_sha256_add(hash, vectors[v].text + split, n - split);
            assert_int_equal(kgi_sha256_finish(hash, hex, &err), KG_OK);
            assert_string_equal(hex, vectors[v].hex);
        }
    }
}

static void a_million_letters(void **state)
{
    (void)state;
    kg_error err;
    char hex[KGI_SHA256_DIGITS + 1];
    char letters[1000];
    kgi_sha256 *hash = NULL;
    memset(letters, 'a', sizeof letters);
    assert_int_equal(kgi_sha256_create(&hash, &err), KG_OK);
    for (int i = 0; i < 1000; i++) {
        kgi_sha256_add(hash, letters, sizeof letters);
    }
    assert_int_equal(kgi_sha256_finish(hash, hex, &err), KG_OK);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_met_at_every_split),
        cmocka_unit_test(a_million_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
