# SPDX-License-Identifier: Apache-2.0
"""The QCNN of Hur, Kim and Park (arXiv:2108.00661) as a list of gates, for every peer to translate.

8 qubits, angle encoding, SU(4) blocks on the ring, ZX pooling; 51 parameters in 209 places. A gate
is (name, qubits, angle): controls first; the angle is ("param", i), ("input", i) or None. U3 is
written RZ RY RZ, which is equal up to a global phase and spares the peers a decomposition.
"""

N_QUBITS = 8
N_PARAMS = 51
READOUT = 4
# <Z_4> for theta_i = 0.1 (i + 1), x_i = 0.1 (i + 1)
CHECK_VALUE = -0.043379470191

STAGES = [
    # pairs that are convolved, then (discarded, kept) pairs that are pooled
    ([(0, 7), (0, 1), (2, 3), (4, 5), (6, 7), (1, 2), (3, 4), (5, 6)],
     [(1, 0), (3, 2), (5, 4), (7, 6)]),
    ([(0, 6), (0, 2), (4, 6), (2, 4)], [(2, 0), (6, 4)]),
    ([(0, 4)], [(0, 4)]),
]


def u3(qubit, first):
    """U3(theta, phi, delta) = RZ(phi) RY(theta) RZ(delta), the rightmost first."""
    return [("rz", (qubit,), ("param", first + 2)),
            ("ry", (qubit,), ("param", first)),
            ("rz", (qubit,), ("param", first + 1))]


def su4(a, b, first):
    return (u3(a, first) + u3(b, first + 3)
            + [("cx", (a, b), None),
               ("ry", (a,), ("param", first + 6)),
               ("rz", (b,), ("param", first + 7)),
               ("cx", (b, a), None),
               ("ry", (a,), ("param", first + 8)),
               ("cx", (a, b), None)]
            + u3(a, first + 9) + u3(b, first + 12))


def pooling(discarded, kept, first):
    return [("crz", (discarded, kept), ("param", first)),
            ("x", (discarded,), None),
            ("crx", (discarded, kept), ("param", first + 1))]


def encoding():
    return [("ry", (q,), ("input", q)) for q in range(N_QUBITS)]


def body():
    """Everything behind the encoding."""
    gates = []
    for stage, (convolved, pooled) in enumerate(STAGES):
        for a, b in convolved:
            gates += su4(a, b, 15 * stage)
        for discarded, kept in pooled:
            gates += pooling(discarded, kept, 45 + 2 * stage)
    return gates


def gates():
    return encoding() + body()


def check_point():
    """The parameters and the one sample of CHECK_VALUE."""
    return [0.1 * (i + 1) for i in range(N_PARAMS)], [0.1 * (i + 1) for i in range(N_QUBITS)]
