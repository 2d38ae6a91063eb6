/* SPDX-License-Identifier: Apache-2.0 */
/* Files: what is read, what is refused, and that a failed write leaves no trace. */
#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "refused.h"

static int make_folder(void **state)
{
    static char folder[SCRATCH_BYTES];
    scratch_make(folder);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void what_is_written_is_read(void **state)
{
    kg_error err;
    const char *path = scratch_path(*state, "a.bin");
    const char *texts[] = {"", "x", "two\0words"};
    const size_t sizes[] = {0, 1, 9};
    for (int i = 0; i < 3; i++) { /* each over the one before */
        unsigned char *bytes = NULL;
        size_t n = 99;
        assert_int_equal(kgi_file_write(path, texts[i], sizes[i], &err), KG_OK);
        assert_int_equal(kgi_file_read(path, 100, &bytes, &n, &err), KG_OK);
        assert_int_equal(n, sizes[i]);
        assert_memory_equal(bytes, texts[i], n);
        assert_int_equal(bytes[n], 0);
        free(bytes);
        assert_int_equal(scratch_count(*state), 1);
    }
    assert_true(kgi_file_exists(path));
    assert_false(kgi_file_exists(scratch_path(*state, "b.bin")));
}

static void reading_refuses_what_is_no_file(void **state)
{
    kg_error err;
    unsigned char *bytes = (unsigned char *)"";
    size_t n = 99;
    const char *pipe_path = scratch_path(*state, "pipe");
    const char *path = scratch_path(*state, "a.bin");
    assert_refused(kgi_file_read(path, 100, &bytes, &n, &err), err, KG_ERR_IO,
                   "a.bin: cannot open: No such file or directory");
    assert_null(bytes);
    assert_int_equal(n, 0);
    assert_refused(kgi_file_read(*state, 100, &bytes, &n, &err), err, KG_ERR_IO,
                   ": is a folder, not a regular file");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_refused(kgi_file_read(pipe_path, 100, &bytes, &n, &err), err, KG_ERR_IO,
                   "pipe: is a pipe, not a regular file"); /* and does not wait for a writer */
    assert_refused(kgi_file_read("/dev/zero", 100, &bytes, &n, &err), err, KG_ERR_IO,
                   "/dev/zero: is a device, not a regular file");
    scratch_write(path, "12345", 5);
    assert_int_equal(kgi_file_read(path, 5, &bytes, &n, &err), KG_OK);
    free(bytes);
    assert_refused(kgi_file_read(path, 4, &bytes, &n, &err), err, KG_ERR_FORMAT,
                   "a.bin: has 5 bytes, at most 4 are read");
}

static void writing_refuses_what_is_no_file(void **state)
{
    kg_error err;
    const char *pipe_path = scratch_path(*state, "pipe");
    assert_refused(kgi_file_write(scratch_path(*state, "no/such"), "x", 1, &err), err, KG_ERR_IO,
                   "no/such: cannot create: No such file or directory");
    assert_refused(kgi_file_write(*state, "x", 1, &err), err, KG_ERR_IO,
                   ": is a folder, not a regular file");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_refused(kgi_file_write(pipe_path, "x", 1, &err), err, KG_ERR_IO,
                   "pipe: is a pipe, not a regular file");
    assert_refused(kgi_file_write("/dev/full", "x", 1, &err), err, KG_ERR_IO,
                   "/dev/full: is a device, not a regular file");
    assert_int_equal(scratch_count(*state), 1);
}

/* A limit on the size of files stands for a full disk: write() fails half way. */
static void a_failed_write_leaves_the_old_file(void **state)
{
    enum { BYTES = 1 << 16 };
    kg_error err;
    unsigned char *bytes = NULL;
    size_t n = 0;
    struct rlimit old;
    const char *path = scratch_path(*state, "a.bin");
    void *large = calloc(BYTES, 1);
    assert_non_null(large);
    assert_int_equal(kgi_file_write(path, "old", 3, &err), KG_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    const struct rlimit small = {BYTES / 2, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const kg_status status = kgi_file_write(path, large, BYTES, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    free(large);
    assert_refused(status, err, KG_ERR_IO, "a.bin: cannot write: File too large");
    assert_int_equal(scratch_count(*state), 1);
    assert_int_equal(kgi_file_read(path, 100, &bytes, &n, &err), KG_OK);
    assert_int_equal(n, 3);
    assert_memory_equal(bytes, "old", 3);
    free(bytes);
}

static void a_stale_temporary_file_is_no_obstacle(void **state)
{
    kg_error err;
    char name[64];
    snprintf(name, sizeof name, "a.bin.tmp-%ld-0", (long)getpid());
    scratch_write(scratch_path(*state, name), "stale", 5);
    assert_int_equal(kgi_file_write(scratch_path(*state, "a.bin"), "x", 1, &err), KG_OK);
    assert_int_equal(scratch_count(*state), 2); /* not ours to remove */
}

static void folders_are_created_with_parents(void **state)
{
    kg_error err;
    struct stat info;
    const char *path = scratch_path(*state, "a/b//c/");
    assert_int_equal(kgi_folder_create(path, &err), KG_OK);
    assert_int_equal(kgi_folder_create(path, &err), KG_OK);
    assert_int_equal(stat(scratch_path(*state, "a/b/c"), &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    scratch_write(scratch_path(*state, "file"), "", 0);
    assert_refused(kgi_folder_create(scratch_path(*state, "file"), &err), err, KG_ERR_IO,
                   "file: is not a folder");
    assert_refused(kgi_folder_create(scratch_path(*state, "file/x"), &err), err, KG_ERR_IO,
                   "file: is not a folder");
    assert_refused(kgi_folder_create("", &err), err, KG_ERR_IO, "the name of the folder is empty");
    assert_refused(kgi_folder_create("/proc/no/such", &err), err, KG_ERR_IO,
                   "/proc/no: cannot create the folder: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(reading_refuses_what_is_no_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(writing_refuses_what_is_no_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_failed_write_leaves_the_old_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_stale_temporary_file_is_no_obstacle, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(folders_are_created_with_parents, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
