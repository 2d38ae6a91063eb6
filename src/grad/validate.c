/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments that all derivative functions share. */
#include "base/status.h"
#include "circuit/circuit.h"
#include "grad/grad.h"

kg_status kgi_grad_validate(const kg_circuit *circuit, const kg_observable *observable,
                            const double *params, const double *inputs, kg_error *err)
{
    if (kg_observable_n_outputs(observable) < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "the observable has no output, needs at least 1");
    }
    if (observable->n_qubits != circuit->n_qubits) {
        return kgi_fail(err, KG_ERR_SHAPE, "the observable has %d qubits, the circuit has %d",
                        observable->n_qubits, circuit->n_qubits);
    }
    if (!params && circuit->n_params > 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "params is NULL, expected an array of %d",
                        circuit->n_params);
    }
    if (!inputs && circuit->n_inputs > 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "inputs is NULL, expected an array of %d",
                        circuit->n_inputs);
    }
    return KG_OK;
}
