# SPDX-License-Identifier: Apache-2.0
"""Qulacs: forward gate by gate and with its optimizer, gradient by its backpropagation. f64 only."""

import qulacs
from qulacs import gate

import qcnn

# Qulacs rotates by exp(+i angle P / 2): all angles change their sign.
PAULI = {"x": 1, "y": 2, "z": 3}


def parametric(circuit, name, qubits, angle, factors):
    """Appends a gate with an angle, remembering its factor d(qulacs angle)/d(our angle).

    Qulacs has no controlled rotation that it can differentiate. With P = |1><1| = (1 - Z) / 2,
    CR(t) = exp(-i t/4 A) exp(+i t/4 Z A) for A = Z, X: two rotations about Pauli words.
    """
    axis = PAULI[name[-1]]
    if name in ("ry", "rz"):
        getattr(circuit, f"add_parametric_R{name[1].upper()}_gate")(qubits[0], -angle)
        factors.append(-1.0)
    else:
        control, target = qubits
        circuit.add_parametric_multi_Pauli_rotation_gate([target], [axis], -0.5 * angle)
        circuit.add_parametric_multi_Pauli_rotation_gate([control, target], [3, axis], 0.5 * angle)
        factors.extend((-0.5, 0.5))


def fixed(circuit, name, qubits, angle):
    """Appends a gate without parameters, for forward runs."""
    if name == "cx":
        circuit.add_CNOT_gate(*qubits)
    elif name == "x":
        circuit.add_X_gate(qubits[0])
    elif name in ("ry", "rz"):
        getattr(circuit, f"add_R{name[1].upper()}_gate")(qubits[0], -angle)
    else:
        rotation = gate.RX if name == "crx" else gate.RZ
        controlled = gate.to_matrix_gate(rotation(qubits[1], -angle))
        controlled.add_control_qubit(qubits[0], 1)
        circuit.add_gate(controlled)


class QulacsForward:
    def __init__(self, fuse):
        self.name = "Qulacs, f64"
        self.how = "optimizer, blocks of 2 qubits, fused once" if fuse else "gate by gate"
        self.precision = "f64"
        self.fuse = fuse

    def prepare(self, params, xs):
        self.circuit = qulacs.QuantumCircuit(qcnn.N_QUBITS)
        for name, qubits, angle in qcnn.body():
            fixed(self.circuit, name, qubits, params[angle[1]] if angle else None)
        if self.fuse:
            qulacs.circuit.QuantumCircuitOptimizer().optimize(self.circuit, 2)
        self.observable = qulacs.Observable(qcnn.N_QUBITS)
        self.observable.add_operator(1.0, f"Z {qcnn.READOUT}")
        self.state = qulacs.QuantumState(qcnn.N_QUBITS)
        self.xs = xs

    def forward(self):
        values = []
        for x in self.xs:
            self.state.set_zero_state()
            for qubit, angle in enumerate(x):
                gate.RY(qubit, -angle).update_quantum_state(self.state)
            self.circuit.update_quantum_state(self.state)
            values.append(self.observable.get_expectation_value(self.state))
        return values


class QulacsBackprop:
    """backprop() starts from |0...0>, so the encoding is part of the circuit and its 8 derivatives
    (of 217 places) are computed too."""

    def __init__(self):
        self.name = "Qulacs, f64"
        self.how = "ParametricQuantumCircuit.backprop"
        self.precision = "f64"

    def prepare(self, params, xs):
        self.circuit = qulacs.ParametricQuantumCircuit(qcnn.N_QUBITS)
        self.places = []  # per Qulacs parameter: ours, or None for an input
        factors = []
        for name, qubits, angle in qcnn.gates():
            if angle is None:
                fixed(self.circuit, name, qubits, None)
                continue
            before = len(factors)
            value = params[angle[1]] if angle[0] == "param" else 0.0
            parametric(self.circuit, name, qubits, value, factors)
            owner = angle[1] if angle[0] == "param" else None
            self.places += [owner] * (len(factors) - before)
        self.factors = factors
        self.observable = qulacs.Observable(qcnn.N_QUBITS)
        self.observable.add_operator(1.0, f"Z {qcnn.READOUT}")
        self.xs = xs

    def gradient(self):
        gradients = []
        for x in self.xs:
            for qubit, angle in enumerate(x):
                self.circuit.set_parameter(qubit, -angle)
            gradients.append(self.circuit.backprop(self.observable))
        return gradients

    def finish(self, raw):
        total = [0.0] * qcnn.N_PARAMS
        for owner, factor, value in zip(self.places, self.factors, raw):
            if owner is not None:
                total[owner] += factor * value
        return total
