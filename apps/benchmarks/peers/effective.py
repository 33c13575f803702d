"""What the samplers of this folder share: the targets of src/effective/targets.ts, and the protocol of src/effective/protocol.ts."""

import json
import os
import sys
import time

os.environ["NPROC"] = sys.argv[3]  # the size of XLA's thread pools, read when it starts
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from common import peak_mebibytes, say

STEPS = 300


def gaussian(x):
    return 0.5 * jnp.sum(jnp.square(x / jnp.linspace(0.5, 2.0, 100)))


def eight_schools(x):
    """mu, log tau and the eight standardised effects."""
    y = jnp.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
    sigma = jnp.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])
    mu, log_tau, eta = x[0], x[1], x[2:]
    tau = jnp.exp(log_tau)
    prior = mu**2 / 50 + jnp.log1p(jnp.square(tau / 5)) - log_tau + 0.5 * jnp.sum(jnp.square(eta))
    return prior + 0.5 * jnp.sum(jnp.square((mu + tau * eta - y) / sigma))


TARGETS = {"gaussian": (gaussian, 100), "eight-schools": (eight_schools, 10)}


def serve(about, prepare):
    """`prepare(energy, chains)` gives a function from a key and starts `[chains, d]` to draws `[chains, STEPS, d]`."""
    (energy, dimension), chains = TARGETS[sys.argv[1]], int(sys.argv[2])
    run = prepare(energy, chains)
    say({"about": about, "threads": int(sys.argv[3]), "firstCallMs": 0})
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        start_key, key = jax.random.split(jax.random.key(request["seed"]))
        start = jax.random.uniform(start_key, (chains, dimension), minval=-2, maxval=2)
        draws = np.asarray(run(key, start), dtype=np.float32)
        seconds = time.perf_counter() - started
        np.ascontiguousarray(draws).tofile(request["to"])
        say({"seconds": seconds, "peakMiB": peak_mebibytes()})
