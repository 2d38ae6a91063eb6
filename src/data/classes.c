/* SPDX-License-Identifier: Apache-2.0 */
/* Classes from labels: a sorted list that is searched by halving, so that no file can make it slow. */
#include "data/classes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static const double max_whole = 9007199254740992.0; /* 2^53 */

void kgi_classes_clear(kgi_classes *classes)
{
    for (int i = 0; i < classes->n; i++) {
        free(classes->list[i].name);
    }
    free(classes->list);
    *classes = (kgi_classes){0};
}

/* The name of the class into name[]; "1.0" and "+1" are "1". Returns what is wrong, or NULL. */
static const char *canonical(const char *text, size_t length, char name[KGI_MAX_CLASS_NAME + 1],
                             kgi_class *out)
{
    const char *wrong = kgi_number_parse(text, length, &out->value);
    if (length == 0 || (length == 1 && text[0] == '?')) {
        return "is a missing label";
    }
    if (wrong && !strcmp(wrong, "is not finite")) {
        return "is not finite";
    }
    if (length > KGI_MAX_CLASS_NAME) {
        return "is a label of more than 256 bytes";
    }
    out->is_number = !wrong;
    if (wrong) {
        memcpy(name, text, length);
        name[length] = '\0';
        return NULL;
    }
    if (floor(out->value) != out->value || fabs(out->value) > max_whole) {
        return "is a fraction, allowed as a label are whole numbers and words";
    }
    (void)snprintf(name, KGI_MAX_CLASS_NAME + 1, "%.0f", out->value == 0.0 ? 0.0 : out->value);
    return NULL;
}

/* Where the name is in the list, or where it belongs. */
static int search(const kgi_classes *classes, const char *name, int *found)
{
    int lo = 0;
    int hi = classes->n;
    while (lo < hi) {
        const int middle = lo + (hi - lo) / 2;
        const int order = strcmp(classes->list[middle].name, name);
        if (order == 0) {
            *found = 1;
            return middle;
        }
        if (order < 0) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    *found = 0;
    return lo;
}

static const char *find_known(const kg_dataset *known, const char *name, int *label,
                              kg_status *status)
{
    for (int c = 0; c < known->n_classes; c++) {
        if (!strcmp(known->class_names[c], name)) {
            *label = c;
            return NULL;
        }
    }
    *status = KG_ERR_FORMAT;
    return "is no class of the training rows";
}

/* Puts a new class in place i. */
static const char *insert(kgi_classes *classes, int i, const kgi_class *row, const char *name,
                          kg_status *status)
{
    const size_t bytes = strlen(name) + 1;
    *status = KG_ERR_FORMAT;
    if (classes->n == KGI_MAX_FILE_CLASSES) {
        return "is one class too many, allowed are 4096: does this column hold labels?";
    }
    *status = KG_ERR_MEMORY;
    if (classes->n == classes->capacity) {
        const int capacity = 2 * classes->capacity + 16;
        kgi_class *list = realloc(classes->list, (size_t)capacity * sizeof *list);
        if (!list) {
            return "is a class that there is no memory for";
        }
        classes->list = list;
        classes->capacity = capacity;
    }
    char *copy = malloc(bytes);
    if (!copy) {
        return "is a class that there is no memory for";
    }
    memcpy(copy, name, bytes);
    memmove(classes->list + i + 1, classes->list + i,
            (size_t)(classes->n - i) * sizeof *classes->list);
    classes->list[i] = (kgi_class){copy, classes->n, row->is_number, row->value};
    classes->n++;
    *status = KG_OK;
    return NULL;
}

const char *kgi_classes_find(kgi_classes *classes, const char *text, size_t length, int *label,
                             kg_status *status)
{
    char name[KGI_MAX_CLASS_NAME + 1];
    kgi_class row = {0};
    int found = 0;
    const char *wrong = canonical(text, length, name, &row);
    *status = wrong ? KG_ERR_FORMAT : KG_OK;
    if (wrong) {
        return wrong;
    }
    if (classes->known) {
        return find_known(classes->known, name, label, status);
    }
    const int i = search(classes, name, &found);
    if (!found) {
        wrong = insert(classes, i, &row, name, status);
    }
    if (!wrong) {
        *label = classes->list[i].first;
    }
    return wrong;
}

static int compare_values(const void *a, const void *b)
{
    const kgi_class *x = a;
    const kgi_class *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

kg_status kgi_classes_finish(kgi_classes *classes, kg_dataset *data, kg_error *err)
{
    int all_numbers = 1;
    if (classes->known) {
        return kgi_dataset_set_classes(data, classes->known->n_classes,
                                       (const char *const *)classes->known->class_names, err);
    }
    for (int i = 0; i < classes->n; i++) {
        all_numbers &= classes->list[i].is_number;
    }
    if (all_numbers) {
        qsort(classes->list, (size_t)classes->n, sizeof *classes->list, compare_values);
    }
    const char **names = malloc((size_t)classes->n * sizeof *names + 1);
    int *place = malloc((size_t)classes->n * sizeof *place + 1);
    kg_status status = KG_OK;
    if (!names || !place) {
        status =
            kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %d classes", data->name, classes->n);
    } else {
        for (int i = 0; i < classes->n; i++) {
            names[i] = classes->list[i].name;
            place[classes->list[i].first] = i;
        }
        for (int r = 0; r < data->n_rows; r++) {
            data->labels[r] = place[data->labels[r]];
        }
        status = kgi_dataset_set_classes(data, classes->n, names, err);
    }
    free(names);
    free(place);
    return status;
}
