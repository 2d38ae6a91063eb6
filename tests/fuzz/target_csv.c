/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as a matrix of numbers, as a data set with labels, and as rows to predict. */
#include "fuzz.h"

#include <stdlib.h>

#include <ketgrad/data.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    double *values = NULL;
    int n_rows = 0, n_columns = 0, header = 0;
    kg_dataset *data = NULL;
    if (!kg_csv_parse(&values, &n_rows, &n_columns, &header, "f", (const char *)bytes, n, NULL) &&
        (n_rows < 1 || n_columns < 1 || !values)) {
        fuzz_fail("a matrix of nothing");
    }
    kg_free(values);
    if (!kg_dataset_read_file(&data, "f.csv", bytes, n, NULL, NULL)) {
        for (int i = 0; i < kg_dataset_n_rows(data) && kg_dataset_labels(data); i++) {
            if (!kg_dataset_class_name(data, kg_dataset_labels(data)[i])) {
                fuzz_fail("a label of no class");
            }
        }
    }
    kg_dataset_destroy(data);
    (void)!kg_dataset_read_rows(&data, "f.csv", bytes, n, 2, NULL, NULL);
    kg_dataset_destroy(data);
    return 0;
}
