/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution of one's own in a QCNN: one row of text is all there is to say about a block. To have it on
 * the command line and in models too, add the row to src/circuit/blocks.c (docs/howto-ansatz.md). */
#include <stdio.h>

#include <ketgrad/ketgrad.h>

/* Rotations on both qubits, then the couplings of the Heisenberg model. */
static const kg_block heisenberg = {"xyz", "Heisenberg couplings", 5,
                                    "ry a 0; ry b 1; rxx a b 2; ryy a b 3; rzz a b 4",
                                    "RY on both, then an angle for each of XX, YY and ZZ."};

int main(void)
{
    kg_error err;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_gradcheck check;
    char *drawing = NULL;
    char word[16];
    int readout = -1;

    kg_status status = kg_circuit_create(&circuit, 4, &err);
    if (!status) {
        status = kg_circuit_add_encoding(circuit, kg_encoding_find("angle"), &err);
    }
    if (!status) {
        status = kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), &heisenberg,
                                     kg_pooling_find("zx"), &readout, &err);
    }
    if (!status) {
        status = kg_circuit_draw(&drawing, circuit, KG_DRAW_UTF8, 100, &err);
    }
    if (!status) {
        printf("%s\n%d parameters, depth %d, the answer is <Z%d>\n", drawing,
               kg_circuit_n_params(circuit), kg_circuit_depth(circuit), readout);
        status = kg_observable_create(&observable, 4, &err);
    }
    if (!status) {
        (void)snprintf(word, sizeof word, "Z%d", readout);
        status = kg_observable_add(observable, 0, 1.0, word, &err);
    }
    if (!status) { /* the engine has never heard of this block: its derivative is right all the same */
        const double params[14] = {0.3, -1.1, 0.7,  0.2, 1.9, -0.4, 0.8,
                                   0.1, 2.2,  -0.6, 1.3, 0.5, -0.9, 0.4};
        const double features[4] = {0.2, 1.4, 0.9, 2.8};
        status = kg_grad_check(circuit, observable, NULL, params, features, &check, &err);
    }
    if (!status) {
        printf("derivatives: %d of parameters, %d of features, wrong by at most %s\n",
               check.n_params, check.n_inputs,
               check.adjoint_shift < 1e-12 && check.inputs_differences < 1e-9 ? "1e-9"
                                                                              : "too much");
    } else {
        fprintf(stderr, "own_ansatz: %s\n", err.message);
    }
    kg_free(drawing);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    return (int)status;
}
