/* SPDX-License-Identifier: Apache-2.0 */
/* Principal components: the eigenvectors of the covariance of the training rows with the largest
 * eigenvalues.
 *
 * The covariance is summed over blocks of centred rows; a singular value decomposition of all rows
 * would need them all centred in memory and five times the work. An eigenvector has no sign of its
 * own: it gets the one that makes the largest score (in magnitude) of a training row positive, which is
 * what scikit-learn did in 2021 and what published features were made with. */
#include "data/transforms.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/linalg.h"

enum {
    BLOCK = 256,         /* rows centred at a time */
    MAX_FEATURES = 8192, /* a covariance of 512 MiB */
    NAME_BYTES = 64
};

kg_status kgi_pca_shape(kgi_step *step, kg_error *err)
{
    const int n = step->in.n_features;
    const int k = step->argument;
    if (n > MAX_FEATURES) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "of %d features, at most %d", n, MAX_FEATURES);
    }
    if (k > n) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d components of %d features", k, n);
    }
    step->out = (kgi_row_shape){.n_features = k};
    step->explained = malloc((size_t)k * sizeof *step->explained);
    if (!step->explained) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d components", k);
    }
    return kgi_affine_init(&step->map, KGI_AFFINE_DENSE, n, k, err);
}

static void find_mean(const double *x, int n_rows, int n, double *mean)
{
    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int r = 0; r < n_rows; r++) {
        const double *row = x + (size_t)r * (size_t)n;
        for (int i = 0; i < n; i++) {
            mean[i] += row[i];
        }
    }
    for (int i = 0; i < n; i++) {
        mean[i] /= n_rows;
    }
}

/* Upper triangle of scatter [n][n] = sum over rows of (x - mean)(x - mean)^T; block is scratch. */
static void find_scatter(const double *x, int n_rows, int n, const double *mean, double *block,
                         double *scatter)
{
    for (int first = 0; first < n_rows; first += BLOCK) {
        const int rows = n_rows - first < BLOCK ? n_rows - first : BLOCK;
        for (int r = 0; r < rows; r++) {
            const double *row = x + (size_t)(first + r) * (size_t)n;
            double *centred = block + (size_t)r * (size_t)n;
            for (int i = 0; i < n; i++) {
                centred[i] = row[i] - mean[i];
            }
        }
        kgi_syrk(n, rows, 1.0, block, n, first ? 1.0 : 0.0, scatter, n);
    }
}

/* Turns each component so that its largest training score is positive. */
static void fix_signs(kgi_affine *map, const double *x, int n_rows, double *block, double *largest)
{
    const size_t k = (size_t)map->n_out;
    memset(largest, 0, k * sizeof *largest);
    for (int first = 0; first < n_rows; first += BLOCK) {
        const int rows = n_rows - first < BLOCK ? n_rows - first : BLOCK;
        kgi_affine_apply(map, x + (size_t)first * (size_t)map->n_in, rows, block);
        for (size_t i = 0; i < (size_t)rows * k; i++) {
            if (fabs(block[i]) > fabs(largest[i % k])) {
                largest[i % k] = block[i];
            }
        }
    }
    for (size_t i = 0; i < (size_t)map->n_in * k; i++) {
        map->weight[i] = largest[i % k] < 0.0 ? -map->weight[i] : map->weight[i];
    }
}

static void put_components(kgi_affine *map, const double *vectors)
{
    for (int i = 0; i < map->n_in; i++) {
        for (int c = 0; c < map->n_out; c++) {
            map->weight[(size_t)i * (size_t)map->n_out + (size_t)c] =
                vectors[(size_t)c * (size_t)map->n_in + (size_t)i];
        }
    }
}

static kg_status find_components(kgi_step *step, double *scatter, double *vectors, kg_error *err)
{
    const int n = step->in.n_features;
    const int k = step->out.n_features;
    double total = 0.0;
    for (int i = 0; i < n; i++) {
        total += scatter[(size_t)i * (size_t)n + (size_t)i];
    }
    if (!(total > 0.0)) {
        return kgi_fail(err, KG_ERR_NUMERIC, "all rows are equal: there are no components");
    }
    const kg_status status = kgi_eigh_top(n, scatter, k, step->explained, vectors, err);
    for (int c = 0; c < k && !status; c++) { /* rounding may leave a zero slightly negative */
        step->explained[c] = step->explained[c] > 0.0 ? step->explained[c] / total : 0.0;
    }
    return status;
}

kg_status kgi_pca_fit(kgi_step *step, const double *x, int n_rows, kg_error *err)
{
    const int n = step->in.n_features;
    const int k = step->out.n_features;
    if (k > n_rows) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d components of %d rows", k, n_rows);
    }
    double *scatter = kgi_alloc((size_t)n * (size_t)n, sizeof *scatter);
    double *block = kgi_alloc((size_t)BLOCK * (size_t)n, sizeof *block);
    double *vectors = kgi_alloc((size_t)k * (size_t)n, sizeof *vectors);
    kg_status status = KG_OK;
    if (!scatter || !block || !vectors) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a covariance of %d features", n);
    } else {
        find_mean(x, n_rows, n, step->map.mean);
        find_scatter(x, n_rows, n, step->map.mean, block, scatter);
        status = find_components(step, scatter, vectors, err);
    }
    if (!status) {
        put_components(&step->map, vectors);
        fix_signs(&step->map, x, n_rows, block, vectors);
    }
    free(scatter);
    free(block);
    free(vectors);
    return status;
}

size_t kgi_pca_scratch_bytes(const kgi_step *step)
{
    const size_t n = (size_t)step->in.n_features;
    const size_t k = (size_t)step->out.n_features;
    const size_t solver = (2 * k + 100) * n; /* of kgi_eigh_top() */
    return (n * n + BLOCK * n + k * n + solver) * sizeof(double);
}

kg_status kgi_pca_save(const kgi_step *step, const char *prefix, kgi_container *container,
                       kg_error *err)
{
    char name[NAME_BYTES];
    const size_t n = (size_t)step->in.n_features;
    const size_t k = (size_t)step->out.n_features;
    const size_t shape[2] = {n, k};
    (void)snprintf(name, sizeof name, "%smean", prefix);
    kg_status status = kgi_container_add(container, name, 1, &n, step->map.mean, err);
    if (!status) {
        (void)snprintf(name, sizeof name, "%sweight", prefix);
        status = kgi_container_add(container, name, 2, shape, step->map.weight, err);
    }
    if (!status) {
        (void)snprintf(name, sizeof name, "%sexplained", prefix);
        status = kgi_container_add(container, name, 1, &k, step->explained, err);
    }
    return status;
}

static kg_status take(const kgi_container *container, const char *prefix, const char *what,
                      int rank, const size_t *shape, double *out, kg_error *err)
{
    char name[NAME_BYTES];
    const double *data = NULL;
    (void)snprintf(name, sizeof name, "%s%s", prefix, what);
    const kg_status status = kgi_container_need(container, name, rank, shape, &data, err);
    if (!status) {
        memcpy(out, data, shape[0] * (rank > 1 ? shape[1] : 1) * sizeof *out);
    }
    return status;
}

kg_status kgi_pca_load(kgi_step *step, const char *prefix, const kgi_container *container,
                       kg_error *err)
{
    const size_t n = (size_t)step->in.n_features;
    const size_t k = (size_t)step->out.n_features;
    const size_t shape[2] = {n, k};
    kg_status status = take(container, prefix, "mean", 1, &n, step->map.mean, err);
    if (!status) {
        status = take(container, prefix, "weight", 2, shape, step->map.weight, err);
    }
    if (!status) {
        status = take(container, prefix, "explained", 1, &k, step->explained, err);
    }
    return status;
}
