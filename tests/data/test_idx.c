/* SPDX-License-Identifier: Apache-2.0 */
/* IDX: three images of 2 x 3 pixels, plain and packed, and everything that can be wrong with them. */
#include <ketgrad/data.h>

#include <zlib.h>

#include "data/idx.h"
#include "refused.h"

enum { IMAGES = 3, PIXELS = 6, IMAGES_BYTES = 16 + IMAGES * PIXELS, LABELS_BYTES = 8 + IMAGES };

static const unsigned char images_file[IMAGES_BYTES] = {
    0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0,   0,   0,   3, /* header */
    0, 1, 2, 3, 4, 5, 9, 8, 7, 6, 5, 4, 255, 254, 253, 0, 1, 2};
static const unsigned char labels_file[LABELS_BYTES] = {0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 2};

typedef struct fixture {
    char folder[SCRATCH_BYTES];
    char images[2 * SCRATCH_BYTES];
    char labels[2 * SCRATCH_BYTES];
} fixture;

static int set_up(void **state)
{
    static fixture fix;
    scratch_make(fix.folder);
    snprintf(fix.images, sizeof fix.images, "%s/images", fix.folder);
    snprintf(fix.labels, sizeof fix.labels, "%s/labels", fix.folder);
    scratch_write(fix.images, images_file, IMAGES_BYTES);
    scratch_write(fix.labels, labels_file, LABELS_BYTES);
    *state = &fix;
    return 0;
}

static int tear_down(void **state)
{
    scratch_remove(((fixture *)*state)->folder);
    return 0;
}

static void write_gzip(const char *path, const void *bytes, unsigned n)
{
    gzFile file = gzopen(path, "wb9");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, n), n);
    assert_int_equal(gzclose(file), Z_OK);
}

static void check_images(const kg_dataset *data)
{
    assert_int_equal(kg_dataset_n_rows(data), IMAGES);
    assert_int_equal(kg_dataset_n_features(data), PIXELS);
    assert_int_equal(kg_dataset_height(data), 2);
    assert_int_equal(kg_dataset_width(data), 3);
    for (int i = 0; i < IMAGES * PIXELS; i++) {
        assert_true(kg_dataset_features(data)[i] == images_file[16 + i]);
    }
}

static void plain_and_packed_read_the_same(void **state)
{
    const fixture *fix = *state;
    kg_error err;
    kg_dataset *data = NULL;
    for (int packed = 0; packed < 2; packed++) {
        if (packed) {
            write_gzip(fix->images, images_file, IMAGES_BYTES);
            write_gzip(fix->labels, labels_file, LABELS_BYTES);
        }
        assert_int_equal(kg_dataset_load_idx(&data, fix->images, fix->labels, 3, &err), KG_OK);
        check_images(data);
        assert_int_equal(kg_dataset_n_classes(data), 3);
        assert_memory_equal(kg_dataset_labels(data), ((const int[]){2, 0, 2}), 3 * sizeof(int));
        assert_int_equal(kg_dataset_n_sources(data), 2);
        assert_string_equal(kg_dataset_source(data, 0)->path, fix->images);
        assert_string_equal(kg_dataset_source(data, 1)->path, fix->labels);
        assert_int_equal(strlen(kg_dataset_source(data, 0)->sha256), 64);
        assert_int_equal(kg_dataset_source(data, 0)->known, 0);
        if (!packed) { /* sha256sum of the file */
            assert_string_equal(kg_dataset_source(data, 1)->sha256,
                                "b8ddd3c531b1c153167e965a44966a3ebcb598513d129d4e5c34f053de2d6a06");
        }
        kg_dataset_destroy(data);
    }
    assert_int_equal(kg_dataset_load_idx(&data, fix->images, NULL, 0, &err), KG_OK);
    check_images(data);
    assert_null(kg_dataset_labels(data));
    kg_dataset_destroy(data);
}

static void chosen_classes_and_limits(void **state)
{
    const fixture *fix = *state;
    kg_error err;
    kg_dataset *data = NULL;
    const int chosen[2] = {2, 0};
    const int absent[1] = {1};
    const char *names[2] = {"two", "zero"};
    kgi_idx_request request = {.name = "d",
                               .images_path = fix->images,
                               .labels_path = fix->labels,
                               .n_classes = 3,
                               .chosen = chosen,
                               .n_chosen = 2,
                               .class_names = names};
    assert_int_equal(kgi_idx_load(&data, &request, &err), KG_OK);
    assert_memory_equal(kg_dataset_labels(data), ((const int[]){0, 1, 0}), 3 * sizeof(int));
    assert_string_equal(kg_dataset_class_name(data, 1), "zero");
    kg_dataset_destroy(data);
    request.n_chosen = 1;
    assert_int_equal(kgi_idx_load(&data, &request, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(data), 2);
    assert_true(kg_dataset_features(data)[PIXELS] == 255.0);
    kg_dataset_destroy(data);
    request.limit = 1;
    assert_int_equal(kgi_idx_load(&data, &request, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(data), 1);
    kg_dataset_destroy(data);
    request.chosen = absent;
    assert_refused(kgi_idx_load(&data, &request, &err), err, KG_ERR_FORMAT,
                   "labels: no row has one of the chosen classes");
    assert_null(data);
}

typedef struct broken {
    int in_labels; /* else in the images */
    int at;        /* byte that changes; -1: none */
    int value;
    int n_bytes; /* of the file; 0: as it is */
    const char *message;
} broken;

static const broken broken_files[] = {
    /* clang-format off */
    {0, 3, 1, 0, "images: byte 0: magic 0x00000801, allowed is 0x00000803 (images of unsigned bytes)"},
    {0, 2, 9, 0, "images: byte 0: magic 0x00000903, allowed is 0x00000803"},
    {0, 0, 0x50, 0, "images: byte 0: magic 0x50000803"},
    {0, 7, 2, 0, "images: byte 4: 2 images, but "},
    {0, 7, 4, 0, "images: byte 4: 4 images, but "},
    {0, 4, 0xff, 0, "images: byte 4: 4278190083 images, but "},
    {0, 11, 0, 0, "images: byte 8: images of 0 x 3 pixels, allowed are 1 to 4096 a side"},
    {0, 12, 1, 0, "images: byte 8: images of 2 x 16777219 pixels, allowed are 1 to 4096 a side"},
    {0, 11, 3, 0, "images: byte 34: the file ends inside its images"},
    {0, 11, 4, 0, "images: byte 4: 3 items of 12 bytes, the file of 34 bytes holds less"},
    {0, 15, 2, 0, "images: byte 28: the file goes on, its header promises the end"},
    {0, -1, 0, IMAGES_BYTES - 1, "images: byte 33: the file ends inside its images"},
    {0, -1, 0, IMAGES_BYTES + 1, "images: byte 34: the file goes on, its header promises the end"},
    {0, -1, 0, 15, "images: byte 15: the file ends inside its header"},
    {0, -1, 0, -1, "images: byte 0: the file ends inside its header"},
    {1, 3, 3, 0, "labels: byte 0: magic 0x00000803, allowed is 0x00000801 (labels of unsigned bytes)"},
    {1, 7, 2, 0, "labels: byte 10: the file goes on, its header promises the end"},
    {1, 7, 4, 0, "labels: byte 11: the file ends inside its labels"},
    {1, 7, 0, 0, "labels: byte 4: 0 items, allowed are 1 to 2147483647"},
    {1, 4, 0xff, 0, "labels: byte 4: 4278190083 items, allowed are 1 to 2147483647"},
    {1, 5, 0x7f, 0, "labels: byte 4: 8323075 items of 1 bytes, the file of 11 bytes holds less"},
    {1, 9, 3, 0, "labels: byte 9: label 3, allowed are 0 to 2"},
    {1, 10, 255, 0, "labels: byte 10: label 255, allowed are 0 to 2"},
    {1, -1, 0, LABELS_BYTES + 5, "labels: byte 11: the file goes on, its header promises the end"},
    {1, -1, 0, 7, "labels: byte 7: the file ends inside its header"},
    /* clang-format on */
};

static void broken_files_are_refused(void **state)
{
    const fixture *fix = *state;
    for (size_t i = 0; i < sizeof broken_files / sizeof broken_files[0]; i++) {
        const broken *row = &broken_files[i];
        kg_error err;
        kg_dataset *data = (kg_dataset *)&err;
        unsigned char bytes[IMAGES_BYTES + 8] = {0};
        const int size = row->in_labels ? LABELS_BYTES : IMAGES_BYTES;
        memcpy(bytes, row->in_labels ? labels_file : images_file, (size_t)size);
        if (row->at >= 0) {
            bytes[row->at] = (unsigned char)row->value;
        }
        const int n = row->n_bytes ? (row->n_bytes < 0 ? 0 : row->n_bytes) : size;
        scratch_write(fix->images, images_file, IMAGES_BYTES);
        scratch_write(fix->labels, labels_file, LABELS_BYTES);
        scratch_write(row->in_labels ? fix->labels : fix->images, bytes, (size_t)n);
        assert_refused(kg_dataset_load_idx(&data, fix->images, fix->labels, 3, &err), err,
                       KG_ERR_FORMAT, row->message);
        assert_null(data);
    }
}

static void broken_packed_files_are_refused(void **state)
{
    const fixture *fix = *state;
    kg_error err;
    kg_dataset *data = NULL;
    unsigned char packed[512];
    unsigned char lying[IMAGES_BYTES];
    write_gzip(fix->images, images_file, IMAGES_BYTES - 1);
    assert_refused(kg_dataset_load_idx(&data, fix->images, fix->labels, 3, &err), err,
                   KG_ERR_FORMAT, "images: byte 33 (unpacked): the file ends inside its images");
    memcpy(lying, images_file, IMAGES_BYTES);
    lying[4] = 0x40; /* 2^30 images in a file of some bytes */
    write_gzip(fix->images, lying, IMAGES_BYTES);
    assert_refused(kg_dataset_load_idx(&data, fix->images, NULL, 0, &err), err, KG_ERR_FORMAT,
                   "images: byte 4 (unpacked): 1073741827 items of 6 bytes, the file of ");
    write_gzip(fix->images, images_file, IMAGES_BYTES);
    FILE *file = fopen(fix->images, "rb");
    const size_t n = fread(packed, 1, sizeof packed, file);
    fclose(file);
    for (size_t cut = 2; cut < n; cut++) {
        scratch_write(fix->images, packed, cut);
        assert_refused(kg_dataset_load_idx(&data, fix->images, fix->labels, 3, &err), err,
                       KG_ERR_FORMAT, ": the gzip data is cut off");
    }
}

static void missing_files_and_arguments(void **state)
{
    const fixture *fix = *state;
    kg_error err;
    kg_dataset *data = NULL;
    assert_refused(kg_dataset_load_idx(&data, fix->images, "no/labels", 3, &err), err, KG_ERR_IO,
                   "no/labels: cannot open: No such file or directory");
    assert_refused(kg_dataset_load_idx(&data, "no/images", fix->labels, 3, &err), err, KG_ERR_IO,
                   "no/images: cannot open: No such file or directory");
    assert_refused(kg_dataset_load_idx(&data, fix->folder, NULL, 0, &err), err, KG_ERR_IO,
                   ": is a folder, not a regular file");
    assert_refused(kg_dataset_load_idx(&data, fix->images, fix->labels, 0, &err), err,
                   KG_ERR_ARGUMENT, "0 classes, allowed are 1 to 256");
    assert_refused(kg_dataset_load_idx(&data, fix->images, fix->labels, 257, &err), err,
                   KG_ERR_ARGUMENT, "257 classes, allowed are 1 to 256");
    assert_refused(kg_dataset_load_idx(&data, fix->images, NULL, 2, &err), err, KG_ERR_ARGUMENT,
                   "2 classes, allowed are 0 without a file of labels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_and_packed_read_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chosen_classes_and_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_packed_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_files_and_arguments, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
