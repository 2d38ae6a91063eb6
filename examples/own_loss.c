/* SPDX-License-Identifier: Apache-2.0 */
/* A loss of one's own: a circuit learns a curve, and outliers do not pull it away (Huber's loss). The library
 * gives outputs and takes dL/doutputs; what stands between is yours. */
#include <math.h>
#include <stdio.h>

#include <ketgrad/ketgrad.h>

enum { N = 40, LAYERS = 3, P = 3 * LAYERS, STEPS = 600 };

/* The input three times, with a free rotation after each: <Z> is a Fourier series of x. */
static kg_status prepare(kg_circuit *circuit, kg_observable *observable, kg_error *err)
{
    const kg_slot x = KG_SLOT_OF_INPUT(0);
    const int q = 0;
    kg_status status = kg_observable_add(observable, 0, 1.0, "Z0", err);
    for (int p = 0; p < P && !status; p += 3) {
        const kg_slot u[] = {KG_SLOT_OF_PARAM(p), KG_SLOT_OF_PARAM(p + 1), KG_SLOT_OF_PARAM(p + 2)};
        status = kg_circuit_add_gate(circuit, KG_GATE_RY, &q, &x, err);
        if (!status) {
            status = kg_circuit_add_gate(circuit, KG_GATE_U, &q, u, err);
        }
    }
    return status;
}

/* Square where the error is small, straight where it is large; the mean, and its derivative by out. */
static double huber(const double *out, const double *y, double *d_out)
{
    const double delta = 0.1;
    double sum = 0;
    for (int i = 0; i < N; i++) {
        const double e = out[i] - y[i];
        sum += (fabs(e) < delta ? 0.5 * e * e : delta * (fabs(e) - 0.5 * delta)) / N;
        d_out[i] = fmax(-delta, fmin(delta, e)) / N;
    }
    return sum;
}

int main(void)
{
    kg_error err;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    double x[N], y[N], out[N], d_out[N];
    double params[P] = {-0.4, 0.2, 0.1, 0.3, -0.1, 0.2, 0.1, -0.3, 0.2};
    for (int i = 0; i < N; i++) {
        x[i] = 6.283185307 * i / N;
        y[i] =
            i % 10 == 3 ? -0.9 : 0.6 * cos(x[i]) + 0.2 * sin(2 * x[i]); /* every tenth is wrong */
    }
    if (kg_circuit_create(&circuit, 1, &err) || kg_observable_create(&observable, 1, &err) ||
        prepare(circuit, observable, &err) ||
        kg_plan_create(&plan, circuit, observable, NULL, &err) ||
        kg_workspace_create(&ws, plan, &err)) {
        fprintf(stderr, "own_loss: %s\n", err.message);
        return err.status;
    }
    for (int step = 0; step <= STEPS; step++) {
        double grad[P] = {0};
        kg_plan_forward(plan, params, N, x, out, ws);
        const double loss = huber(out, y, d_out);
        kg_plan_backward(plan, params, N, x, d_out, grad, NULL, ws);
        for (int p = 0; p < P; p++) {
            params[p] -= 2.0 * grad[p];
        }
        if (step % 200 == 0) {
            printf("step %3d: loss %.5f\n", step, loss);
        }
    }
    printf("at x = 0 the curve is 0.6, the circuit says %.2f\n", out[0]);
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    return 0;
}
