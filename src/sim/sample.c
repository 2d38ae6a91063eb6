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
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    double *probs = NULL;
    const size_t n = (size_t)1 << n_qubits;
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    options.batch_hint = n_batch;
    kg_status status = kg_observable_create(&observable, kg_circuit_n_qubits(circuit), err);
    if (status || (status = kg_observable_add_probs(observable, n_qubits, qubits, err)) ||
        (status = kg_plan_create(&plan, circuit, observable, &options, err)) ||
        (status = kg_workspace_create(&ws, plan, err))) {
        goto done;
    }
    probs = malloc(SAMPLES_AT_ONCE * n * sizeof *probs);
    if (!probs) {
        status =
            kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu probabilities", SAMPLES_AT_ONCE * n);
        goto done;
    }
    const size_t m = (size_t)kg_plan_n_inputs(plan);
    for (int first = 0; first < n_batch && !status; first += SAMPLES_AT_ONCE) {
        const int here = n_batch - first < SAMPLES_AT_ONCE ? n_batch - first : SAMPLES_AT_ONCE;
        kg_plan_forward(plan, params, here, inputs ? inputs + (size_t)first * m : NULL, probs, ws);
        for (int b = 0; b < here && !status; b++) {
            status = draw(probs + (size_t)b * n, (uint32_t)n, seed, (uint32_t)(first + b), shots,
                          outcomes + (size_t)(first + b) * (size_t)shots, err);
        }
    }
done:
    free(probs);
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    kg_observable_destroy(observable);
    return status;
}
