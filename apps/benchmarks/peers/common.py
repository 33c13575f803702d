"""What the scripts of this folder share: numbers that every peer makes alike, and the protocol of src/protocol.ts."""

import json
import math
import sys
import time
from typing import Callable, NamedTuple, Optional

import numpy as np

try:
    import resource
except ImportError:  # Windows
    resource = None

PRIME, FACTOR = 1_000_003, 7919
WEIGHT_BOUND = 0.1
FIRST_INPUT = 100
FIRST_PROJECTION = 200


def numbers(t, shape, bound):
    """Array number t; the formula stands in src/numbers.ts."""
    j = (np.arange(math.prod(shape), dtype=np.int64) + FACTOR * (t + 1)) % PRIME
    return (bound * (2 * (FACTOR * j * j % PRIME) / PRIME - 1)).astype(np.float32).reshape(shape)


def fixed_input(i, shape, bound):
    return numbers(FIRST_INPUT + i, shape, bound)


class Weights:
    """Arrays of weights in the order of a tree's leaves, laid out as TensorFlow.js does: [in, out], [h, w, in, out]."""

    def __init__(self):
        self.made = 0

    def array(self, *shape):
        self.made += 1
        return numbers(self.made - 1, shape, WEIGHT_BOUND)

    def affine(self, *shape, out=None):
        """Weight and bias of a layer; the bias comes first, as names are sorted."""
        bias = self.array(shape[-1] if out is None else out)
        return self.array(*shape), bias

    def mlp(self, *sizes):
        return [self.affine(*pair) for pair in zip(sizes, sizes[1:])]


def recovery_ladder():
    """Six levels of diffusion recovery likelihood, of tables computed as the code of arXiv 2012.08125 does."""
    ratios = np.sqrt(1 - np.linspace(1e-4, 0.02, 1000))
    signal = np.cumprod(ratios)[[0, 100, 200, 300, 400, 500, 999]]
    step_signal = np.concatenate([signal[:1], signal[1:] / signal[:-1]])
    noise, step_noise = np.sqrt(1 - signal**2), np.sqrt(1 - step_signal**2)
    return {
        "signal": signal,
        "noise": noise,
        "step_signal": step_signal[1:],
        "step_noise": step_noise[1:],
        "scale": np.concatenate([step_signal[1:6], [1.0]]),
        "weight": step_noise[1] / step_noise[1:],
    }


def sentences(rows, symbols):
    """The symbols before and at every place, [rows, 16], and their weights; see src/sentences.ts."""
    time = 16
    drawn = numbers(150, (rows, time), 1).astype(np.float64)
    at = 1 + np.floor((drawn + 1) / 2 * (symbols - 1)).astype(np.int64)
    lengths = 9 + np.arange(rows) % 8
    at[np.arange(time)[None] >= lengths[:, None] - 1] = 0
    before = np.concatenate([np.zeros((rows, 1), np.int64), at[:, :-1]], 1)
    return before, at, (np.arange(time)[None] < lengths[:, None]).astype(np.float32)


def fingerprint(arrays):
    """For each array its length and its product with fixed numbers; see src/agreement.ts."""
    flat = [np.asarray(array, dtype=np.float64).ravel() for array in arrays]
    return [
        float(figure)
        for k, x in enumerate(flat)
        for figure in (np.sqrt(x @ x), x @ numbers(FIRST_PROJECTION + k, x.shape, 1).astype(np.float64))
    ]


class Work(NamedTuple):
    #: Does the work once, to its end, and gives an array of its result.
    call: Callable
    #: Arrays that every peer must find too, up to rounding.
    check: Optional[Callable] = None


def repeatable(work):
    """Work that gives the same list of arrays at every call."""
    return Work(lambda: work()[0], work)


def peak_mebibytes():
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def say(message):
    print(json.dumps(message), flush=True)


def serve(about, threads, name, work):
    """Says when the case is ready, then answers one line for every line read."""
    started = time.perf_counter()
    value = float(np.asarray(work.call()).flat[0])
    first = time.perf_counter() - started
    if not math.isfinite(value):
        raise ArithmeticError(f"the case {name} gave {value}")
    say({"about": about, "threads": threads, "firstCallMs": first * 1e3})
    for line in sys.stdin:
        request = json.loads(line)
        if "check" in request:
            say({"fingerprint": fingerprint(work.check()) if work.check else []})
            continue
        if request["warm"]:
            work.call()
        started = time.perf_counter()
        for _ in range(request["calls"]):
            work.call()
        ms = (time.perf_counter() - started) / request["calls"] * 1e3
        say({"ms": ms, "peakMiB": peak_mebibytes()})
