"""Writes the values that diagnostics-reference.test.ts compares with; tests need only the values.

python -m venv venv && venv/bin/pip install arviz==0.23.4
venv/bin/python diagnostics-reference.py > diagnostics-reference.json

Series come from a linear congruential generator and an autoregression, which the test repeats: see series().
"""
import json
import math
import warnings

warnings.filterwarnings("ignore")
import numpy as np
from arviz.stats import diagnostics as d
from arviz.stats.stats import psislw
from scipy import stats


def series(phi, chains, draws):
    """y_t = phi y_{t-1} + sqrt(1 - phi^2) e_t from y_{-1} = 0, chain after chain; e_t = sum of 12 uniforms - 6."""
    state = 12345

    def uniform():
        nonlocal state
        state = (1664525 * state + 1013904223) % 2**32
        return (state + 0.5) / 2**32

    values = np.zeros((chains, draws))
    for c in range(chains):
        y = 0.0
        for t in range(draws):
            e = 0.0
            for _ in range(12):
                e += uniform()
            y = phi * y + math.sqrt(1 - phi * phi) * (e - 6)
            values[c, t] = y
    return values


index = np.arange
cases = {
    "odd length": (0.5, 3, 101, lambda y: y),
    "single chain": (0.6, 1, 200, lambda y: y),
    "single chain, odd": (-0.3, 1, 57, lambda y: y),
    "two chains of four": (0, 2, 4, lambda y: y),
    "two chains of five": (0, 2, 5, lambda y: y),
    "three chains of seven": (0, 3, 7, lambda y: y),
    "five chains of thirteen": (0.3, 5, 13, lambda y: y),
    "ties": (0.7, 4, 250, lambda y: np.floor(2 * y)),
    "binary": (0.7, 4, 250, lambda y: np.where(y > 0.5, 1.0, 0.0)),
    "heavy tails": (0.4, 4, 300, lambda y: np.exp(2 * y) - np.exp(-2 * y)),
    "skewed": (0.9, 4, 1000, lambda y: np.exp(y)),
    "alternating": (-0.9, 4, 400, lambda y: y),
    "nearly random walk": (0.999, 4, 500, lambda y: y),
    "trend": (0.2, 4, 300, lambda y: y + index(y.shape[1]) / 100),
    "far from zero": (0.5, 4, 300, lambda y: y / 8 + 2.0**20),
    "one constant chain": (0.2, 4, 100, lambda y: np.where(index(y.shape[0])[:, None] == 2, 0.25, y)),
    "chains apart": (0.2, 4, 200, lambda y: y + 3 * index(y.shape[0])[:, None]),
    "many chains": (0.3, 33, 40, lambda y: y),
}


def measures(x):
    several = x.shape[0] > 1
    result = {
        "splitRHat": d._rhat(d._split_chains(x)),
        "bulkRHat": d._rhat(d._z_scale(d._split_chains(x))),
        "foldedRHat": d._rhat(d._z_fold(d._split_chains(x))),
        "essMean": d._ess_mean(x),
        "essBulk": d._ess_bulk(x),
        "essTail": d._ess_tail(x),
        "essSd": d._ess_sd(x),
        "essMedian": d._ess_median(x),
        "essQ10": d._ess_quantile(x, 0.1),
        "mcseMean": d._mcse_mean(x),
        "mcseSd": d._mcse_sd(x),
        "mcseMedian": d._mcse_quantile(x, 0.5),
        "mcseQ90": d._mcse_quantile(x, 0.9),
        "bfmi": list(map(float, d._bfmi(x))),
    }
    if several:
        result["basicRHat"] = d._rhat_identity(x)
    return {name: value if isinstance(value, list) else float(value) for name, value in result.items()}


def finite(value):
    if isinstance(value, list):
        return [finite(v) for v in value]
    return value if math.isfinite(value) else None


output = {
    "series": [
        {
            "name": name,
            "phi": phi,
            "chains": c,
            "draws": n,
            "expected": {k: finite(v) for k, v in measures(f(series(phi, c, n))).items()},
        }
        for name, (phi, c, n, f) in cases.items()
    ],
    "paretoK": [
        {"scale": a, "draws": n, "expected": float(psislw(a * series(0, 1, n)[0])[1])}
        for a, n in [(0.3, 1000), (1, 1000), (2, 1000), (4, 1000), (1, 60), (1.5, 5000)]
    ],
    "inverseNormal": [
        {"p": p, "expected": float(stats.norm.ppf(p))}
        for p in [1e-300, 1e-100, 1e-20, 1e-12, 1e-6, 0.001, 0.02, 0.07, 0.075, 0.2, 0.4999, 0.5, 0.6, 0.925, 0.93, 0.975, 0.999999]
    ],
    "betaQuantile": [
        {"p": p, "a": a, "b": b, "expected": float(stats.beta.ppf(p, a, b))}
        for p in [0.1586553, 0.5, 0.8413447]
        for a, b in [(1, 1), (1.5, 9.2), (51.3, 951.7), (951.7, 51.3), (4000.5, 4000.5), (2e5, 3e5)]
    ],
}
print(json.dumps(output, indent=1))
