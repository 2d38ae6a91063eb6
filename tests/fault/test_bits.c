/* SPDX-License-Identifier: Apache-2.0 */
/* A model file with one bit flipped, or cut off: every one is refused, none loads in silence. */
#include <string.h>
#include <unistd.h>

#include <ketgrad/model.h>

#include "base/safetensors.h"
#include "fixture.h"
#include "refused.h"
#include "sanitized.h"

enum { FIRST_BYTES = 4096, RANDOM_BITS = SANITIZED ? 5000 : 100000 };

static unsigned char *bytes; /* of the file, on the heap so that a read behind it shows */
static size_t n_bytes;
static char folder[SCRATCH_BYTES];

/* A model with a pipeline of its own, so that the file has several tensors of some size. */
static int make_model_file(void **state)
{
    (void)state;
    kg_dataset *data = fixture_bars(40, 2, 3, 0);
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    o.qubits = 8;
    o.reduce = "pca:8";
    scratch_make(folder);
    const char *path = scratch_path(folder, "model");
    assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
    assert_int_equal(kg_model_fit(model, data, NULL), KG_OK);
    assert_int_equal(kg_model_save(model, path, NULL), KG_OK);
    unsigned char *read = fixture_read(path, &n_bytes);
    bytes = malloc(n_bytes);
    assert_non_null(bytes);
    memcpy(bytes, read, n_bytes);
    free(read);
    kg_model_destroy(model);
    kg_dataset_destroy(data);
    return n_bytes > FIRST_BYTES ? 0 : -1;
}

static int clean(void **state)
{
    (void)state;
    free(bytes);
    scratch_remove(folder);
    return 0;
}

static void expect_refused(const unsigned char *file, size_t n, const char *what, size_t where)
{
    kg_error err = {KG_OK, ""};
    kgi_container *container = NULL;
    const kg_status status = kgi_container_parse(&container, "m", file, n, &err);
    /* a flipped version or dtype may also read as one of the future */
    if ((status != KG_ERR_FORMAT && status != KG_ERR_UNSUPPORTED) || container ||
        strncmp(err.message, "m: ", 3) != 0 || strchr(err.message, '\n')) {
        fail_msg("%s %zu: status %d, \"%s\"", what, where, (int)status, err.message);
    }
}

static void flip(size_t bit)
{
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    expect_refused(bytes, n_bytes, "bit", bit);
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(11);
    for (size_t bit = 0; bit < 8 * (size_t)FIRST_BYTES; bit += SANITIZED ? 3 : 1) {
        flip(bit);
    }
    for (uint64_t i = 0; i < RANDOM_BITS; i++) {
        flip((size_t)kg_random_below(seed, KG_STREAM_TEST, 0, i, 8 * n_bytes));
    }
    kgi_container *container = NULL; /* and as it was, it loads */
    assert_int_equal(kgi_container_parse(&container, "m", bytes, n_bytes, NULL), KG_OK);
    kgi_container_destroy(container);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    for (size_t n = 0; n < n_bytes; n++) {
        unsigned char *cut = malloc(n + (n == 0));
        assert_non_null(cut);
        memcpy(cut, bytes, n);
        expect_refused(cut, n, "cut at", n);
        free(cut);
    }
    unsigned char *longer = malloc(n_bytes + 8);
    assert_non_null(longer);
    memcpy(longer, bytes, n_bytes);
    memset(longer + n_bytes, 0, 8);
    expect_refused(longer, n_bytes + 1, "more bytes", 1);
    expect_refused(longer, n_bytes + 8, "more bytes", 8);
    free(longer);
}

/* The same by the public door, from a file: a sample of them. */
static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    const char *path = scratch_path(folder, "damaged");
    for (uint64_t i = 0; i < 500; i++) {
        kg_error err = {KG_OK, ""};
        kg_model *model = NULL;
        const size_t bit = (size_t)kg_random_below(7, KG_STREAM_TEST, 1, i, 8 * n_bytes);
        const size_t n = i % 2 ? n_bytes : bit / 8;
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        scratch_write(path, bytes, n);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        const kg_status status = kg_model_load(&model, path, 1, &err);
        if ((status != KG_ERR_FORMAT && status != KG_ERR_UNSUPPORTED) || model ||
            !strstr(err.message, path)) {
            fail_msg("bit %zu of %zu bytes: status %d, \"%s\"", bit, n, (int)status, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(a_damaged_file_is_refused),
    };
    return cmocka_run_group_tests_name("fault/bits", tests, make_model_file, clean);
}
