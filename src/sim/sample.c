/* SPDX-License-Identifier: Apache-2.0 */
/* Finite shots: outcomes drawn from the probabilities of the measured qubits.
 *
 * The cumulative sums are searched for u times their own total, so rounding never piles a deficit onto
 * the last outcome, and the first sum above u belongs to an outcome with a probability above zero. */
#include <ketgrad/rng.h>
#include <ketgrad/sim.h>

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

enum { MAX_MEASURED = 20, SAMPLES_AT_ONCE = 16 };

/* The first outcome whose cumulative sum exceeds x; the last possible one if rounding left none. */
static uint32_t find_outcome(const double *sums, uint32_t n, double x)
{
    uint32_t low = 0;
    uint32_t high = n - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (sums[middle] > x) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    while (low > 0 && sums[low] <= sums[low - 1]) {
        low--;
    }
    return low;
}

static kg_status draw(double *probs, uint32_t n, uint64_t seed, uint32_t sample, int shots,
                      uint32_t *outcomes, kg_error *err)
{
    for (uint32_t i = 1; i < n; i++) {
        probs[i] += probs[i - 1];
    }
    if (!isfinite(probs[n - 1])) {
        return kgi_fail(err, KG_ERR_NUMERIC,
                        "sample %u has no state: its inputs are not finite, or its amplitudes are "
                        "all zero",
                        sample);
    }
    for (int s = 0; s < shots; s++) {
        const double u = kg_random_uniform(seed, KG_STREAM_SHOTS, sample, (uint64_t)s);
        outcomes[s] = find_outcome(probs, n, u * probs[n - 1]);
    }
    return KG_OK;
}

/* Plan and memory of one call. */
typedef struct sampler {
    kg_observable *observable;
    kg_plan *plan;
    kg_workspace *ws;
    double *probs; /* [SAMPLES_AT_ONCE][n] */
    size_t n;      /* outcomes */
} sampler;

static void sampler_clear(sampler *s)
{
    free(s->probs);
    kg_workspace_destroy(s->ws);
    kg_plan_destroy(s->plan);
    kg_observable_destroy(s->observable);
}

static kg_status sampler_init(sampler *s, const kg_circuit *circuit, int n_batch, int n_qubits,
                              const int *qubits, kg_error *err)
{
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    options.batch_hint = n_batch;
    s->n = (size_t)1 << n_qubits;
    kg_status status = kg_observable_create(&s->observable, kg_circuit_n_qubits(circuit), err);
    if (!status) {
        status = kg_observable_add_probs(s->observable, n_qubits, qubits, err);
    }
    if (!status) {
        status = kg_plan_create(&s->plan, circuit, s->observable, &options, err);
    }
    if (!status) {
        status = kg_workspace_create(&s->ws, s->plan, err);
    }
    if (!status) {
        s->probs = malloc(SAMPLES_AT_ONCE * s->n * sizeof *s->probs);
        status = s->probs ? KG_OK
                          : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu probabilities",
                                     SAMPLES_AT_ONCE * s->n);
    }
    return status;
}

kg_status kg_circuit_sample(const kg_circuit *circuit, const double *params, int n_batch,
                            const double *inputs, int n_qubits, const int *qubits, int shots,
                            uint64_t seed, uint32_t *outcomes, kg_error *err)
{
    if (n_batch < 1 || shots < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d samples with %d shots, needs at least 1 of each",
                        n_batch, shots);
    }
    if (n_qubits < 1 || n_qubits > MAX_MEASURED) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d qubits to measure, not in [1, %d]", n_qubits,
                        MAX_MEASURED);
    }
    sampler s = {0};
    kg_status status = sampler_init(&s, circuit, n_batch, n_qubits, qubits, err);
    const size_t m = (size_t)kg_circuit_n_inputs(circuit);
    for (int first = 0; first < n_batch && !status; first += SAMPLES_AT_ONCE) {
        const int here = n_batch - first < SAMPLES_AT_ONCE ? n_batch - first : SAMPLES_AT_ONCE;
        kg_plan_forward(s.plan, params, here, inputs ? inputs + (size_t)first * m : NULL, s.probs,
                        s.ws);
        for (int b = 0; b < here && !status; b++) {
            status = draw(s.probs + (size_t)b * s.n, (uint32_t)s.n, seed, (uint32_t)(first + b),
                          shots, outcomes + (size_t)(first + b) * (size_t)shots, err);
        }
    }
    sampler_clear(&s);
    return status;
}
