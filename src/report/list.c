/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of runs: all under a root, the wanted one of several seeds, and the next free number. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "report/run.h"

struct kg_run_list {
    kg_run_record **runs;
    int n;
    int capacity;
    int n_broken;
};

static kg_status list_add(kg_run_list *list, const char *folder, kg_error *err)
{
    kg_run_record *run = NULL;
    int begun = 0;
    kg_status status = kgi_record_find(&run, folder, err);
    if (status) {
        list->n_broken += status != KG_ERR_MEMORY;
        return status == KG_ERR_MEMORY ? status : KG_OK;
    }
    if (!run) {
        status = kgi_run_has(&begun, folder, KGI_RUN_METRICS, KGI_RUN_PART, err);
        list->n_broken += begun;
        return status;
    }
    if (list->n == list->capacity) {
        const int capacity = 2 * list->capacity + 16;
        kg_run_record **grown = realloc(list->runs, sizeof(void *) * (size_t)capacity);
        if (!grown) {
            kg_run_record_destroy(run);
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a list of runs");
        }
        list->runs = grown;
        list->capacity = capacity;
    }
    list->runs[list->n++] = run;
    return KG_OK;
}

static kg_status list_walk(kg_run_list *list, const char *folder, int depth, kg_error *err)
{
    kg_status status = list_add(list, folder, err);
    DIR *dir = depth > 0 && !status ? opendir(folder) : NULL;
    if (depth > 0 && !status && !dir &&
        errno == ENOMEM) { /* else it is absent, or not ours to read */
        status = kgi_fail(err, KG_ERR_MEMORY, "%s: no memory to list it", folder);
    }
    for (struct dirent *entry = NULL; dir && !status && (entry = readdir(dir));) {
        if (*entry->d_name == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) {
            continue;
        }
        char *path = kgi_run_path(folder, entry->d_name, "");
        status = path ? list_walk(list, path, depth - 1, err)
                      : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
        free(path);
    }
    if (dir) {
        (void)closedir(dir);
    }
    return status;
}

/* seed-2 before seed-10: runs of digits are compared as numbers. */
static int compare_names(const char *a, const char *b)
{
    while (*a && *b) {
        const size_t n_a = strspn(a, "0123456789");
        const size_t n_b = strspn(b, "0123456789");
        if (n_a && n_b && n_a < 19 && n_b < 19) {
            const unsigned long long x = strtoull(a, NULL, 10);
            const unsigned long long y = strtoull(b, NULL, 10);
            if (x != y) {
                return x < y ? -1 : 1;
            }
            a += n_a;
            b += n_b;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}

static int compare_runs(const void *a, const void *b)
{
    return compare_names((*(kg_run_record *const *)a)->folder,
                         (*(kg_run_record *const *)b)->folder);
}

kg_status kg_run_list_load(kg_run_list **out, const char *root, kg_error *err)
{
    *out = NULL;
    kg_run_list *list = calloc(1, sizeof *list);
    if (!list) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a list of runs");
    }
    const kg_status status = list_walk(list, root, 2, err);
    if (status) {
        kg_run_list_destroy(list);
        return status;
    }
    if (list->n) {
        qsort(list->runs, (size_t)list->n, sizeof(void *), compare_runs);
    }
    *out = list;
    return KG_OK;
}

static void list_clear(kg_run_list *list)
{
    for (int i = 0; list->runs && i < list->n; i++) {
        kg_run_record_destroy(list->runs[i]);
    }
    free(list->runs);
}

void kg_run_list_destroy(kg_run_list *list)
{
    if (list) {
        list_clear(list);
        free(list);
    }
}

const kg_run_record *kg_run_list_get(const kg_run_list *list, int i)
{
    return i >= 0 && i < list->n ? list->runs[i] : NULL;
}

int kg_run_list_n_broken(const kg_run_list *list)
{
    return list->n_broken;
}

/* ---- choosing ----------------------------------------------------------------------------------- */

/* The wanted run of a list: of a seed, or with the lowest loss. One that is not finished has no model. */
static int choose(const kg_run_list *list, const uint64_t *seed)
{
    int best = -1;
    for (int i = 0; i < list->n; i++) {
        const kg_seed_result *result = &list->runs[i]->result;
        const int is_there = list->runs[i]->state <= KG_RUN_INTERRUPTED;
        const int wanted = is_there && (!seed || result->seed == *seed);
        if (wanted && (best < 0 || (!seed && result->loss < list->runs[best]->result.loss))) {
            best = i;
        }
    }
    return best;
}

kg_status kg_run_select(kg_run_record **out, const char *folder, const uint64_t *seed,
                        kg_error *err)
{
    *out = NULL;
    int here = 0;
    kg_status status = kgi_run_has(&here, folder, KGI_RUN_JSON, "", err);
    if (status) {
        return status;
    }
    if (here) {
        status = kg_run_load(out, folder, err);
        if (!status && seed && (*out)->result.seed != *seed) {
            status = kgi_fail(err, KG_ERR_ARGUMENT, "%s: holds the run of seed %llu, not of %llu",
                              folder, (unsigned long long)(*out)->result.seed,
                              (unsigned long long)*seed);
            kg_run_record_destroy(*out);
            *out = NULL;
        }
        return status;
    }
    kg_run_list list = {0};
    status = list_walk(&list, folder, 1, err);
    const int i = status ? -1 : choose(&list, seed);
    if (i >= 0 && list.runs) {
        *out = list.runs[i];
        list.runs[i] = NULL;
    } else if (!status && list.n && seed) {
        status = kgi_fail(err, KG_ERR_ARGUMENT, "%s: has no run of seed %llu", folder,
                          (unsigned long long)*seed);
    } else if (!status) {
        status = kgi_fail(err, KG_ERR_IO, "%s: no run here: neither run.json nor seed-1/run.json",
                          folder);
    }
    list_clear(&list);
    return status;
}

kg_status kg_run_find(kg_run_record **out, const char *folder, int *has_seeds, kg_error *err)
{
    kg_run_list list = {0};
    *has_seeds = 0;
    kg_status status = kgi_record_find(out, folder, err);
    if (status || *out) {
        return status;
    }
    status = list_walk(&list, folder, 1, err);
    if (list.n) {
        qsort(list.runs, (size_t)list.n, sizeof(void *), compare_runs);
        *out = list.runs[0];
        list.runs[0] = NULL;
        *has_seeds = 1;
    }
    if (!status && !*out) {
        status = kgi_fail(err, KG_ERR_IO, "%s: no run here to go on with", folder);
    }
    list_clear(&list);
    return status;
}

/* ---- numbering ---------------------------------------------------------------------------------- */

/* Largest NNNN of the folders root/NNNN-...; 0 if there is none. */
static long largest_number(const char *root)
{
    long largest = 0;
    DIR *dir =
        opendir(root); /* NULL, whatever the reason: counting begins at 1 and skips what is taken */
    for (struct dirent *entry = NULL; dir && (entry = readdir(dir));) {
        char *end = NULL;
        const long n = strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == '-' && n > largest && n < 1000000000) {
            largest = n;
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    return largest;
}

kg_status kg_run_folder(char **path, const char *root, const char *name, kg_error *err)
{
    *path = NULL;
    kg_status status = kgi_folder_create(root, err);
    for (long n = status ? 0 : largest_number(root) + 1; !status; n++) {
        kgi_text leaf = {0};
        char *text = NULL;
        kgi_text_printf(&leaf, "%04ld-%s", n, name);
        status = kgi_text_finish(&leaf, &text, err);
        char *full = text ? kgi_run_path(root, text, "") : NULL;
        free(text);
        if (!status && !full) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
        }
        if (!status && !mkdir(full, 0777)) {
            *path = full;
            return KG_OK;
        }
        if (!status && errno != EEXIST) { /* EEXIST: another program took the number first */
            status = kgi_fail(err, KG_ERR_IO, "%s: cannot be created: %s", full, strerror(errno));
        }
        free(full);
    }
    return status;
}
