/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is read is written and read again, the same tree. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    json_t *value = NULL, *again = NULL;
    char *text = NULL;
    uint8_t *copy = malloc(n + 1); /* so that a read behind the last byte shows */
    if (copy) {
        memcpy(copy, bytes, n);
    }
    if (copy && !kgi_json_parse(&value, "f", (const char *)copy, n, NULL)) {
        if (kgi_json_format(&text, value, KGI_JSON_LINE, NULL) ||
            kgi_json_parse(&again, "g", text, strlen(text), NULL) || !json_equal(value, again)) {
            fuzz_fail("written and read again, another tree");
        }
    }
    json_decref(value);
    json_decref(again);
    free(text);
    free(copy);
    return 0;
}
