/* SPDX-License-Identifier: Apache-2.0 */
/* The cellar without memory: texts, JSON, containers, files, hashes, teams of threads. */
#include <string.h>

#include <ketgrad/config.h>
#include <ketgrad/train.h>

#include "base/file.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/linalg.h"
#include "base/npz.h"
#include "base/parallel.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "base/yaml.h"
#include "fault/folder.h"

static void json_text(void **state)
{
    (void)state;
    kg_error err;
    json_t *value = NULL;
    char *text = NULL;
    const char source[] =
        "{\"a\": [1, 2.5, null, \"x\"], \"b\": {\"c\": true, \"d\": \"\\u00e9\"}}";
    assert_survives(kgi_json_parse(&value, "t", source, strlen(source), &err), !value,
                    json_decref(value), 10);
    assert_int_equal(kgi_json_parse(&value, "t", source, strlen(source), NULL), KG_OK);
    assert_survives(kgi_json_format(&text, value, KGI_JSON_INDENT, &err), !text,
                    (free(text), text = NULL), 2);
    json_decref(value);
    const char *path = scratch_path(folder, "x.json");
    scratch_write(path, source, strlen(source));
    value = NULL;
    assert_survives(kgi_json_load(&value, path, &err), !value, json_decref(value), 11);
}

static kg_status fill(kgi_container *container, kg_error *err)
{
    const double x[6] = {1, 2, 3, 4, 5, 6};
    const size_t shape[2] = {2, 3};
    kg_status status = kgi_container_add(container, "a.weight", 2, shape, x, err);
    if (!status) {
        status = kgi_container_add(container, "a.bias", 1, shape, x, err);
    }
    if (!status) {
        status = kgi_container_set_text(container, "ketgrad.note", "of a test", err);
    }
    return status;
}

static void containers(void **state)
{
    (void)state;
    kg_error err;
    kgi_container *container = NULL, *again = NULL;
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    const double x = 1.0;
    assert_survives(kgi_container_create(&container, &err), !container,
                    (kgi_container_destroy(container), container = NULL), 1);
    assert_int_equal(kgi_container_create(&container, NULL), KG_OK);
    assert_int_equal(fill(container, NULL), KG_OK);
    const int n = kgi_container_n_tensors(container);
    alloc_start(0, ALLOC_FOR_GOOD);
    assert_int_equal(kgi_container_add(container, "b", 0, NULL, &x, &err), KG_ERR_MEMORY);
    assert_int_equal(kgi_container_set_text(container, "ketgrad.note", "new", &err), KG_ERR_MEMORY);
    (void)alloc_stop();
    assert_int_equal(kgi_container_n_tensors(container), n);
    assert_string_equal(kgi_container_text(container, "ketgrad.note"), "of a test");
    assert_survives(kgi_container_format(&bytes, &n_bytes, container, &err), !bytes,
                    (free(bytes), bytes = NULL), 3);
    assert_int_equal(kgi_container_format(&bytes, &n_bytes, container, NULL), KG_OK);
    assert_survives(kgi_container_parse(&again, "t", bytes, n_bytes, &err), !again,
                    (kgi_container_destroy(again), again = NULL), 10);
    const char *path = scratch_path(folder, "x.safetensors");
    assert_survives(kgi_container_save(container, path, &err), !kgi_file_exists(path), unlink(path),
                    3);
    assert_int_equal(kgi_container_save(container, path, NULL), KG_OK);
    assert_survives(kgi_container_load(&again, path, &err), !again,
                    (kgi_container_destroy(again), again = NULL), 10);
    kgi_container_destroy(container);
    free(bytes);
}

/* Filling a new container: none of the refusals leaves half a tensor. */
static kg_status make(kgi_container **out, kg_error *err)
{
    kg_status status = kgi_container_create(out, err);
    if (!status) {
        status = fill(*out, err);
    }
    if (status) {
        kgi_container_destroy(*out);
        *out = NULL;
    }
    return status;
}

static void filling_a_container(void **state)
{
    (void)state;
    kg_error err;
    kgi_container *container = NULL;
    assert_survives(make(&container, &err), !container,
                    (kgi_container_destroy(container), container = NULL), 8);
}

static void files_and_folders(void **state)
{
    (void)state;
    kg_error err;
    unsigned char *bytes = NULL;
    size_t n = 0;
    char path[2 * SCRATCH_BYTES];
    char below[2 * SCRATCH_BYTES];
    snprintf(path, sizeof path, "%s", scratch_path(folder, "f"));
    snprintf(below, sizeof below, "%s", scratch_path(folder, "d/e/f"));
    assert_survives(kgi_file_write(path, "abc", 3, &err), !kgi_file_exists(path), unlink(path), 1);
    assert_int_equal(kgi_file_write(path, "abc", 3, NULL), KG_OK);
    assert_survives(kgi_file_write(path, "xyz", 3, &err), scratch_count(folder) >= 1, (void)0, 1);
    assert_survives(kgi_file_read(path, 99, &bytes, &n, &err), !bytes && !n, free(bytes), 1);
    assert_survives(kgi_folder_create(below, &err), !kgi_file_exists(below), rmdir(below), 1);
}

static kg_status unpack(const unsigned char *packed, size_t n_packed, kg_error *err)
{
    kgi_gzip *gzip = NULL;
    char out[16];
    size_t n = 0;
    kg_status status = kgi_gzip_open(&gzip, "t", packed, n_packed, err);
    if (!status) {
        status = kgi_gzip_read(gzip, out, sizeof out, &n, err);
    }
    kgi_gzip_close(gzip);
    return status;
}

static void tools(void **state)
{
    (void)state;
    kg_error err;
    /* "abc" as gzip writes it, without a name */
    const unsigned char packed[] = {0x1f, 0x8b, 8, 0,    0,    0,    0,    0, 0, 3, 0x4b, 0x4c,
                                    0x4a, 6,    0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0};
    char hex[KGI_SHA256_DIGITS + 1];
    kgi_team *team = NULL;
    char *text = NULL;
    double a[9] = {2, 1, 0, 1, 2, 1, 0, 1, 2}, values[2], vectors[6];
    assert_survives(unpack(packed, sizeof packed, &err), 1, (void)0, 1);
    /* libcrypto has memory of its own, out of the linker's reach: ours alone is refused here */
    assert_survives(kgi_sha256_bytes("abc", 3, hex, &err), 1, (void)0, 0);
    assert_survives(kgi_team_create(&team, 3, &err), !team, (kgi_team_destroy(team), team = NULL),
                    2);
    assert_survives(kgi_eigh_top(3, a, 2, values, vectors, &err), 1, (void)0, 1);
    kgi_text builder = {0};
    assert_survives((kgi_text_printf(&builder, "%d", 7), kgi_text_finish(&builder, &text, &err)),
                    !text, (free(text), text = NULL), 1);
}

/* libyaml and libzip have memory of their own (test_memory.sh refuses that too): here it is ours. */
static void trees_and_arrays(void **state)
{
    (void)state;
    kg_error err;
    const char text[] = "a: {b: [1, 2, x], c: \"y\"}\nd: 7\n";
    const size_t shape[2] = {2, 3};
    const double values[6] = {1, 2, 3, 4, 5, 6};
    const kgi_npz_array arrays[2] = {{"x", 2, shape, values}, {"y", 1, shape, values}};
    kgi_yaml *yaml = NULL;
    kgi_npz *npz = NULL;
    kgi_npy npy;
    unsigned char *bytes = NULL, *member = NULL;
    size_t n = 0;
    char path[2 * SCRATCH_BYTES];
    snprintf(path, sizeof path, "%s", scratch_path(folder, "x.yaml"));
    scratch_write(path, text, sizeof text - 1);
    assert_survives(kgi_yaml_parse(&yaml, "t", text, sizeof text - 1, &err), !yaml,
                    (kgi_yaml_destroy(yaml), yaml = NULL), 4);
    assert_survives(kgi_yaml_load(&yaml, path, &err), !yaml, (kgi_yaml_destroy(yaml), yaml = NULL),
                    5);
    assert_survives(kgi_npy_format(&bytes, &n, 2, shape, values, &err), !bytes,
                    (free(bytes), bytes = NULL), 1);
    assert_survives(kgi_npz_format(&bytes, &n, 2, arrays, &err), !bytes,
                    (free(bytes), bytes = NULL), 2);
    assert_int_equal(kgi_npz_format(&bytes, &n, 2, arrays, NULL), KG_OK);
    assert_survives(kgi_npz_open(&npz, "t", bytes, n, &err), !npz, (kgi_npz_close(npz), npz = NULL),
                    2);
    assert_int_equal(kgi_npz_open(&npz, "t", bytes, n, NULL), KG_OK);
    assert_survives(kgi_npz_read(npz, 1, &npy, &member, &err), !member,
                    (free(member), member = NULL), 1);
    kgi_npz_close(npz);
    free(bytes);
}

static kg_status configure(const char *text, kg_error *err)
{
    kg_model_options model = KG_MODEL_OPTIONS_INIT;
    kg_train_options train = KG_TRAIN_OPTIONS_INIT;
    static const char *const names[] = {"name"};
    const kg_config_section sections[] = {{"model", kg_model_options_table(), &model, names, 1},
                                          {"train", kg_train_options_table(), &train, NULL, 0}};
    kg_config *config = NULL;
    kg_status status = kg_config_parse(&config, "t", text, strlen(text), err);
    if (!status) {
        status = kg_config_apply(config, 2, sections, err);
    }
    kg_config_destroy(config);
    return status;
}

static void experiment_files(void **state)
{
    (void)state;
    kg_error err;
    assert_survives(
        configure("model: {name: qcnn, ansatz: su4}\ntrain: {lr: 0.5, seed: 3}\n", &err), 1,
        (void)0, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_text),
        cmocka_unit_test(containers),
        cmocka_unit_test(filling_a_container),
        cmocka_unit_test(files_and_folders),
        cmocka_unit_test(tools),
        cmocka_unit_test(trees_and_arrays),
        cmocka_unit_test(experiment_files),
    };
    return cmocka_run_group_tests_name("fault/base", tests, folder_begin, folder_end);
}
