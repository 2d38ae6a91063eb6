#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Samples per second of ketgrad and its peers on one circuit, in one run, on one thread.

First all must agree on the expectation value and on all 51 derivatives at a point; only then is
anything timed. Peers are timed in processor time, so that a busy machine does not count against
them; the median of several rounds counts.
"""

import argparse
import csv
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before anything below is imported

import qcnn
from peer_pennylane import DefaultBroadcast, LightningCore, LightningQnode, LightningTapes
from peer_qulacs import QulacsBackprop, QulacsForward

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = {"f64": 1e-10, "f32": 1e-5}  # f32: 263 gates at 6e-8 each, and a margin
BATCH = 1000


def peers():
    """Every peer, with the samples that one round takes."""
    for precision in ("f64", "f32"):
        yield LightningCore(precision), 200
        yield LightningTapes(precision), 100
        yield LightningQnode(precision), 20
    yield DefaultBroadcast(), BATCH
    yield QulacsForward(fuse=False), 500
    yield QulacsForward(fuse=True), 1000
    yield QulacsBackprop(), 100


def random_samples(n):
    source = random.Random(1)
    return [[source.uniform(0.0, 3.14159) for _ in range(qcnn.N_QUBITS)] for _ in range(n)]


def rate(function, samples, seconds):
    """Median samples per second of processor time over rounds that take at least `seconds`."""
    function()
    rates = []
    end = time.monotonic() + seconds
    while len(rates) < 5 or time.monotonic() < end:
        start = time.process_time()
        function()
        rates.append(samples / (time.process_time() - start))
    return statistics.median(rates)


class Ketgrad:
    def __init__(self, program):
        self.program = str(program)
        self.version = self.call("--version").split()[1]

    def call(self, *arguments):
        return subprocess.run([self.program, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def check_point(self, precision):
        """<Z_4> and its derivatives at the check point."""
        params, x = qcnn.check_point()
        with tempfile.TemporaryDirectory() as folder:
            for name, row in (("params.csv", params), ("x.csv", x)):
                with open(Path(folder) / name, "w", newline="") as file:
                    csv.writer(file).writerow(repr(value) for value in row)
            answer = json.loads(self.call(
                "forward", "qcnn", "--ansatz", "su4", "--encoding", "angle", "--pooling", "zx",
                "--wiring", "ring", "--loss", "mse", "--precision", precision, "--params",
                f"{folder}/params.csv", "--in", f"{folder}/x.csv", "--grad", "--json"))
        return answer["outputs"][0][0], answer["grad"][0][0]

    def bench(self, task, precision):
        rows = json.loads(self.call(*self.bench_arguments(task, precision)))
        rows = rows if isinstance(rows, list) else rows["results"]
        return next(row for row in rows if row["task"] == task)

    @staticmethod
    def bench_arguments(task, precision):
        return ["bench", "--only", task, "--qubits", str(qcnn.N_QUBITS), "--precision", precision,
                "--threads", "1", "--batch", str(BATCH), "--json"]


def check(name, precision, value, gradient, expected):
    """Stops unless value and gradient are those of the others."""
    tolerance = TOLERANCE[precision]
    if value is not None and abs(value - qcnn.CHECK_VALUE) > tolerance:
        sys.exit(f"{name}: <Z> is {value:.12f}, expected {qcnn.CHECK_VALUE}")
    if gradient is not None:
        worst = max(abs(a - b) for a, b in zip(gradient, expected, strict=True))
        if worst > tolerance:
            sys.exit(f"{name}: a derivative is off by {worst:.3g}, allowed {tolerance}")


def measure_peers(seconds):
    """One row per peer: name, how, precision, forward and gradient samples per second."""
    params, x = qcnn.check_point()
    reference = QulacsBackprop()
    reference.prepare(params, [x])
    expected = reference.finish(reference.gradient()[0])
    rows = []
    for peer, samples in peers():
        peer.prepare(params, [x])
        value = peer.forward()[0] if hasattr(peer, "forward") else None
        gradient = peer.finish(peer.gradient()[0]) if hasattr(peer, "gradient") else None
        check(peer.name, peer.precision, value, gradient, expected)

        peer.prepare(params, random_samples(samples))
        row = {"name": peer.name, "how": peer.how, "precision": peer.precision}
        for task in ("forward", "gradient"):
            if hasattr(peer, task):
                row[task] = rate(getattr(peer, task), samples, seconds)
        rows.append(row)
        print(describe(row), file=sys.stderr)
    return rows, expected


def measure_ketgrad(program, expected):
    ketgrad = Ketgrad(program)
    rows = []
    for precision in ("f64", "f32"):
        value, gradient = ketgrad.check_point(precision)
        check(f"ketgrad {precision}", precision, value, gradient, expected)
        row = {"name": f"ketgrad {ketgrad.version}, {precision}", "precision": precision}
        for task in ("forward", "gradient"):
            measured = ketgrad.bench(task, precision)
            row[task] = measured["samples_per_s"]
            row["how"] = f"{measured['engine']} engine, {measured['kernels']} kernels"
        rows.append(row)
        print(describe(row), file=sys.stderr)
    return rows, ketgrad


def describe(row):
    figures = ", ".join(f"{task} {row[task]:.0f}/s" for task in ("forward", "gradient")
                        if task in row)
    return f"{row['name']} ({row['how']}): {figures}"


def figure(value):
    """Three significant digits, thousands apart: 12 300."""
    if value is None:
        return ""
    digits = 2 - len(str(int(value))) + 1
    return f"{round(value, digits):,.0f}".replace(",", " ")


def ratio(ours, theirs):
    if theirs is None:
        return ""
    value = ours / theirs
    return f"{value:.1f}" if value < 10 else figure(value)


def cpu_model():
    with open("/proc/cpuinfo") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    sets = [name for name in ("avx2", "avx512f") if name in fields.get("flags", "").split()]
    return (f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']}; "
            f"{', '.join(sets)})")


def report(ours, theirs, ketgrad):
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in
                         ("pennylane", "pennylane-lightning", "qulacs", "numpy", "autograd"))
    by_precision = {row["precision"]: row for row in ours}
    lines = [
        "# ketgrad and its peers on one circuit",
        "",
        "The QCNN of Hur, Kim and Park ([arXiv:2108.00661](https://arxiv.org/abs/2108.00661)): 8 "
        "qubits, angle encoding, SU(4) blocks on the ring, ZX pooling, 51 parameters in 209 "
        "places, the expectation value of Z on one qubit. Samples per second, one thread, higher "
        "is better. *Forward* is the value of every sample, *gradient* all 51 derivatives. Written "
        "by [bench/peers](../../bench/peers/README.md); how each tool is driven stands there.",
        "",
        "| tool | how | forward | ketgrad is faster by | gradient | ketgrad is faster by |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for row in ours + theirs:
        mine = by_precision[row["precision"]]
        against = row if row in theirs else {}
        lines.append(
            f"| {row['name']} | {row['how']} | {figure(row.get('forward'))} | "
            f"{ratio(mine['forward'], against.get('forward'))} | {figure(row.get('gradient'))} | "
            f"{ratio(mine['gradient'], against.get('gradient'))} |")
    lines += [
        "",
        f"Before the clock started, all agreed on the value {qcnn.CHECK_VALUE} and on the 51 "
        f"derivatives at one point, to {TOLERANCE['f64']:.0e} in f64 and {TOLERANCE['f32']:.0e} "
        "in f32. Ratios compare equal precision.",
        "",
        f"* ketgrad {ketgrad.version}, batch {BATCH}: "
        f"`ketgrad {' '.join(ketgrad.bench_arguments('gradient', 'f32'))}` and its sisters",
        f"* peers, from PyPI: {versions}; Python {platform.python_version()}",
        f"* machine: {cpu_model()}; one thread of {os.cpu_count()}",
        "* all of it: `bench/peers/compare.py`",
        "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ketgrad", type=Path, default=ROOT / "build" / "ketgrad",
                        help="the program (default: build/ketgrad)")
    parser.add_argument("--seconds", type=float, default=2.0,
                        help="least time per figure of a peer (default: 2)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "peers.md",
                        help="the page to write (default: docs/results/peers.md)")
    options = parser.parse_args()

    theirs, expected = measure_peers(options.seconds)
    ours, ketgrad = measure_ketgrad(options.ketgrad, expected)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(report(ours, theirs, ketgrad))
    print(f"wrote {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
