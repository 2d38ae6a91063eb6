/* SPDX-License-Identifier: Apache-2.0 */
/* Classes from the labels in a file, whatever they are called. */
#ifndef DATA_CLASSES_H
#define DATA_CLASSES_H

#include "data/dataset.h"

enum { KGI_MAX_FILE_CLASSES = 4096, KGI_MAX_CLASS_NAME = 256 };

typedef struct kgi_class {
    char *name;
    int first; /* its number in the order of appearance */
    int is_number;
    double value; /* if it is a number */
} kgi_class;

typedef struct kgi_classes {
    const kg_dataset *known; /* if given, labels must be among its classes */
    kgi_class *list;         /* sorted by the bytes of the names */
    int n;
    int capacity;
} kgi_classes;

/* Number of the class of a label, a new one if it has not been seen. A whole number is called by its
 * digits, however it is written. Returns NULL, or what is wrong with the label; *status is
 * KG_ERR_FORMAT or KG_ERR_MEMORY then. */
const char *kgi_classes_find(kgi_classes *classes, const char *text, size_t length, int *label,
                             kg_status *status);

/* Sorts the classes (as numbers if all are, else by their bytes), gives their names to data, whose
 * labels must be numbers of kgi_classes_find(), and renumbers those. */
kg_status kgi_classes_finish(kgi_classes *classes, kg_dataset *data, kg_error *err);

void kgi_classes_clear(kgi_classes *classes);

#endif
