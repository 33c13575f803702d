"""What the samplers of this folder share: the targets of src/effective, and its protocol.

The arguments are TARGET CHAINS THREADS STEPS DATA. Energies are of free numbers in the order of the sorted names of
parameters.
"""

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

STEPS = int(sys.argv[4])
with open(sys.argv[5]) as file:
    DATA = json.load(file)


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


def array(name):
    return jnp.array(DATA[name], dtype=jnp.float32)


def normal_energy(residuals, scale):
    return 0.5 * jnp.sum(jnp.square(residuals / scale)) + residuals.size * jnp.log(scale)


def half_square(x, sd):
    return 0.5 * jnp.square(x / sd)


def half_cauchy(x, scale):
    return jnp.log1p(jnp.square(x / scale))


def regression(heavy):
    """beta, log sigma."""
    x, y = array("x"), array("y")

    def energy(u):
        beta, sigma = u[:-1], jnp.exp(u[-1])
        prior = half_cauchy(sigma, 2.5) if heavy else 0.0
        return normal_energy(y - x @ beta, sigma) + prior - u[-1]

    return energy, x.shape[1] + 1


def years():
    """alpha, beta, log sigma."""
    x, y = array("x"), array("y")
    (alpha_mean, alpha_sd), (beta_mean, beta_sd) = DATA["priorAlpha"], DATA["priorBeta"]

    def energy(u):
        alpha, beta, log_sigma = u
        prior = half_square(alpha - alpha_mean, alpha_sd) + half_square(beta - beta_mean, beta_sd)
        return normal_energy(y - (alpha + beta * x), jnp.exp(log_sigma)) + prior - log_sigma

    return energy, 3


def arma():
    """mu, phi, log sigma, theta."""
    y = array("y")

    def energy(u):
        mu, phi, log_sigma, theta = u
        first = y[0] - (mu + phi * mu)

        def step(error, pair):
            before, now = pair
            error = now - (mu + phi * before + theta * error)
            return error, error

        _, rest = jax.lax.scan(step, first, (y[:-1], y[1:]))
        prior = half_square(mu, 10.0) + half_square(phi, 2.0) + half_square(theta, 2.0)
        sigma = jnp.exp(log_sigma)
        errors = jnp.concatenate([first[None], rest])
        return normal_energy(errors, sigma) + prior + half_cauchy(sigma, 2.5) - log_sigma

    return energy, 4


def garch():
    """log alpha0, logit alpha1, logit of beta1 / (1 - alpha1), mu."""
    y, sigma1 = array("y"), DATA["sigma1"]

    def energy(u):
        alpha0, alpha1, mu = jnp.exp(u[0]), jax.nn.sigmoid(u[1]), u[3]
        beta1 = (1 - alpha1) * jax.nn.sigmoid(u[2])

        def step(variance, value):
            variance = alpha0 + alpha1 * jnp.square(value - mu) + beta1 * variance
            return variance, variance

        first = jnp.float32(sigma1**2)
        _, rest = jax.lax.scan(step, first, y[:-1])
        v = jnp.concatenate([first[None], rest])
        logits = jnp.sum(jax.nn.log_sigmoid(u[1:3]) + jax.nn.log_sigmoid(-u[1:3]))
        jacobian = u[0] + logits + jnp.log1p(-alpha1)
        return 0.5 * jnp.sum(jnp.log(v) + jnp.square(y - mu) / v) - jacobian

    return energy, 4


TARGETS = {
    "gaussian": lambda: (gaussian, 100),
    "eight-schools": lambda: (eight_schools, 10),
    "interaction": lambda: regression(True),
    "years": years,
    "logs": lambda: regression(False),
    "arma": arma,
    "garch": garch,
}


def serve(about, prepare):
    """`prepare(energy, chains)` gives a function from a key and starts `[chains, d]` to draws `[chains, STEPS, d]`."""
    (energy, dimension), chains = TARGETS[sys.argv[1]](), int(sys.argv[2])
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
