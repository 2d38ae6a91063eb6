/* SPDX-License-Identifier: Apache-2.0 */
/* json_get FILE PATH...: prints the values at paths such as seeds.0.loss, one per line: numbers with 17
 * digits, texts as they are, "array 3", "object a b". Exit 1 if a path is not there, 2 if the file is
 * no JSON. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *find(const json_t *value, char *path)
{
    char *rest = NULL;
    for (char *key = strtok_r(path, ".", &rest); key && value; key = strtok_r(NULL, ".", &rest)) {
        value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10))
                                     : json_object_get(value, key);
    }
    return value;
}

static void print(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        printf("object");
        for (void *i = json_object_iter((json_t *)value); i;
             i = json_object_iter_next((json_t *)value, i)) {
            printf(" %s", json_object_iter_key(i));
        }
        printf("\n");
        break;
    case JSON_ARRAY:
        printf("array %zu\n", json_array_size(value));
        break;
    case JSON_STRING:
        printf("%s\n", json_string_value(value));
        break;
    case JSON_INTEGER:
        printf("%lld\n", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        printf("%.17g\n", json_real_value(value));
        break;
    case JSON_TRUE:
        printf("true\n");
        break;
    case JSON_FALSE:
        printf("false\n");
        break;
    default:
        printf("null\n");
        break;
    }
}

int main(int argc, char **argv)
{
    json_error_t error;
    json_t *root = argc > 1 ? json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error) : NULL;
    if (!root) {
        fprintf(stderr, "json_get: %s\n", argc > 1 ? error.text : "usage: json_get FILE PATH...");
        return 2;
    }
    int missing = 0;
    for (int i = 2; i < argc; i++) {
        const json_t *value = strcmp(argv[i], ".") != 0 ? find(root, argv[i]) : root;
        if (value) {
            print(value);
        } else {
            printf("missing\n");
            missing = 1;
        }
    }
    json_decref(root);
    return missing;
}
