# SPDX-License-Identifier: Apache-2.0
"""PennyLane: Lightning sample by sample with the adjoint method, default.qubit with a batch.

A peer has prepare(params, xs), outside the clock, then forward() -> one value per sample and
gradient() -> one raw result per sample (or one for the batch), which finish() turns into the 51
derivatives; finish() stays outside the clock too.
"""

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp
from pennylane_lightning import lightning_qubit_ops
from pennylane_lightning.lightning_qubit._adjoint_jacobian import LightningAdjointJacobian
from pennylane_lightning.lightning_qubit._state_vector import LightningStateVector

import qcnn

OPERATIONS = {"ry": qml.RY, "rz": qml.RZ, "crz": qml.CRZ, "crx": qml.CRX,
              "cx": qml.CNOT, "x": qml.PauliX}


def operations(params, x):
    """The circuit; x is [8], or [8, samples] for a device that takes batches."""
    values = {"param": params, "input": x}
    made = []
    for name, qubits, angle in qcnn.gates():
        operation = OPERATIONS[name]
        made.append(operation(values[angle[0]][angle[1]], wires=qubits) if angle
                    else operation(wires=qubits))
    return made


def places_of_parameters():
    """For every angle of the circuit in order: its parameter, or None for an input."""
    return [angle[1] if angle[0] == "param" else None
            for _, _, angle in qcnn.gates() if angle]


def per_parameter(jacobian, places):
    """The derivative of each parameter: the sum over its places."""
    total = [0.0] * qcnn.N_PARAMS
    for parameter, value in zip(places, jacobian):
        total[parameter] += float(value)
    return total


def complex_type(precision):
    return np.complex64 if precision == "f32" else np.complex128


class LightningCore:
    """Lightning's C++ called directly: the most that a better Python layer could get out of it.

    Forward: the gates of the state vector class, one call each. Gradient: the adjoint sweep alone;
    circuits are translated and run forward outside the clock, so the true figure is lower.
    """

    def __init__(self, precision):
        self.name = f"PennyLane Lightning, {precision}"
        self.how = "C++ core, no PennyLane in the loop"
        self.precision = precision
        width = "C64" if precision == "f32" else "C128"
        self.state = getattr(lightning_qubit_ops, "StateVector" + width)(qcnn.N_QUBITS)
        self.measurements = getattr(lightning_qubit_ops, "Measurements" + width)(self.state)

    def prepare(self, params, xs):
        self.calls = []
        for operation in operations(params, xs[0])[qcnn.N_QUBITS:]:
            method = getattr(self.state, operation.name)
            self.calls.append((method, list(operation.wires), list(operation.parameters)))
        self.xs = xs
        device = LightningTapes(self.precision)
        device.prepare(params, xs)
        self.places = device.places
        self.sweeps = [self.prepare_sweep(tape) for tape in device.tapes]

    def prepare_sweep(self, tape):
        """The adjoint of one sample: the C++ function and its arguments."""
        final = LightningStateVector(qcnn.N_QUBITS, dtype=complex_type(self.precision))
        jacobian = LightningAdjointJacobian(final.get_final_state(tape))
        data = jacobian._process_jacobian_tape(tape)
        return jacobian._jacobian_lightning, (data["state_vector"], data["obs_serialized"],
                                              data["ops_serialized"], data["tp_shift"])

    def forward(self):
        values = []
        for x in self.xs:
            self.state.resetStateVector()
            for qubit, angle in enumerate(x):
                self.state.RY([qubit], False, [angle])
            for method, wires, angles in self.calls:
                method(wires, False, angles)
            values.append(self.measurements.expval("PauliZ", [qcnn.READOUT]))
        return values

    def gradient(self):
        return [function(*arguments) for function, arguments in self.sweeps]

    def finish(self, jacobian):
        return per_parameter(jacobian, self.places)


class LightningTapes:
    """Lightning's device fed with ready circuits: what remains when the QNode's Python is avoided."""

    def __init__(self, precision):
        self.name = f"PennyLane Lightning, {precision}"
        self.how = "device, a list of circuits"
        self.precision = precision
        self.device = qml.device("lightning.qubit", wires=qcnn.N_QUBITS,
                                 c_dtype=complex_type(precision))
        wanted = qml.devices.ExecutionConfig(gradient_method="adjoint", use_device_gradient=True,
                                             grad_on_execution=False)
        self.program, self.config = self.device.preprocess(wanted)

    def prepare(self, params, xs):
        """Circuits for all samples, checked and decomposed outside the clock."""
        places = places_of_parameters()
        trainable = [i for i, parameter in enumerate(places) if parameter is not None]
        measured = [qml.expval(qml.PauliZ(qcnn.READOUT))]
        tapes = [qml.tape.QuantumScript(operations(params, x), measured,
                                        trainable_params=trainable) for x in xs]
        self.tapes, _ = self.program(tapes)
        self.places = [places[i] for i in trainable]

    def forward(self):
        return [float(value) for value in self.device.execute(self.tapes, self.config)]

    def gradient(self):
        return self.device.compute_derivatives(self.tapes, self.config)

    def finish(self, jacobian):
        return per_parameter(jacobian, self.places)


class LightningQnode:
    """Lightning as tutorials use it: a QNode called, and differentiated, once for each sample."""

    def __init__(self, precision):
        self.name = f"PennyLane Lightning, {precision}"
        self.how = "QNode, one call per sample"
        self.precision = precision
        device = qml.device("lightning.qubit", wires=qcnn.N_QUBITS,
                            c_dtype=complex_type(precision))

        @qml.qnode(device, diff_method="adjoint")
        def circuit(params, x):
            operations(params, x)
            return qml.expval(qml.PauliZ(qcnn.READOUT))

        self.circuit = circuit
        self.grad = qml.grad(circuit, argnums=0)

    def prepare(self, params, xs):
        self.params = pnp.array(params, requires_grad=True)
        self.xs = [pnp.array(x, requires_grad=False) for x in xs]

    def forward(self):
        return [float(self.circuit(self.params, x)) for x in self.xs]

    def gradient(self):
        return [self.grad(self.params, x) for x in self.xs]

    def finish(self, jacobian):
        return jacobian.tolist()


class DefaultBroadcast:
    """default.qubit with one broadcast over the samples and backpropagation through NumPy."""

    def __init__(self):
        self.name = "PennyLane default.qubit, f64"
        self.how = "QNode, one call per batch, backpropagation (autograd)"
        self.precision = "f64"
        device = qml.device("default.qubit", wires=qcnn.N_QUBITS)

        @qml.qnode(device, diff_method="backprop")
        def circuit(params, x):
            operations(params, x)
            return qml.expval(qml.PauliZ(qcnn.READOUT))

        self.circuit = circuit
        self.grad = qml.grad(lambda params, x: pnp.sum(circuit(params, x)), argnums=0)

    def prepare(self, params, xs):
        self.params = pnp.array(params, requires_grad=True)
        self.xs = pnp.array(xs, requires_grad=False).T

    def forward(self):
        return self.circuit(self.params, self.xs).tolist()

    def gradient(self):
        """The sum over the samples, as ketgrad's backward gives it: one array of 51."""
        return [self.grad(self.params, self.xs)]

    def finish(self, jacobian):
        return jacobian.tolist()
